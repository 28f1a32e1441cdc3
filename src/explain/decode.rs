//! A log's bytes, as UTF-8 text: unpacked, and out of UTF-16. What is GBK is told line by line, in [`super::scan`].

use std::io::{self, Cursor, Read};

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;

/// How much is looked at to tell what it is.
const HEAD: usize = 4096;
/// No mark is longer.
const MARK: usize = 8;
const PIECE: usize = 64 * 1024;

/// What a log can't be read in, by its first bytes, and what unpacks it.
const PACKED: &[(&[u8], &str, &str)] = &[
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "zstd -dc"),
    (b"\xfd7zXZ\0", "compressed by xz", "xz -dc"),
    (b"BZh", "compressed by bzip2", "bzip2 -dc"),
    (b"\x04\x22\x4d\x18", "compressed by lz4", "lz4 -dc"),
    (b"PK\x03\x04", "a ZIP archive", "unzip -p"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "7z e -so"),
    (b"LPKSHHRH", "the journal's own file", "journalctl --file"),
];

/// What a log is in that is not read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// What it is.
    pub what: &'static str,
    /// The command that makes text of it.
    pub unpack: &'static str,
}

/// A log that is read as text.
pub type Text<'r> = Box<dyn Read + 'r>;

/// Tells by the first bytes what a log is in.
///
/// # Errors
/// When it can't be read.
pub fn text<'r>(mut log: impl Read + 'r) -> io::Result<Result<Text<'r>, Packed>> {
    let head = head(&mut log)?;
    if head.starts_with(b"\x1f\x8b\x08") {
        let mut plain = MultiGzDecoder::new(Cursor::new(head).chain(log));
        let head = self::head(&mut plain)?;
        return Ok(plain_text(head, plain));
    }
    Ok(plain_text(head, log))
}

fn plain_text<'r>(head: Vec<u8>, log: impl Read + 'r) -> Result<Text<'r>, Packed> {
    if let Some((_, what, unpack)) = PACKED.iter().find(|(mark, ..)| head.starts_with(mark)) {
        return Err(Packed { what, unpack });
    }
    let encoding = match wide(&head) {
        Some(Wide::Little) => UTF_16LE,
        Some(Wide::Big) => UTF_16BE,
        None => return Ok(Box::new(Cursor::new(head).chain(log))),
    };
    let decoder = encoding.new_decoder_with_bom_removal();
    let log = Cursor::new(head).chain(log);
    Ok(Box::new(Utf16 { log, decoder, raw: vec![0; PIECE], start: 0, end: 0, is_over: false }))
}

/// As much of the start as comes at once, and a mark's length at least.
fn head(log: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD];
    let mut filled = 0;
    while filled < MARK {
        match log.read(&mut head[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    head.truncate(filled);
    Ok(head)
}

/// A byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wide {
    Little,
    Big,
}

/// Whether it is UTF-16: a mark, and as many zero bytes as line ends and digits have; without a mark, as many as English has.
fn wide(head: &[u8]) -> Option<Wide> {
    let (order, rest, share) = match head {
        [0xff, 0xfe, rest @ ..] => (Some(Wide::Little), rest, 16),
        [0xfe, 0xff, rest @ ..] => (Some(Wide::Big), rest, 16),
        _ => (None, head, 2),
    };
    let (pairs, _) = rest.as_chunks::<2>();
    let count = |place: usize| pairs.iter().filter(|pair| pair[place] == 0 && pair[1 - place] != 0).count();
    let is_wide = |zeros: usize| zeros * share >= pairs.len() && zeros > usize::from(order.is_none()) * 3;
    match order {
        Some(Wide::Little) => (is_wide(count(1)) || rest.is_empty()).then_some(Wide::Little),
        Some(Wide::Big) => (is_wide(count(0)) || rest.is_empty()).then_some(Wide::Big),
        None if is_wide(count(1)) && count(0) == 0 => Some(Wide::Little),
        None if is_wide(count(0)) && count(1) == 0 => Some(Wide::Big),
        None => None,
    }
}

/// UTF-16, read as UTF-8.
struct Utf16<R> {
    log: R,
    decoder: Decoder,
    raw: Vec<u8>,
    start: usize,
    end: usize,
    is_over: bool,
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // A character has up to four bytes, and is never cut.
        if out.len() < MARK {
            return Err(io::Error::other("too little room for a character"));
        }
        loop {
            if self.start == self.end && !self.is_over {
                self.start = 0;
                self.end = self.log.read(&mut self.raw)?;
                self.is_over = self.end == 0;
            }
            let raw = &self.raw[self.start..self.end];
            let (_, read, written, _) = self.decoder.decode_to_utf8(raw, out, self.is_over);
            self.start += read;
            if written > 0 || self.is_over {
                return Ok(written);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<String, &'static str> {
        let mut text = String::new();
        match self::text(bytes).expect("read") {
            Ok(mut log) => log.read_to_string(&mut text).map(|_| text).map_err(|_| "no text"),
            Err(packed) => Err(packed.unpack),
        }
    }

    fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_log_is_text_whatever_it_is_in() {
        let log = "start\r\n队列满，严重阻塞\r\nKilled 😀\r\n";
        let mark = format!("\u{feff}{log}");
        assert_eq!(read(log.as_bytes()).as_deref(), Ok(log));
        assert_eq!(read(&wide(&mark, u16::to_le_bytes)).as_deref(), Ok(log));
        assert_eq!(read(&wide(&mark, u16::to_be_bytes)).as_deref(), Ok(log));
        let plain = "No module named 'einops'\r\n";
        assert_eq!(read(&wide(plain, u16::to_le_bytes)).as_deref(), Ok(plain));
        assert_eq!(read(b""), Ok(String::new()));
        assert_eq!(read(b"a\0b\0c\n").as_deref(), Ok("a\0b\0c\n"), "too short to be sure");
    }

    #[test]
    fn what_is_packed_otherwise_is_refused_by_its_name() {
        assert_eq!(read(b"\x28\xb5\x2f\xfdxxxx"), Err("zstd -dc"));
        assert_eq!(read(b"\xfd7zXZ\0xx"), Err("xz -dc"));
    }

    #[test]
    fn what_only_begins_like_a_mark_is_bytes() {
        let log = b"\xff\xfe\0\x80 \x1b]0;title\x07\xff ModuleNotFoundError: No module named 'x'\n";
        let mut bytes = Vec::new();
        let mut text = self::text(&log[..]).expect("read").unwrap_or_else(|_| panic!("packed"));
        text.read_to_end(&mut bytes).expect("read");
        assert_eq!(bytes, log);
    }
}
