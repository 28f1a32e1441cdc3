//! What a process lacks beside a expected: decided from what `/proc` shows, without a look at anything itself.
//!
//! A health check kills what it finds wanting, so only what is certain counts. A process may have overwritten its words and its
//! variables (setproctitle), be another user's, see other files, or be a program that has nothing to do with the SDK.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::bridge;
use crate::entry::python_line::{self, Entry};
use crate::path_list;
use crate::plan::{BridgeEntry, PythonPath};
use crate::procfs::{ExecutableState, Process};
use crate::shell::quote;

/// What has to be looked up on the disk.
pub trait Disk {
    /// Whether two paths lead to one directory.
    fn same(&self, a: &Path, b: &Path) -> bool;
    /// Whether the process sees the root by the path that it has here.
    fn sees_root(&self, pid: u32) -> bool;
    /// Whether there certainly is no such file for the process.
    fn is_gone(&self, pid: u32, path: &Path) -> bool;
}

/// What a process is to multiprocessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A Python program, started by whatever.
    Main,
    /// A copy of its parent.
    Fork,
    /// Started by `spawn`.
    Spawn,
    /// The server of `forkserver`.
    ForkServer,
    /// Started by it.
    ForkServerChild,
    /// The janitor of semaphores and shared memory, which imports nothing of its parent's.
    ResourceTracker,
    /// Not Python.
    Other,
}

/// What is to be said of a process in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It has what a launch gives.
    Ok,
    /// It certainly lacks something.
    Fail,
    /// It can't be told.
    Unknown,
    /// It needs nothing.
    Skip,
}

/// What a variable was at exec; `None` where that can't be told.
pub type Variable = Option<Option<OsString>>;

/// A `PYTHONPATH` entry that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The root or its parent.
    Directory(PathBuf),
    /// The bridge, and which one a launch would give.
    Bridge(Option<PathBuf>),
    /// The entry is there, and no such directory any more.
    Deleted(PathBuf),
}

/// What was found of one process.
#[derive(Debug)]
pub struct ProcessFinding {
    /// What it is.
    pub role: Role,
    /// Its words; empty where they can't be told.
    pub words: Vec<OsString>,
    /// `HEYGEM_DIR`.
    pub heygem_dir: Variable,
    /// Entries that its PYTHONPATH certainly lacks.
    pub missing: Vec<Missing>,
    /// `-E` or `-I`, which make it ignore all of them.
    pub isolation: Option<char>,
    /// Why something can't be told.
    pub unknown: Vec<String>,
    /// Why it is not judged.
    pub skipped: Option<String>,
    /// What it comes to.
    pub verdict: Verdict,
    tie: Tie,
}

/// Whether a process has to do with the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// Its variables or its script name it.
    Root,
    /// It was launched for another SDK.
    Other,
    /// They can't be read.
    Unknown,
    /// Nothing says so.
    None,
}

/// The SDK that a process was launched for.
pub fn heygem_dir(process: &Process) -> Option<PathBuf> {
    variable(process, "HEYGEM_DIR", false).flatten().filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Whether a process is of a service of that root: Python that was launched for it, or runs in it.
pub fn belongs(process: &Process, expected: &PythonPath, disk: &impl Disk) -> bool {
    let finding = one(process, None, expected, disk);
    let is_in_root = || {
        let directory = process.directory.as_deref().unwrap_or(Path::new(""));
        directory.ancestors().any(|above| disk.same(above, &expected.root))
    };
    match finding.tie {
        _ if finding.role == Role::Other => false,
        Tie::Root => true,
        Tie::Other => false,
        Tie::Unknown | Tie::None => is_in_root(),
    }
}

/// Judges a tree, parents before children.
pub fn tree(processes: &[Process], expected: &PythonPath, disk: &impl Disk) -> Vec<ProcessFinding> {
    let parent = |process: &Process| processes.iter().position(|other| other.pid == process.stat.parent);
    let mut findings: Vec<ProcessFinding> = Vec::new();
    for process in processes {
        let above = parent(process).and_then(|index| Some((&processes[index], findings.get(index)?)));
        findings.push(one(process, above, expected, disk));
    }
    // A supervisor, a `conda run` or an exporter beside the service lacks everything and needs nothing. Where some
    // processes are tied to the root, only these and what they started count; where none is, whoever asked knows better.
    let is_tied = |finding: &ProcessFinding| matches!(finding.tie, Tie::Root | Tie::Unknown);
    let mut counts =
        vec![!findings.iter().any(|finding| is_tied(finding) && finding.role != Role::Other); findings.len()];
    for (index, process) in processes.iter().enumerate() {
        if let Some(above) = parent(process).filter(|above| *above < index) {
            counts[index] = counts[above];
        }
        let finding = &mut findings[index];
        match finding.tie {
            Tie::Root | Tie::Unknown => counts[index] = true,
            Tie::Other => counts[index] = false,
            Tie::None => {}
        }
        if !counts[index] && finding.skipped.is_none() {
            finding.skipped = Some(match (finding.tie, &finding.heygem_dir) {
                (Tie::Other, Some(Some(root))) => format!("it runs from another SDK, {}", quote(root)),
                _ => format!("nothing ties it to {}", quote(&expected.root)),
            });
        }
        if finding.skipped.is_some() {
            finding.verdict = Verdict::Skip;
        }
    }
    findings
}

fn one(
    process: &Process,
    above: Option<(&Process, &ProcessFinding)>,
    expected: &PythonPath,
    disk: &impl Disk,
) -> ProcessFinding {
    let words = words(process.command.as_deref().unwrap_or_default());
    let role = role(process, &words, above);
    let is_title = is_title(process, &words, role);
    let mut finding = ProcessFinding {
        role,
        heygem_dir: variable(process, "HEYGEM_DIR", is_title),
        words,
        missing: Vec::new(),
        isolation: None,
        unknown: Vec::new(),
        skipped: None,
        verdict: Verdict::Ok,
        tie: Tie::None,
    };
    let named = finding.heygem_dir.clone().flatten().map(PathBuf::from);
    let names_root = named.as_ref().is_some_and(|named| disk.same(named, &expected.root));
    if finding.role == Role::Other {
        finding.tie = if names_root { Tie::Root } else { Tie::None };
        if is_title && process.executable.is_err() {
            finding.tie = Tie::Unknown;
            finding.unknown.push("it renamed itself, and can't be looked at".into());
            finding.verdict = Verdict::Unknown;
        } else {
            finding.skipped = Some("not Python".into());
        }
        return finding;
    }
    if finding.role == Role::ResourceTracker {
        finding.skipped = Some("it imports nothing of the SDK".into());
    }
    options(&mut finding, process, is_title);
    let path = variable(process, "PYTHONPATH", is_title);
    match &path {
        Some(path) => entries(&mut finding, process, path.as_deref(), named.as_deref(), expected, disk),
        None => {
            finding.tie = Tie::Unknown;
            finding.unknown.push(match &process.environment {
                Ok(_) if process.is_starting() => "it shows no variables yet".into(),
                Ok(_) => "it has overwritten its variables".into(),
                Err(why) => format!("its variables can't be read: {why}"),
            });
        }
    }
    if names_root || script(&finding.words, process).is_some_and(|script| script.starts_with(&expected.root))
    {
        finding.tie = Tie::Root;
    }
    let is_gone = matches!(&process.executable, Ok(executable) if executable.state == ExecutableState::Gone);
    finding.verdict = if !finding.missing.is_empty() || finding.isolation.is_some() || is_gone {
        Verdict::Fail
    } else if finding.unknown.is_empty() {
        Verdict::Ok
    } else {
        Verdict::Unknown
    };
    finding
}

/// Compares the entries of `PYTHONPATH` with those that a launch would give.
fn entries(
    finding: &mut ProcessFinding,
    process: &Process,
    path: Option<&OsStr>,
    named: Option<&Path>,
    expected: &PythonPath,
    disk: &impl Disk,
) {
    let path = path.unwrap_or_default();
    let list = path_list::split(path, process.directory.as_deref().ok()).directories;
    let has = |wanted: &Path| list.iter().any(|entry| disk.same(entry, wanted));
    // The service may know the root by another link than this launcher, and then has that link's parent.
    let spelled = || {
        let named = named.into_iter().chain(list.iter().map(PathBuf::as_path));
        std::iter::once(expected.root.as_path()).chain(named.filter(|path| disk.same(path, &expected.root)))
    };
    let mut directories = Vec::new();
    if !has(&expected.root) {
        directories.push(expected.root.clone());
    }
    if let Some(parent) = &expected.parent
        && !spelled().filter_map(Path::parent).any(has)
    {
        directories.push(parent.clone());
    }
    let is_of_root = |entry: &&PathBuf| spelled().any(|root| bridge::is_bridge_of(root, entry));
    let bridges: Vec<_> = list.iter().filter(is_of_root).collect();
    let lost = match (&expected.bridge, &bridges[..]) {
        (None, _) => None,
        (Some(BridgeEntry::Unbuilt), []) => Some(Missing::Bridge(None)),
        (Some(BridgeEntry::At(path)), []) => Some(Missing::Bridge(Some(path.clone()))),
        (Some(_), [.., last]) if bridges.iter().all(|bridge| disk.is_gone(process.pid, bridge)) => {
            Some(Missing::Deleted(last.to_path_buf()))
        }
        (Some(_), _) => None,
    };
    finding.tie = if has(&expected.root) || !bridges.is_empty() {
        Tie::Root
    } else if named.is_some_and(|named| list.iter().any(|entry| entry == named)) {
        Tie::Other
    } else {
        Tie::None
    };
    let is_complete = directories.is_empty() && lost.is_none();
    if !is_complete && !disk.sees_root(process.pid) {
        finding.unknown.push("it sees other files: run heygem-run in its container".into());
        return;
    }
    let is_relative = |entry: &[u8]| !entry.starts_with(b"/");
    if !directories.is_empty()
        && !path.is_empty()
        && path.as_bytes().split(|&byte| byte == b':').any(is_relative)
    {
        // Python made it absolute at its start, and may have gone elsewhere since.
        finding.unknown.push("its PYTHONPATH has entries that depend on where it was started".into());
        directories.clear();
    }
    finding.missing = directories.into_iter().map(Missing::Directory).chain(lost).collect();
}

fn options(finding: &mut ProcessFinding, process: &Process, is_title: bool) {
    match &process.command {
        Err(why) => finding.unknown.push(format!("its options can't be read: {why}")),
        Ok(_) if process.is_starting() => finding.unknown.push("it is just starting".into()),
        Ok(_) if is_title => finding.unknown.push("it has overwritten its options".into()),
        Ok(_) => finding.isolation = python_line::parse(&finding.words).isolation,
    }
}

/// Takes the words apart. A program that renamed itself has NULs behind them.
fn words(command: &[u8]) -> Vec<OsString> {
    match command.strip_suffix(b"\0").unwrap_or(command) {
        [] => Vec::new(),
        words => words.split(|&byte| byte == 0).map(|word| OsStr::from_bytes(word).to_owned()).collect(),
    }
}

/// Whether the words are a title that the program gave itself, or somebody's choice (`exec -a`): then they tell nothing.
fn is_title(process: &Process, words: &[OsString], role: Role) -> bool {
    let is_whole = process.command.as_ref().is_ok_and(|command| command.ends_with(b"\0"));
    let Some(first) = words.first() else { return role != Role::Other };
    // Of an executable that can't be seen: a title has blanks or colons, the name of a program hardly ever.
    let reads_as_title = || first.as_bytes().iter().any(|byte| b" :[".contains(byte));
    match role {
        Role::Other => !is_whole || (process.executable.is_err() && reads_as_title()),
        _ => !is_whole || !python_line::is_python(first),
    }
}

/// Finds a variable as it was at exec.
fn variable(process: &Process, name: &str, is_title: bool) -> Variable {
    let environment = process.environment.as_deref().ok()?;
    let entries = || environment.strip_suffix(b"\0").unwrap_or(environment).split(|&byte| byte == 0);
    let value = entries().find_map(|entry| entry.strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    if let Some(value) = value {
        return Some(Some(OsStr::from_bytes(value).to_owned()));
    }
    // A title flows over from the words into the variables, and what it covers it leaves empty.
    let is_whole = || !is_title && entries().all(|entry| entry.contains(&b'='));
    ((environment.is_empty() && !process.is_starting()) || is_whole()).then_some(None)
}

fn role(process: &Process, words: &[OsString], above: Option<(&Process, &ProcessFinding)>) -> Role {
    let first = words.first().map_or(OsStr::new(""), OsString::as_os_str);
    let is_python = match &process.executable {
        Ok(executable) => python_line::is_python(executable.path.as_os_str()),
        Err(_) => python_line::is_python(first),
    };
    if !is_python {
        return Role::Other;
    }
    if let Some((parent, finding)) = above
        && is_copy(process, parent)
    {
        return match finding.role {
            Role::ForkServer | Role::ForkServerChild => Role::ForkServerChild,
            _ => Role::Fork,
        };
    }
    let line = python_line::parse(words);
    let code = match line.entry {
        Entry::Code => words.get(line.arguments.saturating_sub(1)).map_or(&b""[..], |word| word.as_bytes()),
        _ => b"",
    };
    [
        (&b"from multiprocessing.spawn import"[..], Role::Spawn),
        (b"from multiprocessing.forkserver import", Role::ForkServer),
        (b"from multiprocessing.resource_tracker import", Role::ResourceTracker),
    ]
    .into_iter()
    .find_map(|(start, role)| code.starts_with(start).then_some(role))
    .unwrap_or(Role::Main)
}

/// A fork keeps its parent's words where they are; a new program gets them at another address.
fn is_copy(process: &Process, parent: &Process) -> bool {
    let addresses = (process.stat.words_at, parent.stat.words_at);
    match addresses {
        (0, _) | (_, 0) => process.command.is_ok() && process.command == parent.command,
        (own, parents) => own == parents && process.executable == parent.executable,
    }
}

fn script(words: &[OsString], process: &Process) -> Option<PathBuf> {
    match python_line::parse(words).entry {
        Entry::Script(index) => {
            path_list::absolute(Path::new(&words[index]), process.directory.as_deref().ok())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
