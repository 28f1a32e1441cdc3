//! What an error's text is known to mean, by the same table as a log's.

use super::patterns::Weight;
use super::report::fill;
use super::scan::{Finding, Scanner};

/// A known cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What it is.
    pub title: String,
    /// What mends it.
    pub remedy: String,
}

/// The worst cause that a text names, and of equally bad ones the last: a traceback ends in what went wrong.
pub fn cause(text: &str) -> Option<Known> {
    let mut scanner = Scanner::new().ok()?;
    let mut worst: Option<(Weight, Known)> = None;
    let mut keep = |finding: Finding| {
        let weight = finding.cause.weight;
        if worst.as_ref().is_none_or(|(worst, _)| weight <= *worst) {
            let [title, remedy] =
                [finding.cause.title, finding.cause.remedy].map(|words| fill(words, finding.subject));
            worst = Some((weight, Known { title, remedy }));
        }
    };
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let room = scanner.room();
        let count = rest.len().min(room.len());
        room[..count].copy_from_slice(&rest[..count]);
        scanner.advance(count, &mut keep);
        rest = &rest[count..];
    }
    scanner.finish(&mut keep);
    worst.map(|(_, known)| known)
}
