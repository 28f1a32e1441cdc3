//! The verdicts on processes, each beside the others.
//!
//! A health check kills what it finds wanting, so only what is certain counts. A child of multiprocessing is what its parent is. A
//! Python that the service started with other variables or flags than its own may need nothing of the SDK: it never fails the
//! service.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::app::{is_file_of_python, is_module_of, runs_the_app};
use super::disk::Disk;
use super::facts::{Comparison, Missing, ProcessFacts, Tie};
use super::finding::{ProcessFinding, ProcessVerdict};
use super::role::Role;
use crate::procfs::Process;
use crate::sdk::abi::list;
use crate::shell::quote;

/// Which processes are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// That one and all below it. Whoever asks knows that it is a service.
    Tree(u32),
    /// All that has to do with the root.
    Root,
}

/// Processes, parents before children, and who asks for which of them.
pub struct ProcessView<'a> {
    /// The processes; more than are asked for, since some are judged by their parents.
    pub processes: &'a [Process],
    pub scope: Scope,
    /// Those above this very process.
    pub above_asker: BTreeSet<u32>,
}

/// Judges them; `None` for a process that was not asked for.
pub fn judge<D: Disk>(view: &ProcessView, comparison: &Comparison<D>) -> Vec<Option<ProcessFinding>> {
    let mut judging = Judging::new(view, comparison);
    judging.choose();
    judging.count();
    let ok = judging.good_ones();
    let mut findings: Vec<ProcessFinding> = Vec::with_capacity(view.processes.len());
    for index in 0..view.processes.len() {
        let above = judging.parent[index].map(|above| (view.processes[above].pid, &findings[above]));
        findings.push(judging.finding(index, above, &ok));
    }
    findings
        .into_iter()
        .zip(judging.is_shown)
        .map(|(finding, is_shown)| is_shown.then_some(finding))
        .collect()
}

/// What is known of each process, by its place in the view.
struct Judging<'a, D> {
    view: &'a ProcessView<'a>,
    comparison: &'a Comparison<'a, D>,
    parent: Vec<Option<usize>>,
    role: Vec<Role>,
    facts: Vec<ProcessFacts>,
    /// Whether it is asked for.
    is_shown: Vec<bool>,
    /// Whether it is of the service.
    counts: Vec<bool>,
    /// Its children of multiprocessing, which have their path from it.
    children: Vec<Vec<usize>>,
}

/// Which processes have certainly all that they need, seen from others.
struct Good {
    /// Below a process, itself not counted, a program has it by its variables.
    below: Vec<bool>,
    /// In the launch that a process is of, there is a Python that has it.
    in_launch: Vec<bool>,
    /// The nearest Python above that is of the service.
    python_above: Vec<Option<usize>>,
}

impl<'a, D: Disk> Judging<'a, D> {
    fn new(view: &'a ProcessView<'a>, comparison: &'a Comparison<'a, D>) -> Self {
        let processes = view.processes;
        let index_of: BTreeMap<u32, usize> =
            processes.iter().enumerate().map(|(index, process)| (process.pid, index)).collect();
        let mut judging = Self {
            view,
            comparison,
            parent: Vec::new(),
            role: Vec::new(),
            facts: Vec::new(),
            is_shown: vec![false; processes.len()],
            counts: vec![false; processes.len()],
            children: vec![Vec::new(); processes.len()],
        };
        for (index, process) in processes.iter().enumerate() {
            let parent = index_of.get(&process.stat.parent).copied().filter(|above| *above < index);
            let mut role = Role::of(process, parent.map(|above| (&processes[above], judging.role[above])));
            let mut facts = comparison.facts(process, role);
            if role == Role::Other
                && facts.tie == Tie::Variables
                && comparison.disk.has_mapped(process, is_file_of_python)
            {
                role = Role::Embedder;
                facts = comparison.facts(process, role);
            }
            judging.parent.push(parent);
            judging.role.push(role);
            judging.facts.push(facts);
            if let Some(parent) = judging.path_parent(index) {
                judging.children[parent].push(index);
            }
        }
        judging
    }

    fn indices(&self) -> std::ops::Range<usize> {
        0..self.role.len()
    }

    /// The parent that a process has its path from, where it is in view.
    fn path_parent(&self, index: usize) -> Option<usize> {
        self.parent[index].filter(|above| self.role[index].is_child() && self.role[*above] != Role::Other)
    }

    /// Which are asked for.
    fn choose(&mut self) {
        for index in self.indices() {
            let is_below = self.parent[index].is_some_and(|above| self.is_shown[above]);
            self.is_shown[index] = is_below
                || match self.view.scope {
                    Scope::Tree(top) => self.view.processes[index].pid == top,
                    Scope::Root => self.belongs(index),
                };
        }
    }

    /// Whether it is Python that was launched for the root, or runs in it. One that shows no variables may have been launched and
    /// stand where the user stood, beside the root; or it shows that it has loaded the SDK.
    fn belongs(&self, index: usize) -> bool {
        const DEEPEST: usize = 64;
        let (process, expected) = (&self.view.processes[index], self.comparison.expected);
        let directory = process.directory.as_deref().unwrap_or(Path::new(""));
        let is_in_root = || directory.ancestors().take(DEEPEST).any(|above| self.comparison.is_root(above));
        let is_beside = || expected.parent.as_deref() == Some(directory) && directory.parent().is_some();
        let has_loaded =
            || self.comparison.disk.has_mapped(process, |path| is_module_of(&expected.real_root, path));
        match self.facts[index].tie {
            _ if self.role[index] == Role::Other => false,
            Tie::Variables | Tie::Place => true,
            Tie::Other => false,
            Tie::Unknown => is_in_root() || is_beside() || has_loaded(),
            Tie::None => is_in_root(),
        }
    }

    /// Which are of the service. A supervisor, a `conda run` or an exporter beside it lacks everything and needs nothing: where some
    /// processes are tied to the root, only these and what they started count; where none is, whoever asked knows better.
    fn count(&mut self) {
        let is_tied =
            |index: &usize| matches!(self.facts[*index].tie, Tie::Variables | Tie::Place | Tie::Unknown);
        let mut is_asked = self.is_shown.clone();
        if let Scope::Tree(top) = self.view.scope {
            // It may be a child that is judged by one above it.
            let mut next = self.indices().find(|index| self.view.processes[*index].pid == top);
            while let Some(parent) = next.and_then(|index| self.path_parent(index)) {
                is_asked[parent] = true;
                next = Some(parent);
            }
        }
        let nobody_is_tied = !self.indices().filter(|index| is_asked[*index]).any(|index| is_tied(&index));
        for index in self.indices() {
            let above = self.parent[index];
            let is_stander =
                self.view.scope == Scope::Root && !above.is_some_and(|above| self.is_shown[above]);
            self.counts[index] = match self.facts[index].tie {
                Tie::Variables | Tie::Place => true,
                Tie::Unknown => is_asked[index] || above.is_some_and(|above| self.counts[above]),
                Tie::Other => false,
                Tie::None => {
                    above.is_some_and(|above| self.counts[above])
                        || is_asked[index] && (nobody_is_tied || is_stander)
                }
            };
        }
    }

    /// Whether a program has certainly all that it needs by its own variables.
    fn is_good(&self, index: usize) -> bool {
        let facts = &self.facts[index];
        self.role[index].is_program()
            && facts.tie == Tie::Variables
            && !facts.is_broken()
            && facts.other_version.is_none()
            && facts.unknown.is_empty()
    }

    fn good_ones(&self) -> Good {
        let count = self.role.len();
        let (mut below, mut launch, mut launches) =
            (vec![false; count], vec![None; count], vec![false; count]);
        let mut python_above = vec![None; count];
        for index in self.indices() {
            let above = self.parent[index];
            launch[index] = above
                .and_then(|above| launch[above])
                .or_else(|| (self.facts[index].tie == Tie::Variables).then_some(index));
            if let Some(top) = launch[index] {
                launches[top] |= self.is_good(index);
            }
            python_above[index] = above.and_then(|above| {
                let is_member =
                    self.counts[above] && self.role[above].is_program() && self.facts[above].tie != Tie::None;
                if is_member { Some(above) } else { python_above[above] }
            });
        }
        for index in self.indices().rev() {
            if let Some(above) = self.parent[index] {
                below[above] |= below[index] || self.is_good(index);
            }
        }
        let in_launch =
            launch.into_iter().map(|top: Option<usize>| top.is_some_and(|top| launches[top])).collect();
        Good { below, in_launch, python_above }
    }

    fn finding(&self, index: usize, above: Option<(u32, &ProcessFinding)>, good: &Good) -> ProcessFinding {
        let ProcessFacts { heygem_dir, missing, other_bridge, isolation, unknown, .. } =
            self.facts[index].clone();
        let role = self.role[index];
        let mut finding = ProcessFinding {
            role,
            heygem_dir,
            missing,
            other_bridge,
            isolation,
            unknown,
            skipped: None,
            verdict: ProcessVerdict::Ok,
        };
        if role.is_child() {
            self.child(&mut finding, index, above);
            return finding;
        }
        if let Some(version) = self.facts[index].other_version.filter(|_| self.is_service(index, good)) {
            let versions = self.comparison.expected.versions.clone();
            finding.missing.push(Missing::Modules(version, versions));
            finding.verdict = ProcessVerdict::Fail;
            return finding;
        }
        finding.skipped = self.reason_to_skip(index, &finding);
        finding.verdict = if finding.skipped.is_some() {
            ProcessVerdict::Skip
        } else if self.facts[index].is_broken() {
            match self.doubt(index, good) {
                Some(doubt) => {
                    finding.unknown.push(doubt);
                    ProcessVerdict::Unknown
                }
                None => ProcessVerdict::Fail,
            }
        } else if finding.unknown.is_empty() {
            ProcessVerdict::Ok
        } else {
            ProcessVerdict::Unknown
        };
        finding
    }

    /// A child has `sys.path` from its parent, whatever its own variables say. Where nothing is seen of the parent, they can show that it
    /// has all.
    fn child(&self, finding: &mut ProcessFinding, index: usize, above: Option<(u32, &ProcessFinding)>) {
        let orphan = |finding: &mut ProcessFinding| {
            self.orphan(finding, self.comparison.facts(&self.view.processes[index], Role::Main));
        };
        let Some((pid, parent)) = above.filter(|_| self.path_parent(index).is_some()) else {
            return orphan(finding);
        };
        let lacks_nothing = parent.missing.is_empty() && parent.isolation.is_none();
        if parent.verdict == ProcessVerdict::Unknown && lacks_nothing {
            orphan(finding);
            if finding.verdict == ProcessVerdict::Ok {
                return;
            }
        }
        finding.inherit(pid, parent);
    }

    /// A child whose parent is not there any more: its own variables can show that it has all, and not that it lacks something.
    fn orphan(&self, finding: &mut ProcessFinding, facts: ProcessFacts) {
        finding.unknown = facts.unknown;
        if facts.is_lacking || facts.isolation.is_some() || facts.tie != Tie::Variables {
            finding.unknown.push("its parent has ended, and what it had from that can't be told".into());
        }
        finding.verdict =
            if finding.unknown.is_empty() { ProcessVerdict::Ok } else { ProcessVerdict::Unknown };
    }

    /// Whether it is what was launched for the root, and no helper of that: nothing else of the launch is the service.
    fn is_service(&self, index: usize, good: &Good) -> bool {
        self.role[index] == Role::Main
            && self.counts[index]
            && self.facts[index].tie == Tie::Variables
            && self.facts[index].unknown.is_empty()
            && good.python_above[index].is_none()
            && !good.in_launch[index]
            && runs_the_app(&self.view.processes[index], self.comparison.expected, self.comparison.disk)
    }

    fn reason_to_skip(&self, index: usize, finding: &ProcessFinding) -> Option<String> {
        let root = &self.comparison.expected.root;
        let facts = &self.facts[index];
        match (finding.role, facts.tie) {
            (Role::Other, _) if finding.unknown.is_empty() => Some("not Python".into()),
            (Role::ResourceTracker, _) => Some("it imports nothing of the SDK".into()),
            (_, Tie::Other) => Some(match &facts.heygem_dir {
                Some(Some(other)) => format!("it runs from another SDK, {}", quote(other)),
                _ => format!("nothing ties it to {}", quote(root)),
            }),
            _ if !self.counts[index] => Some(format!("nothing ties it to {}", quote(root))),
            _ => facts.other_version.map(|version| {
                let versions = list(&self.comparison.expected.versions);
                format!("it is Python {version}, which loads nothing of an SDK for {versions}")
            }),
        }
    }

    /// Why a program that lacks something may need none of it.
    fn doubt(&self, index: usize, good: &Good) -> Option<String> {
        let process = &self.view.processes[index];
        let pid = |index: usize| self.view.processes[index].pid;
        if let Some(above) = good.python_above[index]
            && (self.facts[above].tie != Tie::Place || self.facts[index].tie == Tie::None)
        {
            return Some(format!("process {} started it: it may be a helper", pid(above)));
        }
        if good.in_launch[index] {
            return Some("what was launched with it has all: it may be a helper".into());
        }
        if self.facts[index].tie != Tie::Variables && good.below[index] {
            return Some("what it started has all: it may be a supervisor".into());
        }
        if self.view.scope != Scope::Root {
            return None;
        }
        if self.view.above_asker.contains(&process.pid) {
            return Some("it runs this inspection".into());
        }
        (!self.is_certainly_the_app(index))
            .then(|| "it may only stand in the root: name it by --inspect=PID".into())
    }

    /// Whether a program, by its words or by what it and its forks have loaded, runs something of the root.
    fn is_certainly_the_app(&self, index: usize) -> bool {
        let Comparison { expected, disk } = self.comparison;
        let has_loaded = |index: &usize| {
            self.view.processes[*index].has_mapped(|path| is_module_of(&expected.real_root, path))
        };
        runs_the_app(&self.view.processes[index], expected, *disk)
            || has_loaded(&index)
            || self.children[index].iter().any(has_loaded)
    }
}

#[cfg(test)]
mod tests;
