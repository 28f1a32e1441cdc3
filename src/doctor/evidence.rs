//! All that is started to judge a launch, and what came of it. What it means is decided elsewhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::case::Case;
use super::other_python::{self, OtherPython};
use super::outcome::{End, Outcome};
use super::rehearsal::{self, Hider, InterpreterFacts, MARK, Rehearsal};
use super::supervisor::Supervisor;
use crate::entry::program::may_execute;
use crate::invocation::same_file;
use crate::sdk::abi::Version;

/// As often as a rehearsal is begun anew without the module that ended it.
const MOST_REHEARSALS: usize = 4;

/// Variables that can keep a Python from starting.
const OF_THE_START: [&str; 4] = ["LD_PRELOAD", "LD_LIBRARY_PATH", "LC_ALL", "LANG"];

/// The minor versions of Python 3 that a HeyGem is compiled for.
const MINORS: std::ops::RangeInclusive<u8> = 7..=14;

/// Runs what `site` does at the start, and tells which file ends it.
const SITE: &str = include_str!("rehearsal/site.py");

/// What was learnt by starting things.
#[derive(Debug, Default)]
pub struct Evidence {
    /// What the rehearsals reported, all together.
    pub rehearsal: Rehearsal,
    /// How long each may take.
    pub timeout: Duration,
    /// How the last of them ended, and what it complained of.
    pub last: Option<Outcome>,
    /// Modules that ended a rehearsal, each with how.
    pub killers: Vec<Killer>,
    /// Of a Python that does not start: what changes that.
    pub starts: Starts,
    /// Other Pythons that run what this one does not.
    pub candidates: Vec<OtherPython>,
    /// What the same words start where the user stands: a version manager's shim chooses by directory.
    pub here: Option<OtherPython>,
    pub programs: BTreeMap<&'static str, (PathBuf, Outcome)>,
    /// Processes that could not be ended.
    pub left_behind: Vec<u32>,
    /// Of those that do not run, the next on PATH, and whether that does.
    pub later: BTreeMap<&'static str, (PathBuf, bool)>,
}

/// A launch, and what its rehearsal showed.
pub struct Rehearsed<'e> {
    pub case: &'e Case<'e>,
    pub evidence: &'e Evidence,
}

impl Rehearsed<'_> {
    /// What the interpreter says of itself.
    pub fn facts(&self) -> Option<&InterpreterFacts> {
        self.evidence.rehearsal.facts.as_ref()
    }
}

/// A module that ended the rehearsal.
#[derive(Debug)]
pub struct Killer {
    pub module: String,
    /// The compiled file that was loaded last, where one was.
    pub file: Option<PathBuf>,
    pub end: End,
}

/// What makes a Python start that does not.
#[derive(Debug, Default)]
pub struct Starts {
    /// Whether it starts after all, to do nothing.
    pub is_able: bool,
    /// Variables without which it starts.
    pub without: Vec<String>,
    /// What ends it, and the file that raises that.
    pub ended_by: Option<(String, PathBuf)>,
}

/// What a program is started for.
enum Errand {
    Rehearsal,
    Bare,
    Without(String),
    Site,
    Candidate(PathBuf),
    Here,
    Program(&'static str, PathBuf),
    Later(&'static str, PathBuf),
}

/// Gathers evidence, as fast as programs end.
pub struct Gatherer<'c, 'w> {
    case: &'c Case<'c>,
    supervisor: &'w mut Supervisor,
    errands: BTreeMap<usize, Errand>,
    evidence: Evidence,
}

impl<'c, 'w> Gatherer<'c, 'w> {
    /// Starts what has to be started in any case.
    pub fn new(case: &'c Case<'c>, supervisor: &'w mut Supervisor) -> Self {
        let evidence = Evidence { timeout: supervisor.timeout(), ..Evidence::default() };
        let mut gatherer = Self { case, supervisor, errands: BTreeMap::new(), evidence };
        if case.launched.is_some() {
            gatherer.rehearse();
        }
        for (name, arguments) in PROGRAMS {
            if let Some(path) = case.find(name.split(' ').next().unwrap_or(name)) {
                let mut command = case.command(&path);
                command.args(*arguments);
                let number = gatherer.supervisor.start(command);
                gatherer.errands.insert(number, Errand::Program(name, path));
            }
        }
        gatherer
    }

    pub fn timeout(&self) -> Duration {
        self.supervisor.timeout()
    }

    /// All that came of it.
    pub fn finish(mut self) -> Evidence {
        while let Some((number, outcome)) = self.supervisor.next() {
            match self.errands.remove(&number) {
                Some(Errand::Rehearsal) => self.rehearsed(outcome),
                Some(Errand::Without(name)) if outcome.succeeded() => self.evidence.starts.without.push(name),
                Some(Errand::Site) => self.evidence.starts.ended_by = ended_by(&outcome),
                Some(Errand::Candidate(path)) => {
                    self.evidence.candidates.extend(other_python::candidate(path, &outcome))
                }
                Some(Errand::Here) => self.evidence.here = other_python::here(&outcome),
                Some(Errand::Later(name, path)) => {
                    self.evidence.later.insert(name, (path, outcome.succeeded()));
                }
                Some(Errand::Program(name, path)) => {
                    if !outcome.succeeded() || is_empty(&path) {
                        self.try_later(name, &path);
                    }
                    self.evidence.programs.insert(name, (path, outcome));
                }
                Some(Errand::Bare) => self.evidence.starts.is_able = outcome.succeeded(),
                Some(Errand::Without(_)) | None => {}
            }
        }
        self.evidence.left_behind = self.supervisor.left_behind();
        self.evidence.starts.without.sort();
        self.evidence.candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.version));
        self.evidence
    }

    fn rehearse(&mut self) {
        let skip: Vec<String> = self.evidence.killers.iter().map(|killer| killer.module.clone()).collect();
        match rehearsal::job(self.case, self.supervisor.left().as_secs().max(1), &skip) {
            Ok(job) => {
                let number = self.supervisor.start(job);
                self.errands.insert(number, Errand::Rehearsal);
            }
            Err(error) => {
                self.evidence.last = Some(Outcome::none(End::NotStarted(error)));
            }
        }
    }

    fn rehearsed(&mut self, outcome: Outcome) {
        let rehearsal = Rehearsal::parse(&outcome.report, &outcome.stdout);
        let is_first = self.evidence.killers.is_empty();
        let killed = rehearsal.last.clone().filter(|step| !rehearsal.is_complete && step.name == "import");
        let version = rehearsal.version;
        self.evidence.take(rehearsal);
        match (killed, &outcome.end) {
            (Some(step), End::Ended(status)) => {
                self.evidence.killers.push(Killer {
                    module: step.module,
                    file: self.evidence.rehearsal.loading.last().cloned(),
                    end: End::Ended(*status),
                });
                if self.evidence.killers.len() < MOST_REHEARSALS {
                    self.rehearse();
                }
            }
            (None, End::Ended(_)) if version.is_none() && is_first => self.try_starts(),
            _ => {}
        }
        self.evidence.last = Some(outcome);
        if self.evidence.rehearsal.version.is_none() || self.needs_another() {
            self.try_here();
        }
        if self.needs_another() {
            self.try_others();
        }
    }

    /// Starts the next program of that name on PATH.
    fn try_later(&mut self, name: &'static str, first: &Path) {
        let Some((_, arguments)) = PROGRAMS.iter().find(|(known, _)| *known == name) else { return };
        let others = on_path(self.case, name).into_iter().skip_while(|path| path != first);
        if let Some(other) = { others }.find(|path| may_execute(path) && !same_file(path, first)) {
            let mut command = self.case.command(&other);
            command.args(*arguments);
            let number = self.supervisor.start(command);
            self.errands.insert(number, Errand::Later(name, other));
        }
    }

    /// Starts the Python without each variable that may keep it from starting, and without `site`.
    fn try_starts(&mut self) {
        let bare = self.supervisor.start(self.case.python_code("pass"));
        self.errands.insert(bare, Errand::Bare);
        let names: Vec<String> =
            self.case.invocation.environment.entries().filter_map(variable_of_start).collect();
        for name in names {
            let mut command = self.case.python_code("pass");
            command.env_remove(&name);
            let number = self.supervisor.start(command);
            self.errands.insert(number, Errand::Without(name));
        }
        let mut command = self.case.python_flagged("-S", SITE);
        command.env_remove("PYTHONHOME");
        let number = self.supervisor.start(command);
        self.errands.insert(number, Errand::Site);
    }

    /// Asks a shim where the user stands.
    fn try_here(&mut self) {
        let is_shim = self.case.program.parent().is_some_and(|parent| parent.ends_with("shims"));
        let Some(cwd) = self.case.invocation.cwd().filter(|cwd| is_shim && *cwd != self.case.start()) else {
            return;
        };
        const WHO: &str = "import sys; sys.stdout.write('heygem-run:%d.%d:' % sys.version_info[:2] + sys.executable + chr(10))";
        let mut command = self.case.python_code(WHO);
        command.current_dir(cwd).env("PWD", cwd);
        let number = self.supervisor.start(command);
        self.errands.insert(number, Errand::Here);
    }

    /// Whether this Python can't be the SDK's.
    fn needs_another(&self) -> bool {
        let Some(version) = self.evidence.rehearsal.version else { return false };
        let versions = self.case.root.versions();
        let is_other = !versions.is_empty() && !versions.contains(&version);
        let symbol =
            |text: &str| text.contains("undefined symbol: _Py") || text.contains("undefined symbol: Py");
        let failures = &self.evidence.rehearsal.failures;
        let is_foreign = failures.iter().any(|failure| symbol(&failure.text));
        let is_killed = !self.evidence.killers.is_empty() && versions.is_empty();
        let facts = self.evidence.rehearsal.facts.as_ref();
        let is_unfit = facts.is_some_and(|facts| !self.case.unfit_suffixes(&facts.suffixes).is_empty());
        is_other || is_unfit || version < Version { major: 3, minor: 7 } || is_foreign || is_killed
    }

    fn try_others(&mut self) {
        let own = self.evidence.rehearsal.executable.clone();
        let known = self.case.root.versions().to_vec();
        let versions: Vec<Version> = match known.is_empty() {
            true => MINORS.map(|minor| Version { major: 3, minor }).collect(),
            false => known,
        };
        for path in
            other_python::pythons(self.case, &versions).into_iter().filter(|path| !same_file(path, &own))
        {
            let mut command = self.case.command(&path);
            command.args(["-c", &other_python::code(self.case)]);
            let number = self.supervisor.start(command);
            self.errands.insert(number, Errand::Candidate(path));
        }
    }
}

/// What is asked of programs. A second question has the name behind the program's.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("ffmpeg", &["-version"]),
    ("ffmpeg encoders", &["-hide_banner", "-encoders"]),
    ("ffprobe", &["-version"]),
    ("nvidia-smi list", &["-L"]),
    ("nvidia-smi", &["--query-gpu=name,driver_version", "--format=csv,noheader"]),
];

/// Whether a program has nothing in it: a shell takes it for a script that does nothing.
pub fn is_empty(program: &Path) -> bool {
    program.metadata().is_ok_and(|meta| meta.len() == 0)
}

/// The files of that name on PATH.
pub fn on_path(case: &Case, name: &str) -> Vec<PathBuf> {
    let list = case.invocation.environment.get("PATH").unwrap_or_default();
    let places = crate::path_list::split(list, case.invocation.cwd()).directories;
    places.into_iter().map(|place| place.join(name)).filter(|file| file.is_file()).collect()
}

/// A variable that may keep Python from starting.
fn variable_of_start(entry: &[u8]) -> Option<String> {
    let name = str::from_utf8(entry).ok()?.split('=').next()?;
    let counts = name.starts_with("PYTHON") && !["PYTHONPATH", "PYTHONUNBUFFERED"].contains(&name);
    (counts || OF_THE_START.contains(&name)).then(|| name.to_owned())
}

/// The file that `site` ran last, and what it raised or how it ended all.
fn ended_by(outcome: &Outcome) -> Option<(String, PathBuf)> {
    let mut lines = outcome.stdout.lines().filter_map(|line| Some(line.split_once(MARK)?.1));
    let (file, error) = lines.next_back()?.split_once('\0')?;
    let how = match error {
        "" => outcome.end.in_short().filter(|_| !outcome.succeeded())?,
        _ => error.to_owned(),
    };
    (!file.is_empty()).then(|| (how, file.into()))
}

impl Evidence {
    /// What hides what. What only a child would find counts where one complains of it.
    pub fn hiders(&self) -> impl Iterator<Item = &Hider> {
        self.rehearsal.hiders.iter().filter(|hider| hider.of != "child" || hider.is_named_in(self.said()))
    }

    /// What the rehearsal and its children complained of.
    pub fn said(&self) -> &str {
        self.last.as_ref().map_or("", |outcome| &outcome.stderr)
    }

    /// Adds what another rehearsal reported: the first has told what does not change.
    fn take(&mut self, other: Rehearsal) {
        let known = std::mem::take(&mut self.rehearsal);
        let mut failures = known.failures;
        failures
            .extend(other.failures.iter().filter(|new| !failures.contains(new)).cloned().collect::<Vec<_>>());
        self.rehearsal = Rehearsal {
            facts: other.facts.or(known.facts),
            version: other.version.or(known.version),
            failures,
            loaded: other.loaded.clone().or(known.loaded),
            ..other
        };
    }
}
