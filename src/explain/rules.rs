//! The rules of all tables, and where in a text each of them may hold.
//!
//! A text is searched for a short key of each pattern at once, and only where it has one for the pattern.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};

use super::causes::{Cause, Condition, EXCUSES, Excuse, causes};
use super::pattern::{Match, Pattern};

/// Of which table a row is.
#[derive(Clone, Copy)]
pub enum What {
    /// Why something does not work.
    Cause(&'static Cause),
    /// Why something else is no cause.
    Excuse(&'static Excuse),
}

/// A rule of a row, with its place in the order of all.
struct IndexedRule {
    what: What,
    /// Which of the patterns.
    pattern: usize,
    conditions: &'static [Condition],
}

/// A place in a text where a rule may hold.
#[derive(Clone, Copy)]
pub struct Possible {
    /// The rule's place in the order.
    pub rule: usize,
    /// Which of the patterns it has: many rules share one, and differ in what must hold besides.
    pub pattern: usize,
    /// Where the text has the pattern's anchor.
    pub at: usize,
}

pub struct Rules {
    patterns: Vec<Pattern>,
    rules: Vec<IndexedRule>,
    keys: AhoCorasick,
    /// For each key, the rules that have it.
    by_key: Vec<Vec<usize>>,
}

impl Rules {
    /// Those of all tables.
    ///
    /// # Errors
    /// When they can't be searched for.
    pub fn new() -> Result<Self, BuildError> {
        let excuses = EXCUSES.iter().map(|excuse| (What::Excuse(excuse), excuse.rules));
        let all = excuses.chain(causes().map(|cause| (What::Cause(cause), cause.rules)));
        let mut patterns: Vec<Pattern> = Vec::new();
        let mut texts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut rules: Vec<IndexedRule> = Vec::new();
        for (what, rows) in all {
            for &(text, conditions) in rows {
                let pattern = *texts.entry(text).or_insert_with(|| {
                    patterns.push(Pattern::new(text));
                    patterns.len() - 1
                });
                rules.push(IndexedRule { what, pattern, conditions });
            }
        }
        let mut places: BTreeMap<&[u8], usize> = BTreeMap::new();
        let (mut keys, mut by_key): (Vec<&[u8]>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
        for (index, rule) in rules.iter().enumerate() {
            let key = patterns[rule.pattern].key();
            let place = *places.entry(key).or_insert_with(|| {
                keys.push(key);
                by_key.push(Vec::new());
                keys.len() - 1
            });
            by_key[place].push(index);
        }
        let keys = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(keys)?;
        Ok(Self { patterns, rules, keys, by_key })
    }

    pub fn count(&self) -> usize {
        self.rules.len()
    }

    /// Whether any may hold.
    pub fn may_hold(&self, text: &[u8]) -> bool {
        // Most have no key, which is quicker to see than where each is.
        self.keys.is_match(text) && self.possible(text).next().is_some()
    }

    /// Where which may hold, as the text goes.
    pub fn possible<'t>(&'t self, text: &'t [u8]) -> impl Iterator<Item = Possible> + 't {
        self.keys.find_overlapping_iter(text).flat_map(move |found| {
            self.by_key[found.pattern()].iter().filter_map(move |&rule| {
                let pattern = self.rules[rule].pattern;
                let at = self.patterns[pattern].anchor_at(text, found.start())?;
                Some(Possible { rule, pattern, at })
            })
        })
    }

    /// Whether the text has the pattern there.
    pub fn match_of<'t>(&self, possible: Possible, text: &'t [u8]) -> Option<Match<'t>> {
        self.patterns[possible.pattern].match_at(text, possible.at)
    }

    /// What must hold besides.
    pub fn conditions(&self, rule: usize) -> &'static [Condition] {
        self.rules[rule].conditions
    }

    pub fn what(&self, rule: usize) -> What {
        self.rules[rule].what
    }
}
