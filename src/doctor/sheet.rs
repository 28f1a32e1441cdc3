//! The report: what was found so far, printed as soon as a check is through.

use std::time::Duration;

use super::diagnosis::{Check, CheckFinding, Diagnosis, Status, document, summary};
use crate::cli::ReportFormat;
use crate::error::{self, ErrorParts};
use crate::print;
use crate::settings::Settings;
use crate::terminal;
use crate::warning::WarningPolicy;

/// Takes back what stands on the line.
const ERASE: &str = "\r\x1b[K";

/// A launch's own error.
pub fn failure(error: &anyhow::Error) -> CheckFinding {
    let ErrorParts { text, lines, hints } = error::parts(error);
    let finding = CheckFinding { lines: lines.into(), ..CheckFinding::new(Status::Fail, text) };
    if hints.is_empty() { finding } else { finding.with_remedy(hints.join("; ")) }
}

/// Adds a finding to its check's, or as the first of it.
fn add_to(diagnoses: &mut Vec<Diagnosis>, check: Check, finding: CheckFinding) {
    match diagnoses.iter_mut().find(|diagnosis| diagnosis.check == check) {
        Some(diagnosis) => diagnosis.findings.push(finding),
        None => diagnoses.push(Diagnosis::new(check, vec![finding])),
    }
}

/// What was found so far.
pub struct Sheet<'a> {
    settings: &'a Settings,
    format: ReportFormat,
    diagnoses: Vec<Diagnosis>,
    /// Found for a check that was printed before: printed at the end.
    late: Vec<(Check, CheckFinding)>,
    is_doubtful: bool,
    is_waiting: bool,
}

impl<'a> Sheet<'a> {
    pub fn new(settings: &'a Settings, format: ReportFormat) -> Self {
        Self {
            settings,
            format,
            diagnoses: Vec::new(),
            late: Vec::new(),
            is_doubtful: false,
            is_waiting: false,
        }
    }

    /// Whether what follows is certain.
    pub fn doubts(&mut self, is_doubtful: bool) {
        self.is_doubtful = is_doubtful;
    }

    /// Adds what a check found. What is explained already becomes information.
    pub fn add(&mut self, check: Check, findings: Vec<CheckFinding>) -> anyhow::Result<()> {
        let findings: Vec<CheckFinding> = findings.into_iter().map(|finding| self.weighed(finding)).collect();
        if findings.is_empty() {
            return Ok(());
        }
        let diagnosis = Diagnosis::new(check, findings);
        let text = diagnosis.text(|finding| self.is_shown(finding));
        self.diagnoses.push(diagnosis);
        match self.format {
            ReportFormat::Text => print::out(text),
            ReportFormat::Json => Ok(()),
        }
    }

    /// Adds to a check, whether it has told something or not.
    pub fn add_to(&mut self, check: Check, finding: CheckFinding) {
        let finding = self.weighed(finding);
        self.late.push((check, finding.clone()));
        add_to(&mut self.diagnoses, check, finding);
    }

    /// Prints what was added to checks that had been printed.
    pub fn print_late(&mut self) -> anyhow::Result<()> {
        let late = std::mem::take(&mut self.late);
        if self.format == ReportFormat::Json {
            return Ok(());
        }
        let mut by_check = Vec::new();
        for (check, finding) in late.into_iter().filter(|(_, finding)| self.is_shown(finding)) {
            add_to(&mut by_check, check, finding);
        }
        by_check.iter().try_for_each(|diagnosis| print::out(diagnosis.text(|_| true)))
    }

    fn is_shown(&self, finding: &CheckFinding) -> bool {
        !self.settings.quiet || finding.is_amiss()
    }

    fn weighed(&self, mut finding: CheckFinding) -> CheckFinding {
        if self.is_doubtful {
            finding.doubt();
        }
        if !finding.is_amiss() {
            return finding;
        }
        let explained = self.diagnoses.iter().find(|diagnosis| {
            diagnosis.findings.iter().any(|other| other.is_amiss() && other.shares_topic(&finding))
        });
        match explained {
            Some(diagnosis) => CheckFinding {
                status: Status::Info,
                found: format!("{}; see {}", finding.found, diagnosis.check),
                remedy: None,
                ..finding
            },
            None => finding,
        }
    }

    /// From here on programs are waited for: a person is told so, in a line that goes with the next.
    pub fn wait(&mut self, timeout: Duration) -> anyhow::Result<()> {
        let is_seen = self.format == ReportFormat::Text && !self.settings.quiet && terminal::is_terminal();
        self.is_waiting = is_seen;
        match is_seen {
            true => print::out(format!("testing the launch, {} s at most", timeout.as_secs())),
            false => Ok(()),
        }
    }

    /// What was waited for has come.
    pub fn waited(&mut self) -> anyhow::Result<()> {
        if std::mem::take(&mut self.is_waiting) { print::out(ERASE) } else { Ok(()) }
    }

    /// Checks that have told nothing yet.
    fn left(&self) -> Vec<Check> {
        let is_left = |check: &Check| !self.diagnoses.iter().any(|diagnosis| diagnosis.check == *check);
        Check::ALL.into_iter().filter(is_left).collect()
    }

    fn has_failed(&self, check: Check) -> bool {
        let mut own = self.diagnoses.iter().filter(|diagnosis| diagnosis.check == check);
        own.any(|diagnosis| diagnosis.status() == Status::Fail)
    }

    /// What could not be looked at is said, so that every document has every check.
    pub fn finish(mut self) -> anyhow::Result<u8> {
        let barring = Check::ALL.into_iter().find(|check| check.bars_others() && self.has_failed(*check));
        let why = barring.map_or("not asked for".into(), |check| format!("see {check}"));
        match &self.left()[..] {
            [] => {}
            [one] => self.add(*one, vec![CheckFinding::skip(why)])?,
            left => {
                if self.format == ReportFormat::Text && !self.settings.quiet {
                    let names: Vec<&str> = left.iter().map(|check| check.name()).collect();
                    let all = CheckFinding::skip(format!("{why}: {}", names.join(", ")));
                    print::out(all.text(&format!("{} checks", left.len())))?;
                }
                let skipped = |check: &Check| Diagnosis::new(*check, vec![CheckFinding::skip(why.clone())]);
                self.diagnoses.extend(left.iter().map(skipped));
            }
        }
        let worst = self.diagnoses.iter().map(Diagnosis::status).max().unwrap_or(Status::Ok);
        let limit = if self.settings.warnings == WarningPolicy::Fail { Status::Warn } else { Status::Fail };
        let healthy = worst < limit;
        match self.format {
            ReportFormat::Json => print::out(document(&self.diagnoses, healthy))?,
            ReportFormat::Text if self.settings.quiet => {}
            ReportFormat::Text => print::out(summary(&self.diagnoses))?,
        }
        Ok((!healthy).into())
    }
}
