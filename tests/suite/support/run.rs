//! One run of a program, and what is expected of it: both streams to the byte, nothing unless stated.

use std::ffi::OsStr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Output};

/// A program about to run.
pub struct Run {
    command: Command,
}

/// What it came to.
pub struct Outcome {
    told: String,
    output: Output,
}

impl Run {
    /// Takes a command as it is.
    pub fn new(command: Command) -> Self {
        Self { command }
    }

    /// Starts it elsewhere.
    pub fn within(mut self, directory: impl AsRef<Path>) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Removes a variable.
    pub fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run(mut self) -> Outcome {
        let told = format!("{:?}", self.command);
        match self.command.output() {
            Ok(output) => Outcome { told, output },
            Err(error) => panic!("cannot run {told}: {error}"),
        }
    }

    /// Runs it, and expects success, this on stdout and nothing on stderr.
    #[track_caller]
    pub fn prints(self, stdout: impl AsRef<[u8]>) {
        self.run().is(0, stdout, "");
    }

    /// Runs it, and expects this exit code, nothing on stdout and this on stderr.
    #[track_caller]
    pub fn fails(self, code: i32, stderr: impl AsRef<[u8]>) {
        self.run().is(code, "", stderr);
    }

    /// Runs it, and expects success, this on stdout and this on stderr.
    #[track_caller]
    pub fn prints_and_warns(self, stdout: impl AsRef<[u8]>, stderr: impl AsRef<[u8]>) {
        self.run().is(0, stdout, stderr);
    }
}

impl Outcome {
    /// What a command, told in words, came to.
    pub fn new(told: String, output: Output) -> Self {
        Self { told, output }
    }

    /// The command, in words.
    pub fn told(&self) -> &str {
        &self.told
    }

    /// What it printed on stdout, as text.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// What it printed on stdout, as bytes.
    pub fn stdout_bytes(&self) -> &[u8] {
        &self.output.stdout
    }

    /// What it printed on stderr, as text.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// Its exit code; `None` where a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.output.status.code()
    }

    /// The signal that ended it.
    pub fn signal(&self) -> Option<i32> {
        self.output.status.signal()
    }

    /// Expects all three at once.
    #[track_caller]
    pub fn is(&self, code: i32, stdout: impl AsRef<[u8]>, stderr: impl AsRef<[u8]>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let is_met = self.code() == Some(code)
            && self.output.stdout == stdout.as_ref()
            && self.output.stderr == stderr.as_ref();
        assert!(
            is_met,
            "expected exit code {code}\n--- stdout\n{}--- stderr\n{}\nof {self}",
            text(stdout.as_ref()),
            text(stderr.as_ref())
        );
    }

    /// Expects success, and gives what was printed.
    #[track_caller]
    pub fn succeeded(&self) -> String {
        assert!(self.output.status.success(), "expected success of {self}");
        self.stdout()
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {}\n--- stdout\n{}--- stderr\n{}",
            self.told,
            self.output.status,
            self.stdout(),
            self.stderr()
        )
    }
}

/// The text with HASH for each hash in it, which are 16 or 32 hexadecimal digits.
pub fn masked(text: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let word = &rest[start..];
        let end = word.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(word.len());
        masked.push_str(&rest[..start]);
        masked.push_str(if matches!(end, 16 | 32) { "HASH" } else { &word[..end] });
        rest = &word[end..];
    }
    masked + rest
}
