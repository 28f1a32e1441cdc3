//! One system call that fails once while the launcher writes a report, and what the report says then.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use super::inject::{ERRORS, Step, make_place, steps_of, traced};
use super::place::{LAUNCHER, Place};
use super::pythons::pythons;
use super::run::Outcome;

/// A report, and the words that ask for it.
pub struct ReportForm {
    pub name: &'static str,
    words: fn(python: &str, service: u32) -> Vec<String>,
}

pub const REPORTS: [ReportForm; 2] = [
    ReportForm {
        name: "--inspect",
        words: |_, service| vec!["--format=json".into(), format!("--inspect={service}")],
    },
    ReportForm {
        name: "--doctor",
        words: |python, _| ["--format=json", "--doctor", "--python", python].map(str::to_owned).into(),
    },
];

/// A process that a launch became, waiting for the end of its standard input.
struct Service(Child);

impl Service {
    fn start(place: &Place, python: &str) -> Self {
        let code = "import sys; print(flush=True); sys.stdin.read()";
        let mut command = place.command(LAUNCHER);
        command.args(["-r", "sdk", "--", python, "-c", code]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the service starts");
        let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        assert_eq!(said.read_line(&mut line).expect("a line"), 1, "{command:?} ended");
        Self(child)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

const FAILED: u8 = 3;

/// How bad it is, and what is said of it.
type Judged = BTreeMap<String, (u8, String)>;

/// A report on one SDK and its service, which it changes nothing of, and what it says where nothing fails.
pub struct ReportSweep {
    form: &'static ReportForm,
    words: Vec<String>,
    expected: Judged,
    /// Every call from the first one of `main` on, each with one of the errors.
    pub injections: Vec<(Step, &'static str)>,
    _service: Service,
    place: Place,
}

impl ReportSweep {
    /// Makes the report once, to see what it says.
    pub fn new(form: &'static ReportForm) -> Self {
        let place = make_place(true);
        let python = pythons()[0].path.to_str().expect("text");
        let service = Service::start(&place, python);
        let mut words = vec!["-r".into(), "sdk".into()];
        words.extend((form.words)(python, service.0.id()));
        let outcome = traced(&place, "trace", &words, &[]);
        let expected = judged(&outcome).unwrap_or_else(|| panic!("{}: no report in {outcome}", form.name));
        let errors = ERRORS.into_iter().cycle();
        let injections = steps_of(&place).into_iter().zip(errors).collect();
        Self { form, words, expected, injections, _service: service, place }
    }

    /// Makes it again with this call failing once. `trace` names a file that no other run writes at the time.
    ///
    /// # Errors
    /// What is bad about what became of it.
    pub fn fail(&self, step: &Step, error: &str, trace: &str) -> Result<(), String> {
        let outcome = traced(&self.place, trace, &self.words, &step.injected(error));
        let what = || format!("{}, {error} at {step}: {outcome}", self.form.name);
        if !outcome.stderr().lines().all(is_told) {
            return Err(what());
        }
        let Some(judged) = judged(&outcome) else {
            let is_refused = outcome.code() == Some(125) && outcome.stderr().contains("heygem-run: error: ");
            return if is_refused { Ok(()) } else { Err(what()) };
        };
        for (name, (rank, said)) in &self.expected {
            // What is not in the report now, or only refers to another check, is explained by what else the report has.
            if let Some((now, says)) = judged.get(name)
                && (now < rank || (says == "not asked for" && says != said))
                && !refers_to_a_failure(says, &judged)
            {
                return Err(format!("{}\nsays {says:?} of {name} in place of {said:?}", what()));
            }
        }
        Ok(())
    }
}

fn is_told(line: &str) -> bool {
    ["heygem-run: error: ", "heygem-run: warning: ", "hint: "].iter().any(|prefix| line.starts_with(prefix))
}

fn refers_to_a_failure(says: &str, judged: &Judged) -> bool {
    let check = says.strip_prefix("see ").and_then(|check| judged.get(check));
    check.is_some_and(|(rank, _)| *rank == FAILED)
}

/// Each check of the doctor's, each process of a service's; `None` where there is no report.
fn judged(outcome: &Outcome) -> Option<Judged> {
    let report: Value = serde_json::from_str(&outcome.stdout()).ok()?;
    let rank = |status: &Value| match status.as_str() {
        Some("ok" | "info") => 0,
        Some("skip") => 1,
        Some("warn" | "unknown") => 2,
        _ => FAILED,
    };
    let of_check = |check: &Value| {
        let said = check["findings"][0]["found"].as_str().unwrap_or_default().to_owned();
        (check["check"].as_str().unwrap_or_default().to_owned(), (rank(&check["status"]), said))
    };
    let of_process =
        |process: &Value| (process["pid"].to_string(), (rank(&process["verdict"]), String::new()));
    let checks = report["checks"].as_array().into_iter().flatten().map(of_check);
    let processes = report["processes"].as_array().into_iter().flatten().map(of_process);
    Some(checks.chain(processes).collect())
}
