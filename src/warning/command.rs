//! Warnings on the command itself: what would mean something else, or would not work.

use std::ffi::OsString;
use std::fmt;

use crate::shell::{quote, quote_all};

/// A command that would do something else than its words say, and what to type in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandWarning {
    /// The server's workers may have no children; the option with which there are no workers; and all of its words, where others must be
    /// left out.
    DaemonicWorkers { server: &'static str, option: &'static str, words: Option<Vec<OsString>> },
    /// A program whose own start-up code keeps that of the bridge from running; and the command that it runs.
    OtherStartUp { program: Vec<OsString>, command: Vec<OsString> },
    /// A program that runs its command without the PYTHONPATH of the launch; the launcher's own words that belong behind it; and
    /// that command.
    PathTaken { program: Vec<OsString>, launcher: Vec<OsString>, command: Vec<OsString> },
    /// A shell's text that gives its Python another PYTHONPATH in a statement; and the text that goes on with the launch's.
    TextTakesPath { text: OsString, statement: String, kept: OsString },
    /// A program that runs its command by a login shell; and its words, with the launcher in that command.
    LoginShell { words: Vec<OsString> },
}

const DAEMONIC: &str = "are daemonic processes, which can't start child processes";

impl fmt::Display for CommandWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DaemonicWorkers { server, option, words } => {
                write!(f, "{server}'s workers {DAEMONIC}: ")?;
                match words {
                    Some(words) => write!(f, "do: heygem-run -- {}", quote_all(words)),
                    None => write!(f, "add {option}"),
                }
            }
            Self::OtherStartUp { program, command } => write!(
                f,
                "the start-up code of {} keeps that of the bridge from running: do: heygem-run -- {} heygem-run -- {}",
                first(program),
                quote_all(program),
                quote_all(command)
            ),
            Self::PathTaken { program, launcher, command } => {
                let (name, program) = (first(program), quote_all(program));
                let (launcher, command) = (quote_all(launcher), quote_all(command));
                write!(f, "{name} takes PYTHONPATH away from what it runs: ")?;
                write!(f, "do: heygem-run -- {program} {launcher} -- {command}")
            }
            Self::TextTakesPath { text, statement, kept } => {
                let (text, kept) = (quote(text), quote(kept));
                write!(f, "{text} takes the launch's PYTHONPATH away by {statement}: write {kept}")
            }
            Self::LoginShell { words } => {
                write!(f, "a login shell drops PYTHONPATH: do: heygem-run -- {}", quote_all(words))
            }
        }
    }
}

fn first(words: &[OsString]) -> String {
    words.first().map(quote).unwrap_or_default()
}
