//! How the launcher speaks: `heygem-run: error: …`, `heygem-run: warning: …`, `hint: …`, on stderr.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use crate::error::{self, ErrorParts};
use crate::shown::one_line;

const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[1;33m";
const CYAN: &str = "\x1b[1;36m";
const RESET: &str = "\x1b[0m";

/// Whether stderr takes colours.
fn colours() -> bool {
    io::stderr().is_terminal() && !refuses_colours()
}

/// Whether the user wants none, anywhere. `NO_COLOR` is read here, and only when there is something to say.
pub fn refuses_colours() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Prints an error with what was tried and the hints, which are further lines of it.
pub fn error(error: &anyhow::Error) {
    let ErrorParts { text, lines, hints } = error::parts(error);
    print(("error:", RED), &text, lines, hints);
}

pub fn warning(warning: impl Display) {
    print(("warning:", YELLOW), &warning.to_string(), &[], &[]);
}

/// Prints where a part of the launch came from.
pub fn note(note: impl Display) {
    print(("", ""), &note.to_string(), &[], &[]);
}

/// One write, so that the lines of several launches do not mix. If stderr can't be written, there is no one to tell.
fn print((label, colour): (&str, &str), text: &str, lines: &[String], hints: &[String]) {
    let mut message = String::from("heygem-run: ");
    let colours = colours();
    let paint = |label: &str, colour: &str| {
        if colours { format!("{colour}{label}{RESET}") } else { label.to_owned() }
    };
    if !label.is_empty() {
        message.push_str(&paint(label, colour));
        message.push(' ');
    }
    message.push_str(&one_line(text.trim_end_matches('\n')));
    for line in lines {
        message.push_str(&format!("\n  {}", one_line(line)));
    }
    for hint in hints {
        message.push_str(&format!("\n{} {}", paint("hint:", CYAN), one_line(hint)));
    }
    message.push('\n');
    let _ = io::stderr().write_all(message.as_bytes());
}
