//! What was found, for a person or for a program.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::finding::Place;
use super::report::{Found, Report, Sighting, Told};
use crate::shown::{self, shown};
use crate::terminal::hanging;

/// What is new, when it is first seen in a log that grows.
pub fn news_of(report: &mut Report) -> Option<String> {
    let inputs = report.inputs.clone();
    let text: String = report.news().map(|found| announcement(found, &inputs)).collect();
    (!text.is_empty()).then_some(text)
}

fn announcement(found: &Found, inputs: &[String]) -> String {
    let title = format!("{}: {}: {}", place(found.first.place, inputs), found.cause.name, found.title());
    format!("{}\n  {}\n  do: {}\n\n", hanging(&title, 2), line(&found.first), found.remedy())
}

/// All causes, the worst first.
pub fn text(report: &Report) -> String {
    let lines = plural(report.lines, "line");
    let all = match report.inputs.len() {
        0 | 1 => lines,
        count => format!("{lines} of {count} files"),
    };
    let told = report.told();
    if told.is_empty() {
        return format!("no known cause in {all}\n");
    }
    let mut text = format!("{} in {all}, worst first:\n", plural(told.len() as u64, "cause"));
    for (index, told) in told.iter().enumerate() {
        summarise(index + 1, told, &report.inputs, &mut text);
    }
    for (cause, count) in &report.others {
        let _ = write!(text, "\n{}: {} more with other names\n", cause.name, plural(*count, "time"));
    }
    text
}

fn summarise(number: usize, told: &Told, inputs: &[String], text: &mut String) {
    let found = told.found;
    let number = format!("{number}. ");
    let title = format!("{}: {}", found.cause.name, found.title());
    let _ = write!(
        text,
        "\n{number}{}\n   {}\n   first: {}: {}\n",
        hanging(&title, number.len()),
        plural(found.count, "time"),
        place(found.first.place, inputs),
        line(&found.first)
    );
    if found.count > 1 {
        let _ = writeln!(text, "   last: {}: {}", place(found.last.place, inputs), line(&found.last));
    }
    for consequence in &told.consequences {
        let seen = &consequence.first;
        let _ = writeln!(text, "   with it: {}: {}", place(seen.place, inputs), line(seen));
    }
    let _ = write!(
        text,
        "   means: {}\n   do: {}\n",
        hanging(&found.means(), "   means: ".len()),
        found.remedy()
    );
}

/// One document. Its names are stable.
pub fn json(report: &Report) -> String {
    let cause = |told: &Told| {
        let mut cause = about(told.found, &report.inputs);
        cause["consequences"] = told.consequences.iter().map(|found| about(found, &report.inputs)).collect();
        cause
    };
    let more =
        |(cause, count): &(&'static super::causes::Cause, u64)| json!({"name": cause.name, "count": count});
    let document = json!({
        "lines": report.lines,
        "files": report.inputs,
        "causes": report.told().iter().map(cause).collect::<Vec<_>>(),
        "others": report.others.iter().map(more).collect::<Vec<_>>(),
    });
    shown::json(&document)
}

fn about(found: &Found, inputs: &[String]) -> Value {
    let sighting = |seen: &Sighting| {
        json!({
            "file": inputs.get(seen.place.input),
            "line": seen.place.line,
            "source": exact(&seen.source),
            "text": exact(&seen.text),
        })
    };
    json!({
        "name": found.cause.name,
        "weight": found.cause.weight.word(),
        "subject": exact(&found.subject),
        "title": found.title(),
        "means": found.means(),
        "remedy": found.remedy(),
        "count": found.count,
        "first": sighting(&found.first),
        "last": sighting(&found.last),
    })
}

/// JSON has a way to write every character; bytes that are none are shown as such.
fn exact(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn place(place: Place, inputs: &[String]) -> String {
    match inputs.get(place.input).filter(|_| inputs.len() > 1) {
        Some(name) => format!("{name}: line {}", place.line),
        None => format!("line {}", place.line),
    }
}

fn line(seen: &Sighting) -> String {
    shown(seen.text.trim_ascii())
}

fn plural(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
