//! What was found, as text for a person.

use std::fmt;
use std::path::Path;

use super::expected::{Expected, ExpectedBridge};
use super::facts::{Missing, Variable};
use super::finding::Row;
use super::finding::{ProcessFinding, ProcessVerdict};
use super::role::Role;
use crate::procfs::{ExecutableState, Process};
use crate::sdk::abi::{Version, list};
use crate::shell::{quote, quote_all};
use crate::shown::harmless;

/// The width that text is cut to, where it may be cut: commands may, paths may not.
const COLUMNS: usize = 80;

/// A block for each process, a line for each that is none of ours, and a line that sums up.
pub fn text(expected: &Expected, rows: &[Row]) -> String {
    let unopened = expected.unopened.as_ref().map(|why| format!("; nothing in it was opened: {why}"));
    let unopened = unopened.unwrap_or_default();
    let mut text = format!("root: {} ({}{unopened})\n", quote(&expected.root), expected.source);
    let mut was_line = false;
    for (process, finding) in rows {
        let head = head(process, finding);
        let is_line = finding.role == Role::Other && finding.verdict == ProcessVerdict::Skip;
        if !(is_line && was_line) {
            text.push('\n');
        }
        was_line = is_line;
        if is_line {
            text.push_str(&format!("{}\n", cut(&format!("{head}: {}", command(process)), COLUMNS)));
            continue;
        }
        text.push_str(&format!("{head}\n"));
        for (name, value) in details(process, finding) {
            text.push_str(&format!("  {:<12} {value}\n", format!("{name}:")));
        }
    }
    let count = |wanted| rows.iter().filter(|(_, finding)| finding.verdict == wanted).count();
    let counts = [ProcessVerdict::Ok, ProcessVerdict::Fail, ProcessVerdict::Unknown, ProcessVerdict::Skip]
        .into_iter()
        .filter(|wanted| count(*wanted) > 0)
        .map(|wanted| format!("{} {}", count(wanted), verdict(wanted)));
    text.push_str(&format!("\nprocesses: {}\n", counts.collect::<Vec<_>>().join(", ")));
    let mut hints: Vec<_> = rows.iter().flat_map(|(process, finding)| remedies(process, finding)).collect();
    hints.sort_unstable();
    hints.dedup();
    if hints.iter().any(|hint| matches!(hint, InspectRemedy::Start(Some(_)))) {
        hints.retain(|hint| *hint != InspectRemedy::Start(None)); // of children: the parent's says more
    }
    text.extend(hints.iter().map(|hint| format!("hint: {hint}\n")));
    harmless(&text)
}

fn head(process: &Process, finding: &ProcessFinding) -> String {
    let parent = match process.stat.parent {
        0 => String::new(),
        parent => format!(" (parent {parent})"),
    };
    format!("{:<7}  {}  {}{parent}", verdict(finding.verdict), process.pid, role(finding.role))
}

fn details(process: &Process, finding: &ProcessFinding) -> Vec<(&'static str, String)> {
    const INDENT: usize = 15;
    let mut lines = vec![("command", cut(&command(process), COLUMNS - INDENT))];
    let unknown = |why: &String| format!("unknown ({why})");
    lines.push(("directory", process.directory.as_ref().map_or_else(unknown, quote)));
    if let Some(why) = &finding.skipped {
        lines.push(("not judged", why.clone()));
    }
    if finding.role != Role::Other {
        lines.push(("HEYGEM_DIR", variable(&finding.heygem_dir)));
    }
    if finding.verdict != ProcessVerdict::Skip {
        lines.extend(finding.missing.iter().map(|missing| ("PYTHONPATH", self::missing(missing))));
        lines.extend(finding.other_bridge.iter().map(|path| ("bridge", other_bridge(path))));
        lines.extend(finding.isolation.map(|flag| ("option", format!("-{flag} makes it ignore PYTHONPATH"))));
        lines.extend(finding.unknown.iter().map(|why| ("unknown", why.clone())));
    }
    if let Ok(executable) = &process.executable
        && finding.role != Role::Other
        && executable.state != ExecutableState::There
    {
        let fate = if executable.state == ExecutableState::Gone {
            "is deleted"
        } else {
            "was replaced since it started"
        };
        lines.push(("executable", format!("{} {fate}", quote(&executable.path))));
    }
    lines
}

/// What fixes a process that lacks entries.
const START: &str = "start it with heygem-run (after sudo, su or env -i)";

/// What fixes one whose bridge is gone or old.
const RESTART: &str = "restart it with heygem-run, which rebuilds the bridge; if the image's PYTHONPATH names an old bridge, remove that entry";

/// What fixes a process, in the order in which it is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum InspectRemedy {
    /// Its Python is gone.
    Reinstall,
    /// An option has it ignore `PYTHONPATH`.
    LeaveOption,
    /// Its bridge is gone or old.
    Restart,
    /// The SDK is compiled for these.
    OtherPython(Vec<Version>),
    /// It lacks entries; its command, where that is to be typed.
    Start(Option<String>),
}

impl fmt::Display for InspectRemedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reinstall => f.write_str("install that Python again, and restart the service"),
            Self::LeaveOption => f.write_str("start Python without this option"),
            Self::Restart => f.write_str(RESTART),
            Self::OtherPython(versions) => {
                write!(f, "start it by Python {}: heygem-run --doctor names one", list(versions))
            }
            Self::Start(Some(command)) => write!(f, "{START}: heygem-run -- {command}"),
            Self::Start(None) => f.write_str(START),
        }
    }
}

pub fn remedies(process: &Process, finding: &ProcessFinding) -> Vec<InspectRemedy> {
    let is_old = |missing: &Missing| matches!(missing, Missing::Deleted(_) | Missing::Names { .. });
    let is_foreign = |missing: &&Missing| matches!(missing, Missing::Modules(..));
    let mut remedies = Vec::new();
    if finding.verdict != ProcessVerdict::Fail {
        return remedies;
    }
    if let Some(Missing::Modules(_, others)) = finding.missing.iter().find(is_foreign) {
        remedies.push(InspectRemedy::OtherPython(others.clone()));
    }
    if finding.missing.iter().any(|missing| !is_old(missing) && !is_foreign(&missing)) {
        let is_typed = finding.role == Role::Main && finding.unknown.is_empty();
        remedies.push(InspectRemedy::Start(is_typed.then(|| command(process))));
    }
    if finding.missing.iter().any(is_old) {
        remedies.push(InspectRemedy::Restart);
    }
    if finding.isolation.is_some() {
        remedies.push(InspectRemedy::LeaveOption);
    }
    if matches!(&process.executable, Ok(executable) if executable.state == ExecutableState::Gone) {
        remedies.push(InspectRemedy::Reinstall);
    }
    remedies
}

/// How a verdict is called.
pub fn verdict(verdict: ProcessVerdict) -> &'static str {
    match verdict {
        ProcessVerdict::Ok => "ok",
        ProcessVerdict::Fail => "fail",
        ProcessVerdict::Unknown => "unknown",
        ProcessVerdict::Skip => "skip",
    }
}

/// How a role is called.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Main => "main",
        Role::Embedder => "embeds Python",
        Role::Fork => "fork child",
        Role::Spawn => "spawn child",
        Role::ForkServer => "forkserver",
        Role::ForkServerChild => "forkserver child",
        Role::ResourceTracker => "resource tracker",
        Role::Other => "not Python",
    }
}

fn missing(missing: &Missing) -> String {
    match missing {
        Missing::Directory(path) => format!("lacks {}", quote(path)),
        Missing::Bridge { wanted, instead } => {
            let lacks = match wanted {
                ExpectedBridge::At(path) => format!("lacks the bridge {}", quote(path)),
                ExpectedBridge::Unbuilt => "lacks the bridge, which is not built yet".into(),
                ExpectedBridge::Any | ExpectedBridge::None => "lacks the bridge".into(),
            };
            let instead = instead.as_ref().map(|path| format!(", and has another root's, {}", quote(path)));
            lacks + &instead.unwrap_or_default()
        }
        Missing::Deleted(path) => format!("has a bridge that is deleted, {}", quote(path)),
        Missing::Modules(version, others) => {
            format!("has the SDK's modules for {}, and it is Python {version}", list(others))
        }
        Missing::Names { bridge, names } => {
            const MOST: usize = 4;
            let more = names.len().checked_sub(MOST).filter(|more| *more > 0);
            let more = more.map_or(String::new(), |more| format!(" and {more} more"));
            let names = names[..names.len().min(MOST)].join(", ");
            format!("has a bridge from before the SDK changed, without {names}{more}: {}", quote(bridge))
        }
    }
}

fn other_bridge(path: &Path) -> String {
    format!("{} is another than a launch gives now", quote(path))
}

fn variable(variable: &Variable) -> String {
    match variable {
        Some(Some(value)) => quote(value),
        Some(None) => "not set".into(),
        None => "unknown".into(),
    }
}

/// The command as a shell would read it; the process's name where it has none to show.
fn command(process: &Process) -> String {
    let words = process.words.as_ref().map_or(&[][..], |words| &words.list);
    // What renamed itself is padded to the length that it had.
    let end = words.iter().rposition(|word| !word.is_empty()).map_or(0, |last| last + 1);
    if end == 0 {
        return format!("[{}]", quote(&process.stat.name));
    }
    let line = quote_all(&words[..end]);
    let is_cut = process.words.as_ref().is_ok_and(|words| words.is_cut);
    if is_cut { line + " …" } else { line }
}

/// Cut off where the line is full.
fn cut(line: &str, columns: usize) -> String {
    // Most of what lies from there on (Hangul, CJK, emoji) takes two columns; counting too many does no harm.
    let width = |char: char| if char >= '\u{1100}' { 2 } else { 1 };
    if line.chars().map(width).sum::<usize>() <= columns {
        return line.to_owned();
    }
    let mut used = 1;
    let kept = line.chars().take_while(|char| {
        used += width(*char);
        used <= columns
    });
    kept.chain(['…']).collect()
}
