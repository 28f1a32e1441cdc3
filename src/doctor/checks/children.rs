//! The children that were started, and whatever else of the SDK the rehearsal ran.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::doctor::causes::{conclude, explained};
use crate::doctor::diagnosis::{Check, CheckFinding, Conclusion, Status, Topic};
use crate::doctor::encoding;
use crate::doctor::evidence::{Killer, Rehearsed};
use crate::doctor::outcome::End;
use crate::doctor::rehearsal::{Child, StartMethods, StepFailure, Unparsed};
use crate::files;
use crate::remedy::Remedy;
use crate::shell::quote;

use super::start::{give_longer, place_in, reason};

/// No source file is longer.
const LONGEST_SOURCE: u64 = 4 << 20;

/// What every failure comes down to, in order; what several came to is told once.
pub fn conclusions(rehearsed: &Rehearsed) -> Vec<Conclusion> {
    let rehearsal = &rehearsed.evidence.rehearsal;
    let mut conclusions: Vec<Conclusion> = Vec::new();
    let of_children = rehearsal.children.iter().flat_map(|child| child.failures.iter().flatten());
    // What ends one module's import ends those that import it: the first of those that end alike is told.
    let all = &rehearsed.evidence.killers;
    let is_first = |(index, killer): &(usize, &Killer)| {
        !all[..*index].iter().any(|other| other.end.is_like(&killer.end))
    };
    let killers = all.iter().enumerate().filter(is_first).map(|(_, killer)| killed(killer));
    conclusions.extend(killers.map(|finding| Conclusion { check: Check::Children, finding }));
    let is_of_launch = |failure: &&StepFailure| {
        !["limits", "alarm", "watch", "starts"].contains(&failure.step.name.as_str())
    };
    let failures = merged(rehearsal.failures.iter().chain(of_children).filter(is_of_launch));
    for failure in &failures {
        let conclusion = conclude(rehearsed, failure);
        let is_told = |other: &Conclusion| {
            other.check == conclusion.check
                && (other.finding.found == conclusion.finding.found
                    || other.finding.remedy.is_some()
                        && other.finding.remedy == conclusion.finding.remedy
                        && other.check != Check::Children)
        };
        if !conclusions.iter().any(is_told) {
            conclusions.push(conclusion);
        }
    }
    let said = rehearsed.evidence.last.as_ref().and_then(|outcome| reason(&outcome.stderr));
    conclusions.extend(
        silent(&rehearsal.children, said, rehearsed.evidence.timeout)
            .into_iter()
            .map(|finding| finding.about(explained(rehearsed, "", true)))
            .map(|finding| Conclusion { check: Check::Children, finding }),
    );
    conclusions.extend(hung(rehearsed).map(|finding| Conclusion { check: Check::Children, finding }));
    conclusions
}

/// One of those that differ by nothing but the start method, with all methods.
fn merged<'f>(failures: impl Iterator<Item = &'f StepFailure>) -> Vec<StepFailure> {
    let mut merged: Vec<StepFailure> = Vec::new();
    for failure in failures {
        let same = |other: &&mut StepFailure| {
            other.classes == failure.classes
                && other.text == failure.text
                && other.name == failure.name
                && (!failure.step.methods.is_empty() || other.step.module == failure.step.module)
        };
        match merged.iter_mut().find(same) {
            Some(other) if !failure.step.methods.is_empty() && !other.step.methods.is_empty() => {
                other.step.methods.add(&failure.step.methods);
            }
            Some(other) => other.step.is_needed |= failure.step.is_needed,
            None => merged.push(failure.clone()),
        }
    }
    merged
}

/// A module that ended the rehearsal.
fn killed(killer: &Killer) -> CheckFinding {
    let how = killer.end.in_short().unwrap_or_else(|| killer.end.to_string());
    let file = killer.file.as_ref().filter(|_| killer.end.signal().is_some());
    let place = file.map_or(String::new(), |file| format!(", as {} is loaded", quote(file)));
    let finding = CheckFinding::fail(
        format!("importing {} ends the process: {how}{place}", killer.module),
        match file {
            Some(file) => {
                format!("copy {} again from where it came from, built for this machine", quote(file))
            }
            None => "see what that module runs when it is imported".into(),
        },
    );
    finding.about(file.map(|file| Topic::Path(file.clone()))).about([Topic::Module(killer.module.clone())])
}

/// How a child ended that told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChildEnd {
    Hung,
    Signal(i64),
    Code(i64),
    Unknown,
}

impl ChildEnd {
    fn of(child: &Child) -> Self {
        match child.code {
            _ if child.is_hung => Self::Hung,
            Some(code @ ..0) => Self::Signal(-code),
            Some(code) => Self::Code(code),
            None => Self::Unknown,
        }
    }
}

impl fmt::Display for ChildEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hung => f.write_str("did not end in time, and was killed"),
            Self::Signal(signal) => write!(f, "died: signal {signal}"),
            Self::Code(code) => write!(f, "died: exit code {code}"),
            Self::Unknown => f.write_str("died without a word"),
        }
    }
}

/// Children that told nothing: one finding for all that ended alike.
fn silent(children: &[Child], said: Option<&str>, timeout: Duration) -> Vec<CheckFinding> {
    let mut by_end: Vec<(ChildEnd, StartMethods)> = Vec::new();
    for child in children.iter().filter(|child| child.failures.is_none()) {
        let end = ChildEnd::of(child);
        match by_end.iter_mut().find(|(other, _)| *other == end) {
            Some((_, methods)) => methods.add(&child.methods),
            None => by_end.push((end, child.methods.clone())),
        }
    }
    let finding = |(end, methods): (ChildEnd, StartMethods)| {
        let is_hung = end == ChildEnd::Hung;
        let said = said.filter(|_| !is_hung).map_or(String::new(), |said| format!("; it said: {said}"));
        CheckFinding::fail(
            format!("{methods}: a child {end}{said}"),
            match is_hung {
                true => longer(timeout),
                false => "see what the SDK's modules run when they are imported".to_owned(),
            },
        )
    };
    by_end.into_iter().map(finding).collect()
}

/// A step that did not end.
fn hung(rehearsed: &Rehearsed) -> Option<CheckFinding> {
    let evidence = rehearsed.evidence;
    let outcome = evidence.last.as_ref()?;
    let step = evidence.rehearsal.last.as_ref()?;
    let what = match (step.name.as_str(), step.module.as_str()) {
        ("import", module) => format!("importing {module}"),
        ("children", _) | ("start", _) => "a child".into(),
        (name, _) => name.to_owned(),
    };
    let timeout = match outcome.end {
        End::Hung(timeout) => timeout,
        End::Crowded(most) => {
            let found = format!("{what} started more than {most} processes, and was killed with them");
            let finding =
                CheckFinding::fail(found, "see what the SDK's modules start when they are imported");
            return Some(finding.about([Topic::Limit]));
        }
        _ => return None,
    };
    let place = place_in(&outcome.stderr);
    let told = place.map_or(String::new(), |(file, line)| format!("; it stands in {file}, line {line}"));
    let found = format!(
        "{what} did not end in {} s, and was killed with all that it had started{told}",
        timeout.as_secs()
    );
    Some(CheckFinding::fail(found, longer(timeout)))
}

/// What to type where the SDK may only be slow.
fn longer(timeout: Duration) -> String {
    format!("if the SDK is slow to load, {}", give_longer(timeout.as_secs()))
}

/// What went well.
pub fn well(rehearsed: &Rehearsed) -> Option<CheckFinding> {
    let children = &rehearsed.evidence.rehearsal.children;
    let well = children
        .iter()
        .filter(|child| child.failures.as_ref().is_some_and(Vec::is_empty) && child.code == Some(0));
    let mut methods = StartMethods::default();
    well.for_each(|child| methods.add(&child.methods));
    (!methods.is_empty()).then(|| {
        CheckFinding::new(
            Status::Ok,
            format!("{methods}: a child unpickles by the bare name, and imports the SDK"),
        )
    })
}

/// The encoding of a source file that is not UTF-8 and does not say what it is, as far as that can be told.
fn foreign_text(file: &Path) -> Option<Option<&'static str>> {
    let bytes = files::read(file, LONGEST_SOURCE).ok()?;
    let mut head = bytes.split(|byte| *byte == b'\n').take(2);
    let says = head.any(|line| line.starts_with(b"#") && memchr::memmem::find(line, b"coding").is_some());
    (!says && std::str::from_utf8(&bytes).is_err()).then(|| encoding::encoding(&bytes))
}

/// What to do about a file that this Python can't run.
fn unparsed_remedy(file: &Path, error: &StepFailure) -> Remedy {
    let words = match () {
        () if error.is("RuntimeError") => {
            "run the .py file that it was made from, or the Python that made it: --python CMD"
        }
        () if error.is("ImportError") => "name the script itself",
        () if error.is("TypeError") => {
            "write that type with the names of typing, which this Python knows: List[str], Dict[str, int], Optional[int], Union[int, str]"
        }
        () => match foreign_text(file) {
            Some(encoding) => return encoding::remedy(file, encoding),
            None => "correct that line, or use a Python that supports this syntax: --python CMD",
        },
    };
    words.into()
}

/// What the main script does that no spawn child survives.
pub fn main_script(rehearsed: &Rehearsed) -> Vec<CheckFinding> {
    let version = rehearsed.facts().map_or("?", |facts| facts.version.as_str());
    let unparsed = rehearsed.evidence.rehearsal.unparsed.iter().map(|Unparsed { file, is_needed, error }| {
        let remedy = unparsed_remedy(file, error);
        let line = error.line.map_or(String::new(), |line| format!(", line {line}"));
        let finding =
            CheckFinding::fail(format!("{}{line}: {} (Python {version})", quote(file), error.told()), remedy);
        let finding = finding.about([Topic::Path(file.clone())]);
        if *is_needed { finding } else { CheckFinding { status: Status::Warn, ..finding } }
    });
    let mut findings: Vec<CheckFinding> = unparsed.collect();
    let Some(main) = &rehearsed.evidence.rehearsal.main else { return findings };
    let file = quote(&main.file);
    let remedy = "put what the script does under: if __name__ == \"__main__\":";
    if let Some(line) = main.begins {
        findings.push(CheckFinding::fail(
            format!(
                "{file}, line {line}, starts a process without `if __name__ == \"__main__\"`: a spawn child runs that line again, and \
                 dies of it (bootstrapping phase)"
            ),
            remedy,
        ));
    } else if let Some(line) = main.sets {
        findings.push(CheckFinding::warn(
            format!(
                "{file}, line {line}, sets the start method without `if __name__ == \"__main__\"`: a spawn child runs that line \
                 again, and dies of it (context has already been set)"
            ),
            remedy,
        ));
    }
    if let Some(line) = main.patches {
        findings.push(CheckFinding::warn(
            format!(
                "{file}, line {line}, has gevent patch everything: multiprocessing hangs with the first task"
            ),
            "leave out monkey.patch_all(), or serve by sync workers",
        ));
    }
    findings
}
