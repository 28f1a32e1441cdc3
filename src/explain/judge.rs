//! What an event means, by the tables.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use anyhow::{Context as _, anyhow};
use memchr::memmem;

use super::causes::{Condition, is_optional};
use super::event::Event;
use super::pattern::Match;
use super::quoted::is_quoted;
use super::rules::{Possible, Rules, What};
use super::unwrap::Level;
use super::words::Translator;
use crate::package_names::pip_name;

/// How often a rule is tried on one message: what repeats itself in it is no news.
const TRIES: u8 = 4;

/// How many verdicts are kept.
const KNOWN: usize = 256;

/// Whoever goes on says so soon.
const FEW: usize = 1024;

/// A message that says one of these is gone on from.
const CALM: &[&str] = &[
    "gnor",
    "skip",
    "Skip",
    "optional",
    "all back",
    "allback",
    "alling back",
    "etry",
    "instead",
    "disabled",
    "not used",
    "not be used",
    "Proceeding",
    "proceeding",
    "Continuing",
    "continuing",
    "recovered",
    "caught",
    "simulated",
    "跳过",
    "忽略",
    "重试",
];

/// What a program adds to an exception that it shows in one line and goes on from.
const CALM_EXCEPTION: &[&str] = &[
    "all back",
    "allback",
    "alling back",
    "gnoring",
    "gnored",
    "kipping",
    "kipped",
    "etrying",
    "will retry",
];

/// What an event means.
pub struct Verdict {
    /// A cause, or what excuses some.
    pub what: What,
    /// What the message was about; empty where that is always the same.
    pub subject: Vec<u8>,
    /// Where in the message it says so.
    pub at: usize,
}

/// The tables, ready to be searched for: made once.
static TABLES: LazyLock<anyhow::Result<Tables>> = LazyLock::new(Tables::new);

struct Tables {
    rules: Rules,
    translator: Translator,
    calm: Calm,
}

impl Tables {
    fn new() -> anyhow::Result<Self> {
        let rules = Rules::new().context("the table of causes is too large")?;
        Ok(Self { rules, translator: Translator::new()?, calm: Calm::new()? })
    }
}

/// Judges events by the tables.
pub struct Judge {
    tables: &'static Tables,
    /// What was judged before, by the events' hashes: what fails again and again says the same.
    known: BTreeMap<u64, Option<Verdict>>,
    /// How often each rule was tried on this message.
    tries: Vec<u8>,
}

impl Judge {
    /// With all causes there are.
    ///
    /// # Errors
    /// When the tables can't be searched for.
    pub fn new() -> anyhow::Result<Self> {
        let tables = TABLES.as_ref().map_err(|error| anyhow!("{error:#}"))?;
        let tries = vec![0; tables.rules.count()];
        Ok(Self { tables, known: BTreeMap::new(), tries })
    }

    /// Whether a line may mean anything by itself, or has words that are to be translated first.
    pub fn may_mean(&self, line: &[u8]) -> bool {
        let Tables { rules, translator, .. } = self.tables;
        rules.may_hold(line) || translator.knows(line)
    }

    /// The first row of the tables that the event has.
    pub fn judge(&mut self, event: &Event) -> Option<&Verdict> {
        // A hasher with random keys would end the process where the kernel refuses them.
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(event);
        if !self.known.contains_key(&hash) {
            let verdict = self.look(event);
            if self.known.len() == KNOWN {
                self.known.clear();
            }
            self.known.insert(hash, verdict);
        }
        self.known.get(&hash)?.as_ref()
    }

    fn look(&mut self, event: &Event) -> Option<Verdict> {
        let Tables { rules, translator, calm } = self.tables;
        let translated = translator.translate(event.text);
        let text = translated.as_deref().unwrap_or(event.text);
        let view = View { event, text, calm, is_calm: OnceCell::new(), last: OnceCell::new() };
        let mut best: Option<(usize, Match)> = None;
        let mut last: Option<(usize, usize, Option<Match>)> = None;
        self.tries.fill(0);
        for possible in rules.possible(text) {
            let Possible { rule, pattern, at } = possible;
            if best.as_ref().is_some_and(|(best, _)| rule >= *best) || self.tries[rule] == TRIES {
                continue;
            }
            self.tries[rule] += 1;
            let found = match last.take() {
                Some((last_pattern, last_at, found)) if (last_pattern, last_at) == (pattern, at) => found,
                _ => rules.match_of(possible, text),
            };
            if let Some(found) = &found
                && view.meets(rules.conditions(rule), found)
            {
                best = Some((rule, found.clone()));
            }
            last = Some((pattern, at, found));
        }
        let (rule, found) = best?;
        // In a translation it stands elsewhere; near the start in any case.
        let at = if translated.is_some() { 0 } else { found.start };
        Some(Verdict { what: rules.what(rule), subject: without_stop(found.subject).to_owned(), at })
    }
}

/// An event, as conditions see it.
struct View<'e> {
    event: &'e Event<'e>,
    text: &'e [u8],
    calm: &'e Calm,
    /// Whoever says it goes on.
    is_calm: OnceCell<bool>,
    /// The innermost frame that is none of the import system's.
    last: OnceCell<Option<&'e [u8]>>,
}

/// What a message says that is gone on from.
struct Calm {
    message: AhoCorasick,
    exception: AhoCorasick,
}

impl Calm {
    fn new() -> anyhow::Result<Self> {
        let search = |words| AhoCorasick::new(words).context("there are too many words to search for");
        Ok(Self { message: search(CALM)?, exception: search(CALM_EXCEPTION)? })
    }
}

impl<'e> View<'e> {
    fn last(&self) -> Option<&'e [u8]> {
        *self.last.get_or_init(|| self.event.frames.last())
    }

    fn is_calm(&self) -> bool {
        *self.is_calm.get_or_init(|| {
            let event = self.event;
            let is_uncaught = event.is_raised && self.last().is_some();
            let words = if event.is_raised { &self.calm.exception } else { &self.calm.message };
            matches!(event.level, Level::Info | Level::Warning)
                || !is_uncaught && words.is_match(&self.text[..self.text.len().min(FEW)])
        })
    }

    /// Whether all that holds, and the text does not only quote it.
    fn meets(&self, conditions: &[Condition], found: &Match) -> bool {
        let is_told =
            || conditions.iter().any(|condition| matches!(condition, Condition::AnyLevel)) || !self.is_calm();
        is_told()
            && conditions.iter().all(|condition| self.meets_one(condition, found))
            && !is_quoted(self.text, found.start)
    }

    fn meets_one(&self, condition: &Condition, found: &Match) -> bool {
        let subject = found.subject;
        match condition {
            Condition::AnyLevel => true,
            Condition::AtError => self.event.level == Level::Error,
            Condition::Raised => self.event.is_raised,
            Condition::Uncaught => self.is_uncaught(found),
            Condition::Class(names) => {
                let class = super::event::traceback::class(self.text).unwrap_or_default();
                names.iter().any(|name| class.ends_with(name.as_bytes()))
            }
            Condition::Last(words) => self.last().is_some_and(|frame| any(frame, words)),
            Condition::Frames(words) => self.has_frame(words),
            Condition::NoFrames(words) => !self.has_frame(words),
            Condition::Unframed => self.last().is_none(),
            Condition::Through(words) => {
                self.last().is_none() || self.meets_one(&Condition::Frames(words), found)
            }
            Condition::Not(other) => !self.meets_one(other, found),
            Condition::Is(words) => words.iter().any(|word| subject == word.as_bytes()),
            Condition::Begins(words) => words.iter().any(|word| subject.starts_with(word.as_bytes())),
            Condition::EndsIn(words) => words.iter().any(|word| subject.ends_with(word.as_bytes())),
            Condition::Holds(words) => any(subject, words),
            Condition::Top(words) => words.iter().any(|word| top(subject) == word.as_bytes()),
            Condition::Dotted => subject.contains(&b'.'),
            Condition::Relative => !is_absolute(subject),
            Condition::Absolute => is_absolute(subject),
            Condition::Pip => is_known_by_pip(top(subject)),
            Condition::NotPip => !is_known_by_pip(top(subject)),
            Condition::Says(words) => any(self.text, words),
            Condition::Lacks(words) => !any(self.text, words),
        }
    }

    fn has_frame(&self, words: &[&str]) -> bool {
        self.event.frames.innermost_first().any(|frame| any(frame, words))
    }

    /// Whether an import failed for good: its exception was shown, or an error says so in a way that nobody does who goes on.
    fn is_uncaught(&self, found: &Match) -> bool {
        if self.event.is_raised && (self.last().is_some() || !is_optional(top(found.subject))) {
            return true;
        }
        if is_optional(top(found.subject)) {
            return false;
        }
        let before = &self.text[..found.start];
        let says = any(before, &["xception", "rror", "RROR", "异常", "错误", "失败"]);
        let tries = any(before, &["mport ", "mporting", "导入"]);
        before.is_empty() || self.event.level == Level::Error || says && !tries
    }
}

/// A name that ends a sentence.
fn without_stop(subject: &[u8]) -> &[u8] {
    match subject {
        [name @ .., b'.' | b','] if !name.is_empty() => name,
        name => name,
    }
}

/// The first part of a dotted name or a relative path.
fn top(subject: &[u8]) -> &[u8] {
    let subject = subject.strip_prefix(b"./").unwrap_or(subject);
    subject.split(|byte| b"./".contains(byte)).next().unwrap_or_default()
}

/// Whether pip is known to install a module.
fn is_known_by_pip(module: &[u8]) -> bool {
    std::str::from_utf8(module).is_ok_and(|module| pip_name(module).is_some())
}

/// By Linux or Windows.
fn is_absolute(path: &[u8]) -> bool {
    path.starts_with(b"/") || path.get(1) == Some(&b':')
}

fn any(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| has(text, word))
}

fn has(text: &[u8], word: &str) -> bool {
    memmem::find(text, word.as_bytes()).is_some()
}
