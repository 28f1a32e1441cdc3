//! The one way to read a file: a regular one, opened without waiting for anybody, to a stated bound. What else may be read, such
//! as a pipe, is said by the function's name.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::buffer::spare_capacity;
use rustix::fs::{CWD, FileType, Mode, OFlags, Stat, fstat, fstatfs, openat};
use rustix::io::retry_on_intr;

/// As much is made room for at once, whatever a file claims to be.
const MOST_EXPECTED: usize = 1 << 20;

/// A setting of the kernel's says that it is empty, and gives all it has to the first `read` alone (`proc_dointvec`).
const LEAST_EXPECTED: usize = 128;

/// More than any file that is small has.
const SMALL: u64 = 1 << 20;

/// A terminal does not become this process's own, no pipe is waited for, and no child inherits the descriptor.
const READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// The file systems in which the kernel answers by itself. Reading may wait there, take what others wait for, or never end
/// (`/proc/kmsg`, `/proc/self/pagemap`).
#[allow(clippy::unnecessary_cast, reason = "the type of these constants is another one elsewhere")]
const OF_KERNEL: [u64; 10] = [
    libc::PROC_SUPER_MAGIC as u64,
    libc::SYSFS_MAGIC as u64,
    libc::DEBUGFS_MAGIC as u64,
    libc::TRACEFS_MAGIC as u64,
    libc::CGROUP_SUPER_MAGIC as u64,
    libc::CGROUP2_SUPER_MAGIC as u64,
    libc::SECURITYFS_MAGIC as u64,
    libc::SELINUX_MAGIC as u64,
    libc::SMACK_MAGIC as u64,
    libc::BPF_FS_MAGIC as u64,
];

/// Whether every user may write to a file, or to what is in a directory.
pub fn everyone_can_write(stat: &Stat) -> bool {
    const OTHERS: u32 = 0o002;
    stat.st_mode & OTHERS != 0
}

/// What a file is, by whatever path it is reached: device and inode.
pub fn identity(meta: &Metadata) -> (u64, u64) {
    (meta.dev(), meta.ino())
}

/// A regular file that is open.
#[derive(Debug)]
pub struct RegularFile {
    pub file: File,
    /// What it was when it was opened.
    pub stat: Stat,
}

/// Opens a regular file, through links.
///
/// # Errors
/// When it can't be opened, or is something else: what the kernel answers is none, since whoever made a link chooses what is asked.
pub fn open(path: &Path) -> io::Result<RegularFile> {
    not_of_kernel(opened(CWD, path.as_os_str(), READ)?)
}

/// Opens a regular file of a directory. A link is refused: where others may have made it, it leads where they want.
///
/// # Errors
/// When it can't be opened, or is something else.
pub fn open_at(directory: impl AsFd, name: impl AsRef<OsStr>) -> io::Result<RegularFile> {
    not_of_kernel(opened(directory.as_fd(), name.as_ref(), READ | OFlags::NOFOLLOW)?)
}

/// Reads a regular file whole.
///
/// # Errors
/// When it can't be opened or read, is something else, or has more than `most` bytes.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_open(&open(path)?, most)
}

/// Reads a regular file that is small by its nature: a setting, a stamp.
///
/// # Errors
/// As for [`read`].
pub fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    read(path, SMALL)
}

/// Reads what the kernel tells in a file of `/proc`.
///
/// # Errors
/// As for [`read`].
pub fn read_of_kernel(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_open(&opened(CWD, path.as_os_str(), READ)?, most)
}

/// Reads an open file to its end: a `read` that returns less than it could is there.
///
/// # Errors
/// When it can't be read, or has more than `most` bytes.
pub fn read_open(RegularFile { file, stat }: &RegularFile, most: u64) -> io::Result<Vec<u8>> {
    let expected = usize::try_from(stat.st_size).unwrap_or_default().clamp(LEAST_EXPECTED, MOST_EXPECTED);
    // One more than there is, so that one `read` tells that it is all.
    let mut content = Vec::with_capacity(expected + 1);
    loop {
        retry_on_intr(|| rustix::io::read(file, spare_capacity(&mut content)))?;
        if content.len() as u64 > most {
            let error = format!("it is larger than {most} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, error));
        }
        if content.len() < content.capacity() {
            return Ok(content);
        }
        content.reserve(content.len());
    }
}

/// Reads the start of a regular file, with one `read`.
///
/// # Errors
/// When the file can't be opened or read, or is something else.
pub fn read_head<'b>(path: &Path, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
    read_open_head(&open(path)?, buffer)
}

/// Reads the start of an open file, with one `read`.
///
/// # Errors
/// When it can't be read.
pub fn read_open_head<'b>(
    RegularFile { file, .. }: &RegularFile,
    buffer: &'b mut [u8],
) -> io::Result<&'b [u8]> {
    let length = read_piece(&mut &*file, buffer)?;
    Ok(&buffer[..length])
}

fn read_piece(file: &mut impl Read, piece: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// What an open file is.
///
/// # Errors
/// When the kernel does not say.
pub fn stat(open: impl AsFd) -> io::Result<Stat> {
    let open = open.as_fd();
    Ok(retry_on_intr(|| fstat(open))?)
}

fn regular(open: OwnedFd) -> io::Result<RegularFile> {
    let stat = stat(&open)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(RegularFile { file: open.into(), stat }),
        other => Err(not_regular(other)),
    }
}

fn opened(directory: BorrowedFd, name: &OsStr, flags: OFlags) -> io::Result<RegularFile> {
    regular(retry_on_intr(|| openat(directory, name, flags, Mode::empty()))?)
}

fn not_of_kernel(open: RegularFile) -> io::Result<RegularFile> {
    // What the kernel answers takes no room on a disk: of nearly all files that is known.
    if open.stat.st_blocks == 0 && is_of_kernel(&open.file)? {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is the kernel's, not a file"));
    }
    Ok(open)
}

fn is_of_kernel(file: &File) -> io::Result<bool> {
    let system = retry_on_intr(|| fstatfs(file))?;
    Ok(OF_KERNEL.contains(&(system.f_type as u64)))
}

fn not_regular(kind: FileType) -> io::Error {
    let what = match kind {
        FileType::Directory => return io::Error::from_raw_os_error(libc::EISDIR),
        FileType::Fifo => "it is a pipe, not a file",
        FileType::Socket => "it is a socket, not a file",
        FileType::CharacterDevice | FileType::BlockDevice => "it is a device, not a file",
        _ => "it is not a regular file",
    };
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_read() {
        for (path, told) in
            [("/dev/zero", "it is a device, not a file"), ("/", "Is a directory (os error 21)")]
        {
            let error = read_small(Path::new(path)).expect_err(path);
            assert_eq!(error.to_string(), told);
            assert_eq!(read_head(Path::new(path), &mut [0; 8]).expect_err(path).to_string(), told);
        }
    }

    #[test]
    fn a_setting_of_the_kernel_is_read_whole() {
        let path = "/proc/sys/kernel/overflowuid";
        let whole = std::fs::read(path).expect("it is there");
        assert!(whole.len() > 2 && read_of_kernel(Path::new(path), SMALL).expect("it is there") == whole);
        let error = read_small(Path::new(path)).expect_err("nobody asked for it");
        assert_eq!(error.to_string(), "it is the kernel's, not a file");
    }

    #[test]
    fn a_file_is_read_to_its_bound_and_not_beyond() {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        let whole = std::fs::read(path).expect("it is there");
        let length = whole.len() as u64;
        assert_eq!(read(path, length).expect("it fits"), whole);
        let error = read(path, length - 1).expect_err("it does not fit");
        assert_eq!(error.to_string(), format!("it is larger than {} bytes", length - 1));
        let mut head = [0; 9];
        assert_eq!(read_head(path, &mut head).expect("it is there"), &whole[..9]);
    }
}
