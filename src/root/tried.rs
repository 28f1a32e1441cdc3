//! The places that a search tried and passed over, and what is told of them where nothing else is left.

use std::fmt;
use std::io;
use std::path::PathBuf;

use rustix::fs::CWD;

use super::found::RootSource;
use crate::directory;
use crate::error::{Failure, plain};
use crate::sdk::SdkLack;
use crate::shell::quote;
use crate::trust::RootFault;

/// Most places in one error.
const MOST_TOLD: usize = 100;

/// Most roots in one hint.
const MOST_NAMED: usize = 5;

/// A place that was passed over. Its text is made only when the search fails.
#[derive(Debug)]
pub enum TriedPlace {
    /// The working directory, which can't be read.
    WorkingDirectory,
    /// A place without `service`, as most are, or one that is not there.
    NoService(PathBuf, RootSource),
    /// Any other: a directory, or a pattern that stands for some.
    Passed { place: PathBuf, source: RootSource, why: PlaceFault },
}

/// Why a place is not the root.
#[derive(Debug)]
pub enum PlaceFault {
    NoSdk(SdkLack),
    /// It is an SDK, and not to be trusted.
    Doubted(SdkDoubt),
    Unreadable(io::Error),
    /// So many directories were looked at.
    NoServiceInAny(u32),
    /// The listing broke off.
    ListedInPart(io::Error),
    /// There are more directories than these.
    TooMany(usize),
}

/// Why an SDK is not to be trusted.
#[derive(Debug)]
pub enum SdkDoubt {
    Fault(RootFault),
    Removed,
    /// It can't be told.
    Unknown(io::Error),
}

/// What a search found that it did not use.
#[derive(Default)]
pub struct TriedPlaces {
    /// In the order in which they were looked at.
    pub places: Vec<TriedPlace>,
    /// The SDKs among them, which are not to be trusted.
    pub doubted: Vec<PathBuf>,
}

impl fmt::Display for TriedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorkingDirectory => f.write_str("the working directory: it can't be read"),
            Self::NoService(place, source) => {
                let is_there = !matches!(directory::is_directory(CWD, place), Ok(false));
                write!(f, "{} ({source}): ", quote(place))?;
                if is_there { SdkLack::Service.fmt(f) } else { f.write_str("no such directory") }
            }
            Self::Passed { place, source, why } => {
                let is_in_part = matches!(why, PlaceFault::ListedInPart(_) | PlaceFault::TooMany(_));
                let part = if is_in_part { ", in part" } else { "" };
                write!(f, "{} ({source}){part}: {why}", quote(place))
            }
        }
    }
}

impl fmt::Display for PlaceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSdk(lack) => lack.fmt(f),
            Self::Doubted(doubt) => write!(f, "an SDK, but {doubt}"),
            Self::Unreadable(error) | Self::ListedInPart(error) => f.write_str(&plain(error)),
            Self::NoServiceInAny(count) => write!(f, "no service/ directory in any of {count}"),
            Self::TooMany(most) => write!(f, "only {most} directories are listed"),
        }
    }
}

impl fmt::Display for SdkDoubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::Removed => f.write_str("it was removed during the search"),
            Self::Unknown(error) => f.write_str(&plain(error)),
        }
    }
}

impl From<io::Error> for SdkDoubt {
    fn from(error: io::Error) -> Self {
        Self::Unknown(error)
    }
}

impl TriedPlaces {
    /// Nothing was found. `is_cut` says that not all was looked at, `named` are the roots that the words of the command name, and `near`
    /// is one near the working directory.
    pub fn failure(&self, is_cut: bool, named: &[PathBuf], near: Option<&PathBuf>) -> Failure {
        let told = self.places.iter().take(MOST_TOLD).map(TriedPlace::to_string);
        let more = self.places.len().saturating_sub(MOST_TOLD);
        let cut = if is_cut { ", and the search was cut: there is too much to look at" } else { "" };
        by_name("if you trust it", &self.doubted)
            .into_iter()
            .chain(by_name("for the one that the command names", named))
            .chain(by_name("for the one nearby", near))
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
