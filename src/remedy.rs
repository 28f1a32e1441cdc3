//! What fixes a fault.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use crate::shell::{assignment, on_one_line, quote, quote_all};

/// What to do about a fault. A value until it is printed, so that a test can carry it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// A line for a shell, typed by the user of the launch where the launch was typed.
    Shell(String),
    /// A line for a shell that only root may type.
    AsRoot(String),
    /// A variable that is to be unset before the launch.
    Unset(String),
    /// A variable, and the value that it is to have.
    Set(String, OsString),
    /// Options of this program, as words.
    Options(Vec<OsString>),
    /// The words of a launch in place of the one that was looked at: all that follows `heygem-run`.
    Launch(Vec<OsString>),
    /// Advice that no line can carry out.
    Words(String),
}

impl Remedy {
    pub fn shell(line: impl Into<String>) -> Self {
        Self::Shell(line.into())
    }

    /// A line for a shell that root types where this user may not do what it does.
    pub fn shell_as(may: bool, line: impl Into<String>) -> Self {
        if may { Self::Shell(line.into()) } else { Self::AsRoot(line.into()) }
    }

    pub fn unset(name: &str) -> Self {
        Self::Unset(name.into())
    }

    pub fn option(name: &str, value: impl AsRef<OsStr>) -> Self {
        Self::Options(vec![name.into(), value.as_ref().to_owned()])
    }

    /// A launch of a command, behind `--`.
    pub fn command(words: impl IntoIterator<Item = OsString>) -> Self {
        Self::Launch(std::iter::once("--".into()).chain(words).collect())
    }

    /// `mv` for a module or package that hides another of its name: `service.py` becomes `my_service.py`.
    pub fn rename(path: &Path) -> Self {
        Self::Shell(format!("mv {} {}", quote(path), quote(renamed(path))))
    }

    pub fn words(advice: impl Into<String>) -> Self {
        Self::Words(advice.into())
    }
}

/// The name that [`Remedy::rename`] gives.
pub fn renamed(path: &Path) -> PathBuf {
    let mut other: OsString = "my_".into();
    other.push(path.file_name().unwrap_or_default());
    path.with_file_name(other)
}

impl From<&str> for Remedy {
    fn from(advice: &str) -> Self {
        Self::Words(advice.into())
    }
}

impl From<String> for Remedy {
    fn from(advice: String) -> Self {
        Self::Words(advice)
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => f.write_str(words),
            Self::Shell(line) => f.write_str(&on_one_line(line)),
            Self::AsRoot(line) => write!(f, "as root: {}", on_one_line(line)),
            Self::Unset(name) => write!(f, "unset {name}"),
            Self::Set(name, value) => write!(f, "export {}", assignment(name, value)),
            Self::Options(words) => f.write_str(&quote_all(words)),
            Self::Launch(words) => write!(f, "heygem-run {}", quote_all(words)),
        }
    }
}
