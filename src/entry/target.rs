//! What will be executed, and what is known about it.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::interpreter::InterpreterSource;
use super::shell_script::ShellScript;
use crate::origin::Origin;
use crate::sdk::abi::Version;
use crate::warning::python::{FlagPlace, PassedOver};

/// A command, resolved.
#[derive(Debug)]
pub struct Target {
    /// The program's absolute path.
    pub program: PathBuf,
    /// Its words, `argv[0]` first.
    pub words: Vec<OsString>,
    /// How the program was found.
    pub source: ProgramSource,
    /// The version of the Python that will run, where one will and it could be told.
    pub version: Option<Version>,
    /// `-E` or `-I`, and where it stands.
    pub isolation: Option<(char, FlagPlace)>,
    /// What Python will put in front of `sys.path`: the script's directory. `None` for a module, for code and for anything else.
    pub script_directory: Option<PathBuf>,
    /// The directory of the program that the words name by a path, where that is a script.
    pub program_directory: Option<PathBuf>,
    /// The shell's script that is run.
    pub shell_script: Option<ShellScript>,
    /// The index of the first word of the command that is run in the end: behind `nohup` and its like.
    pub command: usize,
    /// The index of the first word that is an argument of what is run.
    pub arguments: usize,
    /// Active environments that were passed over.
    pub passed_over: Vec<PassedOver>,
}

impl Target {
    /// The directory of the script that the words name by a path, whatever runs it.
    pub fn lies_in(&self) -> Option<&Path> {
        self.script_directory.as_deref().or(self.program_directory.as_deref())
    }
}

/// How a program was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProgramSource {
    /// By the path that was written.
    Written,
    /// By its name, on PATH.
    Path,
    /// The user named it.
    Named(Origin),
    /// As the interpreter that fits the SDK.
    Interpreter(InterpreterSource),
}

impl fmt::Display for ProgramSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written => f.write_str("as written"),
            Self::Path => f.write_str("from PATH"),
            Self::Named(origin) => origin.fmt(f),
            Self::Interpreter(source) => source.fmt(f),
        }
    }
}
