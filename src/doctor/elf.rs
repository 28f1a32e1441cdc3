//! What a shared object asks of the loader: its machine, the libraries it needs and where it would have them looked for. Only
//! the few pages that say so are read; some of torch's libraries are larger than memory.

use std::cell::Cell;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::permission::dead_link;
use crate::error::plain;
use crate::files::{self, RegularFile};
use crate::sdk::is_absent;
use crate::shell::quote;

/// A shared object, as far as the loader's search goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elf {
    /// `e_machine`.
    pub machine: u16,
    /// `DT_NEEDED`.
    pub needed: Vec<OsString>,
    /// `DT_RPATH`: searched first, and by what it loads as well.
    pub rpath: Option<OsString>,
    /// `DT_RUNPATH`: searched after `LD_LIBRARY_PATH`, for its own needs only.
    pub runpath: Option<OsString>,
    /// Versions that it needs of what it is linked with: `GLIBC_2.34`.
    pub versions: Vec<OsString>,
}

/// More versions than any file needs.
const MOST_VERSIONS: usize = 1 << 12;

/// More program headers, dynamic entries or bytes of a name than any file has.
const MOST: u64 = 1 << 16;

/// More bytes of names, all together, than any file has.
const MOST_TEXT: usize = 1 << 20;

/// Why a file is no shared object that is loaded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ElfFault {
    /// This user may not read it.
    Denied,
    /// It is a link to nothing, or below one; what that leads to.
    DeadLink(PathBuf),
    /// What git leaves in a file's place where its extension for large ones is not installed.
    LfsPointer,
    /// What a download leaves in a file's place where the server had no such file.
    WebPage,
    /// What a 64-bit Python can't load.
    Bits32,
    /// It is cut short, or otherwise not whole.
    Damaged(&'static str),
    /// The system does not give it; in the system's words.
    Unreadable(String),
}

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const DT_NEEDED: u64 = 1;
const DT_STRTAB: u64 = 5;
const DT_RPATH: u64 = 15;
const DT_RUNPATH: u64 = 29;
const DT_VERNEED: u64 = 0x6fff_fffe;

/// A segment: where it is in memory and in the file.
struct Segment {
    kind: u32,
    offset: u64,
    address: u64,
    size: u64,
}

impl Elf {
    /// Reads a 64-bit little-endian file, which is all that HeyGem comes for.
    ///
    /// # Errors
    /// When it can't be read, is no such file, or is cut short.
    pub fn read(path: &Path) -> Result<Self, ElfFault> {
        let RegularFile { file, stat } = files::open(path).map_err(|error| unopened(path, &error))?;
        let length = u64::try_from(stat.st_size).unwrap_or_default();
        if length == 0 {
            return Err(ElfFault::Damaged("it is empty (file too short)"));
        }
        let head = bytes(&file, 0, length.min(64))?;
        if head.starts_with(b"version https://git-lfs") {
            return Err(ElfFault::LfsPointer);
        }
        if head.starts_with(b"\x7fELF\x01") {
            return Err(ElfFault::Bits32);
        }
        let text = head.trim_ascii_start().to_ascii_lowercase();
        if ["<!doctype", "<html", "<head", "<?xml"].iter().any(|start| text.starts_with(start.as_bytes())) {
            return Err(ElfFault::WebPage);
        }
        if !head.starts_with(b"\x7fELF\x02\x01") {
            return Err(ElfFault::Damaged("it is not a 64-bit ELF file"));
        }
        if head.len() < 64 {
            return Err(ElfFault::Damaged("it is cut short"));
        }
        let (table, size, count) = (u64_at(&head, 32), u16_at(&head, 54), u16_at(&head, 56));
        if size != 56 {
            return Err(ElfFault::Damaged("its program headers are odd"));
        }
        let table = bytes(&file, table, u64::from(size) * u64::from(count))?;
        let segments: Vec<Segment> = table.chunks_exact(56).map(Segment::parse).collect();
        if segments.iter().any(|segment| segment.kind == PT_LOAD && segment.end() > length) {
            return Err(ElfFault::Damaged("it is cut short"));
        }
        let mut elf = Self { machine: u16_at(&head, 18), ..Self::default() };
        if let Some(dynamic) = segments.iter().find(|segment| segment.kind == PT_DYNAMIC) {
            elf.dynamic(&file, dynamic, &segments)?;
        }
        Ok(elf)
    }

    fn dynamic(&mut self, file: &File, dynamic: &Segment, segments: &[Segment]) -> Result<(), ElfFault> {
        let entries = bytes(file, dynamic.offset, dynamic.size)?;
        let entries: Vec<(u64, u64)> = entries
            .chunks_exact(16)
            .map(|entry| (u64_at(entry, 0), u64_at(entry, 8)))
            .take_while(|(tag, _)| *tag != 0)
            .collect();
        let Some((_, address)) = entries.iter().find(|(tag, _)| *tag == DT_STRTAB) else { return Ok(()) };
        let place = |address: u64| {
            let of = segments.iter().find_map(|segment| segment.place(address));
            of.ok_or(ElfFault::Damaged("its names are nowhere"))
        };
        let names = place(*address)?;
        let left = Cell::new(MOST_TEXT);
        let name = |value: u64| {
            let name = name(file, names.saturating_add(value))?;
            let rest = left.get().checked_sub(name.len() + 1);
            left.set(rest.ok_or(ElfFault::Damaged("it has more names than any library"))?);
            Ok(name)
        };
        for (tag, value) in entries {
            match tag {
                DT_NEEDED => self.needed.push(name(value)?),
                DT_RPATH => self.rpath = Some(name(value)?),
                DT_RUNPATH => self.runpath = Some(name(value)?),
                DT_VERNEED => self.versions = versions(file, place(value)?, &name)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether a program or a library is for another machine than that one.
pub fn is_for_another_machine(path: &Path, own: &Elf) -> bool {
    Elf::read(path).is_ok_and(|elf| elf.machine != own.machine)
}

impl Segment {
    fn parse(header: &[u8]) -> Self {
        Self {
            kind: u32::from_le_bytes([header[0], header[1], header[2], header[3]]),
            offset: u64_at(header, 8),
            address: u64_at(header, 16),
            size: u64_at(header, 32),
        }
    }

    /// Where in the file an address of memory is.
    fn place(&self, address: u64) -> Option<u64> {
        let within = address.checked_sub(self.address).filter(|within| *within < self.size)?;
        (self.kind == PT_LOAD).then(|| self.offset.saturating_add(within))
    }

    fn end(&self) -> u64 {
        self.offset.saturating_add(self.size)
    }
}

/// A list of files, and in each a list of versions; every entry says how far it is to the next.
fn versions(
    file: &File,
    first: u64,
    name: &impl Fn(u64) -> Result<OsString, ElfFault>,
) -> Result<Vec<OsString>, ElfFault> {
    let mut versions = Vec::new();
    let (mut need, mut has_more) = (first, true);
    while has_more && versions.len() < MOST_VERSIONS {
        let entry = bytes(file, need, 16)?;
        let mut version = need.saturating_add(u32_at(&entry, 8));
        for _ in 0..u16_at(&entry, 2).max(1) {
            let wanted = bytes(file, version, 16)?;
            versions.push(name(u32_at(&wanted, 8))?);
            let next = u32_at(&wanted, 12);
            if next == 0 || versions.len() >= MOST_VERSIONS {
                break;
            }
            version = version.saturating_add(next);
        }
        let next = u32_at(&entry, 12);
        (need, has_more) = (need.saturating_add(next), next > 0);
    }
    Ok(versions)
}

fn name(file: &File, offset: u64) -> Result<OsString, ElfFault> {
    let mut name = Vec::new();
    while name.len() < MOST as usize {
        let mut piece = [0; 256];
        let at = offset.saturating_add(name.len() as u64);
        let length = file.read_at(&mut piece, at).map_err(|error| ElfFault::from(&error))?;
        match piece[..length].iter().position(|&byte| byte == 0) {
            Some(end) => {
                name.extend_from_slice(&piece[..end]);
                return Ok(OsString::from_vec(name));
            }
            None if length == 0 => break,
            None => name.extend_from_slice(&piece[..length]),
        }
    }
    Err(ElfFault::Damaged("a name in it has no end"))
}

fn bytes(file: &File, offset: u64, length: u64) -> Result<Vec<u8>, ElfFault> {
    if length > MOST * 64 {
        return Err(ElfFault::Damaged("its headers are odd"));
    }
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(&mut bytes, offset).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => ElfFault::Damaged("it is cut short"),
        _ => ElfFault::from(&error),
    })?;
    Ok(bytes)
}

/// Why a file can't be opened.
fn unopened(path: &Path, error: &io::Error) -> ElfFault {
    match dead_link(path).filter(|_| is_absent(error)) {
        Some((_, leads_to)) => ElfFault::DeadLink(leads_to),
        None => error.into(),
    }
}

impl From<&io::Error> for ElfFault {
    fn from(error: &io::Error) -> Self {
        match error.raw_os_error() {
            Some(libc::EACCES) => Self::Denied,
            _ => Self::Unreadable(plain(error)),
        }
    }
}

impl fmt::Display for ElfFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied => f.write_str("Permission denied"),
            Self::DeadLink(leads_to) => write!(f, "it is a link to nothing: it leads to {}", quote(leads_to)),
            Self::LfsPointer => f.write_str("it is a pointer of Git LFS in place of the file"),
            Self::WebPage => f.write_str("it is a web page: an error in place of the file"),
            Self::Bits32 => f.write_str("it is built for another machine, of 32 bits (wrong ELF class)"),
            Self::Damaged(how) => f.write_str(how),
            Self::Unreadable(why) => f.write_str(why),
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u64 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]).into()
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_any_word_of_it_spoilt_is_read_or_refused() {
        let whole = std::fs::read("/bin/sh").expect("a program");
        let path = std::env::temp_dir().join(format!("heygem-elf-{}", std::process::id()));
        let segments: Vec<Segment> = whole[64..].chunks_exact(56).take(16).map(Segment::parse).collect();
        let dynamic = segments.iter().find(|segment| segment.kind == PT_DYNAMIC).expect("it is linked");
        let dynamic = dynamic.offset as usize..(dynamic.offset + dynamic.size) as usize;
        for at in (4..1024).chain(dynamic).step_by(4) {
            for word in [0, u64::MAX >> 1, u64::MAX] {
                let mut spoilt = whole.clone();
                spoilt[at..at + 8].copy_from_slice(&u64::to_le_bytes(word));
                std::fs::write(&path, spoilt).expect("a file");
                let _ = Elf::read(&path);
            }
        }
        std::fs::remove_file(&path).expect("there");
        let versions = Elf::read(Path::new("/bin/sh")).expect("whole").versions;
        assert!(
            versions.iter().any(|version| version.to_string_lossy().starts_with("GLIBC_2.")),
            "{versions:?}"
        );
    }
}
