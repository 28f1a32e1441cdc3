//! What to type where a root can't be used, where none is found, and where several are.

use std::path::{Path, PathBuf};

use super::meant::meant;
use super::search::Candidates;
use super::search_step::SearchStep;
use crate::budget::Budget;
use crate::entry;
use crate::invocation::without_dots;
use crate::origin::Origin;
use crate::settings::{Sourced, Words};
use crate::shell::{assignment, quote};

impl Candidates<'_> {
    /// What to write in place of a root that can't be used: what it may mean, or the SDK that would be found without it.
    pub fn instead_of(&self, Sourced { value, source }: &Sourced<PathBuf>) -> Option<String> {
        let meant = meant(value, self.invocation).and_then(|meant| meant.root());
        let root = meant.or_else(|| Some(self.search(None).ok()?.path))?;
        if crate::path_list::has_colon(&root) {
            return None;
        }
        Some(match source {
            Origin::Option(_) | Origin::Service => format!("write -r {}", quote(root)),
            Origin::Variable(name) => format!("write {}", assignment(name, root)),
        })
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
            if !budget.take(SearchStep::of_way(&named.path)) {
                break;
            }
            let Some(place) = named.place() else { continue };
            roots.extend(self.of_place(&place.directory, budget).filter(|root| !roots.contains(root)));
        }
        roots
    }
}
