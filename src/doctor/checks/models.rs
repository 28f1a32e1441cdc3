//! The files that `download.sh` fetches: `wget -O` leaves an empty or partial one when it fails, a proxy its error page, and
//! git a pointer.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::doctor::diagnosis::{Finding, Topic};
use crate::error::plain;
use crate::files;
use crate::remedy::Remedy;
use crate::sdk::is_absent;
use crate::shell::quote;

/// A file that the script fetches.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fetch {
    /// Where to, seen from the root.
    path: PathBuf,
    /// The command that does it.
    line: String,
}

/// No script that fetches models is longer.
const LONGEST_SCRIPT: u64 = 1 << 20;

/// Every file of the script: there, and what it should be.
pub fn models(root: &Path) -> Vec<Finding> {
    let script = root.join("download.sh");
    let text = match files::read(&script, LONGEST_SCRIPT) {
        Ok(text) => String::from_utf8_lossy(&text).into_owned(),
        Err(error) if is_absent(&error) => return vec![Finding::skip("no download.sh tells what is needed")],
        Err(error) => return vec![Finding::skip(format!("{}: {}", quote(&script), plain(&error)))],
    };
    let fetches = fetches(&text);
    let (mut findings, mut absent) = (Vec::new(), Vec::new());
    for fetch in &fetches {
        match fault(&root.join(&fetch.path)) {
            Some(Fault::Absent) => absent.push(fetch),
            Some(fault) => findings.push(told(root, fetch, &fault)),
            None => {}
        }
    }
    findings.extend(missing(root, &absent, fetches.len()));
    match (fetches.len(), findings.is_empty()) {
        (0, _) => vec![Finding::skip(format!("{} fetches nothing that can be told", quote(&script)))],
        (count, true) => {
            vec![Finding::ok(format!("all {count} that download.sh fetches are there and whole"))]
        }
        _ => findings,
    }
}

/// All that are not there, with one line.
fn missing(root: &Path, absent: &[&Fetch], all: usize) -> Option<Finding> {
    let names: Vec<_> = absent.iter().map(|fetch| quote(&fetch.path)).collect();
    let found = match absent {
        [] => return None,
        [one] => format!("{} is not there", quote(root.join(&one.path))),
        _ => format!("{} models are not in {}: {}", absent.len(), quote(root), names.join(", ")),
    };
    let line = match absent.len() == all && all > 1 {
        true => format!("(cd {} && bash download.sh)", quote(root)),
        false => {
            in_root(root, &absent.iter().map(|fetch| line(root, fetch)).collect::<Vec<_>>().join(" && "))
        }
    };
    Some(Finding::fail(found, Remedy::shell(line)))
}

fn in_root(root: &Path, line: &str) -> String {
    format!("(cd {} && {line})", quote(root))
}

/// What fetches one file, and makes its directory where there is none.
fn line(root: &Path, fetch: &Fetch) -> String {
    let directory = fetch.path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let make = directory.filter(|parent| !root.join(parent).is_dir());
    let make = make.map_or(String::new(), |parent| format!("mkdir -p {} && ", quote(parent)));
    let inner = if fetch.line.starts_with("cd ") { format!("({})", fetch.line) } else { fetch.line.clone() };
    format!("{make}{inner}")
}

/// One that is there, and is not what it should be.
fn told(root: &Path, fetch: &Fetch, fault: &Fault) -> Finding {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    let path = root.join(&fetch.path);
    let place = quote(&path);
    let may = |path: &Path| accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS).is_ok();
    let remedy = match fault {
        Fault::Closed if super::config::is_own(&path) => Remedy::shell(format!("chmod u+r {place}")),
        Fault::Closed => Remedy::AsRoot(format!("chmod a+r {place}")),
        Fault::NoFile => {
            Remedy::words(format!("move {place} away, then {}", in_root(root, &line(root, fetch))))
        }
        _ => {
            // A fetch that goes on where another ended, or that spares what is there, would keep the damage.
            let resumes = [" -c ", " -nc ", " -C ", "--continue", "--no-clobber"]
                .iter()
                .any(|option| fetch.line.contains(option));
            let is_link = matches!(fault, Fault::DeadLink);
            let first = if is_link || resumes || !may(&path) {
                format!("rm -f {} && ", quote(&fetch.path))
            } else {
                String::new()
            };
            Remedy::shell(in_root(root, &format!("{first}{}", line(root, fetch))))
        }
    };
    Finding::fail(format!("{place} {fault}"), remedy).about([Topic::Path(path)])
}

/// Reads `wget URL -O FILE`, `curl -o FILE URL`, `aria2c -d DIR -o FILE URL`, a command a line, and `cd` between them. What has
/// a variable in it can't be told.
fn fetches(script: &str) -> Vec<Fetch> {
    let mut directory = PathBuf::new();
    let mut found = Vec::new();
    for line in script.replace("\\\n", " ").lines() {
        for command in line.split("&&").flat_map(|part| part.split(';')) {
            let Ok(words) = shell_words::split(command) else { continue };
            match words.first().map(String::as_str) {
                Some("cd") => directory.extend(words.get(1).filter(|to| !to.contains('$'))),
                Some(program @ ("wget" | "curl" | "aria2c")) => {
                    let path = destination(program, &words[1..]).filter(|path| !path.contains('$'));
                    found.extend(path.map(|path| {
                        let line = match directory.as_os_str().is_empty() {
                            true => command.trim().to_owned(),
                            false => format!("cd {} && {}", quote(&directory), command.trim()),
                        };
                        Fetch { path: directory.join(path), line }
                    }));
                }
                _ => {}
            }
        }
    }
    found
}

/// Where a command puts what it fetches.
fn destination(program: &str, words: &[String]) -> Option<String> {
    let value = |options: &[&str]| {
        words.iter().enumerate().find_map(|(index, word)| {
            options.iter().find_map(|option| match word.strip_prefix(option)? {
                "" => words.get(index + 1).cloned(),
                attached if option.starts_with("--") => attached.strip_prefix('=').map(str::to_owned),
                attached => Some(attached.to_owned()),
            })
        })
    };
    let url = words.iter().find(|word| word.contains("://"))?;
    let last = url.split(['?', '#']).next()?.rsplit('/').next().filter(|name| !name.is_empty());
    let (file, place) = match program {
        "wget" => (value(&["-O", "--output-document"]), value(&["-P", "--directory-prefix"])),
        "curl" if words.iter().any(|word| word == "-O" || word == "--remote-name" || word == "-LO") => {
            (last.map(str::to_owned), None)
        }
        "curl" => return value(&["-o", "--output", "-Lo"]),
        _ => (value(&["-o", "--out"]), value(&["-d", "--dir"])),
    };
    // wget leaves its directory aside where a file is named.
    let place = place.filter(|_| program != "wget" || file.is_none());
    let file = file.or(last.map(str::to_owned))?;
    Some(place.map_or(file.clone(), |place| format!("{}/{file}", place.trim_end_matches('/'))))
}

/// What is wrong with a model.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    Absent,
    /// A link whose end is not there.
    DeadLink,
    /// This user may not read it.
    Closed,
    /// A directory, a pipe.
    NoFile,
    Unreadable(String),
    Damaged(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("is not there"),
            Self::DeadLink => f.write_str("is a link to nothing: is what it leads to mounted?"),
            Self::Closed => f.write_str("can't be read: Permission denied"),
            Self::NoFile => f.write_str("is no file"),
            Self::Unreadable(why) => write!(f, "can't be read: {why}"),
            Self::Damaged(how) => f.write_str(how),
        }
    }
}

const CUT_SHORT: &str = "is cut short";

fn fault(path: &Path) -> Option<Fault> {
    let extension = path.extension().and_then(|name| name.to_str()).unwrap_or_default().to_ascii_lowercase();
    let faults = || -> io::Result<Option<Fault>> {
        let mut file = files::open(path)?;
        let length = file.metadata()?.len();
        let mut head = Vec::new();
        (&mut file).take(512).read_to_end(&mut head)?;
        if let Some(how) = fault_in(&head, length, &extension) {
            return Ok(Some(Fault::Damaged(how)));
        }
        let is_whole = match extension.as_str() {
            _ if head.starts_with(ZIP) => ends_as_zip(&file, length)?,
            "onnx" => is_whole_message(&mut file, length)?,
            _ => true,
        };
        Ok((!is_whole).then_some(Fault::Damaged(CUT_SHORT)))
    };
    faults().unwrap_or_else(|error| Some(unreadable(path, &error)))
}

fn unreadable(path: &Path, error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Fault::Closed,
        io::ErrorKind::IsADirectory => Fault::NoFile,
        _ if is_absent(error) && path.is_symlink() => Fault::DeadLink,
        _ if is_absent(error) => Fault::Absent,
        _ if path.metadata().is_ok_and(|meta| !meta.is_file()) => Fault::NoFile,
        _ => Fault::Unreadable(plain(error)),
    }
}

const ZIP: &[u8] = b"PK\x03\x04";

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

/// An answer of a server is no longer than this; a model is never so short.
const LONGEST_ANSWER: u64 = 512;

/// What the first bytes say that no model of that name begins with.
fn fault_in(head: &[u8], length: u64, extension: &str) -> Option<&'static str> {
    let text = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let is_model = !OF_TEXT.contains(&extension);
    let is_text = std::str::from_utf8(head)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !c.is_whitespace()));
    let beginnings =
        BEGINNINGS.iter().find(|(name, _)| *name == extension).map(|(_, beginnings)| *beginnings);
    if head.is_empty() {
        Some("is empty")
    } else if ["<!doctype", "<html", "<head", "<?xml"].iter().any(|start| text.starts_with(start)) && is_model
    {
        Some("is a web page: an error in place of the file")
    } else if text.starts_with("version https://git-lfs") {
        Some("is a pointer of Git LFS in place of the file")
    } else if is_model && is_text && length <= LONGEST_ANSWER {
        Some("is text: a server's answer in place of the file")
    } else if head.iter().all(|byte| *byte == 0) {
        Some("is zeroes: its download was interrupted")
    } else if extension == "onnx" && !begins_as_model(head) {
        Some("is no ONNX model, by its first bytes")
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
    (1..=15).contains(&(key >> 3)) && [0, 1, 2, 5].contains(&(key & 7)) && key < 0x80
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

/// A model has few fields of its own: its weights are in one of them.
const MOST_FIELDS: usize = 100_000;

/// Whether a protobuf message, which is what an ONNX model is, ends where its file does: its fields are walked, and what is in
/// them passed over.
fn is_whole_message(file: &mut File, length: u64) -> io::Result<bool> {
    file.rewind()?;
    let mut reader = BufReader::new(file);
    let (mut at, mut steps) = (0, 0);
    while at < length && steps < MOST_FIELDS {
        steps += 1;
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
        reader.seek(SeekFrom::Start(at))?;
    }
    Ok(true)
}

/// A number of protobuf's, and how many bytes it takes; `None` where there is none.
fn varint(reader: &mut BufReader<&mut File>) -> io::Result<Option<(u64, u64)>> {
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
    fn a_script_tells_what_it_fetches() {
        let table: &[(&str, &[&str])] = &[
            ("wget https://h/a.onnx -O face/a.onnx", &["face/a.onnx"]),
            ("wget -O face/a.onnx \\\n  https://h/x", &["face/a.onnx"]),
            ("wget -qc --output-document=a.pt https://h/x && echo done", &["a.pt"]),
            ("wget -P models https://h/b.pt?raw=1", &["models/b.pt"]),
            ("wget https://h/b.pt", &["b.pt"]),
            ("curl -L -o a.pt https://h/x; curl -LO https://h/c.pt", &["a.pt", "c.pt"]),
            ("curl https://h/x > a.pt", &[]),
            ("aria2c -d models -o a.pt https://h/x", &["models/a.pt"]),
            ("mkdir -p w\ncd w\nwget https://h/a.pt", &["w/a.pt"]),
            ("# wget https://h/a.pt\nset -e\necho 'wget", &[]),
            ("wget $BASE/a.pt -O $DIR/a.pt", &[]),
        ];
        for (script, expected) in table {
            let paths: Vec<_> = fetches(script).into_iter().map(|fetch| fetch.path).collect();
            assert_eq!(paths, expected.iter().map(PathBuf::from).collect::<Vec<_>>(), "{script}");
        }
    }

    #[test]
    fn what_no_model_begins_with() {
        let table: [(&[u8], &str, bool); 19] = [
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
