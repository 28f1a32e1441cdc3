//! `--explain`: logs, read as they come; the causes in them, told when first seen, and summed up at the end or at Ctrl-C.
//!
//! A log is layers, and each module takes one off:
//!
//! ```text
//! input.rs         which logs, in which order
//! decode.rs        bytes -> UTF-8 text
//! gzip_members.rs  what gzip compressed
//! scanner.rs       text -> the lines that count; stems.rs has the words that make them count
//! pieces.rs        a line that is several
//! unwrap/          line -> source, level and message
//! assemble.rs      messages of a source -> events; event/ has the grammar of a traceback
//! judge.rs         event -> a row of the tables; words.rs is for systems that speak another language, quoted.rs for source code
//! causes/          the tables, a file a topic; pattern.rs reads their patterns, rules.rs searches for all at once
//! mind.rs          what a row means beside what was found before
//! finding.rs       that, at one place
//! excused.rs       what is none for a while
//! report.rs        counted
//! fill.rs          the tables' words, with names from the log in them
//! tell.rs          told
//! least_memory.rs  whether there is memory to read them with
//! watch.rs         as it goes on, and at Ctrl-C
//! ```

mod assemble;
pub mod causes;
mod decode;
mod event;
mod excused;
mod fill;
mod finding;
#[cfg(test)]
mod fuzz;
mod gzip_members;
mod input;
mod judge;
mod least_memory;
mod mind;
mod pattern;
mod pieces;
mod quoted;
mod report;
mod rules;
mod scanner;
mod stems;
mod tell;
mod unwrap;
mod watch;
mod words;

pub use watch::run;

use report::Report;
use scanner::Scanner;

/// A known cause, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What it is called; stable.
    pub name: &'static str,
    pub title: String,
    pub remedy: String,
}

/// The causes in what a program printed, the worst first, and of equally bad ones the first seen.
pub fn judge_output(text: &[u8]) -> Vec<Known> {
    let Ok(mut scanner) = Scanner::new() else { return Vec::new() };
    let mut report = Report::default();
    let mut rest = text;
    while !rest.is_empty() {
        let room = scanner.room();
        let count = rest.len().min(room.len());
        room[..count].copy_from_slice(&rest[..count]);
        scanner.advance(count, &mut report);
        rest = &rest[count..];
    }
    scanner.finish(&mut report);
    let known = |told: &report::Told| Known {
        name: told.found.cause.name,
        title: told.found.title(),
        remedy: told.found.remedy(),
    };
    report.told().iter().map(known).collect()
}

/// A row as the documentation shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documented {
    pub name: &'static str,
    /// What a log says.
    pub text: String,
    pub title: String,
    /// The title in Chinese.
    pub chinese: &'static str,
    pub remedy: String,
    /// The remedy in Chinese, where the README shows it.
    pub chinese_remedy: &'static str,
}

/// All rows of the tables.
pub fn table() -> Vec<Documented> {
    causes::causes().map(documented).collect()
}

fn documented(cause: &causes::Cause) -> Documented {
    let tells = cause.tells.first().copied().unwrap_or_default();
    let known = judge_output(tells.as_bytes()).into_iter().next();
    let (title, remedy) = known.map(|known| (known.title, known.remedy)).unwrap_or_default();
    Documented {
        name: cause.name,
        text: tells.lines().last().unwrap_or_default().trim().to_owned(),
        title,
        chinese: cause.chinese,
        remedy,
        chinese_remedy: cause.chinese_remedy,
    }
}
