//! Reading small files with as few system calls as it takes, and telling who may write to one and which it is.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
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

/// Opens a regular file. A pipe is not waited for.
///
/// # Errors
/// When it can't be opened, or is no regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let file = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    match file.metadata()? {
        meta if meta.is_file() => Ok(file),
        meta if meta.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")),
        _ => Err(io::Error::other("it is no regular file")),
    }
}

/// Reads a regular file, as far as the bound.
///
/// # Errors
/// When it can't be read, is no regular file, or is longer.
pub fn read_bounded(path: &Path, bound: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    open_regular(path)?.take(bound + 1).read_to_end(&mut content)?;
    if content.len() as u64 > bound { Err(io::Error::other("it is too long")) } else { Ok(content) }
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
