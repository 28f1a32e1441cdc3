//! What to type where a root can't be used, where none is found, and where several are.

use std::path::{Path, PathBuf};

use super::found::RootSource;
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
        let mut roots = Vec::new();
        for directory in self.places(budget) {
            if budget.is_spent() {
                break;
            }
            let root = self.of_place(&directory, budget).or_else(|| self.beside_above(&directory, budget));
            roots.extend(root.filter(|root| !roots.contains(root)));
        }
        roots
    }

    /// The SDK nearest to the working directory, in one of the directories above it.
    pub(super) fn beside_way(&self, budget: &mut Budget) -> Option<PathBuf> {
        self.beside_above(self.invocation.cwd()?, budget)
    }

    /// The directories that the words name, or whose scripts they name.
    fn places(&self, budget: &mut Budget) -> Vec<PathBuf> {
        let (words, command, script) = match self.words {
            Some(Words::Command(words)) => (words, entry::wrapper::command_index(words).unwrap_or(0), None),
            Some(Words::Script(words)) => (words, 0, self.directory_of(Path::new(&words[0]))),
            Some(Words::Module(words)) => (words, 0, None),
            None => return Vec::new(),
        };
        let named = entry::places::named(words, command, self.invocation)
            .into_iter()
            .map_while(|named| budget.take(SearchStep::of_way(&named.path)).then(|| named.place()))
            .flatten();
        let mut places: Vec<_> = script.into_iter().chain(named.map(|place| place.directory)).collect();
        places.dedup();
        places
    }

    /// The nearest SDK in one of the directories above a directory, where it is the only one there: people start things from `deploy/`,
    /// or deeper, beside the SDK.
    fn beside_above(&self, directory: &Path, budget: &mut Budget) -> Option<PathBuf> {
        /// How many directories above are listed: one more than people nest such things.
        const STEPS: usize = 4;
        let directory = without_dots(directory).ok()?;
        let mut search = self.start(budget);
        let above = directory.ancestors().skip(1).take(STEPS);
        // As far off as one beside the working directory: it is hinted at only where nobody else can change it.
        let found = above.map(|above| search.children(above, RootSource::BesideWorkingDirectory));
        found.flatten().flatten().map(|root| root.path).next()
    }
}
