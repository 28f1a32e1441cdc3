//! The places that a search tried and passed over, and what is told of them where nothing else is left.

use std::path::PathBuf;

use rustix::fs::CWD;

use super::found::RootSource;
use crate::directory;
use crate::error::Failure;
use crate::shell::quote;

/// Most places in one error.
const MOST_TOLD: usize = 100;

/// Most roots in one hint.
const MOST_NAMED: usize = 5;

/// A place that was passed over. Its text is made only when the search fails.
pub enum TriedPlace {
    /// A place without `service`, as most are.
    NoService(PathBuf, RootSource),
    /// Any other, with the reason.
    Said(String),
}

/// All of them.
#[derive(Default)]
pub struct TriedPlaces {
    /// In the order in which they were looked at.
    pub places: Vec<TriedPlace>,
    /// The SDKs among them, which are not to be trusted.
    pub doubted: Vec<PathBuf>,
}

impl TriedPlace {
    fn text(&self) -> String {
        match self {
            Self::NoService(place, source) => {
                let is_there = !matches!(directory::is_directory(CWD, place), Ok(false));
                let why = if is_there { "no service/ directory" } else { "no such directory" };
                format!("{} ({source}): {why}", quote(place))
            }
            Self::Said(text) => text.clone(),
        }
    }
}

impl TriedPlaces {
    /// Nothing was found. `is_cut` says that not all was looked at, and `named` are the roots that the words of the command name.
    pub fn failure(&self, is_cut: bool, named: &[PathBuf]) -> Failure {
        let told = self.places.iter().take(MOST_TOLD).map(TriedPlace::text);
        let more = self.places.len().saturating_sub(MOST_TOLD);
        let cut = if is_cut { ", and the search was cut: there is too much to look at" } else { "" };
        by_name("if you trust it", &self.doubted)
            .into_iter()
            .chain(by_name("for the one that the command names", named))
            .fold(Failure::new(format!("no HeyGem SDK found{cut}")), Failure::hint)
            .tried(told.chain((more > 0).then(|| format!("{more} more places"))))
            .hint("name it: --root DIR, or HEYGEM_DIR=DIR (the directory that has service/trans_dh_service in it)")
    }
}

/// How to name each of these roots; nothing where there is none.
pub fn by_name<'r>(when: &str, roots: impl IntoIterator<Item = &'r PathBuf>) -> Option<String> {
    let mut options: Vec<_> = roots.into_iter().map(|root| format!("-r {}", quote(root))).collect();
    options.truncate(MOST_NAMED);
    (!options.is_empty()).then(|| format!("{when}: {}", options.join(", or ")))
}
