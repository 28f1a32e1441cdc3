//! Finding the causes in a log of any size, in constant memory: what is looked at is a piece of the log, and what is
//! before it within reach.

use aho_corasick::{AhoCorasick, Input, MatchKind};
use anyhow::Context as _;

use super::line::{self, Line, REACH};
use super::patterns::{Cause, STEMS, When, causes};
use super::shape::Shape;

/// How much is read at once: less than a processor's cache.
const PIECE: usize = 256 * 1024;
/// Nearer than this, and on one line, a cause was not found again: several of its patterns fit one message.
const ONE_MESSAGE: u64 = 512;

/// A pattern, ready to be compared.
struct Pattern {
    /// The cause's place in the table.
    cause: usize,
    shape: Shape,
    conditions: &'static [When],
    /// Where in the anchor the word is that is searched for.
    offset: usize,
}

/// The table, ready to be searched for.
struct Table {
    causes: Vec<&'static Cause>,
    searcher: AhoCorasick,
    /// For each word that is searched for, the patterns that have it.
    patterns: Vec<Vec<Pattern>>,
}

/// A cause, seen.
pub struct Finding<'s> {
    /// Which.
    pub cause: &'static Cause,
    /// What the message was about; empty where that is always the same.
    pub subject: &'s [u8],
    /// The number of the line.
    pub line: u64,
    /// The line, or what is within reach of it.
    pub text: &'s [u8],
}

/// A log, being read.
pub struct Scanner {
    table: Table,
    /// What of the log is at hand: what has been searched but is within reach, then what is new.
    buffer: Vec<u8>,
    filled: usize,
    searched: usize,
    /// Up to where its lines are counted, and how many that were in all.
    counted: usize,
    lines: u64,
    /// How much of the log is gone from the buffer.
    gone: u64,
    /// For each cause, the line and the place of its last message.
    last: Vec<Option<(u64, u64)>>,
    /// The line, without colours.
    text: Vec<u8>,
}

impl Table {
    fn new() -> anyhow::Result<Self> {
        let causes: Vec<_> = causes().collect();
        let mut words: Vec<&[u8]> = Vec::new();
        let mut patterns: Vec<Vec<Pattern>> = Vec::new();
        for (index, cause) in causes.iter().enumerate() {
            for (text, conditions) in cause.patterns {
                let shape = Shape::new(text);
                let (word, offset) = word(shape.anchor());
                let place = words.iter().position(|known| *known == word).unwrap_or_else(|| {
                    words.push(word);
                    patterns.push(Vec::new());
                    words.len() - 1
                });
                patterns[place].push(Pattern { cause: index, shape, conditions, offset });
            }
        }
        let searcher = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(&words)
            .context("the table of patterns is too large")?;
        Ok(Self { causes, searcher, patterns })
    }
}

/// What to search for, for that anchor, and where it is in it.
fn word(anchor: &'static [u8]) -> (&'static [u8], usize) {
    let stem = STEMS.iter().find_map(|stem| {
        memchr::memmem::find(anchor, stem.as_bytes()).map(|offset| (stem.as_bytes(), offset))
    });
    stem.unwrap_or((anchor, 0))
}

impl Scanner {
    /// At the start of a log.
    ///
    /// # Errors
    /// When the table can't be searched for.
    pub fn new() -> anyhow::Result<Self> {
        let table = Table::new()?;
        let last = vec![None; table.causes.len()];
        Ok(Self {
            table,
            buffer: vec![0; 2 * REACH + PIECE],
            filled: 0,
            searched: 0,
            counted: 0,
            lines: 0,
            gone: 0,
            last,
            text: Vec::new(),
        })
    }

    /// Where to put what comes next of the log; never empty.
    pub fn room(&mut self) -> &mut [u8] {
        self.count_lines(self.searched);
        let excess = self.searched.saturating_sub(REACH);
        self.buffer.copy_within(excess..self.filled, 0);
        self.gone += excess as u64;
        self.filled -= excess;
        self.searched -= excess;
        self.counted -= excess;
        &mut self.buffer[self.filled..]
    }

    /// Searches that much more.
    pub fn advance(&mut self, count: usize, found: impl FnMut(Finding)) {
        self.filled += count;
        self.search(false, found);
    }

    /// Searches what waited for the log to go on.
    pub fn finish(&mut self, found: impl FnMut(Finding)) {
        self.search(true, found);
    }

    /// How many lines there were, the last one counted though it may have no end.
    pub fn lines(&mut self) -> u64 {
        self.count_lines(self.searched);
        let rest = &self.buffer[self.counted..self.filled];
        let is_open = self.filled > 0 && self.buffer[self.filled - 1] != b'\n';
        self.lines + newlines(rest) + u64::from(is_open)
    }

    fn count_lines(&mut self, end: usize) {
        if end > self.counted {
            self.lines += newlines(&self.buffer[self.counted..end]);
            self.counted = end;
        }
    }

    fn search(&mut self, is_all: bool, mut found: impl FnMut(Finding)) {
        while let Some(hit) =
            self.table.searcher.find(Input::new(&self.buffer[..self.filled]).span(self.searched..self.filled))
        {
            let at = hit.start();
            let Some(end) = line::end(&self.buffer[..self.filled], at).or(is_all.then_some(self.filled))
            else {
                self.searched = at; // again, when there is more of the line
                return;
            };
            self.searched = at + 1;
            self.examine(hit.pattern().as_usize(), at, end, &mut found);
        }
        // A word may have begun.
        let longest = self.table.searcher.max_pattern_len();
        self.searched = self.searched.max((self.filled + 1).saturating_sub(longest));
    }

    /// Looks at the line around a word that was found.
    fn examine(&mut self, word: usize, at: usize, end: usize, found: &mut impl FnMut(Finding)) {
        self.count_lines(at);
        let start = line::start(&self.buffer, at);
        self.text.clear();
        line::strip(&self.buffer[start..at], &mut self.text);
        let place = self.text.len();
        line::strip(&self.buffer[at..end], &mut self.text);
        let line = Line::new(&self.text, &self.buffer[..start]);
        let fitting = self.table.patterns[word].iter().find_map(|pattern| {
            let fit = pattern.shape.fit(&self.text, place.checked_sub(pattern.offset)?)?;
            let is_met = line.meets(pattern.conditions, &fit) && !line.is_no_message(&fit);
            is_met.then_some((pattern.cause, fit))
        });
        let Some((cause, fit)) = fitting else { return };
        let subject = fit.subject.unwrap_or_default();
        let text = line.around(&fit);
        let number = self.lines + 1;
        let position = self.gone + at as u64;
        let last = self.last[cause].replace((number, position));
        if last.is_some_and(|(line, place)| line == number && position < place + ONE_MESSAGE) {
            return;
        }
        found(Finding { cause: self.table.causes[cause], subject, line: number, text });
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_that_is_searched_for_hides_another() {
        let anchors = causes().flat_map(|cause| cause.patterns).map(|(text, _)| Shape::new(text).anchor());
        let mut words: Vec<_> = anchors.map(|anchor| String::from_utf8_lossy(word(anchor).0)).collect();
        words.sort();
        words.dedup();
        for word in &words {
            let holders: Vec<_> = words.iter().filter(|other| other.starts_with(&**word)).collect();
            assert_eq!(holders, [word], "one of them would never be found");
        }
        // What can be searched for at once, sixteen bytes at a time and more.
        assert!(words.len() <= 48 && words.iter().all(|word| word.len() >= 4), "{}: {words:#?}", words.len());
    }
}
