//! What was found in a log: counted, and what follows from something else put under it.

use memchr::memmem;

use super::causes::{Cause, Excuse, Reach, Weight};
use super::excused::Excused;
use super::fill;
use super::finding::{Finding, Place};
use super::pieces::clipped;

/// How many subjects of one cause are told apart; a log can have any number.
const SUBJECTS: usize = 8;
/// How much of a subject is kept.
const SUBJECT: usize = 160;
/// How much that explains others is kept.
const EXPLAINED: usize = 64;
/// How much of a line is kept and shown.
const EXCERPT: usize = 240;

/// All that was found.
#[derive(Default)]
pub struct Report {
    found: Vec<Found>,
    /// Of causes whose subjects are too many, how often one of the others was met.
    pub others: Vec<(&'static Cause, u64)>,
    /// Causes that are none for a while.
    excused: Excused,
    /// Those that are none where they are about the same thing; the newest last.
    explained: Vec<Explained>,
    /// How many lines were read.
    pub lines: u64,
    /// The inputs' names, where there are several.
    pub inputs: Vec<String>,
}

/// What explains other causes: those of its source that are about the same thing.
struct Explained {
    names: &'static [&'static str],
    source: Vec<u8>,
    subject: Vec<u8>,
}

/// One cause, with one subject.
pub struct Found {
    pub cause: &'static Cause,
    pub subject: Vec<u8>,
    /// How often it was seen.
    pub count: u64,
    pub first: Sighting,
    pub last: Sighting,
    chain: u64,
    /// It is said already: in a stream, each cause once.
    is_said: bool,
}

#[derive(Default, Clone)]
pub struct Sighting {
    pub place: Place,
    /// Who wrote it.
    pub source: Vec<u8>,
    /// The line.
    pub text: Vec<u8>,
}

/// A cause, and what follows from it.
pub struct Told<'r> {
    pub found: &'r Found,
    pub consequences: Vec<&'r Found>,
}

impl Report {
    /// Of these inputs, nothing yet.
    pub fn of(inputs: Vec<String>) -> Self {
        Self { inputs, ..Self::default() }
    }

    /// Counts a finding.
    pub fn add(&mut self, finding: &Finding) {
        if self.excused.has(finding) || self.is_explained(finding) {
            return;
        }
        if !finding.cause.explains.is_empty() {
            self.explain(finding);
        }
        // What the words do not name is no difference.
        let is_named = || {
            let cause = finding.cause;
            [cause.title, cause.means, cause.remedy].iter().any(|words| words.contains('{'))
        };
        let is_about = !finding.subject.is_empty() && is_named();
        let subject = if is_about { clipped(finding.subject, SUBJECT) } else { &[] };
        let mut of_cause = 0;
        for found in self.found.iter_mut().filter(|found| found.cause.name == finding.cause.name) {
            of_cause += 1;
            // One message names what it is about, another of the same thing does not.
            if found.subject == subject || subject.is_empty() || found.subject.is_empty() {
                if found.subject.is_empty() {
                    found.subject = subject.to_owned();
                }
                // Several exceptions of one story say the same.
                found.count += u64::from(finding.chain == 0 || finding.chain != found.chain);
                found.chain = finding.chain;
                found.last.set(finding);
                return;
            }
        }
        if of_cause >= SUBJECTS {
            match self.others.iter_mut().find(|(cause, _)| cause.name == finding.cause.name) {
                Some((_, count)) => *count += 1,
                None => self.others.push((finding.cause, 1)),
            }
            return;
        }
        let mut sighting = Sighting::default();
        sighting.set(finding);
        self.found.push(Found {
            cause: finding.cause,
            subject: subject.to_owned(),
            count: 1,
            first: sighting.clone(),
            last: sighting,
            chain: finding.chain,
            is_said: false,
        });
    }

    /// Whether it came of what was found before. That explains it once: a process's number is given to another one later.
    fn is_explained(&mut self, finding: &Finding) -> bool {
        let is_it = |one: &Explained| {
            one.names.contains(&finding.cause.name)
                && one.source == clipped(finding.source, SUBJECT)
                && one.subject == clipped(finding.subject, SUBJECT)
        };
        let place = self.explained.iter().rposition(is_it);
        place.map(|place| self.explained.remove(place)).is_some()
    }

    fn explain(&mut self, finding: &Finding) {
        if self.explained.len() == EXPLAINED {
            self.explained.remove(0);
        }
        self.explained.push(Explained {
            names: finding.cause.explains,
            source: clipped(finding.source, SUBJECT).to_owned(),
            subject: clipped(finding.subject, SUBJECT).to_owned(),
        });
    }

    /// What an exception was handled by came to another one: the first was no cause.
    pub fn withdraw(&mut self, chain: u64) {
        self.found.retain(|found| found.chain != chain || found.count > 1 || chain == 0);
    }

    /// The causes that this story has so far.
    pub fn in_chain(&self, chain: u64) -> impl Iterator<Item = &'static Cause> {
        self.found.iter().filter(move |found| found.chain == chain).map(|found| found.cause)
    }

    /// Some causes are none; where the message names something, those that are about it.
    pub fn excuse(&mut self, excuse: &'static Excuse, subject: &[u8], source: &[u8], place: Place) {
        match excuse.reach {
            Reach::Ahead => self.excused.add(excuse.names, source, place),
            Reach::Over => self.excused.end(source),
            Reach::Back(lines) => self.found.retain(|found| {
                let is_near =
                    found.last.place.input == place.input && found.last.place.line + lines >= place.line;
                let is_meant = subject.is_empty()
                    || !found.subject.is_empty() && memmem::find(subject, &found.subject).is_some();
                !(is_near && is_meant && excuse.names.contains(&found.cause.name))
            }),
        }
    }

    pub fn has_findings(&self) -> bool {
        !self.found.is_empty()
    }

    /// Whether something was not said yet.
    pub fn has_news(&self) -> bool {
        self.found.iter().any(|found| !found.is_said)
    }

    /// Those that were not said yet, and now are.
    pub fn news(&mut self) -> impl Iterator<Item = &Found> {
        let new = self.found.iter_mut().filter(|found| !found.is_said);
        new.map(|found| {
            found.is_said = true;
            &*found
        })
    }

    /// All causes, the worst first, and of equally bad ones the first seen; under each what follows from it.
    pub fn told(&self) -> Vec<Told<'_>> {
        let parents: Vec<Option<usize>> = (0..self.found.len()).map(|index| self.parent(index)).collect();
        let mut order: Vec<usize> = (0..self.found.len()).filter(|index| parents[*index].is_none()).collect();
        order.sort_by_key(|index| (self.found[*index].cause.weight, self.found[*index].first.place));
        let told = |root: usize| Told {
            found: &self.found[root],
            consequences: (0..self.found.len())
                .filter(|index| *index != root && self.root(*index, &parents) == root)
                .map(|index| &self.found[index])
                .collect(),
        };
        order.into_iter().map(told).collect()
    }

    /// What a cause follows from, by its row or because it is of no weight by itself.
    fn parent(&self, index: usize) -> Option<usize> {
        let cause = self.found[index].cause;
        let named = |name: &&str| self.found.iter().position(|found| found.cause.name == *name);
        let by_row = cause.follows.iter().find_map(named).filter(|parent| *parent != index);
        by_row.or_else(|| self.blamed(index)).or_else(|| {
            if cause.weight != Weight::Follows {
                return None;
            }
            let mut others: Vec<_> = (0..self.found.len())
                .filter(|other| self.found[*other].cause.weight != Weight::Follows)
                .collect();
            others.sort_by_key(|other| (self.found[*other].cause.weight, self.found[*other].first.place));
            others.first().copied()
        })
    }

    /// What another service's own log says of why it does not answer.
    fn blamed(&self, index: usize) -> Option<usize> {
        let found = &self.found[index];
        let is_its = |other: &Found| {
            let is_root = other.cause.weight == Weight::Stops && !other.cause.blames_service;
            is_root && [&other.first, &other.last].iter().any(|at| is_service(&at.source, &found.subject))
        };
        if found.cause.blames_service { self.found.iter().position(is_its) } else { None }
    }

    fn root(&self, index: usize, parents: &[Option<usize>]) -> usize {
        let mut root = index;
        for _ in 0..parents.len() {
            match parents[root] {
                Some(parent) => root = parent,
                None => break,
            }
        }
        root
    }
}

impl Found {
    pub fn title(&self) -> String {
        fill::to_read(self.cause.title, &self.subject)
    }

    pub fn means(&self) -> String {
        fill::to_read(self.cause.means, &self.subject)
    }

    pub fn remedy(&self) -> String {
        fill::to_type(self.cause.remedy, &self.subject)
    }
}

impl Sighting {
    /// Keeps the line, from where it says something of the cause if it is long.
    fn set(&mut self, finding: &Finding) {
        self.place = finding.place;
        self.source.clear();
        self.source.extend_from_slice(clipped(finding.source, SUBJECT));
        self.text.clear();
        self.text.extend_from_slice(clipped(finding.text, EXCERPT));
    }
}

/// Whether a log's source is the service of a host's name: Compose puts its project before the name, and a number behind it.
fn is_service(source: &[u8], host: &[u8]) -> bool {
    let host = host.split(|byte| *byte == b':').next().unwrap_or_default();
    let number = source.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |at| at + 1);
    let name = match source[..number].split_last() {
        Some((b'-' | b'_', name)) if number < source.len() => name,
        _ => source,
    };
    let is_named = |name: &[u8]| {
        let before = name.strip_suffix(host);
        before.is_some_and(|before| before.is_empty() || before.ends_with(b"-") || before.ends_with(b"_"))
    };
    !host.is_empty() && (is_named(name) || is_named(source))
}
