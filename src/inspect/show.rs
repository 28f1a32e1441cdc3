//! What was found, as text for a person and as JSON.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use serde_json::{Value, json};

use super::judge::{Missing, ProcessFinding, Role, Variable, Verdict};
use crate::plan::{BridgeEntry, PythonPath};
use crate::procfs::{ExecutableState, Process};
use crate::root::RootSource;
use crate::shell::quote;

/// The width that text is cut to, where it may be cut: commands may, paths may not.
const COLUMNS: usize = 80;

/// A block for each process, a line for each that is none of ours, and a line that sums up.
pub fn text(expected: &PythonPath, source: RootSource, rows: &[&(Process, ProcessFinding)]) -> String {
    let mut text = format!("root: {} ({source})\n", quote(&expected.root));
    let mut was_line = false;
    for (process, finding) in rows {
        let head = head(process, finding);
        let is_line = finding.role == Role::Other && finding.verdict == Verdict::Skip;
        if !(is_line && was_line) {
            text.push('\n');
        }
        was_line = is_line;
        if is_line {
            text.push_str(&format!(
                "{}\n",
                cut(&format!("{head}: {}", command(process, &finding.words)), COLUMNS)
            ));
            continue;
        }
        text.push_str(&format!("{head}\n"));
        for (name, value) in details(process, finding) {
            text.push_str(&format!("  {:<12} {value}\n", format!("{name}:")));
        }
    }
    let count = |wanted| rows.iter().filter(|(_, finding)| finding.verdict == wanted).count();
    let counts = [Verdict::Ok, Verdict::Fail, Verdict::Unknown, Verdict::Skip]
        .into_iter()
        .filter(|wanted| count(*wanted) > 0)
        .map(|wanted| format!("{} {}", count(wanted), verdict(wanted)));
    text.push_str(&format!("\nprocesses: {}\n", counts.collect::<Vec<_>>().join(", ")));
    let mut hints: Vec<_> = rows.iter().flat_map(|(process, finding)| remedies(process, finding)).collect();
    hints.sort_unstable();
    hints.dedup();
    if hints.iter().any(|hint| hint.len() > START.len() && hint.starts_with(START)) {
        hints.retain(|hint| hint != START); // of children: the parent's says more
    }
    text.extend(hints.iter().map(|hint| format!("hint: {hint}\n")));
    text
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
    let mut lines = vec![("command", cut(&command(process, &finding.words), COLUMNS - INDENT))];
    let unknown = |why: &String| format!("unknown ({why})");
    lines.push(("directory", process.directory.as_ref().map_or_else(unknown, quote)));
    if let Some(why) = &finding.skipped {
        lines.push(("not judged", why.clone()));
    }
    if finding.role != Role::Other {
        lines.push(("HEYGEM_DIR", variable(&finding.heygem_dir)));
    }
    if finding.verdict != Verdict::Skip {
        lines.extend(finding.missing.iter().map(|missing| ("PYTHONPATH", self::missing(missing))));
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

/// What mends a process that lacks entries.
const START: &str = "start it by heygem-run (behind sudo, su or env -i)";

fn remedies(process: &Process, finding: &ProcessFinding) -> Vec<String> {
    let is_deleted = |missing: &Missing| matches!(missing, Missing::Deleted(_));
    let mut remedies = Vec::new();
    if finding.verdict != Verdict::Fail {
        return remedies;
    }
    if finding.missing.iter().any(|missing| !is_deleted(missing)) {
        remedies.push(match finding.role {
            Role::Main if finding.unknown.is_empty() => {
                format!("{START}: heygem-run -- {}", command(process, &finding.words))
            }
            _ => START.into(),
        });
    }
    if finding.missing.iter().any(is_deleted) {
        remedies.push("restart it: the launch builds its bridge anew".into());
    }
    if finding.isolation.is_some() {
        remedies.push("start Python without this option".into());
    }
    if matches!(&process.executable, Ok(executable) if executable.state == ExecutableState::Gone) {
        remedies.push("install that Python again, and restart the service".into());
    }
    remedies
}

/// One document. Strings are text: bytes that are not UTF-8 become U+FFFD, for a health check must not fail of them.
pub fn json(expected: &PythonPath, failed: bool, rows: &[&(Process, ProcessFinding)]) -> String {
    let bridge = match &expected.bridge {
        Some(BridgeEntry::At(path)) => path_text(path),
        Some(BridgeEntry::Unbuilt) | None => Value::Null,
    };
    let document = json!({
        "root": path_text(&expected.root),
        "parent": expected.parent.as_deref().map(path_text),
        "bridge": bridge,
        "failed": failed,
        "processes": rows.iter().map(|(process, finding)| object(process, finding)).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn object(process: &Process, finding: &ProcessFinding) -> Value {
    let executable = process.executable.as_ref().ok();
    let fate = executable.map(|executable| match executable.state {
        ExecutableState::There => "there",
        ExecutableState::Replaced => "replaced",
        ExecutableState::Gone => "deleted",
    });
    let missing = finding.missing.iter().map(|missing| match missing {
        Missing::Directory(path) => json!({ "what": "directory", "path": path_text(path) }),
        Missing::Bridge(path) => json!({ "what": "bridge", "path": path.as_deref().map(path_text) }),
        Missing::Deleted(path) => json!({ "what": "deleted bridge", "path": path_text(path) }),
    });
    json!({
        "pid": process.pid,
        "parent": process.stat.parent,
        "name": text_of(&process.stat.name),
        "role": role(finding.role),
        "verdict": verdict(finding.verdict),
        "command": finding.words.iter().map(|word| text_of(word)).collect::<Vec<_>>(),
        "executable": executable.map(|executable| path_text(&executable.path)),
        "executable_is": fate,
        "directory": process.directory.as_deref().ok().map(path_text),
        "heygem_dir": finding.heygem_dir.as_ref().and_then(Option::as_ref).map(|value| text_of(value)),
        "missing": missing.collect::<Vec<_>>(),
        "isolation": finding.isolation.map(|flag| format!("-{flag}")),
        "unknown": finding.unknown,
        "not_judged": finding.skipped,
        "hints": remedies(process, finding),
    })
}

fn text_of(word: &OsStr) -> Value {
    word.to_string_lossy().into()
}

fn path_text(path: &Path) -> Value {
    text_of(path.as_os_str())
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Fail => "fail",
        Verdict::Unknown => "unknown",
        Verdict::Skip => "skip",
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Main => "main",
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
        Missing::Bridge(Some(path)) => format!("lacks the bridge {}", quote(path)),
        Missing::Bridge(None) => "lacks the bridge, which is not even built".into(),
        Missing::Deleted(path) => format!("has a bridge that is deleted, {}", quote(path)),
    }
}

fn variable(variable: &Variable) -> String {
    match variable {
        Some(Some(value)) => quote(value),
        Some(None) => "not set".into(),
        None => "unknown".into(),
    }
}

/// The command as a shell would read it; the process's name where it has none to show.
fn command(process: &Process, words: &[OsString]) -> String {
    // What renamed itself is padded to the length that it had.
    let end = words.iter().rposition(|word| !word.is_empty()).map_or(0, |last| last + 1);
    if end == 0 {
        return format!("[{}]", quote(&process.stat.name));
    }
    words[..end].iter().map(quote).collect::<Vec<_>>().join(" ")
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
