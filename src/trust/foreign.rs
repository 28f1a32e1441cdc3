//! Whether somebody else can change a file or a directory, wherever its name leads. The directory that it lies in was looked at
//! before.

use std::io;
use std::path::PathBuf;

use rustix::fs::{CWD, FileType};

use super::doubt::{Doubt, Weakness};
use super::ownership::Ownership;
use super::way::{self, Owners, WayEnd, closed_end};
use crate::directory;

/// Why somebody but this user and root can change what a path names, or where it leads. What is not there nobody can change.
///
/// # Errors
/// When it can't be looked at.
pub fn doubt(path: PathBuf, user: impl Into<Owners>) -> io::Result<Option<Doubt>> {
    let user = user.into();
    let stat = match directory::look_at(CWD, &path) {
        Ok(stat) => stat,
        Err(error) if directory::is_absent(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let facts = Ownership::from(&stat);
    let why = match facts.kind {
        FileType::Symlink => return doubt_of_way(path, user),
        FileType::Directory => closed_end(&facts, user),
        _ => open_file(&facts, user),
    };
    Ok(why.map(|why| Doubt { path, why }))
}

/// Why somebody but this user and root can change what a path leads to, or a step of the way to it.
///
/// # Errors
/// When it can't be looked at.
pub fn doubt_of_way(path: PathBuf, user: impl Into<Owners>) -> io::Result<Option<Doubt>> {
    let user = user.into();
    match way::closed(&path, user) {
        Ok(WayEnd::Doubted(doubt)) => Ok(Some(doubt)),
        Ok(WayEnd::Directory(_) | WayEnd::Missing(..)) => Ok(None),
        // The way to a file is as closed; the file itself is no step of it.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            let facts = Ownership::from(&directory::look_through(CWD, &path)?);
            Ok(open_file(&facts, user).map(|why| Doubt { path, why: Weakness::LeadsTo(Box::new(why)) }))
        }
        Err(error) => Err(error),
    }
}

/// Why somebody but this user and root can change a file.
fn open_file(facts: &Ownership, user: Owners) -> Option<Weakness> {
    if facts.is_own(user.user) {
        user.other_writers(facts).map(Weakness::WritableBy)
    } else {
        Some(Weakness::BelongsTo(facts.owner))
    }
}
