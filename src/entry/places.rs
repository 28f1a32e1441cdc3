//! The places that the words of a command name without being its script: `--chdir ../b`, `--app ../b/server.py`, `bash -c 'cd ../b'`.

use std::ffi::{OsStr, OsString};
use std::mem;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::runner;
use super::server::Server;
use crate::invocation::Invocation;
use crate::path_list;

/// Options whose value is a directory, or the app's file, even where it has no slash in it.
const OPTIONS: [&[u8]; 8] = [
    b"-C",
    b"--chdir",
    b"--app-dir",
    b"--app",
    b"--pythonpath",
    b"--directory",
    b"--workdir",
    b"--working-dir",
];

/// A word that is a path, as far as can be told without a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPath {
    /// As written.
    word: OsString,
    /// Absolute.
    pub path: PathBuf,
    /// Whether something beside the word marks it as a path.
    is_marked: bool,
}

/// A word, and the directory that it names or whose script it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPlace {
    /// As written.
    pub word: OsString,
    /// Absolute.
    pub directory: PathBuf,
    /// Whether something runs there: then an SDK right below it is meant as well.
    pub runs: bool,
}

/// Those of the words, and of the variable that the server reads; `command` is the first word of the command that is run in the end.
pub fn named(words: &[OsString], command: usize, invocation: &Invocation) -> Vec<NamedPath> {
    let ran = &words[command.min(words.len() - 1)..];
    let text = runner::shell_text(ran).map(|index| command + index);
    let mut named = named_by_variable(ran, invocation);
    for (index, word) in words.iter().enumerate().skip(1) {
        if Some(index) == text {
            named.extend(named_by_text(word, invocation.cwd()));
        } else if let Some(path) =
            named_path(word, OPTIONS.contains(&words[index - 1].as_bytes()), invocation.cwd())
        {
            named.push(path);
        }
    }
    named
}

/// Of the words of a shell's line.
fn named_by_text<'w>(line: &'w OsStr, cwd: Option<&'w Path>) -> impl Iterator<Item = NamedPath> + 'w {
    let mut last = OsStr::new("");
    runner::shell_pieces(line)
        .filter_map(move |word| named_path(word, mem::replace(&mut last, word) == "cd", cwd))
}

/// Of the variable that the server reads as if it were an option.
fn named_by_variable(ran: &[OsString], invocation: &Invocation) -> Vec<NamedPath> {
    let server = Server::of(ran).map(|(server, _)| server);
    let Some(name) = server.and_then(Server::place_variable) else { return Vec::new() };
    let value = invocation.environment.get(name).unwrap_or_default();
    let word: OsString = [OsStr::new(name), OsStr::new("="), value].into_iter().collect();
    let paths = runner::shell_pieces(value).filter_map(|piece| named_path(piece, true, invocation.cwd()));
    paths.map(|path| NamedPath { word: word.clone(), ..path }).collect()
}

/// `is_path` where something marks the word as a path.
fn named_path(word: &OsStr, is_path: bool, cwd: Option<&Path>) -> Option<NamedPath> {
    let bytes = word.as_bytes();
    let (option, value) = match bytes.iter().position(|&byte| byte == b'=') {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None if bytes.starts_with(b"-C") => bytes.split_at(2),
        None => (&b""[..], bytes),
    };
    let is_url = value.windows(3).any(|three| three == b"://");
    let is_marked = is_path || OPTIONS.contains(&option);
    if value.is_empty() || value.starts_with(b"-") || is_url || !(is_marked || value.contains(&b'/')) {
        return None;
    }
    let path = path_list::absolute(Path::new(OsStr::from_bytes(value)), cwd)?;
    Some(NamedPath { word: word.to_owned(), path, is_marked })
}

impl NamedPath {
    /// The place, where it leads to a directory, or to a Python or shell script.
    pub fn place(self) -> Option<NamedPlace> {
        let Self { word, path, is_marked } = self;
        if path.is_dir() {
            return Some(NamedPlace { word, directory: path, runs: is_marked });
        }
        // `server.py:app`, and `--app ../b/server`.
        let name = path.file_name()?.as_bytes().split(|&byte| byte == b':').next()?;
        let directory = path.parent()?.to_owned();
        let is_script = name.ends_with(b".py") || name.ends_with(b".sh");
        let file = directory.join(OsStr::from_bytes(name));
        let is_there = (is_script && file.is_file()) || (is_marked && file.with_extension("py").is_file());
        is_there.then_some(NamedPlace { word, directory, runs: true })
    }
}
