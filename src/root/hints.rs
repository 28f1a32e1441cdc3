//! What to type where a root can't be used, where none is found, and where several are.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::budget::Budget;
use super::search::Candidates;
use crate::entry;
use crate::invocation::without_dots;
use crate::sdk::is_sdk_at;
use crate::settings::{Sourced, Words};
use crate::shell::{assignment, quote};

impl Candidates<'_> {
    /// What to write in place of a root that can't be used: what it may mean, or the SDK that would be found without it.
    pub fn instead_of(&self, Sourced { value, source }: &Sourced<PathBuf>) -> Option<String> {
        let root = self.meant(value).or_else(|| Some(self.search(None).ok()?.path))?;
        if crate::path_list::has_colon(&root) {
            return None;
        }
        Some(match *source {
            "--root" => format!("write -r {}", quote(root)),
            variable => format!("write {}", assignment(variable, root)),
        })
    }

    /// The SDK that a value names but for the blanks, the quotes or the carriage return around it, or for its `~`.
    fn meant(&self, value: &Path) -> Option<PathBuf> {
        let is_around = |byte: &u8| byte.is_ascii_whitespace() || b"'\"".contains(byte);
        let mut bytes = value.as_os_str().as_bytes();
        bytes = &bytes[bytes.iter().position(|byte| !is_around(byte))?..];
        bytes = &bytes[..=bytes.iter().rposition(|byte| !is_around(byte))?];
        let home = self.invocation.environment.get_non_empty("HOME").map(Path::new);
        let path = match (bytes.strip_prefix(b"~/"), home) {
            (Some(rest), Some(home)) => home.join(OsStr::from_bytes(rest)),
            _ => PathBuf::from(OsStr::from_bytes(bytes)),
        };
        let path = without_dots(&self.invocation.absolute(&path, "the root").ok()?).ok()?;
        is_sdk_at(&path).then_some(path)
    }

    /// The SDK that a place that the user named without running a script of it lies in, or that is in it.
    pub fn of_place(&self, directory: &Path, budget: &mut Budget) -> Option<PathBuf> {
        let directory = without_dots(directory).ok()?;
        Some(self.start(budget).around_script(&directory).ok()??.path)
    }

    /// The SDKs of the places that the words name, as far as the budget lasts: a pattern may stand for thousands of words.
    pub(super) fn of_words(&self, budget: &mut Budget) -> Vec<PathBuf> {
        let Some(Words::Command(words)) = self.words else { return Vec::new() };
        let command = entry::wrapper::command_index(words).unwrap_or(0);
        let mut roots = Vec::new();
        for named in entry::places::named(words, command, self.invocation) {
            if !budget.take_way(&named.path) {
                break;
            }
            let Some(place) = named.place() else { continue };
            roots.extend(self.of_place(&place.directory, budget).filter(|root| !roots.contains(root)));
        }
        roots
    }
}
