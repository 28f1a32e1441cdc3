//! Reading small files with as few system calls as it takes, and telling who may write to one and which it is.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// More than a `#!` line, a `pyvenv.cfg` or the stamp of a usual SDK.
const PIECE: usize = 4096;

/// Whether every user may write to a file, or to what is in a directory.
pub fn everyone_can_write(meta: &Metadata) -> bool {
    const OTHERS: u32 = 0o002;
    meta.mode() & OTHERS != 0
}

/// What a file is, by whatever path it is reached: device and inode.
pub fn identity(meta: &Metadata) -> (u64, u64) {
    (meta.dev(), meta.ino())
}

/// Reads a regular file, with one `read` where it fits a piece: one that returns less than it could is at the end.
///
/// # Errors
/// When the file can't be opened or read.
pub fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut content = Vec::new();
    loop {
        let mut piece = [0; PIECE];
        let length = file.read(&mut piece)?;
        content.extend_from_slice(&piece[..length]);
        if length < PIECE {
            return Ok(content);
        }
    }
}

/// Reads the start of a regular file, a piece at the most.
///
/// # Errors
/// When the file can't be opened or read.
pub fn read_head<'b>(path: &Path, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
    let length = File::open(path)?.read(buffer)?;
    Ok(&buffer[..length])
}
