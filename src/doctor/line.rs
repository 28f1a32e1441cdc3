//! One line of a log around a word that was found in it, as the one who wrote it meant it: without colours, and cut where a
//! line ends inside a line, as in JSON.

use memchr::memmem;

use super::patterns::When;
use super::shape::Fit;

/// How much of a line before and behind a word is looked at.
pub const REACH: usize = 4096;

/// What ends behind this is not shown from the start of its line, but from so much before.
const FAR: usize = 200;
const NEAR: usize = 40;

/// A line, or what is within reach of it.
pub struct Line<'b> {
    /// Without colours.
    text: &'b [u8],
    /// What the log has before it.
    before: &'b [u8],
}

/// Where the text around this place begins.
pub fn start(log: &[u8], at: usize) -> usize {
    let low = at.saturating_sub(REACH);
    let near = &log[low..at];
    let start = near.iter().rposition(|&byte| byte == b'\n' || byte == b'\r').map_or(0, |index| index + 1);
    let escaped = memmem::rfind(&near[start..], b"\\n").map_or(start, |index| start + index + 2);
    low + escaped
}

/// Where the text around this place ends; `None` where the log must go on to tell.
pub fn end(log: &[u8], at: usize) -> Option<usize> {
    let near = &log[at..log.len().min(at + REACH)];
    match memchr::memchr2(b'\n', b'\r', near) {
        None if near.len() < REACH => None,
        end => {
            let end = end.unwrap_or(near.len());
            Some(at + memmem::find(&near[..end], b"\\n").unwrap_or(end))
        }
    }
}

/// Appends the text less its colours and other sequences for a terminal.
pub fn strip(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(escape) = memchr::memchr(0x1b, rest) {
        out.extend_from_slice(&rest[..escape]);
        rest = &rest[escape + 1..];
        rest = match rest {
            [b'[', sequence @ ..] => {
                let last = sequence.iter().position(|byte| (0x40..0x7f).contains(byte));
                last.map_or(&[], |last| &sequence[last + 1..])
            }
            [_, after @ ..] => after,
            [] => rest,
        };
    }
    out.extend_from_slice(rest);
}

impl<'b> Line<'b> {
    /// A text that has no colours, and what comes before it.
    pub fn new(text: &'b [u8], before: &'b [u8]) -> Self {
        Self { text, before }
    }

    /// The text, from shortly before what was found if it is far in.
    pub fn around(&self, fit: &Fit) -> &'b [u8] {
        let start = if fit.end > FAR { fit.start.saturating_sub(NEAR) } else { 0 };
        &self.text[start..]
    }

    /// Whether it only shows where a message comes from, or is the launcher's own, which says itself what to do.
    pub fn is_no_message(&self, fit: &Fit) -> bool {
        let before = &self.text[..fit.start];
        has(before, "raise ") || has(before, "heygem-run: ")
    }

    /// Whether all that holds.
    pub fn meets(&self, conditions: &[When], fit: &Fit) -> bool {
        let subject = fit.subject.unwrap_or_default();
        conditions.iter().all(|condition| match condition {
            When::Alone => self.is_alone(fit),
            When::Ends => self.text[fit.end..].trim_ascii().is_empty(),
            When::Above(words) => {
                let above = self.source_above();
                words.iter().any(|word| has(above, word))
            }
            When::Is(words) => words.iter().any(|word| subject == word.as_bytes()),
            When::Begins(words) => words.iter().any(|word| subject.starts_with(word.as_bytes())),
            When::EndsIn(words) => words.iter().any(|word| subject.ends_with(word.as_bytes())),
            When::Holds(words) => words.iter().any(|word| has(subject, word)),
            When::Top(words) => words.iter().any(|word| top(subject) == word.as_bytes()),
            When::Dotted => subject.contains(&b'.'),
            When::Relative => !subject.starts_with(b"/"),
            When::Says(words) => words.iter().any(|word| has(self.text, word)),
            When::Lacks(words) => !words.iter().any(|word| has(self.text, word)),
        })
    }

    /// What loggers put before ends in a number (a time, a process) or a mark; a word makes a sentence of it. The shell puts
    /// the command behind, after blanks.
    fn is_alone(&self, fit: &Fit) -> bool {
        let rest = &self.text[fit.end..];
        let ends =
            rest.trim_ascii().is_empty() || rest.starts_with(b"  ") || rest.starts_with(b" (core dumped)");
        let before = self.text[..fit.start].trim_ascii_end();
        let word = before.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
        let is_mark = |byte: &u8| b"|]:>)\"".contains(byte);
        ends && (word.first().is_none_or(u8::is_ascii_digit) || word.last().is_some_and(is_mark))
    }

    /// The line above, less those that only underline.
    fn source_above(&self) -> &'b [u8] {
        let mut rest = self.before;
        for _ in 0..4 {
            let line_end = trim_line_end(rest);
            let line_start = start(line_end, line_end.len());
            let line = &line_end[line_start..];
            if !has(line, "^^") && !has(line, "~~") {
                return line;
            }
            rest = &line_end[..line_start];
        }
        &[]
    }
}

fn trim_line_end(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_end();
    text.strip_suffix(b"\\n").unwrap_or(text)
}

/// The first part of a dotted name or a relative path.
fn top(subject: &[u8]) -> &[u8] {
    let subject = subject.strip_prefix(b"./").unwrap_or(subject);
    subject.split(|byte| b"./".contains(byte)).next().unwrap_or_default()
}

fn has(text: &[u8], word: &str) -> bool {
    memmem::find(text, word.as_bytes()).is_some()
}
