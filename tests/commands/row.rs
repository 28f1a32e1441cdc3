//! One command that people type, and what must come of it.

use std::fmt;

use crate::layout::Layout;

/// A line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// As people type it. `PORT` is a free port, `T` the directory above them all, `VENV` the virtual environment.
    pub line: &'static str,
    /// The user's files, relative to the layout's base, with spaces between them. The suite writes each one by its name: see `files.rs`.
    pub files: &'static str,
    pub app: App,
    pub layout: Layout,
    pub expected: Expected,
    /// The name in the configuration of the SDK that must be used: each layout has an A, some a B.
    pub sdk: &'static str,
    /// Further lines of gunicorn's configuration.
    pub conf: &'static str,
    /// A file whose edit must make the server start anew.
    pub edited: Option<&'static str>,
    /// A signal that must make the server start anew.
    pub signal: Option<Signal>,
    /// What a script must have read from the file that its option names.
    pub reads: Option<(&'static str, &'static str)>,
    /// Files that must be there while the server runs, with spaces between them.
    pub creates: &'static str,
    /// Whether the launcher must say nothing.
    pub is_quiet: bool,
    /// Where it listens, if not on the port.
    pub socket: Option<&'static str>,
    /// Who gets SIGTERM.
    pub stop: Stop,
    /// Whether only CPythons from this one on have the packages.
    pub since: (u8, u8),
}

/// What the user's Python files are. Each is a file of `tests/fixtures/commands/apps`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum App {
    Script,
    Asgi,
    /// An ASGI app that imports the SDK at its top level.
    Eager,
    /// The same for WSGI.
    EagerWsgi,
    /// An ASGI app that is a script, which has uvicorn reload it.
    Reload,
    /// The same, with the SDK imported at its top level.
    EagerReload,
    FastApi,
    /// The same, with the SDK imported at its top level.
    EagerFastApi,
    Wsgi,
    /// A WSGI app whose first import of the SDK is made by many threads.
    Threads,
    Flask,
    /// The same, with the SDK imported at its top level.
    EagerFlask,
    Celery,
    Sanic,
    /// A script that starts itself again.
    Again,
    /// A module that parses arguments of its own.
    OwnParser,
    /// An ASGI app that is a script, which starts uvicorn by its command.
    Starter,
    /// A WSGI app that is a script, which is gunicorn's own program.
    OwnGunicorn,
}

/// What a row must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Works,
    /// It says what to type, and that works.
    Honest,
    WorksOrHonest,
    /// Exit code 125, and a message that names the tree.
    Refused,
}

/// What gunicorn is told while it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGHUP: its configuration is read again, and others serve.
    Reload,
    /// SIGUSR2, then SIGTERM: it starts itself again, and the new one stays.
    Upgrade,
}

/// Who gets SIGTERM at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// What was started.
    One,
    /// Every process of it: what was started does not hand a signal on, with or without the launcher.
    All,
}

/// A row of the first layout, which must work.
pub const fn row(app: App, line: &'static str, files: &'static str) -> Row {
    Row {
        line,
        files,
        app,
        layout: Layout::Beside,
        expected: Expected::Works,
        sdk: "A",
        conf: "",
        edited: None,
        signal: None,
        reads: None,
        creates: "",
        is_quiet: false,
        socket: None,
        stop: Stop::One,
        since: (3, 8),
    }
}

impl Row {
    /// The user's files.
    pub fn files(&self) -> impl Iterator<Item = &'static str> {
        self.files.split_whitespace()
    }

    pub const fn within(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    pub const fn honest(mut self) -> Self {
        self.expected = Expected::Honest;
        self
    }

    pub const fn works_or_honest(mut self) -> Self {
        self.expected = Expected::WorksOrHonest;
        self
    }

    pub const fn refused(mut self) -> Self {
        self.expected = Expected::Refused;
        self
    }

    pub const fn uses(mut self, sdk: &'static str) -> Self {
        self.sdk = sdk;
        self
    }

    pub const fn edited(mut self, file: &'static str) -> Self {
        self.edited = Some(file);
        self
    }

    pub const fn reads(mut self, option: &'static str, content: &'static str) -> Self {
        self.reads = Some((option, content));
        self
    }

    pub const fn signalled(mut self, signal: Signal) -> Self {
        self.signal = Some(signal);
        self
    }

    pub const fn with_conf(mut self, lines: &'static str) -> Self {
        self.conf = lines;
        self
    }

    pub const fn creates(mut self, files: &'static str) -> Self {
        self.creates = files;
        self
    }

    pub const fn quietly(mut self) -> Self {
        self.is_quiet = true;
        self
    }

    pub const fn listens_on(mut self, socket: &'static str) -> Self {
        self.socket = Some(socket);
        self
    }

    pub const fn stopped_as_a_whole(mut self) -> Self {
        self.stop = Stop::All;
        self
    }

    pub const fn since(mut self, major: u8, minor: u8) -> Self {
        self.since = (major, minor);
        self
    }
}

/// A command as a shell would see it: variables in front, then words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub variables: Vec<(String, String)>,
    pub words: Vec<String>,
}

impl Command {
    /// Reads a line of words and quotes. `None` where a quote is open.
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = shell_words::split(line).ok()?;
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        };
        let assignment = |word: &String| word.split_once('=').is_some_and(|(name, _)| is_name(name));
        let count = words.iter().take_while(|word| assignment(word)).count();
        let variables = words.drain(..count).filter_map(|word| {
            let (name, value) = word.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        });
        Some(Self { variables: variables.collect(), words })
    }

    /// The command with what stands for something replaced in every word and value.
    pub fn replaced(mut self, replace: impl Fn(&str) -> String) -> Self {
        self.words.iter_mut().for_each(|word| *word = replace(word));
        self.variables.iter_mut().for_each(|(_, value)| *value = replace(value));
        self
    }

    /// Sets a variable in front of it.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.variables {
            write!(f, "{name}={} ", shell_words::quote(value))?;
        }
        f.write_str(&shell_words::join(&self.words))
    }
}
