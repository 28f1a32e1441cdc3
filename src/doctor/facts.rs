//! What the interpreter says of itself: one run, all answers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::bounded::{Ended, Untold, Watch};
use super::case::Case;
use super::checks::packages::PINS;

const QUESTIONS: &str = include_str!("facts.py");

/// What comes before an answer: an interpreter's start-up files may print, too.
pub const ANSWER: &str = "heygem-run:";

/// The answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// `sys.executable`: the interpreter behind a shim or a wrapper.
    pub executable: String,
    /// `3.8.18`
    pub version: String,
    /// `.cpython-38-x86_64-linux-gnu.so`
    pub tag: String,
    /// Every suffix that it imports, that one first.
    pub suffixes: Vec<String>,
    /// `x86_64`
    pub machine: String,
    /// `glibc 2.31`
    pub libc: String,
    /// The start methods of multiprocessing.
    pub methods: Vec<String>,
    /// Whether it ignores `PYTHONPATH`.
    pub ignores: bool,
    /// Where packages are.
    pub site_packages: Vec<PathBuf>,
    /// The versions of those that were asked for and are there.
    pub packages: BTreeMap<String, String>,
    /// Modules that the launch runs, and that are nowhere.
    pub absent: Vec<String>,
}

impl Facts {
    /// Asks the interpreter, in the launch's own environment.
    ///
    /// # Errors
    /// What it said in place of an answer.
    pub fn ask(case: &Case, watch: &Watch) -> Result<Self, String> {
        Self::answer(watch.run(&mut case.python_code(&questions(case))))
    }

    /// Asks it where the user stands: a version manager's shim chooses by directory.
    pub fn ask_here(case: &Case, watch: &Watch) -> Option<Self> {
        let mut command = case.python_code(&questions(case));
        command.current_dir(case.invocation.cwd()?).env("PWD", case.invocation.cwd()?);
        Self::answer(watch.run(&mut command)).ok()
    }

    fn answer(outcome: Result<Ended, Untold>) -> Result<Self, String> {
        let ended = outcome.map_err(|untold| untold.to_string())?;
        let answer = ended.stdout.lines().find_map(|line| Self::parse(line.split_once(ANSWER)?.1));
        answer.ok_or_else(|| {
            let said = last_line(&ended.stderr).or_else(|| last_line(&ended.stdout));
            said.map_or_else(|| format!("it ends with {}", ended.status), str::to_owned)
        })
    }

    fn parse(line: &str) -> Option<Self> {
        let answers: Value = serde_json::from_str(line).ok()?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list =
            |value: &Value| value.as_array().into_iter().flatten().filter_map(text).collect::<Vec<_>>();
        let packages = answers["packages"].as_object()?.iter();
        Some(Self {
            executable: text(&answers["executable"])?,
            version: text(&answers["version"])?,
            tag: text(&answers["tag"])?,
            suffixes: list(&answers["suffixes"]),
            machine: text(&answers["machine"])?,
            libc: text(&answers["libc"])?,
            methods: list(&answers["methods"]),
            ignores: answers["ignores"].as_bool()?,
            site_packages: list(&answers["site_packages"]).into_iter().map(PathBuf::from).collect(),
            absent: list(&answers["absent"]),
            packages: packages.filter_map(|(name, version)| Some((name.clone(), text(version)?))).collect(),
        })
    }
}

fn questions(case: &Case) -> String {
    let names: Vec<&str> = PINS.iter().map(|pin| pin.name).collect();
    // Of a dotted name only the first part: to look for more, Python would have to import that.
    let modules: Vec<&str> = case.module().and_then(|name| name.split('.').next()).into_iter().collect();
    format!("PACKAGES, MODULES = {names:?}, {modules:?}\n{QUESTIONS}")
}

/// The last line that says something: in a traceback, what went wrong.
pub fn last_line(text: &str) -> Option<&str> {
    text.lines().rev().map(str::trim).find(|line| !line.is_empty())
}
