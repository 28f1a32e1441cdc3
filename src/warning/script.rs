//! Warnings on what a script of the command does.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::shell::{quote, quote_all};
use crate::shown::shown;

/// A script that keeps the launch from what it starts, and what to write or to type in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptWarning {
    /// A line of a shell's script that keeps the launch from its Python; and what is to stand there, if anything.
    Line { script: PathBuf, number: usize, fault: ScriptFault, instead: String },
    /// A script that has uvicorn reload it, and so would have the SDK watched; and the launcher's words that start it where it lies.
    WatchedSdk { script: PathBuf, words: Vec<OsString> },
    /// A script that starts a program by a name that means another file in the SDK's directory, where it starts; and the launcher's words
    /// that start it where it lies.
    StartsInSdk { script: PathBuf, words: Vec<OsString> },
}

/// What a line of a shell's script does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptFault {
    /// It gives its Python another PYTHONPATH.
    TakesPath,
    /// Its Python has `-E` or `-I`.
    Isolates(char),
}

const WATCHES: &str = "has uvicorn watch the directory where it starts, and a script starts in the SDK's";
const STARTS: &str = "starts programs that name files of yours, and a script starts in the SDK's directory";

impl fmt::Display for ScriptWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line { script, number, fault, instead } => {
                write!(f, "{}, line {number}, {fault}: {}", quote(script), in_place_of_line(instead))
            }
            Self::WatchedSdk { script, words } => {
                let (script, words) = (quote(script), quote_all(words));
                write!(f, "{script} {WATCHES}: do: heygem-run {words}")
            }
            Self::StartsInSdk { script, words } => {
                let (script, words) = (quote(script), quote_all(words));
                write!(f, "{script} {STARTS}: do: heygem-run {words}")
            }
        }
    }
}

impl fmt::Display for ScriptFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TakesPath => f.write_str("takes the launch's PYTHONPATH away"),
            Self::Isolates(flag) => write!(f, "has -{flag}, which makes Python ignore PYTHONPATH"),
        }
    }
}

fn in_place_of_line(instead: &str) -> String {
    if instead.is_empty() {
        "leave it out".into()
    } else {
        format!("write there {}", shown(instead.as_bytes()))
    }
}
