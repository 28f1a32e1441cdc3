//! Warnings on the command's arguments: what would mean something else, or would not work.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use crate::shell::{quote, quote_all};
use crate::shown::shown;

/// A command that would do something else than its words say, and what to type in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandWarning {
    /// An argument names a file in the invoking directory, and another one, or none, where the command starts.
    OtherFile { word: OsString, start: PathBuf, is_there: bool, replacement: OsString },
    /// More arguments are such than are told.
    OtherFiles { start: PathBuf },
    /// To look at all arguments takes too long, or there are too many.
    UnreadArguments { start: PathBuf },
    /// A server makes a file with a relative path after it has imported the SDK.
    LateFile { word: OsString, replacement: OsString },
    /// A program makes a file that no option names, after it has imported the SDK; the option to add, its value, and the word that it
    /// must stand before.
    LateDefault { file: OsString, option: &'static str, path: PathBuf, before: Option<OsString> },
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
    /// A line of a shell's script that keeps the launch from its Python; and what is to stand there, if anything.
    ScriptLine { script: PathBuf, number: usize, fault: ScriptFault, instead: String },
    /// A script that has uvicorn reload it, and so would have the SDK watched; and the launcher's words that start it where it lies.
    WatchedSdk { script: PathBuf, words: Vec<OsString> },
    /// A script that starts a program by a name that means another file in the SDK's directory, where it starts; and the launcher's words
    /// that start it where it lies.
    StartsInSdk { script: PathBuf, words: Vec<OsString> },
    /// A program that runs its command by a login shell; and its words, with the launcher in that command.
    LoginShell { words: Vec<OsString> },
}

/// What a line of a shell's script does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptFault {
    /// It gives its Python another PYTHONPATH.
    TakesPath,
    /// Its Python has `-E` or `-I`.
    Isolates(char),
}

const DAEMONIC: &str = "are daemonic processes, which can't start child processes";
const LATE: &str = "after the process has gone to the SDK's directory";
const WATCHES: &str = "has uvicorn watch the directory where it starts, and a script starts in the SDK's";
const STARTS: &str = "starts programs that name files of yours, and a script starts in the SDK's directory";

impl fmt::Display for CommandWarning {
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
            Self::UnreadArguments { start } => write!(
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
            Self::ScriptLine { script, number, fault, instead } => {
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
            Self::LoginShell { words } => {
                write!(f, "a login shell drops PYTHONPATH: do: heygem-run -- {}", quote_all(words))
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

fn first(words: &[OsString]) -> String {
    words.first().map(quote).unwrap_or_default()
}
