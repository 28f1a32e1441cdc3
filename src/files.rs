//! Reading small files with as few system calls as it takes.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// More than a `#!` line, a `pyvenv.cfg` or the stamp of a usual SDK.
const PIECE: usize = 4096;

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
