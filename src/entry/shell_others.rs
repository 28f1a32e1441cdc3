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

/// More than a start script reads or runs. Each takes system calls, and the whole text is judged again with what it reads.
const MOST_OTHERS: usize = 8;

/// Of the names of such scripts, only so many are looked at: most that are run are compiled programs.
const MOST_LOOKS: usize = 32;

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
    let (mut found, mut looks) = (Vec::new(), 0);
    for (_, end, line) in script.code().filter(|(_, _, line)| !depends(line)) {
        for at in statements(line) {
            let statement = &line[at.clone()];
            let words: Vec<&str> = command_of(statement).into_iter().map(|word| &statement[word]).collect();
            match words[..] {
                ["cd" | "pushd", directory, ..] => places.here = places.of(directory),
                ["cd" | "popd", ..] => places.here = None,
                _ => {}
            }
            let Some(named) = places.named(&words) else { continue };
            looks += 1;
            found.extend(named.read(|| [&line[at.end..], &script.text[end..]].join("\n")));
            if found.len() == MOST_OTHERS || looks == MOST_LOOKS {
                return found;
            }
        }
    }
    found
}

/// A script that a statement names.
struct NamedScript {
    path: PathBuf,
    how: HowUsed,
}

/// What a statement does with it.
enum HowUsed {
    /// The same shell reads it.
    Read,
    /// A shell of its own, which is named as well, runs it with these arguments.
    ByShell(Vec<OsString>),
    /// It is run as a program, with these arguments.
    AsProgram(Vec<OsString>),
}

impl NamedScript {
    /// Reads it; `rest` makes what comes behind the statement.
    fn read(self, rest: impl FnOnce() -> String) -> Option<OtherScript> {
        let Self { path, how } = self;
        let text = match how {
            HowUsed::AsProgram(_) => program::script_file(&path)?.text?,
            HowUsed::Read | HowUsed::ByShell(_) => program::script(&path).ok()?,
        };
        let lines = text.lines().count();
        let script = match how {
            HowUsed::Read => {
                let end = if text.ends_with('\n') { "" } else { "\n" };
                ShellScript::new(&path, [&text, end, &rest()].concat(), &[])
            }
            HowUsed::ByShell(arguments) | HowUsed::AsProgram(arguments) => {
                ShellScript::new(&path, text, &arguments)
            }
        };
        Some(OtherScript { script, lines })
    }
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

    /// The script that a statement's words read or run.
    fn named(&self, words: &[&str]) -> Option<NamedScript> {
        if let ["source" | ".", file, ..] = words {
            return Some(NamedScript { path: self.of(file)?, how: HowUsed::Read });
        }
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let words = words.get(wrapper::command_index(&words)?..).filter(|words| !words.is_empty())?;
        if words.iter().any(|word| is_launcher(word)) {
            return None;
        }
        if runner::is_shell(&words[0]) {
            let index = runner::script_index(words)?;
            let path = self.of(words[index].to_str()?)?;
            return Some(NamedScript { path, how: HowUsed::ByShell(words[index + 1..].to_vec()) });
        }
        let path = self.of(words[0].to_str().filter(|word| is_path(word))?)?;
        Some(NamedScript { path, how: HowUsed::AsProgram(words[1..].to_vec()) })
    }
}
