//! What the doctor found, and how it is told.

use std::fmt;
use std::iter;
use std::path::PathBuf;

use serde_json::json;

use crate::remedy::Remedy;
use crate::shown::{self, one_line};
use crate::terminal;
use crate::warning::{Warning, Warnings};

/// Where a finding's text begins.
const INDENT: usize = 19;

/// Of a check that finds more, only so many are told: somebody else may have chosen how many there are.
const MOST_TOLD: usize = 50;

/// How well something is; the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// As it should be.
    Ok,
    /// Worth knowing, and no fault.
    Info,
    /// Not looked at, and why.
    Skip,
    /// Something will not work, or may not.
    Warn,
    /// The service can't work.
    Fail,
}

/// A part of what is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    Root,
    Command,
    Bridge,
    Models,
    Tools,
    Gpu,
    Interpreter,
    Isolation,
    Abi,
    Shadow,
    Packages,
    Libraries,
    Config,
    Shm,
    Children,
}

/// What a finding is about. A warning or failure explains later findings about the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// A file or directory.
    Path(PathBuf),
    /// A module, by its dotted name.
    Module(String),
    /// A shared library, by its name.
    Library(String),
    /// An installed package, by the directory that it is imported from.
    Package(String),
    /// Whether interpreter and compiled modules fit.
    Abi,
    /// What makes Python ignore its variables.
    Isolation,
    /// Which environment's packages are found.
    Environment,
    Config,
    /// /dev/shm.
    SharedMemory,
    /// A limit of this user or of this process.
    Limit,
    /// The names that only the bridge has.
    Bridge,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckFinding {
    pub status: Status,
    pub found: String,
    /// Further lines of it: the places that were tried.
    pub lines: Box<[String]>,
    pub remedy: Option<Remedy>,
    pub topics: Vec<Topic>,
}

/// What a failure comes down to: a finding, and the check that tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conclusion {
    pub check: Check,
    pub finding: CheckFinding,
}

/// All that one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    pub check: Check,
    /// What it found; never nothing.
    pub findings: Vec<CheckFinding>,
}

impl Check {
    /// Every one, in the order of their first appearance.
    pub const ALL: [Self; 15] = [
        Self::Root,
        Self::Command,
        Self::Bridge,
        Self::Models,
        Self::Tools,
        Self::Gpu,
        Self::Interpreter,
        Self::Isolation,
        Self::Abi,
        Self::Shadow,
        Self::Packages,
        Self::Libraries,
        Self::Config,
        Self::Shm,
        Self::Children,
    ];

    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Command => "command",
            Self::Bridge => "bridge",
            Self::Models => "models",
            Self::Tools => "tools",
            Self::Gpu => "gpu",
            Self::Interpreter => "interpreter",
            Self::Isolation => "isolation",
            Self::Abi => "abi",
            Self::Shadow => "shadow",
            Self::Packages => "packages",
            Self::Libraries => "libraries",
            Self::Config => "config",
            Self::Shm => "shm",
            Self::Children => "children",
        }
    }

    /// Whether others can't be looked at where it fails.
    pub fn bars_others(self) -> bool {
        matches!(self, Self::Root | Self::Command | Self::Interpreter)
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Status {
    const ALL: [Self; 5] = [Self::Ok, Self::Info, Self::Skip, Self::Warn, Self::Fail];

    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Info => "info",
            Self::Skip => "skip",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }

    fn colour(self) -> &'static str {
        match self {
            Self::Ok => "\x1b[32m",
            Self::Info | Self::Skip => "\x1b[2m",
            Self::Warn => "\x1b[1;33m",
            Self::Fail => "\x1b[1;31m",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl CheckFinding {
    /// Something found, with no remedy.
    pub fn new(status: Status, found: impl Into<String>) -> Self {
        Self { status, found: found.into(), lines: Box::default(), remedy: None, topics: Vec::new() }
    }

    pub fn ok(found: impl Into<String>) -> Self {
        Self::new(Status::Ok, found)
    }

    pub fn info(found: impl Into<String>) -> Self {
        Self::new(Status::Info, found)
    }

    pub fn skip(why: impl Into<String>) -> Self {
        Self::new(Status::Skip, why)
    }

    pub fn warn(found: impl Into<String>, remedy: impl Into<Remedy>) -> Self {
        Self::new(Status::Warn, found).with_remedy(remedy)
    }

    pub fn fail(found: impl Into<String>, remedy: impl Into<Remedy>) -> Self {
        Self::new(Status::Fail, found).with_remedy(remedy)
    }

    /// The warnings of a launch that the check is about.
    pub fn of_warnings(
        status: Status,
        warnings: &Warnings,
        is_meant: impl Fn(&Warning) -> bool,
    ) -> Vec<Self> {
        let meant = warnings.iter().filter(|warning| is_meant(warning));
        meant.map(|warning| Self::of_warning(status, warning)).collect()
    }

    pub fn of_warning(status: Status, warning: &Warning) -> Self {
        Self { remedy: warning.remedy(), ..Self::new(status, warning.to_string()) }
    }

    /// What was found, with its further lines.
    fn all_lines(&self) -> String {
        iter::once(&self.found).chain(&self.lines).map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// As lines, behind what it is about.
    pub fn text(&self, about: &str) -> String {
        let Self { status, found, lines, remedy, .. } = self;
        let status = match terminal::has_colours() {
            true => format!("{}{status:4}\x1b[0m", status.colour()),
            false => format!("{status:4}"),
        };
        let lines: Vec<String> = iter::once(found).chain(lines).map(|line| one_line(line)).collect();
        let mut text = format!("{status}  {about:11}  {}\n", terminal::hanging(&lines.join("\n"), INDENT));
        if let Some(remedy) = remedy {
            // Not broken: it is there to be copied.
            let remedy = one_line(&remedy.to_string());
            text += &format!("{:INDENT$}do: {remedy}\n", "");
        }
        text
    }

    /// Makes a failure a warning, where it is not certain that it will happen.
    pub fn doubt(&mut self) {
        self.status = self.status.min(Status::Warn);
    }

    pub fn with_remedy(self, remedy: impl Into<Remedy>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }

    pub fn about(mut self, topics: impl IntoIterator<Item = Topic>) -> Self {
        self.topics.extend(topics);
        self
    }

    pub fn is_amiss(&self) -> bool {
        self.status >= Status::Warn
    }

    /// Whether it is about something that the other is about.
    pub fn shares_topic(&self, other: &Self) -> bool {
        self.topics.iter().any(|topic| other.topics.contains(topic))
    }
}

impl Conclusion {
    pub fn new(check: Check, finding: CheckFinding) -> Self {
        Self { check, finding }
    }
}

impl Diagnosis {
    pub fn new(check: Check, findings: Vec<CheckFinding>) -> Self {
        Self { check, findings }
    }

    /// The worst of it.
    pub fn status(&self) -> Status {
        self.findings.iter().map(|finding| finding.status).max().unwrap_or(Status::Ok)
    }

    /// A line for each finding, and one more for what fixes it.
    pub fn text(&self, shown: impl Fn(&CheckFinding) -> bool) -> String {
        let shown = self.findings.iter().filter(|finding| shown(finding));
        told(shown).iter().map(|finding| finding.text(self.check.name())).collect()
    }
}

/// The findings that are told, and one that stands for the rest.
fn told<'f>(findings: impl Iterator<Item = &'f CheckFinding>) -> Vec<CheckFinding> {
    let findings: Vec<&CheckFinding> = findings.collect();
    let (told, rest) = findings.split_at(findings.len().min(MOST_TOLD));
    let mut told: Vec<CheckFinding> = told.iter().copied().cloned().collect();
    let worst = rest.iter().map(|finding| finding.status).max();
    told.extend(worst.map(|worst| CheckFinding::new(worst, format!("{} more are not told", rest.len()))));
    told
}

/// The last line: how many checks came to what.
pub fn summary(diagnoses: &[Diagnosis]) -> String {
    let count = |status| diagnoses.iter().filter(|diagnosis| diagnosis.status() == status).count();
    let counts = Status::ALL.into_iter().rev().map(|status| (count(status), status));
    let counts: Vec<_> =
        counts.filter(|(count, _)| *count > 0).map(|(count, status)| format!("{count} {status}")).collect();
    format!("{} checks: {}\n", diagnoses.len(), counts.join(", "))
}

/// All of it as one document.
pub fn document(diagnoses: &[Diagnosis], healthy: bool) -> String {
    let finding = |finding: &CheckFinding| json!({"status": finding.status.word(), "found": finding.all_lines(), "remedy": finding.remedy.as_ref().map(Remedy::to_string)});
    let check = |diagnosis: &Diagnosis| {
        json!({
            "check": diagnosis.check.name(),
            "status": diagnosis.status().word(),
            "findings": told(diagnosis.findings.iter()).iter().map(finding).collect::<Vec<_>>(),
        })
    };
    shown::json(&json!({"healthy": healthy, "checks": diagnoses.iter().map(check).collect::<Vec<_>>()}))
}
