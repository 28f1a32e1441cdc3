//! Arguments that name a file in the working directory, and another one or none in the directory where they are read.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use crate::entry::Target;
use crate::entry::late::{self, LateDefault};
use crate::invocation::same_file;
use crate::path_list;
use crate::plain_path::is_path;
use crate::root::{SearchStep, search_budget};
use crate::warning::Warnings;
use crate::warning::argument::ArgumentWarning;

/// Of more arguments that mean another file, only so many are told: a pattern may stand for thousands.
const MOST_TOLD: usize = 20;

/// A word that may name a file, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Candidate<'w> {
    /// What stands before the path: empty, `--config=`, `-c`, `file:`.
    prefix: &'w [u8],
    /// The path.
    path: &'w Path,
    /// Whether nothing in the word marks it as a path: then a directory of that name may be a coincidence.
    is_bare: bool,
}

/// Checks the arguments of what starts elsewhere than where the user stands: a relative path means another file there.
pub fn moved_files(target: &Target, start: &Path, cwd: &Path, warnings: &mut Warnings) {
    if start == cwd {
        return;
    }
    let arguments = target.arguments.min(target.words.len());
    let mut budget = search_budget();
    let mut told = 0;
    for (index, word) in target.words.iter().enumerate().skip(arguments) {
        let is_value = index > arguments && target.words[index - 1].as_bytes().starts_with(b"-");
        for candidate in candidates(word) {
            if !budget.take(SearchStep::of_way(candidate.path)) {
                // A pattern may stand for thousands of words, and others choose what links they are.
                warnings.add(ArgumentWarning::Unread { start: start.to_owned() });
                return;
            }
            if let Some(is_there) = means_another(&candidate, is_value, start, cwd) {
                if told == MOST_TOLD {
                    warnings.add(ArgumentWarning::OtherFiles { start: start.to_owned() });
                    return;
                }
                told += 1;
                let replacement = replacement(&candidate, cwd);
                let (word, start) = (word.clone(), start.to_owned());
                warnings.add(ArgumentWarning::OtherFile { word, start, is_there, replacement });
                break;
            }
        }
    }
}

/// The ways to read a word as a path; at most one of them names a file.
fn candidates(word: &OsStr) -> Vec<Candidate<'_>> {
    let bytes = word.as_bytes();
    let at = |index: usize, is_bare| {
        let (prefix, path) = bytes.split_at(index);
        Candidate { prefix, path: Path::new(OsStr::from_bytes(path)), is_bare }
    };
    let equals = bytes.iter().position(|&byte| byte == b'=').map(|index| index + 1);
    let mut all = match bytes {
        [b'-', b'-', ..] => Vec::new(),
        [b'-', letter, ..] if letter.is_ascii_alphabetic() => vec![at(2, true)],
        [b'-', ..] => Vec::new(),
        [b'@', ..] => vec![at(1, false), at(0, true)],
        _ => vec![at(0, true)],
    };
    all.extend(equals.map(|index| at(index, false)));
    for start in [Some(0), equals].into_iter().flatten() {
        if bytes[start..].starts_with(b"file:") {
            all.push(at(start + b"file:".len(), false));
        }
    }
    all.retain(|candidate| !candidate.path.as_os_str().is_empty() && !candidate.path.is_absolute());
    all
}

/// `None` if the path names nothing here, or the same file from `start`. Else whether there is another file of that name there.
fn means_another(candidate: &Candidate, is_value: bool, start: &Path, cwd: &Path) -> Option<bool> {
    let (here, there) = (cwd.join(candidate.path), start.join(candidate.path));
    let meta = here.metadata().ok()?;
    let has_slash = is_path(candidate.path);
    if meta.is_dir() && candidate.is_bare && !is_value && !has_slash {
        return None; // a word such as `run` or `api`, with a directory of its name beside it
    }
    (!same_file(&here, &there)).then(|| there.exists())
}

fn replacement(candidate: &Candidate, cwd: &Path) -> OsString {
    let path = path_list::absolute(candidate.path, Some(cwd)).unwrap_or_default();
    OsString::from_vec([candidate.prefix, path.as_os_str().as_bytes()].concat())
}

/// Checks a server or a profiler that starts where the user stands. Some of its files are made after the import of the SDK, which
/// changes to the root.
pub fn late_files(target: &Target, cwd: &Path, warnings: &mut Warnings) {
    let words = &target.words[target.command..];
    for late in late::late_words(words) {
        let word = words[late.index].clone();
        let replacement = late.absolute(&word, cwd);
        warnings.add(ArgumentWarning::LateFile { word, replacement });
    }
    if let Some(LateDefault { file, option, before }) = late::late_default(words) {
        let path = cwd.join(&file);
        warnings.add(ArgumentWarning::LateDefault { file, option, path, before });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_may_name_a_file_in_several_ways() {
        let table: &[(&str, &[(&str, &str)])] = &[
            ("data/my.wav", &[("", "data/my.wav")]),
            ("--audio=data/my.wav", &[("--audio=", "data/my.wav")]),
            ("--config=file:g.py", &[("--config=", "file:g.py"), ("--config=file:", "g.py")]),
            ("-cg.py", &[("-c", "g.py")]),
            ("-c", &[]),
            ("-", &[]),
            ("--verbose", &[]),
            ("--", &[]),
            ("file:g.py", &[("", "file:g.py"), ("file:", "g.py")]),
            ("@args.txt", &[("@", "args.txt"), ("", "@args.txt")]),
            ("data.path=x.wav", &[("", "data.path=x.wav"), ("data.path=", "x.wav")]),
            ("/abs", &[]),
            ("--x=/abs", &[]),
            ("", &[]),
        ];
        for (word, expected) in table {
            let found = candidates(OsStr::new(word));
            let found: Vec<_> = found
                .iter()
                .map(|found| {
                    (String::from_utf8_lossy(found.prefix).into_owned(), found.path.to_str().expect("text"))
                })
                .collect();
            let found: Vec<_> = found.iter().map(|(prefix, path)| (prefix.as_str(), *path)).collect();
            assert_eq!(found, *expected, "{word}");
        }
    }
}
