//! Reading a log of any size in constant memory: what is at hand is a piece of it, of which only the lines that count are looked at.

use std::borrow::Cow;

use encoding_rs::{Encoding, GBK};
use memchr::{memchr, memchr2, memrchr};

use super::finding::Place;
use super::mind::{Line, Mind};
use super::pieces::{BEFORE, MESSAGE, boundary, messages, rest_of_quoted};
use super::report::Report;
use super::stems::Stems;
use super::unwrap::export::{self, Export, Step};
use super::unwrap::parts::Parts;
use super::unwrap::{Leads, Level, container_entry, log_record, strip, unwrap};

/// How much is read at once: less than a processor's cache.
const PIECE: usize = 256 * 1024;
/// A line that is longer is looked at in pieces.
const LONGEST: usize = 64 * 1024;
/// What a piece of a line and the next one have in common: no message is longer.
const OVERLAP: usize = 4096;
/// How much of the log before a line stays at hand, and how many lines of it are looked at.
const ABOVE: usize = 8 * 1024;
const LINES_ABOVE: usize = 4;

/// A log, being read.
pub struct Scanner {
    stems: Stems,
    mind: Mind,
    parts: Parts,
    export: Export,
    /// A piece of the log: what is before `start` is done.
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    /// Up to where the lines before `start` were looked at.
    seen: usize,
    /// The line at `start` began before it.
    is_inside: bool,
    place: Place,
}

/// How much of the log comes still.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    More,
    Nothing,
}

impl Scanner {
    /// At the start of a log.
    ///
    /// # Errors
    /// When the tables can't be searched for.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self {
            stems: Stems::new()?,
            mind: Mind::new()?,
            parts: Parts::default(),
            export: Export::default(),
            buffer: vec![0; ABOVE + PIECE + 2 * LONGEST],
            start: 0,
            filled: 0,
            seen: 0,
            is_inside: false,
            place: Place { input: 0, line: 1 },
        })
    }

    /// Where to put what comes next of the log; never empty.
    pub fn room(&mut self) -> &mut [u8] {
        // The lines before stay at hand: they may say what the next one is.
        let gone = self.start.saturating_sub(ABOVE);
        self.buffer.copy_within(gone..self.filled, 0);
        self.filled -= gone;
        self.start -= gone;
        self.seen = self.seen.saturating_sub(gone);
        let end = self.buffer.len().min(self.filled + PIECE);
        &mut self.buffer[self.filled..end]
    }

    /// Reads that much more.
    pub fn advance(&mut self, count: usize, report: &mut Report) {
        self.filled += count;
        self.scan(Rest::More, report);
        report.lines = report.lines.max(self.lines());
    }

    /// The log ends, and another may begin.
    pub fn finish(&mut self, report: &mut Report) {
        self.scan(Rest::Nothing, report);
        if self.start < self.filled {
            self.export.give_up(); // its last field is not whole
            self.scan(Rest::Nothing, report);
        }
        self.entry(report);
        self.whole(report);
        report.lines = self.lines();
    }

    pub fn next_input(&mut self) {
        self.place = Place { input: self.place.input + 1, line: 1 };
        (self.start, self.filled, self.seen, self.is_inside) = (0, 0, 0, false);
        self.export = Export::default();
        self.mind.next_input();
    }

    /// How many lines of this log there were so far, the last one counted though it may have no end.
    pub fn lines(&self) -> u64 {
        self.place.line - 1 + u64::from(self.is_inside || self.start < self.filled)
    }

    fn scan(&mut self, rest: Rest, report: &mut Report) {
        // Taken out, so that the rest of the scanner can be changed while a line of it is looked at.
        let buffer = std::mem::take(&mut self.buffer);
        self.scan_buffer(&buffer[..self.filled], rest, report);
        self.buffer = buffer;
    }

    fn scan_buffer(&mut self, buffer: &[u8], rest: Rest, report: &mut Report) {
        let whole = match memrchr(b'\n', &buffer[self.start..]) {
            _ if rest == Rest::Nothing => buffer.len(),
            Some(end) => self.start + end + 1,
            None => self.start,
        };
        let is_utf8 = Encoding::utf8_valid_up_to(&buffer[self.start..whole]) == whole - self.start;
        let mut hit = self.stems.find(buffer, self.start, whole);
        while self.start < whole {
            let end = memchr(b'\n', &buffer[self.start..whole]).map_or(whole, |at| self.start + at);
            let line = &buffer[self.start..end];
            if hit < end || self.mind.is_attentive() || self.is_special(line) || !is_utf8 {
                let is_hit = hit < end;
                let Some(taken) = self.take(buffer, line, is_hit || is_utf8, report) else { return };
                if taken > 0 {
                    (self.start, self.seen) = (taken, taken);
                    if hit < taken {
                        hit = self.stems.find(buffer, taken.min(whole), whole);
                    }
                    continue;
                }
                if is_hit {
                    hit = self.stems.find(buffer, end, whole);
                }
            }
            self.is_inside = end == buffer.len();
            self.start = buffer.len().min(end + 1);
            self.place.line += u64::from(end < buffer.len());
        }
        if rest == Rest::More && self.filled - self.start > LONGEST {
            self.take_long(buffer, report);
        }
    }

    /// Whether a line counts that has none of the words.
    fn is_special(&self, line: &[u8]) -> bool {
        match line.first() {
            Some(b'{') => !self.parts.is_empty() || log_record::is_escaped(line),
            Some(b'0'..=b'9') => {
                let may_be_cut = || !self.parts.is_empty() || line.iter().take(50).any(|byte| *byte == b'P');
                let is_likely = line.get(10) == Some(&b'T') && may_be_cut();
                let entry = if is_likely { container_entry(line) } else { None };
                entry.is_some_and(|(_, is_cut, _)| is_cut || !self.parts.is_empty())
            }
            Some(b'_') => self.export.is_on() || line.starts_with(b"__CURSOR="),
            Some(b'A'..=b'Z') => self.export.is_on() || export::is_verbose(line),
            _ => self.export.is_on(),
        }
    }

    /// Looks at a line. Where what follows is no line, says where the next one begins, or 0; `None` where more has to be read first.
    fn take(&mut self, buffer: &[u8], line: &[u8], is_certain: bool, report: &mut Report) -> Option<usize> {
        match self.export.line(line.strip_suffix(b"\r").unwrap_or(line)) {
            Step::Other => {}
            Step::Field => return Some(0),
            Step::Entry => {
                self.entry(report);
                return Some(0);
            }
            Step::Sized => return self.sized(buffer, line),
        }
        let line_length = line.len();
        let line = match self.decoded(line, is_certain) {
            Some(line) => line,
            None => return Some(0),
        };
        if !self.mind.is_attentive() {
            if (!log_record::may_hold(&line) || log_record::is_plain(&line))
                && self.parts.is_empty()
                && !self.may_count(&line)
                && !self.is_special(&line)
            {
                return Some(0);
            }
            self.above(buffer);
        }
        self.seen = self.start + line_length;
        self.line(&line, report);
        Some(0)
    }

    /// Whether a line may be worth a closer look; a colour may begin or end within its words.
    fn may_count(&self, line: &[u8]) -> bool {
        if memchr(0x1b, line).is_none() {
            return self.mind.may_count(line);
        }
        let mut clean = Vec::new();
        strip(line, &mut clean);
        self.mind.may_count(&clean)
    }

    /// The lines before this one that were passed over.
    fn above(&mut self, buffer: &[u8]) {
        let mut lines = [(0, 0); LINES_ABOVE];
        let mut end = self.start;
        let mut count = 0;
        while count < LINES_ABOVE && end > self.seen.max(self.start.saturating_sub(ABOVE)) {
            let start = memrchr(b'\n', &buffer[..end - 1]).map_or(0, |at| at + 1);
            lines[count] = (start, end);
            count += 1;
            end = start;
        }
        for (start, end) in lines[..count].iter().rev() {
            let line = buffer[*start..*end].trim_ascii_end();
            let record = log_record::within(line);
            let (source, level, text) = match &record {
                Some(record) => (record.source.as_slice(), record.level, record.text.as_slice()),
                None => (&[][..], Level::Unknown, line),
            };
            let mut clean = Vec::new();
            strip(text, &mut clean);
            let text = &clean[memrchr(b'\r', &clean).map_or(0, |at| at + 1)..];
            self.mind.before(&Line { place: self.place, source, level, text });
        }
    }

    /// A line that is not UTF-8 is GBK where it can be; `None` where it turns out to have nothing that counts.
    fn decoded<'l>(&self, line: &'l [u8], is_certain: bool) -> Option<Cow<'l, [u8]>> {
        let decoded = match Encoding::utf8_valid_up_to(line) < line.len() {
            true => match GBK.decode_without_bom_handling_and_without_replacement(line) {
                Some(text) => Cow::Owned(text.into_owned().into_bytes()),
                None => Cow::Borrowed(line),
            },
            false => Cow::Borrowed(line),
        };
        let counts = is_certain
            || self.mind.is_attentive()
            || self.stems.find(&decoded, 0, decoded.len()) < decoded.len();
        counts.then_some(decoded)
    }

    /// The value of a field of the journal's that has line ends in it.
    fn sized(&mut self, buffer: &[u8], line: &[u8]) -> Option<usize> {
        let behind = self.start + line.len() + 1;
        let eight = buffer.get(behind..behind + 8).and_then(|bytes| bytes.first_chunk().copied());
        let Some(length) = eight.map(Export::length) else { return self.waits_or_gives_up(buffer) };
        let Some(length) = length else {
            self.export.give_up();
            return Some(0);
        };
        let Some(value) = buffer.get(behind + 8..behind + 8 + length) else {
            return self.waits_or_gives_up(buffer);
        };
        self.export.value(value);
        self.place.line += 2 + memchr::memchr_iter(b'\n', value).count() as u64;
        Some(buffer.len().min(behind + 8 + length + 1))
    }

    /// The journal's entry, which is whole.
    fn entry(&mut self, report: &mut Report) {
        let (source, text) = self.export.take();
        if !text.is_empty() {
            self.record(&source, Level::Unknown, &text, report);
        }
    }

    /// The messages that were cut, and don't go on.
    fn whole(&mut self, report: &mut Report) {
        for (stream, text) in self.parts.rest() {
            self.record(&stream, Level::Unknown, &text, report);
        }
    }

    fn waits_or_gives_up(&mut self, buffer: &[u8]) -> Option<usize> {
        let can_wait = buffer.len() < self.start + LONGEST + OVERLAP;
        if !can_wait {
            self.export.give_up();
        }
        (!can_wait).then_some(0)
    }

    /// A line, by whatever is around it.
    fn line(&mut self, line: &[u8], report: &mut Report) {
        if let Some((stream, is_cut, text)) = container_entry(line)
            && (is_cut || !self.parts.is_empty())
        {
            if let Some(text) = self.parts.add(stream, text, is_cut) {
                self.record(stream, Level::Unknown, &text, report);
            }
            return;
        }
        if let Some(found) = log_record::within(line) {
            if found.is_cut && self.parts.is_short(&found.source) {
                self.whole(report);
            }
            if found.is_cut || !self.parts.is_empty() {
                if let Some(text) = self.parts.add(&found.source, &found.text, found.is_cut) {
                    self.record(&found.source, found.level, &text, report);
                }
            } else {
                self.record(&found.source, found.level, &found.text, report);
            }
            return;
        }
        self.lines_of(&[], Level::Unknown, line, report);
    }

    /// A record's message, which may be a record itself and may have several lines.
    fn record(&mut self, source: &[u8], level: Level, text: &[u8], report: &mut Report) {
        let text = text.trim_ascii_end();
        let inner = if log_record::is_likely(text) { log_record::read(text) } else { None };
        let (level, text) =
            inner.as_ref().map_or((level, text), |inner| (inner.level, inner.text.as_slice()));
        let has_lines = memchr(b'\n', text).is_some();
        for line in text.split(|byte| *byte == b'\n') {
            self.lines_of(source, level, line, report);
        }
        if has_lines {
            self.mind.end(&Line { place: self.place, source, level, text: &[] });
        }
    }

    /// A line, in the pieces that a terminal would show as lines, or that were lines before somebody quoted them.
    fn lines_of(&mut self, source: &[u8], level: Level, line: &[u8], report: &mut Report) {
        let mut clean = Vec::new();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = if memchr(0x1b, line).is_some() {
            strip(line, &mut clean);
            &clean
        } else {
            line
        };
        if memchr2(b'\r', b'\\', line).is_none() && line.len() <= MESSAGE {
            return self.mind.take(&Line { place: self.place, source, level, text: line }, report);
        }
        let mut level = level;
        let last = memrchr(b'\r', line).map_or(0, |at| at + 1);
        if last > 0 {
            // What was written over is no part of what is around it.
            for text in line[..last].split(|byte| *byte == b'\r').flat_map(messages) {
                self.mind.take(&Line { place: self.place, source: b"\r", level, text }, report);
            }
            self.mind.end(&Line { place: self.place, source: b"\r", level, text: &[] });
        }
        let mut rest = &line[last..];
        let mut is_first = true;
        while let Some(quoted) = rest_of_quoted(&mut rest, is_first) {
            is_first = false;
            for text in messages(quoted) {
                self.mind.take(&Line { place: self.place, source, level, text }, report);
            }
            if level == Level::Unknown {
                level = unwrap(quoted, &mut Leads::default()).level;
            }
        }
    }

    /// A piece of a line that is too long to be read to its end first.
    fn take_long(&mut self, buffer: &[u8], report: &mut Report) {
        let end = buffer.len() - OVERLAP;
        let mut at = self.start;
        loop {
            at = self.stems.find(buffer, at, buffer.len());
            if at >= end {
                break;
            }
            let from = boundary(buffer, at.saturating_sub(BEFORE)).max(self.start);
            let to = boundary(buffer, from + MESSAGE);
            let mut clean = Vec::new();
            strip(&buffer[from..to], &mut clean);
            let line = Line { place: self.place, source: &[], level: Level::Unknown, text: &clean };
            self.mind.take(&line, report);
            self.mind.end(&line);
            at = to.max(at + 1);
        }
        self.start = end.max(at.min(buffer.len()));
        self.seen = self.start;
        self.is_inside = true;
    }
}
