//! What the words of a command name before anything is resolved: its file, and whether that is a script.

use std::ffi::OsString;
use std::path::PathBuf;

use super::program::{self, ProgramKind};
use super::python_line::{self, Entry};
use super::{runner, wrapper};
use crate::invocation::Invocation;
use crate::path_list;
use crate::plain_path::is_path;
use crate::settings::Words;

/// The file that a command names, seen from where it runs: in its surroundings the root is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandFile {
    /// A script, whose own SDK is the one that is meant; or the directory that `env -C` goes to.
    Script(PathBuf),
    /// A compiled program, such as the `uwsgi` of an environment: where the user stands tells more.
    Program(PathBuf),
}

/// The file that the words name; `None` where they name none by a path.
pub fn file_of(words: &Words, invocation: &Invocation) -> Option<CommandFile> {
    let words = match words {
        Words::Script(words) => return words.first().map(|word| CommandFile::Script(word.into())),
        Words::Module(_) => return None,
        Words::Command(words) => words,
    };
    let (before, words) = words.split_at(wrapper::command_index(words).unwrap_or(0));
    let moved = wrapper::directory(before);
    let from_there = |word: &OsString| moved.clone().unwrap_or_default().join(word);
    if let Some(index) = runner::script_index(words) {
        return Some(CommandFile::Script(from_there(&words[index])));
    }
    if python_line::is_python(&words[0]) || !is_path(&words[0]) {
        return moved.map(CommandFile::Script);
    }
    let path = from_there(&words[0]);
    Some(match path_list::absolute(&path, invocation.cwd()).map(|path| program::kind(&path)) {
        Some(ProgramKind::Elf) => CommandFile::Program(path),
        _ => CommandFile::Script(path),
    })
}

/// Whether the words are a Python script, which starts in the root: `SCRIPT.py`, `python SCRIPT`. All else starts where the user
/// stands.
pub fn is_script(words: &Words) -> bool {
    match words {
        Words::Script(_) => true,
        Words::Module(_) => false,
        Words::Command(words) => python_line::is_python(&words[0]) && script_index(words).is_some(),
    }
}

/// The index of the script among an interpreter's words.
fn script_index(words: &[OsString]) -> Option<usize> {
    match python_line::parse(words).entry {
        Entry::Script(index) => Some(index),
        _ => None,
    }
}
