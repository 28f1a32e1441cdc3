//! What is wrong with the file of a model: `wget -O` leaves an empty or partial one when it fails, a proxy its error page, and git
//! a pointer.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::check_budget::check_budget;
use super::pickle;
use crate::budget::Budget;
use crate::error::plain;
use crate::files::{self, RegularFile};
use crate::sdk::is_absent;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelFault {
    Absent,
    /// A link whose end is not there.
    DeadLink,
    /// This user may not read it.
    Closed,
    /// A directory, a pipe.
    NoFile,
    Unreadable(String),
    Damaged(&'static str),
    /// To tell whether it is whole takes more reading than [`MOST_READ`].
    Unjudged,
}

impl fmt::Display for ModelFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("is not there"),
            Self::DeadLink => f.write_str("is a link to nothing: is what it leads to mounted?"),
            Self::Closed => f.write_str("can't be read: Permission denied"),
            Self::NoFile => f.write_str("is not a file"),
            Self::Unreadable(why) => write!(f, "can't be read: {why}"),
            Self::Damaged(how) => f.write_str(how),
            Self::Unjudged => {
                let most = MOST_READ >> 20;
                write!(f, "is not looked at whole: more than {most} MiB of the models would have to be read")
            }
        }
    }
}

const CUT_SHORT: &str = "is cut short";

/// What may be read of all models. What their formats say of themselves is far less: the weights are passed over.
const MOST_READ: usize = 64 << 20;

/// What may be read of all models that are looked at.
pub fn budget() -> Budget {
    check_budget(MOST_READ)
}

/// A file of which no more is read than is allowed.
struct Metered<'f> {
    file: &'f File,
    budget: &'f mut Budget,
}

impl io::Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.budget.take(buffer.len()) {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        self.file.read(buffer)
    }
}

impl io::Seek for Metered<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// What is wrong with the file of a model.
pub fn fault(path: &Path, budget: &mut Budget) -> Option<ModelFault> {
    if budget.is_spent() {
        return Some(ModelFault::Unjudged);
    }
    let extension = path.extension().and_then(|name| name.to_str()).unwrap_or_default().to_ascii_lowercase();
    let faults = |budget| -> io::Result<Option<ModelFault>> {
        let RegularFile { mut file, stat } = files::open(path)?;
        let length = u64::try_from(stat.st_size).unwrap_or_default();
        let mut head = Vec::new();
        (&mut file).take(512).read_to_end(&mut head)?;
        if let Some(how) = fault_in(&head, length, &extension) {
            return Ok(Some(ModelFault::Damaged(how)));
        }
        let metered = Metered { file: &file, budget };
        let is_whole = match extension.as_str() {
            _ if head.starts_with(ZIP) => ends_as_zip(&file, length)?,
            "onnx" => is_whole_message(metered, length)?,
            _ if head.starts_with(PICKLE) && !is_tar(&head) => pickle::is_whole(metered, length, &head)?,
            _ => true,
        };
        Ok((!is_whole).then_some(ModelFault::Damaged(CUT_SHORT)))
    };
    faults(budget).unwrap_or_else(|error| Some(unreadable(path, &error)))
}

fn unreadable(path: &Path, error: &io::Error) -> ModelFault {
    match error.kind() {
        io::ErrorKind::PermissionDenied => ModelFault::Closed,
        io::ErrorKind::IsADirectory => ModelFault::NoFile,
        io::ErrorKind::QuotaExceeded => ModelFault::Unjudged,
        _ if is_absent(error) && path.is_symlink() => ModelFault::DeadLink,
        _ if is_absent(error) => ModelFault::Absent,
        _ if path.metadata().is_ok_and(|meta| !meta.is_file()) => ModelFault::NoFile,
        _ => ModelFault::Unreadable(plain(error)),
    }
}

const ZIP: &[u8] = b"PK\x03\x04";

/// Of protocol 2 or later, as all are that a model is in.
const PICKLE: &[u8] = b"\x80";

/// How files of these names begin.
const BEGINNINGS: [(&str, &[&[u8]]); 14] = [
    ("pt", &[ZIP, b"\x80"]),
    ("pth", &[ZIP, b"\x80"]),
    ("ckpt", &[ZIP, b"\x80", b"\x89HDF"]),
    ("zip", &[ZIP]),
    ("npz", &[ZIP]),
    ("npy", &[b"\x93NUMPY"]),
    ("h5", &[b"\x89HDF"]),
    ("hdf5", &[b"\x89HDF"]),
    ("gz", &[b"\x1f\x8b"]),
    ("tgz", &[b"\x1f\x8b"]),
    ("xz", &[b"\xfd7zXZ"]),
    ("bz2", &[b"BZh"]),
    ("7z", &[b"7z\xbc\xaf"]),
    ("whl", &[ZIP]),
];

/// Names of what is text.
const OF_TEXT: [&str; 14] =
    ["txt", "json", "yaml", "yml", "md", "cfg", "ini", "xml", "csv", "py", "sh", "prototxt", "vocab", "html"];

/// Names of what is never text, besides [`BEGINNINGS`].
const OF_WEIGHTS: [&str; 22] = [
    "onnx",
    "bin",
    "engine",
    "trt",
    "plan",
    "safetensors",
    "pb",
    "tflite",
    "pkl",
    "pickle",
    "tar",
    "weights",
    "model",
    "params",
    "pdparams",
    "pdmodel",
    "caffemodel",
    "dat",
    "t7",
    "mat",
    "jit",
    "gguf",
];

/// An answer of a server is no longer than this; a model is never so short.
const LONGEST_ANSWER: u64 = 512;

/// How a server says that it has no such file, in small letters.
const ANSWERS: [&str; 13] = [
    "not found",
    "entry not found",
    "repository not found",
    "access denied",
    "forbidden",
    "unauthorized",
    "invalid username",
    "error code",
    "bad gateway",
    "too many requests",
    "404",
    "403",
    "503",
];

/// Whether a text, in small letters, is what a server says in place of a file.
fn is_answer(text: &str) -> bool {
    let is_json = text.starts_with('{')
        && ["\"error", "\"message\"", "\"detail\""].iter().any(|key| text.contains(key));
    is_json || ANSWERS.iter().any(|answer| text.starts_with(answer))
}

/// What the first bytes say that no model of that name begins with.
fn fault_in(head: &[u8], length: u64, extension: &str) -> Option<&'static str> {
    let text = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let is_model = !OF_TEXT.contains(&extension);
    let is_text = std::str::from_utf8(head)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !c.is_whitespace()));
    let beginnings =
        BEGINNINGS.iter().find(|(name, _)| *name == extension).map(|(_, beginnings)| *beginnings);
    let is_binary = beginnings.is_some() || OF_WEIGHTS.contains(&extension);
    if head.is_empty() {
        Some("is empty")
    } else if ["<!doctype", "<html", "<head", "<?xml"].iter().any(|start| text.starts_with(start)) && is_model
    {
        Some("is a web page: an error in place of the file")
    } else if text.starts_with("version https://git-lfs") {
        Some("is a pointer of Git LFS in place of the file")
    } else if is_model && is_text && length <= LONGEST_ANSWER && (is_binary || is_answer(&text)) {
        Some("is text: a server's answer in place of the file")
    } else if head.iter().all(|byte| *byte == 0) {
        Some("is zeroes: its download was interrupted")
    } else if extension == "onnx" && !begins_as_model(head) {
        Some("is not an ONNX model, by its first bytes")
    } else if beginnings.is_some_and(|all| !all.iter().any(|start| head.starts_with(start)) && !is_tar(head))
    {
        Some("is not what its name says, by its first bytes")
    } else {
        None
    }
}

/// What torch wrote before it wrote zips.
fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// A key of protobuf: a number of ModelProto's fields, and a kind of value.
fn begins_as_model(head: &[u8]) -> bool {
    let key = u32::from(head[0]);
    matches!(key >> 3, 1..=8 | 14) && [0, 1, 2, 5].contains(&(key & 7)) && !head.starts_with(b"BZh")
}

/// Whether a zip, which is what `torch.save` writes, has its end: the directory stands there.
fn ends_as_zip(file: &File, length: u64) -> io::Result<bool> {
    const END: &[u8] = b"PK\x05\x06";
    let from = length.saturating_sub(22 + 0xffff);
    let mut tail = vec![0; (length - from) as usize];
    file.read_exact_at(&mut tail, from)?;
    let Some(end) = tail.windows(END.len()).rposition(|window| window == END) else { return Ok(false) };
    // Where the directory is said to be, and how long: it ends where this begins. The larger format says all ones.
    let number = |at: usize| {
        let bytes = tail.get(end + at..end + at + 4)?;
        Some(u64::from(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])))
    };
    let (Some(size), Some(offset)) = (number(12), number(16)) else { return Ok(false) };
    let is_large = size == u64::from(u32::MAX) || offset == u64::from(u32::MAX);
    Ok(is_large || size + offset == from + end as u64)
}

/// Whether a protobuf message, which is what an ONNX model is, ends where its file does: its fields are walked, and what is in
/// them passed over.
fn is_whole_message(file: Metered, length: u64) -> io::Result<bool> {
    let mut reader = BufReader::new(file);
    reader.rewind()?;
    let mut at = 0;
    while at < length {
        let Some((key, size)) = varint(&mut reader)? else { return Ok(false) };
        at += size;
        if key >> 3 == 0 {
            return Ok(false); // no field has this number
        }
        let skipped = match key & 7 {
            0 => match varint(&mut reader)? {
                Some((_, size)) => {
                    at += size;
                    continue;
                }
                None => return Ok(false),
            },
            1 => 8,
            2 => match varint(&mut reader)? {
                Some((skipped, size)) => {
                    at += size;
                    skipped
                }
                None => return Ok(false),
            },
            5 => 4,
            _ => return Ok(false),
        };
        at = at.saturating_add(skipped);
        if at > length {
            return Ok(false);
        }
        match i64::try_from(skipped) {
            Ok(skipped) => reader.seek_relative(skipped)?,
            Err(_) => drop(reader.seek(SeekFrom::Start(at))?),
        }
    }
    Ok(true)
}

/// A number of protobuf's, and how many bytes it takes; `None` where there is none.
fn varint(reader: &mut BufReader<Metered>) -> io::Result<Option<(u64, u64)>> {
    let mut value = 0;
    for index in 0..10 {
        let Some(&byte) = reader.fill_buf()?.first() else { return Ok(None) };
        reader.consume(1);
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(Some((value, index + 1)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_file_that_is_no_model() {
        let table: [(&[u8], &str, bool); 27] = [
            (b"", "onnx", true),
            (b"\n <!DOCTYPE html>", "pth", true),
            (b"<?xml version='1.0'?><Error>", "bin", true),
            (b"version https://git-lfs.github.com/spec/v1\n", "pt", true),
            (b"{\"message\":\"API rate limit exceeded\"}", "pth", true),
            (b"Not Found", "pth", true),
            (b"Not Found", "bin", true),
            (b"error code: 1015", "onnx", true),
            (b"\0\0\0\0", "onnx", true),
            (b"\0\0\0\0", "engine", true),
            (b"\x1f\x8b\x08", "onnx", true),
            (b"\x1f\x8b\x08", "pt", true),
            (b"\x1f\x8b\x08", "gz", false),
            (b"PK\x03\x04", "pt", false),
            (b"\x80\x02\x8a\x0a", "pth", false),
            (b"\x08\x07\x12\x07pytorch", "onnx", false),
            (b"{}", "json", false),
            (b"\x00\x01\x02", "engine", false),
            (b"PK\x03\x04", "npy", true),
            (b"PK\x03\x04", "onnx", true),
            (b"BZh9\x31\x41", "onnx", true),
            (b"a\nb\nc\n", "dict", false),
            (b"1.4.2\n", "", false),
            (b"a = 1\n", "conf", false),
            (b"Not Found", "dict", true),
            (b"{ \"error\": \"Invalid username\" }", "list", true),
            (b"1.4.2\n", "safetensors", true),
        ];
        for (head, extension, expected) in table {
            assert_eq!(
                fault_in(head, head.len() as u64, extension).is_some(),
                expected,
                "{head:?} {extension}"
            );
        }
    }
}
