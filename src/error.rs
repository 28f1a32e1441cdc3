//! What can go wrong, and what the user is told of it.
//!
//! Anything the launcher does returns [`anyhow::Result`]. A plain I/O error with its context is enough where only
//! its text matters; where the exit code, the places tried or a hint matter, the error is a [`Failure`].
//! [`exit_code`] is the one place that turns either into a number.

use std::fmt;
use std::io;

/// The exit codes a wrapper speaks, as GNU `env`, `nice` and `nohup` do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// 125: the launcher itself failed, or was asked something it can't do.
    Launcher = 125,
    /// 126: the command was found and could not be run.
    CannotRun = 126,
    /// 127: the command was not found.
    NotFound = 127,
}

/// An error that says what was tried and what to type.
#[derive(Debug)]
pub struct Failure {
    code: Code,
    message: String,
    /// Further lines of it: the places that were tried.
    lines: Vec<String>,
    hints: Vec<String>,
}

impl Failure {
    /// The launcher can't go on: exit code 125.
    pub fn new(message: impl Into<String>) -> Self {
        Self::with_code(Code::Launcher, message)
    }

    /// A failure with the exit code of its kind.
    pub fn with_code(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), lines: Vec::new(), hints: Vec::new() }
    }

    /// Adds the places that were looked at, in order.
    pub fn tried(mut self, places: impl IntoIterator<Item: ToString>) -> Self {
        self.lines.extend(places.into_iter().map(|place| format!("tried: {}", place.to_string())));
        self
    }

    /// Adds lines of another kind.
    pub fn lines(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.lines.extend(lines);
        self
    }

    /// Adds what the user can type.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.lines.iter().try_for_each(|line| write!(f, "\n  {line}"))?;
        self.hints.iter().try_for_each(|hint| write!(f, "\nhint: {hint}"))
    }
}

impl std::error::Error for Failure {}

/// An error as it is told.
#[derive(Debug, PartialEq, Eq)]
pub struct ErrorParts<'e> {
    /// What went wrong, with its causes.
    pub text: String,
    /// Further lines of it.
    pub lines: &'e [String],
    /// What the user can type.
    pub hints: &'e [String],
}

/// What is told of an error.
pub fn parts(error: &anyhow::Error) -> ErrorParts<'_> {
    let failure = error.chain().find_map(|cause| cause.downcast_ref::<Failure>());
    let causes = error.chain().map(|cause| match cause.downcast_ref::<Failure>() {
        Some(failure) => failure.message.clone(),
        None => cause_text(cause),
    });
    ErrorParts {
        text: causes.collect::<Vec<_>>().join(": "),
        lines: failure.map_or(&[], |failure| &failure.lines),
        hints: failure.map_or(&[], |failure| &failure.hints),
    }
}

/// The exit code for an error: its own where it has one, else 125.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    error.downcast_ref::<Failure>().map_or(Code::Launcher, |failure| failure.code) as u8
}

/// The error, with a hint where it is a [`Failure`] of that kind.
pub fn hint(error: anyhow::Error, code: Code, hint: impl FnOnce() -> Option<String>) -> anyhow::Error {
    match error.downcast::<Failure>() {
        Ok(mut failure) => {
            if failure.code == code {
                failure.hints.extend(hint());
            }
            failure.into()
        }
        Err(error) => error,
    }
}

fn cause_text(cause: &(dyn std::error::Error + 'static)) -> String {
    cause.downcast_ref().map_or_else(|| cause.to_string(), plain)
}

/// The system's own words, without the number that Rust puts behind them.
pub fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_lists_what_was_tried_and_what_to_type() {
        let failure = Failure::new("no root").tried(["/a: no", "/b: no"]).hint("name one");
        assert_eq!(failure.to_string(), "no root\n  tried: /a: no\n  tried: /b: no\nhint: name one");
    }

    #[test]
    fn hints_are_apart_from_the_text() {
        let failure = Failure::new("no root").tried(["/a: no"]).hint("name one").hint("hint: or none");
        let error = anyhow::Error::from(failure).context("can't start");
        let ErrorParts { text, lines, hints } = parts(&error);
        assert_eq!(text, "can't start: no root");
        assert_eq!(lines, ["tried: /a: no"]);
        assert_eq!(hints, ["name one", "hint: or none"]);
        let plain = anyhow::anyhow!("hint: x");
        assert_eq!(parts(&plain), ErrorParts { text: "hint: x".into(), lines: &[], hints: &[] });
    }

    #[test]
    fn only_a_failure_has_a_code_of_its_own() {
        assert_eq!(exit_code(&Failure::with_code(Code::NotFound, "x").into()), 127);
        assert_eq!(exit_code(&Failure::with_code(Code::CannotRun, "x").into()), 126);
        assert_eq!(exit_code(&anyhow::anyhow!("disk full").context("x")), 125);
    }

    #[test]
    fn the_systems_errors_lose_their_number() {
        let absent = || io::Error::from_raw_os_error(libc::ENOENT);
        assert_eq!(plain(&absent()), "No such file or directory");
        let error = anyhow::Error::from(absent()).context("can't read /a");
        assert_eq!(parts(&error).text, "can't read /a: No such file or directory");
    }
}
