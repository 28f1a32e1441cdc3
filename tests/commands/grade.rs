//! What a row came to.

use crate::advice::followed;
use crate::attempt::{Asked, Attempt, Scene};
use crate::layout::Tree;
use crate::programs::Programs;
use crate::row::{Expected, Row};

/// The most messages that somebody reads.
const MESSAGES: usize = 3;

/// A grade, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grade {
    Works,
    /// What did not work, and what was typed instead.
    Honest {
        trouble: String,
        typed: String,
    },
    Bad(String),
    /// This machine cannot run it.
    NotRun(String),
}

impl Grade {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Honest { .. } => "honest",
            Self::Bad(_) => "bad",
            Self::NotRun(_) => "not run",
        }
    }

    /// The reason, where one is due.
    pub fn reason(&self) -> String {
        match self {
            Self::Works => String::new(),
            Self::Honest { trouble, typed } => format!("{trouble}; works: {typed}"),
            Self::Bad(reason) | Self::NotRun(reason) => reason.clone(),
        }
    }

    /// Whether that is what the row must come to.
    pub fn meets(&self, expected: Expected) -> bool {
        match (self, expected) {
            (Self::Works, Expected::Works | Expected::Refused | Expected::WorksOrHonest) => true,
            (Self::Honest { .. }, Expected::Honest | Expected::WorksOrHonest) => true,
            // What is thought impossible and works all the same is no fault.
            (Self::Works, Expected::Honest) => true,
            _ => false,
        }
    }
}

/// Runs a row with the launcher in front, and follows what it says where that does not work.
pub fn launched(row: &Row, programs: &Programs) -> Grade {
    let tree = match Tree::new(row, programs) {
        Ok(tree) => tree,
        Err(reason) => return Grade::NotRun(reason),
    };
    let scene = Scene { row, tree: &tree, programs, asked: Asked::Everything };
    let command = scene.command();
    let Attempt { trouble: Some(trouble), messages } = scene.attempt(&command) else { return Grade::Works };
    if messages.len() > MESSAGES {
        return Grade::Bad(format!("{trouble} (and it says {} things)", messages.len()));
    }
    let commands = followed(&command, &messages);
    let mut then = String::new();
    for (typed, command) in &commands {
        match scene.attempt(command).trouble {
            None => return Grade::Honest { trouble, typed: typed.clone() },
            Some(trouble) => then = trouble,
        }
    }
    Grade::Bad(match (&commands[..], &messages[..]) {
        ([], []) => format!("{trouble} (silently)"),
        ([], [first, ..]) => {
            format!("{trouble} (nothing exact to type: {})", first.lines().next().unwrap_or_default())
        }
        _ => format!("{trouble} (and what it says to type does not help: {then})"),
    })
}

/// Runs the command that people have, without the launcher: what of the row does not answer then is no fault of ours.
pub fn plain(row: &Row, programs: &Programs) -> Grade {
    if row.expected == Expected::Refused {
        return Grade::Works;
    }
    let tree = match Tree::new(row, programs) {
        Ok(tree) => tree,
        Err(reason) => return Grade::NotRun(reason),
    };
    tree.remove_launcher();
    let scene = Scene { row, tree: &tree, programs, asked: Asked::Service };
    match scene.attempt(&scene.command()).trouble {
        None => Grade::Works,
        Some(trouble) => Grade::Bad(trouble),
    }
}
