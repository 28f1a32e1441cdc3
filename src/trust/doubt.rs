//! Why something is not to be trusted, as values. Their text goes on from a name.

use std::fmt;
use std::path::PathBuf;

use super::owner::Id;
use super::ownership::Writer;
use crate::shell::quote;

/// What is not to be trusted, and why.
#[derive(Debug, Clone)]
pub struct Doubt {
    /// The file, directory or link.
    pub path: PathBuf,
    pub why: Weakness,
}

/// Why a file, a directory or a link is not to be trusted.
#[derive(Debug, Clone)]
pub enum Weakness {
    SymbolicLink,
    NotDirectory,
    BelongsTo(Id),
    WritableBy(Writer),
    /// A link in a directory that everyone can write to: its owner can point it elsewhere.
    TurnableBy(Id),
    /// It leads to a file that is not to be trusted.
    LeadsTo(Box<Weakness>),
    /// Settings of an environment: the installation that they name lies wherever a process stands.
    RelativeHome,
}

/// Why a root that nobody named is not used. Goes on from "an SDK, but ".
#[derive(Debug, Clone)]
pub enum RootFault {
    /// It belongs to somebody else, and everyone can write to the directory that it lies in.
    InOpenDirectory { parent: PathBuf, owner: Id },
    /// All users share it, as they do `/tmp`.
    Shared,
    /// Something in it, or on the way to it, is not to be trusted.
    Doubted(Doubt),
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", quote(&self.path), self.why)
    }
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SymbolicLink => f.write_str("is a symbolic link"),
            Self::NotDirectory => f.write_str("is not a directory"),
            Self::BelongsTo(owner) => write!(f, "belongs to {owner}"),
            Self::WritableBy(writer) => write!(f, "can be written to by {writer}"),
            Self::TurnableBy(owner) => write!(f, "is a link that {owner} can point elsewhere"),
            Self::LeadsTo(why) => write!(f, "leads to a file that {why}"),
            Self::RelativeHome => f.write_str("names a home that is no absolute path"),
        }
    }
}

impl fmt::Display for RootFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InOpenDirectory { parent, owner } => {
                write!(f, "everyone can write to {}, and it belongs to {owner}", quote(parent))
            }
            Self::Shared => f.write_str("everyone can put something into it"),
            Self::Doubted(doubt) => doubt.fmt(f),
        }
    }
}
