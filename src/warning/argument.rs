//! Warnings on arguments that name files: where the SDK runs, they mean others.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::shell::quote;

/// Arguments that mean another file where the command starts, or once the process has gone to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArgumentWarning {
    /// One names a file in the invoking directory, and another one, or none, where the command starts.
    OtherFile { word: OsString, start: PathBuf, is_there: bool, replacement: OsString },
    /// More are such than are told.
    OtherFiles { start: PathBuf },
    /// To look at all takes too long, or there are too many.
    Unread { start: PathBuf },
    /// A server makes a file with a relative path after it has imported the SDK.
    LateFile { word: OsString, replacement: OsString },
    /// A program makes a file that no option names, after it has imported the SDK; the option to add, its value, and the word that it
    /// must stand before.
    LateDefault { file: OsString, option: &'static str, path: PathBuf, before: Option<OsString> },
}

const LATE: &str = "after the process has gone to the SDK's directory";

impl fmt::Display for ArgumentWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherFile { word, start, is_there, replacement } => write!(
                f,
                "{} names a file here, and {} in {}, where the SDK runs: write {}",
                quote(word),
                if *is_there { "another one" } else { "none" },
                quote(start),
                quote(replacement)
            ),
            Self::OtherFiles { start } => write!(
                f,
                "more arguments name files here, and others or none in {}, where the SDK runs: write their absolute paths",
                quote(start)
            ),
            Self::Unread { start } => write!(
                f,
                "not all arguments were looked at, which takes too long: a relative path means a file in {}, where the SDK runs",
                quote(start)
            ),
            Self::LateFile { word, replacement } => {
                let (word, replacement) = (quote(word), quote(replacement));
                write!(f, "{word} is relative, and is used {LATE}: write {replacement}")
            }
            Self::LateDefault { file, option, path, before } => {
                write!(f, "{} is made {LATE}: add {option} {}", quote(file), quote(path))?;
                before.as_ref().map_or(Ok(()), |word| write!(f, " before {}", quote(word)))
            }
        }
    }
}
