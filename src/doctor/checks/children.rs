//! The live probe: real children, in the very environment that a launch would give them.

use std::thread;

use serde_json::Value;

use crate::doctor::bounded::{Ended, Untold, Watch};
use crate::doctor::case::Case;
use crate::doctor::diagnosis::Finding;
use crate::doctor::facts::{ANSWER, Facts, last_line};
use crate::explain::judge_output;
use crate::shell::quote;

const PROBE: &str = include_str!("../probe.py");

/// What became of the children of one start method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// All they were asked to do, they did.
    Well,
    /// They died: all that was said, and what it comes down to.
    Died(String, String),
    /// They were killed.
    Hung(String),
}

/// Starts a child by each start method that the interpreter has, side by side.
pub fn probe(case: &Case, facts: &Facts, watch: &Watch) -> Vec<(String, Fate)> {
    thread::scope(|scope| {
        let start = |method: &String| {
            let method = method.clone();
            scope.spawn(move || (method.clone(), attempt(case, &method, watch)))
        };
        let probes: Vec<_> = facts.methods.iter().map(start).collect();
        probes.into_iter().filter_map(|probe| probe.join().ok()).collect()
    })
}

fn attempt(case: &Case, method: &str, watch: &Watch) -> Fate {
    let seconds = watch.timeout().as_secs() + 5;
    let code = format!("METHOD, SECONDS = {method:?}, {seconds}\n{PROBE}");
    match watch.run(&mut case.python_code(&code)) {
        Ok(ended) => fate(&ended),
        Err(Untold::Hung(timeout, stderr)) => {
            let said = last_line(&stderr).map_or(String::new(), |line| format!("; it said: {line}"));
            Fate::Hung(format!("{}{said}", Untold::Hung(timeout, String::new())))
        }
        Err(untold) => Fate::Died(String::new(), untold.to_string()),
    }
}

fn fate(ended: &Ended) -> Fate {
    let line = ended.stdout.lines().find_map(|line| Some(line.split_once(ANSWER)?.1));
    let answer: Value = line.and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default();
    if let Some(error) = answer["error"].as_str() {
        let step = answer["step"].as_str().unwrap_or_default();
        let why = last_line(error).unwrap_or_default();
        return Fate::Died(error.into(), format!("{step}: {why}"));
    }
    if answer["file"].is_string() && answer["code"] == 0 {
        return Fate::Well;
    }
    let said = last_line(&ended.stderr).map_or_else(|| format!("the probe: {}", ended.status), str::to_owned);
    let why = match answer["code"].as_i64() {
        Some(code @ ..0) => format!("signal {}: {said}", -code),
        _ => said,
    };
    Fate::Died(ended.stderr.clone(), why)
}

/// What that means. `named` are the checks that have said already what is broken: children die of it, which is no cause of its
/// own.
pub fn judge(fates: &[(String, Fate)], named: &[&str], case: &Case) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let well: Vec<&str> =
        fates.iter().filter(|(_, fate)| *fate == Fate::Well).map(|(method, _)| method.as_str()).collect();
    if !well.is_empty() {
        findings.push(Finding::ok(format!(
            "{}: a child unpickles by the bare name, and imports the SDK",
            well.join(", ")
        )));
    }
    let mut told: Vec<&Fate> = Vec::new();
    for (_, fate) in fates.iter().filter(|(_, fate)| *fate != Fate::Well) {
        // The traceback names the method's own files; what it comes down to does not.
        let same = |other: &Fate| match (other, fate) {
            (Fate::Died(_, a), Fate::Died(_, b)) | (Fate::Hung(a), Fate::Hung(b)) => a == b,
            _ => false,
        };
        if told.iter().any(|other| same(other)) {
            continue;
        }
        told.push(fate);
        let methods: Vec<&str> =
            fates.iter().filter(|(_, other)| same(other)).map(|(method, _)| method.as_str()).collect();
        findings.push(finding(&methods.join(", "), fate, named, case));
    }
    findings
}

fn finding(methods: &str, fate: &Fate, named: &[&str], case: &Case) -> Finding {
    let (found, said) = match fate {
        Fate::Died(said, why) => (format!("{methods}: a child died: {why}"), said.as_str()),
        Fate::Hung(why) => (format!("{methods}: a child {why}"), ""),
        Fate::Well => return Finding::ok(methods),
    };
    if let ([_, ..], Fate::Died(..)) = (named, fate) {
        return Finding::info(format!("{found}; see {}", named.join(", ")));
    }
    if !case.settings.bridge && said.contains("No module named") {
        return Finding::fail(found, "leave out --no-bridge");
    }
    let known = judge_output(if said.is_empty() { &found } else { said }.as_bytes());
    let (cause, remedy) = match known.into_iter().next() {
        Some(cause) => (format!("{found} ({})", cause.title), cause.remedy),
        None => (
            found,
            match fate {
                Fate::Hung(_) => "if the SDK is slow to load, give it longer: --timeout 120".into(),
                _ => format!("{} shows all of it", alone(case)),
            },
        ),
    };
    Finding::fail(cause, remedy)
}

/// The import alone, by the same interpreter and from anywhere.
fn alone(case: &Case) -> String {
    let (_, words) = case.python.clone().unwrap_or_default();
    let python = words.iter().map(quote).collect::<Vec<_>>().join(" ");
    format!("heygem-run --root {} -- {python} -c 'import service.trans_dh_service'", quote(&case.root.path))
}
