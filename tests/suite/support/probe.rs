//! `probe.c`, a target that says what it was started with, and `start.c`, which starts a program in an odd state.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::{build_once, checked, digest};
use super::run::Run;

/// The program that says what it was given.
pub fn probe() -> PathBuf {
    compiled("probe", include_str!("../../fixtures/probe.c"))
}

/// The program that starts another in a state that no shell can make.
pub fn start() -> PathBuf {
    compiled("start", include_str!("../../fixtures/start.c"))
}

/// Static as the launcher is, so that what it says is not what a loader made of it, and it runs in any environment.
fn compiled(name: &str, source: &str) -> PathBuf {
    let linking: &[&str] = if cfg!(target_feature = "crt-static") { &["-static"] } else { &[] };
    let dir = build_once(&format!("{name}-{}", digest(&(source, linking))), |dir| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{name}.c"));
        checked(
            Command::new("cc")
                .args(linking)
                .args(["-O1", "-Wall", "-Wextra", "-o"])
                .arg(dir.join(name))
                .arg(file),
        );
    });
    dir.join(name)
}

/// What the probe said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report(Vec<(String, String)>);

impl Report {
    /// Reads its lines.
    #[track_caller]
    pub fn parse(text: &str) -> Self {
        let pairs = text
            .lines()
            .map(|line| line.split_once('=').unwrap_or_else(|| panic!("no line of the probe's: {line:?}")));
        Self(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    /// Runs what becomes the probe; expects no word on stderr.
    #[track_caller]
    pub fn of(run: Run) -> Self {
        Self::with_warnings(run, "")
    }

    /// Runs what becomes the probe; expects these warnings on stderr.
    #[track_caller]
    pub fn with_warnings(run: Run, warnings: impl AsRef<[u8]>) -> Self {
        let outcome = run.run();
        outcome.is(0, outcome.stdout_bytes(), warnings);
        Self::parse(&outcome.stdout())
    }

    /// Every value of that key, in order.
    pub fn all(&self, key: &str) -> Vec<&str> {
        self.0.iter().filter(|(name, _)| name == key).map(|(_, value)| value.as_str()).collect()
    }

    /// The only value of that key.
    #[track_caller]
    pub fn one(&self, key: &str) -> &str {
        match self.all(key)[..] {
            [value] => value,
            _ => panic!("not one {key} in {self:?}"),
        }
    }

    /// The only value of that variable, where it is set.
    #[track_caller]
    pub fn variable(&self, name: &str) -> Option<&str> {
        let entries = self.all("env").into_iter();
        let values: Vec<_> =
            entries.filter_map(|entry| entry.strip_prefix(name)?.strip_prefix('=')).collect();
        assert!(values.len() < 2, "two of {name} in {self:?}");
        values.first().copied()
    }

    /// The entries of PYTHONPATH.
    #[track_caller]
    pub fn python_path(&self) -> Vec<&str> {
        self.variable("PYTHONPATH").expect("PYTHONPATH is set").split(':').collect()
    }

    /// The bridge: the last entry of PYTHONPATH.
    #[track_caller]
    pub fn bridge(&self) -> PathBuf {
        let last = PathBuf::from(unescaped(self.python_path().pop().unwrap_or_default()));
        let name = last.file_name().and_then(OsStr::to_str).unwrap_or_default();
        assert!(name.starts_with("heygem-bridge-") && last.is_dir(), "no bridge in {self:?}");
        last
    }

    /// All of it but the process id, which two runs cannot share.
    pub fn state(&self) -> Vec<(&str, &str)> {
        let pairs = self.0.iter().filter(|(key, _)| key != "pid");
        pairs.map(|(key, value)| (key.as_str(), value.as_str())).collect()
    }
}

/// Bytes as the probe writes them.
pub fn escaped(bytes: impl AsRef<OsStr>) -> String {
    let mut text = String::new();
    for &byte in bytes.as_ref().as_bytes() {
        match byte {
            b'\\' => text.push_str("\\x5c"),
            b' '..=b'~' => text.push(byte.into()),
            _ => write!(text, "\\x{byte:02x}").expect("a string takes all"),
        }
    }
    text
}

/// And back.
fn unescaped(text: &str) -> OsString {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (byte, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(byte, 16).expect("two digits"));
        bytes.extend_from_slice(rest.as_bytes());
    }
    OsString::from_vec(bytes)
}
