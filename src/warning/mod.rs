//! What is worth a warning: a launch goes on all the same.
//!
//! One file for each topic has the cases with their texts and remedies.

pub mod argument;
pub mod bridge;
pub mod command;
pub mod inspect;
pub mod path;
pub mod python;
pub mod root;
pub mod script;

use std::fmt;

use crate::error::Failure;
use crate::message;
use crate::remedy::Remedy;
use argument::ArgumentWarning;
use bridge::BridgeWarning;
use command::CommandWarning;
use inspect::InspectWarning;
use path::PathWarning;
use python::PythonWarning;
use root::RootWarning;
use script::ScriptWarning;

/// The topics, each with its warnings.
macro_rules! topics {
    ($($topic:ident($warning:ident),)*) => {
        /// One warning. Its text is what is wrong and, where that is short, what fixes it.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Warning {
            $($topic($warning),)*
        }

        impl fmt::Display for Warning {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$topic(warning) => warning.fmt(f),)*
                }
            }
        }

        $(
            impl From<$warning> for Warning {
                fn from(warning: $warning) -> Self {
                    Self::$topic(warning)
                }
            }
        )*
    };
}

topics! {
    Root(RootWarning),
    Path(PathWarning),
    Python(PythonWarning),
    Command(CommandWarning),
    Argument(ArgumentWarning),
    Script(ScriptWarning),
    Bridge(BridgeWarning),
    Inspect(InspectWarning),
}

impl Warning {
    /// What a launch prints: one line, with what fixes it.
    pub fn line(&self) -> String {
        match self.remedy().filter(|_| !self.says_remedy()) {
            Some(remedy) => format!("{self}; {remedy}"),
            None => self.to_string(),
        }
    }

    /// Whether the text itself says what fixes it.
    fn says_remedy(&self) -> bool {
        match self {
            Self::Root(warning) => warning.says_remedy(),
            Self::Python(warning) => matches!(warning, PythonWarning::Isolated { .. }),
            Self::Path(_)
            | Self::Command(_)
            | Self::Argument(_)
            | Self::Script(_)
            | Self::Bridge(_)
            | Self::Inspect(_) => true,
        }
    }

    /// What fixes it, where that does not depend on the rest of the launch.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Root(warning) => Some(warning.remedy()),
            Self::Path(warning) => warning.remedy(),
            Self::Python(warning) => warning.remedy(),
            Self::Bridge(warning) => warning.remedy(),
            Self::Command(_) | Self::Argument(_) | Self::Script(_) | Self::Inspect(_) => None,
        }
    }
}

/// What becomes of warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarningPolicy {
    Print,
    Hide,
    /// The first warning is an error.
    Fail,
}

/// Warnings, collected while a launch is resolved.
#[derive(Debug, Default)]
pub struct Warnings(Vec<Warning>);

impl Warnings {
    pub fn add(&mut self, warning: impl Into<Warning>) {
        self.0.push(warning.into());
    }

    pub fn extend(&mut self, warnings: impl IntoIterator<Item: Into<Warning>>) {
        self.0.extend(warnings.into_iter().map(Into::into));
    }

    pub fn iter(&self) -> impl Iterator<Item = &Warning> {
        self.0.iter()
    }

    /// Prints them, hides them or fails because of them.
    ///
    /// # Errors
    /// Under [`WarningPolicy::Fail`], when there is one.
    pub fn emit(&self, policy: WarningPolicy) -> Result<(), Failure> {
        match (policy, self.0.as_slice()) {
            (WarningPolicy::Print, all) => print(all),
            (WarningPolicy::Fail, [first, others @ ..]) => {
                print(others);
                return Err(Failure::new(first.line()).hint("--strict treats this warning as an error"));
            }
            (WarningPolicy::Hide, _) | (WarningPolicy::Fail, []) => {}
        }
        Ok(())
    }
}

fn print(warnings: &[Warning]) {
    warnings.iter().map(Warning::line).for_each(message::warning);
}
