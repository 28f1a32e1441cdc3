//! What was found in a log: counted, and said.

use std::fmt::Write as _;

use super::patterns::{Cause, PIP_NAMES};
use super::scan::Finding;
use super::terminal::hanging;

/// How many subjects of one cause are told apart; a log can have any number.
const SUBJECTS: usize = 8;
/// How much of a subject is kept.
const SUBJECT: usize = 160;
/// How much of a line is kept and shown.
const EXCERPT: usize = 240;

/// All that was found.
#[derive(Default)]
pub struct Report {
    found: Vec<Found>,
    /// Of causes whose subjects are too many, how often one of the others was met.
    others: Vec<(&'static Cause, u64)>,
    /// How many lines were read.
    pub lines: u64,
}

/// One cause, with one subject.
struct Found {
    cause: &'static Cause,
    subject: Vec<u8>,
    count: u64,
    first: Sighting,
    last: Sighting,
}

/// Where it was seen.
#[derive(Default, Clone)]
struct Sighting {
    line: u64,
    text: Vec<u8>,
}

impl Report {
    /// Counts a finding; what to say of it where it is new.
    pub fn add(&mut self, finding: &Finding) -> Option<String> {
        // An interrupt may come before the reader has told how far it is.
        self.lines = self.lines.max(finding.line);
        let subject = clipped(finding.subject, SUBJECT);
        let mut same = self.found.iter_mut().filter(|found| found.cause.name == finding.cause.name);
        if let Some(found) = same.find(|found| found.subject == subject) {
            found.count += 1;
            found.last.set(finding);
            return None;
        }
        let of_cause = self.found.iter().filter(|found| found.cause.name == finding.cause.name).count();
        if of_cause >= SUBJECTS {
            match self.others.iter_mut().find(|(cause, _)| cause.name == finding.cause.name) {
                Some((_, count)) => *count += 1,
                None => self.others.push((finding.cause, 1)),
            }
            return None;
        }
        let mut sighting = Sighting::default();
        sighting.set(finding);
        let found = Found {
            cause: finding.cause,
            subject: subject.to_owned(),
            count: 1,
            first: sighting.clone(),
            last: sighting,
        };
        let said = found.announcement();
        self.found.push(found);
        Some(said)
    }

    /// Whether anything was found.
    pub fn has_findings(&self) -> bool {
        !self.found.is_empty()
    }

    /// All causes, the worst first, and of equally bad ones the first seen.
    pub fn summary(mut self) -> String {
        let lines = plural(self.lines, "line");
        if self.found.is_empty() {
            return format!("no known cause in {lines}\n");
        }
        self.found.sort_by_key(|found| (found.cause.weight, found.first.line));
        let mut text = format!("{} in {lines}, worst first:\n", plural(self.found.len() as u64, "cause"));
        for (index, found) in self.found.iter().enumerate() {
            found.summarise(index + 1, &mut text);
        }
        for (cause, count) in &self.others {
            let _ = write!(text, "\n{}: {} more with other names\n", cause.name, plural(*count, "time"));
        }
        text
    }
}

impl Found {
    /// When it is first seen.
    fn announcement(&self) -> String {
        let title = fill(self.cause.title, &self.subject);
        format!(
            "{}\n  {}\n  do: {}\n\n",
            hanging(&format!("line {}: {}: {title}", self.first.line, self.cause.name), 2),
            shown(&self.first.text),
            fill(self.cause.remedy, &self.subject)
        )
    }

    fn summarise(&self, number: usize, text: &mut String) {
        let Self { cause, subject, first, last, .. } = self;
        let number = format!("{number}. ");
        let title = format!("{}: {}", cause.name, fill(cause.title, subject));
        let _ = write!(
            text,
            "\n{number}{}\n   {}\n   first: line {}: {}\n",
            hanging(&title, number.len()),
            plural(self.count, "time"),
            first.line,
            shown(&first.text)
        );
        if self.count > 1 {
            let _ = writeln!(text, "   last: line {}: {}", last.line, shown(&last.text));
        }
        let _ = write!(
            text,
            "   means: {}\n   do: {}\n",
            hanging(&fill(cause.means, subject), "   means: ".len()),
            fill(cause.remedy, subject)
        );
    }
}

impl Sighting {
    /// Keeps the line, from where it says something of the cause if it is long.
    fn set(&mut self, finding: &Finding) {
        self.line = finding.line;
        self.text.clear();
        self.text.extend_from_slice(clipped(finding.text, EXCERPT));
    }
}

/// The table's words, with the subject in them.
pub fn fill(words: &str, subject: &[u8]) -> String {
    let subject = shown(subject);
    let top = subject.split('.').next().unwrap_or(&subject);
    let pip = PIP_NAMES.iter().find(|(module, _)| *module == top).map_or(top, |(_, name)| name);
    words.replace("{}", &subject).replace("{pip}", pip)
}

fn clipped(text: &[u8], length: usize) -> &[u8] {
    &text[..text.len().min(length)]
}

/// A log's bytes, fit for a terminal: control characters could do anything to it.
fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text.trim_ascii());
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

fn plural(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
