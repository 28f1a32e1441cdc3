//! Why a store is passed over, where that is worth a warning.

use std::ffi::OsString;
use std::fmt;

use crate::shell::quote;
use crate::trust::{Doubt, Weakness};

/// What is wrong with a store that is there.
#[derive(Debug)]
pub enum StoreFault {
    /// Others could have prepared it.
    Untrusted(Weakness),
    /// Others could have prepared a directory above it.
    UntrustedAbove(Doubt),
    /// It has something of that name in it, and was not made by a launcher.
    Foreign(OsString),
}

impl fmt::Display for StoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untrusted(why) => write!(f, "it {why}"),
            Self::UntrustedAbove(Doubt { path, why }) => write!(f, "{} above it {why}", quote(path)),
            Self::Foreign(name) => write!(f, "it has {} in it", quote(name)),
        }
    }
}

impl std::error::Error for StoreFault {}
