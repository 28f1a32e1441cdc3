//! Who may write to a directory, and whether that is few enough for what is to be done with it.
//!
//! It is judged on what a descriptor shows, before anything in the directory is opened. The decisions are functions of [`Ownership`];
//! [`way`] collects them on the way to a path.

pub mod acl;
mod doubt;
pub mod foreign;
mod owner;
mod ownership;
pub mod way;

use std::io;
use std::path::Path;

use rustix::fs::FileType;

use acl::Writers;
pub use doubt::{Doubt, RootFault, Weakness};
pub use owner::Id;
pub use ownership::{GROUP, Ownership, STICKY};

/// What becomes of a root that the user stands in: the working directory, one above it or in it, or one of the script's.
#[derive(Debug)]
pub enum RootVerdict {
    Used,
    /// It is used, though everyone can write to it: worth one warning.
    UsedThoughOpen,
    PassedOver(RootFault),
}

/// Judges a root that the user stands in. `lies_in_open` is the directory, where everyone can write to the one that it lies in.
///
/// File systems without owners (WSL, Docker Desktop, FUSE) show everything as open to everyone and this user's own. A shared
/// directory is not such a one: anybody may have put an SDK into it.
pub fn stood_in(root: &Ownership, lies_in_open: Option<&Path>, user: u32) -> RootVerdict {
    match lies_in_open {
        Some(parent) if !root.is_own(user) => {
            let (parent, owner) = (parent.to_owned(), root.owner);
            RootVerdict::PassedOver(RootFault::InOpenDirectory { parent, owner })
        }
        _ if root.is_shared() => RootVerdict::PassedOver(RootFault::Shared),
        _ if root.is_open() => RootVerdict::UsedThoughOpen,
        _ => RootVerdict::Used,
    }
}

/// How far a bridge or its store in a root may be trusted.
#[derive(Debug)]
pub enum Beside {
    /// It is as safe as the root itself.
    Safe,
    /// It belongs to somebody else of the group that shares the root: nothing to warn of, and not for this user.
    Shared,
    /// Others could have made it or can change it.
    Doubted(Weakness),
}

/// Judges what lies in a root by who may write to the two: whoever can write to the root can change the SDK, so a bridge in it
/// needs no more protection than the root has. It must not have less.
///
/// `writers` tells who may write to the root and to this; it is asked only where somebody but the owner may write to this.
///
/// # Errors
/// When `writers` fails.
pub fn beside(
    root: &Ownership,
    this: &Ownership,
    user: u32,
    writers: impl FnOnce() -> io::Result<[Writers; 2]>,
) -> io::Result<Beside> {
    match this.kind {
        FileType::Directory => {}
        FileType::Symlink => return Ok(Beside::Doubted(Weakness::SymbolicLink)),
        _ => return Ok(Beside::Doubted(Weakness::NotDirectory)),
    }
    if !this.is_own(user) && !this.owner.is_same(root.owner) {
        let is_shared = root.mode & GROUP != 0 && !root.is_open() && this.other_writers().is_none();
        return Ok(if is_shared { Beside::Shared } else { Beside::Doubted(Weakness::BelongsTo(this.owner)) });
    }
    if this.other_writers().is_none() || root.is_open() {
        return Ok(Beside::Safe);
    }
    let [of_root, of_this] = writers()?;
    let own = [Id::User(user), Id::User(0), root.owner];
    Ok(match of_this.beyond(&of_root, &own) {
        Some(writer) => Beside::Doubted(Weakness::WritableBy(writer)),
        None => Beside::Safe,
    })
}

/// Judges a file of a bridge that Python executes, beside the directory that it lies in: nobody else may have written it.
pub fn is_safe_file(file: &Ownership, owners: &[Id]) -> bool {
    let is_own = owners.iter().any(|owner| file.owner.is_same(*owner));
    file.kind == FileType::RegularFile && is_own && file.other_writers().is_none()
}

#[cfg(test)]
mod tests;
