//! The scripts that a shell's text or script reads (`source env.sh`) or runs (`./inner.sh`), as far as their names tell where they are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::program;
use super::runner;
use super::shell_script::{ShellScript, depends};
use super::shell_text::{command_of, statements};
use super::wrapper::{self, is_launcher};
use crate::path_list;
use crate::plain_path::is_path;

/// More than a start script has.
const LIMIT: usize = 8;

/// A script that another one reads or runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherScript {
    /// Its text, and, where it is read, what the other one has behind that.
    pub script: ShellScript,
    /// How many of the lines are its own.
    pub lines: usize,
}

/// Those of a script that starts in `directory`.
pub fn others(script: &ShellScript, directory: Option<&Path>) -> Vec<OtherScript> {
    let mut places = Places { own: script.path.parent(), here: directory.map(Path::to_owned) };
    let mut found = Vec::new();
    for (_, end, line) in script.code().filter(|(_, _, line)| !depends(line)) {
        for at in statements(line) {
            let statement = &line[at.clone()];
            let words: Vec<&str> = command_of(statement).into_iter().map(|word| &statement[word]).collect();
            match words[..] {
                ["cd" | "pushd", directory, ..] => places.here = places.of(directory),
                ["source" | ".", file, ..] => {
                    let rest = [&line[at.end..], &script.text[end..]].join("\n");
                    found.extend(places.of(file).and_then(|path| read(&path, &rest)));
                }
                _ => found.extend(places.run(&words)),
            }
            if found.len() == LIMIT {
                return found;
            }
        }
    }
    found
}

/// A script that is read, with what comes behind it.
fn read(path: &Path, rest: &str) -> Option<OtherScript> {
    let text = program::script(path).ok()?;
    let lines = text.lines().count();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    Some(OtherScript { script: ShellScript::new(path, [&text, end, rest].concat(), &[]), lines })
}

/// Where relative paths are, as far as it is known.
struct Places<'s> {
    /// The script's own directory.
    own: Option<&'s Path>,
    here: Option<PathBuf>,
}

impl Places<'_> {
    /// What a word names: a path, or a name in the script's own directory (`"$(dirname "$0")"/env.sh`).
    fn of(&self, word: &str) -> Option<PathBuf> {
        let is_own = word.contains("dirname")
            && ["$0", "$BASH_SOURCE", "${BASH_SOURCE"].iter().any(|own| word.contains(own));
        if is_own && word.starts_with(['"', '$']) {
            let (_, name) = word.rsplit_once(')')?;
            return Some(self.own?.join(name.trim_matches(['"', '/'])));
        }
        let word = word.trim_matches(['"', '\'']);
        let is_plain = !word.is_empty() && !word.contains(['$', '`', '*', '~', '\\', '<', '"', '\'']);
        is_plain.then(|| path_list::absolute(Path::new(word), self.here.as_deref()))?
    }

    /// The script that a statement's words run.
    fn run(&self, words: &[&str]) -> Option<OtherScript> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let words = words.get(wrapper::command_index(&words)?..).filter(|words| !words.is_empty())?;
        if words.iter().any(|word| is_launcher(word)) {
            return None;
        }
        let (path, text, arguments) = if runner::is_shell(&words[0]) {
            let index = runner::script_index(words)?;
            let path = self.of(words[index].to_str()?)?;
            let text = program::script(&path).ok()?;
            (path, text, &words[index + 1..])
        } else {
            let path = self.of(words[0].to_str().filter(|word| is_path(word))?)?;
            let text = program::script_file(&path)?.text?;
            (path, text, &words[1..])
        };
        let lines = text.lines().count();
        Some(OtherScript { script: ShellScript::new(&path, text, arguments), lines })
    }
}
