//! A log's bytes, as UTF-8 text: unpacked, and out of UTF-16. What is GBK is told line by line, in [`super::scanner`].

use std::io::{self, Cursor, Read};

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE};

use super::gzip_members::GzipMembers;

/// How much is looked at to tell what it is.
const HEAD: usize = 4096;
/// No mark is longer.
const MARK: usize = 8;
const PIECE: usize = 64 * 1024;
/// So many bytes without a zero are no UTF-16, if they can be UTF-8; where the log ends before, so many: `Killed` and a line's end.
const NARROW: usize = 32;
const SHORTEST: usize = 7;

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
        let mut plain = GzipMembers::new(Cursor::new(head).chain(log));
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
    Ok(Box::new(Utf16::new(log, decoder)))
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

/// Whether it is UTF-16: a mark, and as many zero bytes as line ends and digits have; without a mark, as many as English has, or
/// nothing but Chinese and what is printed with it.
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
        None if is_chinese(pairs.iter().map(|pair| u16::from_le_bytes(*pair))) => Some(Wide::Little),
        None if is_chinese(pairs.iter().map(|pair| u16::from_be_bytes(*pair))) => Some(Wide::Big),
        None => None,
    }
}

/// Whether it is whole lines of what a Chinese log has. Bytes of other text look like that, too, but for the line's end.
fn is_chinese(mut units: impl Iterator<Item = u16> + Clone) -> bool {
    let is_end = |unit: u16| unit == u16::from(b'\n');
    let is_printed = |unit: u16| matches!(unit, 0x09 | 0x0a | 0x0d | 0x1b | 0x20..=0x7e | 0x2010..=0x2027 | 0x3000..=0x3020 | 0x4e00..=0x9fff | 0xff00..=0xff5e);
    units.clone().any(is_end) && units.all(is_printed)
}

/// UTF-16, read as UTF-8. What another program appended in UTF-8 is passed on as it is.
struct Utf16<R> {
    log: R,
    decoder: Decoder,
    raw: Vec<u8>,
    start: usize,
    /// Up to where it is UTF-16.
    limit: usize,
    end: usize,
    is_over: bool,
    is_finished: bool,
    /// What begins at `start` is a line, which may be UTF-8.
    is_at_line: bool,
    is_narrow: bool,
}

impl<R: Read> Utf16<R> {
    fn new(log: R, decoder: Decoder) -> Self {
        let (raw, start, limit, end) = (vec![0; PIECE], 0, 0, 0);
        let (is_over, is_finished, is_at_line, is_narrow) = (false, false, false, false);
        Self { log, decoder, raw, start, limit, end, is_over, is_finished, is_at_line, is_narrow }
    }

    /// Reads on, behind what is not decoded yet.
    fn fill(&mut self) -> io::Result<()> {
        self.raw.copy_within(self.start..self.end, 0);
        (self.start, self.limit, self.end) = (0, 0, self.end - self.start);
        let count = self.log.read(&mut self.raw[self.end..])?;
        self.end += count;
        self.is_over = count == 0;
        Ok(())
    }

    /// Finds out how much more can be decoded; reads on where that is nothing.
    fn look(&mut self) -> io::Result<()> {
        if self.is_at_line {
            match is_narrow(&self.raw[self.start..self.end], self.is_over) {
                Some(is_narrow) => (self.is_narrow, self.is_at_line) = (is_narrow, false),
                None => return self.fill(),
            }
        }
        if self.end - self.start < 2 && !self.is_over {
            return self.fill();
        }
        let half = if self.is_over { 0 } else { (self.end - self.start) % 2 };
        let whole = &self.raw[self.start..self.end - half];
        // What was appended goes on to the end, and has no zero byte.
        if let Some(last @ (&[_, 0] | &[0, _])) = whole.last_chunk() {
            self.limit = self.end - half;
            self.is_at_line = last.contains(&b'\n');
            return Ok(());
        }
        let mut at = self.start;
        while let Some(length) = line_length(&self.raw[at..self.end]) {
            at += length;
            if is_narrow(&self.raw[at..self.end], false) != Some(false) {
                (self.limit, self.is_at_line) = (at, true);
                return Ok(());
            }
        }
        self.limit = self.end - half;
        Ok(())
    }

    fn pass_on(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && !self.is_over {
            self.fill()?;
        }
        let count = out.len().min(self.end - self.start);
        out[..count].copy_from_slice(&self.raw[self.start..self.start + count]);
        self.start += count;
        Ok(count)
    }
}

/// The length of a line of UTF-16, with its end, in either byte order.
fn line_length(text: &[u8]) -> Option<usize> {
    let length = |at: usize| {
        if at.is_multiple_of(2) { (at + 2, text.get(at + 1)) } else { (at + 1, text.get(at - 1)) }
    };
    let mut lengths = memchr::memchr_iter(b'\n', text).map(length);
    lengths.find(|(_, other)| *other == Some(&0)).map(|(length, _)| length)
}

/// Whether what begins here is UTF-8; `None` where that is not clear yet. UTF-16 has zero bytes soon, if only where a line ends.
fn is_narrow(text: &[u8], is_all: bool) -> Option<bool> {
    let near = &text[..text.len().min(NARROW)];
    if near.contains(&0) {
        return Some(false);
    }
    if near.len() < NARROW && !is_all {
        return None;
    }
    let is_text = std::str::from_utf8(near).map_or_else(|error| error.error_len().is_none(), |_| true);
    Some(is_text && near.len() >= SHORTEST)
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // A character has up to four bytes, and is never cut.
        if out.len() < MARK {
            return Err(io::Error::other("too little room for a character"));
        }
        while !self.is_finished {
            if self.start == self.limit {
                self.look()?;
            }
            if self.is_narrow {
                return self.pass_on(out);
            }
            let is_last = self.is_over && self.limit == self.end;
            let raw = &self.raw[self.start..self.limit];
            let (result, read, written, _) = self.decoder.decode_to_utf8(raw, out, is_last);
            self.start += read;
            self.is_finished = is_last && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<String, &'static str> {
        let mut log = self::text(bytes).expect("read").map_err(|packed| packed.unpack)?;
        let (mut text, mut room) = (Vec::new(), vec![0; PIECE]);
        while let Ok(count @ 1..) = log.read(&mut room) {
            text.extend_from_slice(&room[..count]);
        }
        String::from_utf8(text).map_err(|_| "no text")
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
        let chinese = "队列满，严重阻塞\r\n";
        assert_eq!(read(&wide(chinese, u16::to_le_bytes)).as_deref(), Ok(chinese));
        assert_eq!(read(&wide(chinese, u16::to_be_bytes)).as_deref(), Ok(chinese));
        for text in ["Bush hid the facts\n", "队列满，严重阻塞\n"] {
            assert_eq!(read(text.as_bytes()).as_deref(), Ok(text));
        }
        assert_eq!(read(b""), Ok(String::new()));
        assert_eq!(read(b"a\0b\0c\n").as_deref(), Ok("a\0b\0c\n"), "too short to be sure");
    }

    #[test]
    fn utf_8_behind_utf_16_is_read() {
        let chinese = "上上上上上上上上\r\n".repeat(20_000);
        for appended in ["Killed\n", "OSError: [Errno 98] Address already in use\r\n队列满，严重阻塞\n"]
        {
            for first in ["line one\r\n", "a\r\n", "以上1\r\n", &chinese] {
                for order in [u16::to_le_bytes, u16::to_be_bytes] {
                    let mut log = wide(&format!("\u{feff}{first}"), order);
                    log.extend(appended.as_bytes());
                    assert!(read(&log).is_ok_and(|text| text == format!("{first}{appended}")), "{appended}");
                }
            }
        }
    }

    #[test]
    fn other_compressions_are_refused_with_their_command() {
        assert_eq!(read(b"\x28\xb5\x2f\xfdxxxx"), Err("zstd -dc"));
        assert_eq!(read(b"\xfd7zXZ\0xx"), Err("xz -dc"));
    }

    #[test]
    fn part_of_a_mark_is_bytes() {
        let log = b"\xff\xfe\0\x80 \x1b]0;title\x07\xff ModuleNotFoundError: No module named 'x'\n";
        let mut bytes = Vec::new();
        let mut text = self::text(&log[..]).expect("read").unwrap_or_else(|_| panic!("packed"));
        text.read_to_end(&mut bytes).expect("read");
        assert_eq!(bytes, log);
    }
}
