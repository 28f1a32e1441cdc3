//! What was found, as JSON: exact, whatever bytes it has.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use serde_json::{Value, json};

use super::expected::{Expected, UnopenedRoot};
use super::facts::Missing;
use super::finding::ProcessFinding;
use super::finding::Row;
use super::show::{InspectRemedy, remedies, role, verdict};
use crate::procfs::{ExecutableState, Process};
use crate::sdk::abi::Version;
use crate::shown;

pub fn document(expected: &Expected, failed: bool, rows: &[Row]) -> String {
    let document = json!({
        "root": path_text(&expected.root),
        "root_unopened": expected.unopened.as_ref().map(UnopenedRoot::to_string),
        "parent": expected.parent.as_deref().map(path_text),
        "bridge": expected.bridge_path().map(path_text),
        "failed": failed,
        "processes": rows.iter().map(|(process, finding)| object(process, finding)).collect::<Vec<_>>(),
    });
    shown::json(&document)
}

fn object(process: &Process, finding: &ProcessFinding) -> Value {
    let executable = process.executable.as_ref().ok();
    let fate = executable.map(|executable| match executable.state {
        ExecutableState::There => "there",
        ExecutableState::Replaced => "replaced",
        ExecutableState::Gone => "deleted",
    });
    let words = process.words.as_ref().ok();
    let command = words.into_iter().flat_map(|words| &words.list).map(|word| text(word));
    json!({
        "pid": process.pid,
        "parent": process.stat.parent,
        "name": text(&process.stat.name),
        "role": role(finding.role),
        "verdict": verdict(finding.verdict),
        "command": command.collect::<Vec<_>>(),
        "command_cut": words.is_some_and(|words| words.is_cut),
        "executable": executable.map(|executable| path_text(&executable.path)),
        "executable_is": fate,
        "directory": process.directory.as_deref().ok().map(path_text),
        "heygem_dir": finding.heygem_dir.as_ref().and_then(Option::as_ref).map(|value| text(value)),
        "missing": finding.missing.iter().map(missing).collect::<Vec<_>>(),
        "other_bridge": finding.other_bridge.as_deref().map(path_text),
        "isolation": finding.isolation.map(|flag| format!("-{flag}")),
        "unknown": finding.unknown,
        "not_judged": finding.skipped,
        "hints": remedies(process, finding).iter().map(InspectRemedy::to_string).collect::<Vec<_>>(),
    })
}

fn missing(missing: &Missing) -> Value {
    match missing {
        Missing::Directory(path) => json!({ "what": "directory", "path": path_text(path) }),
        Missing::Bridge { wanted, instead } => {
            let mut object = json!({ "what": "bridge", "path": wanted.path().map(path_text) });
            if let Some(instead) = instead {
                object["instead"] = path_text(instead);
            }
            object
        }
        Missing::Deleted(path) => json!({ "what": "deleted bridge", "path": path_text(path) }),
        Missing::Modules(version, others) => {
            let others: Vec<_> = others.iter().map(Version::to_string).collect();
            json!({ "what": "modules", "python": version.to_string(), "versions": others })
        }
        Missing::Names { bridge, names } => {
            json!({ "what": "names of the bridge", "path": path_text(bridge), "names": names })
        }
    }
}

/// A string; where the bytes are not UTF-8, which no string can hold, an object with their hexadecimal digits:
/// `{"bytes": "2fff"}`.
fn text(word: &OsStr) -> Value {
    match word.to_str() {
        Some(text) => text.into(),
        None => {
            let digits = word.as_bytes().iter().fold(String::new(), |mut digits, byte| {
                // Writing to a `String` can't fail.
                let _ = write!(digits, "{byte:02x}");
                digits
            });
            json!({ "bytes": digits })
        }
    }
}

fn path_text(path: &Path) -> Value {
    text(path.as_os_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_kept() {
        assert_eq!(text(OsStr::new("/\u{202e}\u{1b}")), json!("/\u{202e}\u{1b}"));
        assert_eq!(text(OsStr::from_bytes(b"/\xff")), json!({ "bytes": "2fff" }));
    }
}
