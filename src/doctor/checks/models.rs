//! The files that `download.sh` fetches: `wget -O` leaves an empty or partial one when it fails, a proxy its error page, and
//! git a pointer.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use crate::doctor::diagnosis::Finding;
use crate::error::plain;
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

/// Every file of the script: there, and what it should be.
pub fn models(root: &Path) -> Vec<Finding> {
    let script = root.join("download.sh");
    let text = match std::fs::read(&script) {
        Ok(text) => String::from_utf8_lossy(&text).into_owned(),
        Err(error) if is_absent(&error) => return vec![Finding::skip("no download.sh tells what is needed")],
        Err(error) => return vec![Finding::skip(format!("{}: {}", quote(&script), plain(&error)))],
    };
    let fetches = fetches(&text);
    let judge = |fetch: &Fetch| {
        let why = fault(&root.join(&fetch.path))?;
        let directory = fetch.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let make = directory.filter(|parent| !root.join(parent).is_dir());
        let make = make.map_or(String::new(), |parent| format!("mkdir -p {} && ", quote(parent)));
        let remedy = format!("(cd {} && {make}{})", quote(root), fetch.line);
        Some(Finding::fail(format!("{} {why}", quote(root.join(&fetch.path))), remedy))
    };
    let faults: Vec<_> = fetches.iter().filter_map(judge).collect();
    match (fetches.len(), faults.is_empty()) {
        (0, _) => vec![Finding::skip(format!("{} fetches nothing that can be told", quote(&script)))],
        (count, true) => {
            vec![Finding::ok(format!("all {count} that download.sh fetches are there and whole"))]
        }
        _ => faults,
    }
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
fn fault(path: &Path) -> Option<String> {
    let faults = || -> io::Result<Option<String>> {
        let mut file = File::open(path)?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Ok(Some("is no file".into()));
        }
        let mut head = Vec::new();
        (&mut file).take(512).read_to_end(&mut head)?;
        Ok(fault_in(&head).map(str::to_owned).or(match path.extension().and_then(|name| name.to_str()) {
            _ if head.starts_with(b"PK\x03\x04") => (!ends_as_zip(&file, meta.len())?).then(cut_short),
            Some("onnx") => (!is_whole_message(&mut file, meta.len())?).then(cut_short),
            _ => None,
        }))
    };
    match faults() {
        Ok(fault) => fault,
        Err(error) if is_absent(&error) => Some("is not there".into()),
        Err(error) => Some(format!("can't be read: {}", plain(&error))),
    }
}

fn cut_short() -> String {
    "is cut short".into()
}

/// What the first bytes say that no model begins with.
fn fault_in(head: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    if head.is_empty() {
        Some("is empty")
    } else if ["<!doctype", "<html", "<head", "<?xml"].iter().any(|start| text.starts_with(start)) {
        Some("is a web page: an error in place of the file")
    } else if text.starts_with("version https://git-lfs") {
        Some("is a pointer of Git LFS in place of the file")
    } else {
        None
    }
}

/// Whether a zip, which is what `torch.save` writes, has its end: the directory stands there.
fn ends_as_zip(file: &File, length: u64) -> io::Result<bool> {
    const END: &[u8] = b"PK\x05\x06";
    let from = length.saturating_sub(22 + 0xffff);
    let mut tail = vec![0; (length - from) as usize];
    file.read_exact_at(&mut tail, from)?;
    Ok(tail.windows(END.len()).any(|window| window == END))
}

/// Whether a protobuf message, which is what an ONNX model is, ends where its file does: its fields are walked, and what is in
/// them passed over.
fn is_whole_message(file: &mut File, length: u64) -> io::Result<bool> {
    file.rewind()?;
    let mut reader = BufReader::new(file);
    let mut at = 0;
    while at < length {
        let Some((key, size)) = varint(&mut reader)? else { return Ok(false) };
        at += size;
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
        let table: [(&[u8], bool); 6] = [
            (b"", true),
            (b"\n <!DOCTYPE html>", true),
            (b"<?xml version='1.0'?><Error>", true),
            (b"version https://git-lfs.github.com/spec/v1\n", true),
            (b"PK\x03\x04", false),
            (b"\x08\x07\x12\x07pytorch", false),
        ];
        for (head, expected) in table {
            assert_eq!(fault_in(head).is_some(), expected, "{head:?}");
        }
    }
}
