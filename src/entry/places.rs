//! The places that the words of a command name without being its script: `--chdir ../b`, `--app ../b/server.py`, `bash -c 'cd ../b'`.

use std::ffi::{OsStr, OsString};
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

/// Those of the words, and of the variable that the server reads, that name an existing directory, or a Python or shell script;
/// `command` is the first word of the command that is run in the end.
pub fn named(words: &[OsString], command: usize, invocation: &Invocation) -> Vec<NamedPlace> {
    let text = runner::shell_text(&words[command.min(words.len() - 1)..]).map(|index| command + index);
    let cwd = invocation.cwd();
    let mut places = named_by_variable(words, command, invocation);
    for (index, word) in words.iter().enumerate().skip(1) {
        if Some(index) == text {
            let mut last = OsStr::new("");
            for word in runner::shell_pieces(word) {
                places.extend(place(word, last == "cd", cwd));
                last = word;
            }
            continue;
        }
        let is_value = OPTIONS.contains(&words[index - 1].as_bytes());
        places.extend(place(word, is_value, cwd));
    }
    places
}

/// Of the variable that the server reads as if it were an option.
fn named_by_variable(words: &[OsString], command: usize, invocation: &Invocation) -> Vec<NamedPlace> {
    let server = Server::of(&words[command.min(words.len() - 1)..]).map(|(server, _)| server);
    let Some(name) = server.and_then(Server::place_variable) else { return Vec::new() };
    let value = invocation.environment.get(name).unwrap_or_default();
    let word: OsString = [OsStr::new(name), OsStr::new("="), value].into_iter().collect();
    let places = runner::shell_pieces(value).filter_map(|piece| place(piece, true, invocation.cwd()));
    places.map(|place| NamedPlace { word: word.clone(), ..place }).collect()
}

/// `is_path` where something marks the word as a path.
fn place(word: &OsStr, is_path: bool, cwd: Option<&Path>) -> Option<NamedPlace> {
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
    if path.is_dir() {
        return Some(NamedPlace { word: word.to_owned(), directory: path, runs: is_marked });
    }
    // `server.py:app`, and `--app ../b/server`.
    let name = path.file_name()?.as_bytes().split(|&byte| byte == b':').next()?;
    let directory = path.parent()?.to_owned();
    let is_script = name.ends_with(b".py") || name.ends_with(b".sh");
    let file = directory.join(OsStr::from_bytes(name));
    let is_there = (is_script && file.is_file()) || (is_marked && file.with_extension("py").is_file());
    is_there.then(|| NamedPlace { word: word.to_owned(), directory, runs: true })
}
