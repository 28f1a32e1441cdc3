//! What is known of a file or directory, as far as trust goes.

use std::fmt;
use std::io;
use std::os::fd::AsFd;

use rustix::fs::{FileType, Stat};

use super::owner::Id;
use crate::files;

/// Write permission for the group; where there is an access control list, for anybody that it names, too.
pub const GROUP: u32 = 0o020;

/// Write permission for all others.
const OTHERS: u32 = 0o002;

/// In such a directory only an entry's owner can rename or remove it.
pub const STICKY: u32 = 0o1000;

/// What is known of a file, a directory or a link, as far as trust goes.
#[derive(Debug, Clone, Copy)]
pub struct Ownership {
    pub kind: FileType,
    pub owner: Id,
    pub group: Id,
    /// Its permissions, with the sticky bit.
    pub mode: u32,
}

/// Somebody other than the owner who can write to something.
#[derive(Debug, Clone, Copy)]
pub enum Writer {
    Everyone,
    /// The file's own group; where there is an access control list, anybody that it names, too.
    Group,
    /// Somebody that an access control list names.
    Named(Id),
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::Group => f.write_str("its group"),
            Self::Named(id) => id.fmt(f),
        }
    }
}

impl Ownership {
    /// The facts of an open file or directory.
    ///
    /// # Errors
    /// When the kernel does not tell them.
    pub fn of(open: impl AsFd) -> io::Result<Self> {
        Ok(Self::from(&files::stat(open)?))
    }

    /// Whether it belongs to this user or root.
    pub fn is_own(&self, user: u32) -> bool {
        self.owner.is(user) || self.owner.is(0)
    }

    /// Whether everyone can write to it.
    pub fn is_open(&self) -> bool {
        self.mode & OTHERS != 0
    }

    /// Whether it is a directory that all users share, as `/tmp` is.
    pub fn is_shared(&self) -> bool {
        self.is_open() && self.mode & STICKY != 0
    }

    /// Who but its owner can write to it; `None` where nobody can.
    pub fn other_writers(&self) -> Option<Writer> {
        if self.is_open() {
            Some(Writer::Everyone)
        } else if self.mode & GROUP != 0 {
            Some(Writer::Group)
        } else {
            None
        }
    }
}

impl From<&Stat> for Ownership {
    fn from(stat: &Stat) -> Self {
        Self {
            kind: FileType::from_raw_mode(stat.st_mode),
            owner: Id::of_user(stat.st_uid),
            group: Id::of_group(stat.st_gid),
            mode: stat.st_mode & 0o7777,
        }
    }
}
