//! The files that `download.sh` fetches.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::doctor::diagnosis::{CheckFinding, Topic};
use crate::doctor::download::{Fetch, Fetches, fetches};
use crate::doctor::model_file::{self, ModelFault, fault};
use crate::doctor::permission;
use crate::entry::program::may_execute;
use crate::error::plain;
use crate::files;
use crate::remedy::Remedy;
use crate::sdk::is_absent;
use crate::shell::quote;

/// No script that fetches models is longer.
const LONGEST_SCRIPT: u64 = 1 << 20;

/// Of more that are not there, only so many are named, and one line fetches all.
const MOST_NAMED: usize = 50;

/// Every file of the script: there, and what it should be.
pub fn models(root: &Path) -> Vec<CheckFinding> {
    let script = root.join("download.sh");
    let text = match files::read(&script, LONGEST_SCRIPT) {
        Ok(text) => String::from_utf8_lossy(&text).into_owned(),
        Err(error) if is_absent(&error) => {
            return vec![CheckFinding::skip("no download.sh tells what is needed")];
        }
        Err(error) => return vec![CheckFinding::skip(format!("{}: {}", quote(&script), plain(&error)))],
    };
    let Fetches { all: fetches, is_cut } = fetches(&text);
    if is_cut {
        // What it takes away again is not known.
        let found = format!("{} is not followed to its end: it does more than any script", quote(&script));
        return vec![CheckFinding::skip(format!("{found} that fetches models"))];
    }
    let mut budget = model_file::budget();
    let (mut findings, mut absent) = (Vec::new(), Vec::new());
    let mut closed_off: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for fetch in &fetches {
        match fault(&root.join(&fetch.path), &mut budget) {
            Some(ModelFault::Absent) if fetch.is_chosen => {}
            Some(ModelFault::Absent) => absent.push(fetch),
            Some(ModelFault::Closed) if let Some(directory) = closed(root, &fetch.path) => {
                closed_off.entry(directory).or_default().push(root.join(&fetch.path));
            }
            Some(fault) => {
                findings.push(told(root, fetch, &fault));
                if matches!(fault, ModelFault::Unjudged) {
                    break; // nor can be those that follow
                }
            }
            None => {}
        }
    }
    findings.extend(closed_off.into_iter().map(|(directory, models)| closed_to_user(directory, models)));
    findings.extend(missing(root, &absent, fetches.len()));
    match (fetches.len(), findings.is_empty()) {
        (0, _) => vec![CheckFinding::skip(format!("{} fetches nothing that can be told", quote(&script)))],
        (count, true) => {
            vec![CheckFinding::ok(format!("all {count} that download.sh fetches are there and whole"))]
        }
        _ => findings,
    }
}

/// The directory below the root that this user may not enter, on the way to a model.
fn closed(root: &Path, model: &Path) -> Option<PathBuf> {
    let mut above: Vec<PathBuf> = model.ancestors().skip(1).map(|above| root.join(above)).collect();
    above.reverse();
    above.into_iter().find(|above| above.is_dir() && !may_execute(above))
}

fn closed_to_user(directory: PathBuf, models: Vec<PathBuf>) -> CheckFinding {
    let place = quote(&directory);
    let found = format!(
        "{place} can't be entered: Permission denied: none of its {} models can be read",
        models.len()
    );
    let remedy = Remedy::shell_as(permission::is_own(&directory), format!("chmod a+rx {place}"));
    let about = models.into_iter().map(Topic::Path);
    CheckFinding::fail(found, remedy).about([Topic::Path(directory)]).about(about)
}

/// All that are not there, with one line.
fn missing(root: &Path, absent: &[&Fetch], all: usize) -> Option<CheckFinding> {
    let names: Vec<_> = absent.iter().take(MOST_NAMED).map(|fetch| quote(&fetch.path)).collect();
    let more = match absent.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let found = match absent {
        [] => return None,
        [one] => format!("{} is not there", quote(root.join(&one.path))),
        _ => format!("{} models are not in {}: {}{more}", absent.len(), quote(root), names.join(", ")),
    };
    let line = match (absent.len() == all && all > 1) || absent.len() > MOST_NAMED {
        true => format!("(cd {} && bash download.sh)", quote(root)),
        false => {
            in_root(root, &absent.iter().map(|fetch| line(root, fetch)).collect::<Vec<_>>().join(" && "))
        }
    };
    let places: BTreeSet<&Path> = absent.iter().filter_map(|fetch| fetch.path.parent()).collect();
    let blocked = places.into_iter().find_map(|place| blocked(root, place));
    let (found, line) = match &blocked {
        Some(file) => (
            format!("{found}: {} is not a directory", quote(file)),
            format!("mv {} {} && {line}", quote(file), quote(file.with_extension("off"))),
        ),
        None => (found, line),
    };
    Some(CheckFinding::fail(found, Remedy::shell(line)))
}

/// What stands where a directory of the root is to be.
fn blocked(root: &Path, directory: &Path) -> Option<PathBuf> {
    let above = directory.ancestors().filter(|above| !above.as_os_str().is_empty());
    let found = above.map(|above| root.join(above)).find(|above| above.symlink_metadata().is_ok())?;
    (!found.is_dir()).then_some(found)
}

fn in_root(root: &Path, line: &str) -> String {
    format!("(cd {} && {line})", quote(root))
}

/// What fetches one file, and makes its directory where there is none.
fn line(root: &Path, fetch: &Fetch) -> String {
    let directory = fetch.path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let make = directory.filter(|parent| !root.join(parent).is_dir());
    let make = make.map_or(String::new(), |parent| format!("mkdir -p {} && ", quote(parent)));
    let inner = if fetch.line.starts_with("cd ") { format!("({})", fetch.line) } else { fetch.line.clone() };
    format!("{make}{inner}")
}

/// One that is there, and is not what it should be.
fn told(root: &Path, fetch: &Fetch, fault: &ModelFault) -> CheckFinding {
    let path = root.join(&fetch.path);
    let place = quote(&path);
    if matches!(fault, ModelFault::Unjudged) {
        return CheckFinding::skip(format!("{place} {fault}"));
    }
    let remedy = match fault {
        ModelFault::Closed if permission::is_own(&path) => Remedy::shell(format!("chmod u+r {place}")),
        ModelFault::Closed => Remedy::AsRoot(format!("chmod a+r {place}")),
        ModelFault::NoFile => {
            Remedy::words(format!("move {place} away, then {}", in_root(root, &line(root, fetch))))
        }
        _ => {
            // A fetch that goes on where another ended, or that spares what is there, would keep the damage.
            let is_link = matches!(fault, ModelFault::DeadLink);
            let first = if is_link || fetch.spares || !permission::can_write(&path) {
                format!("rm -f {} && ", quote(&fetch.path))
            } else {
                String::new()
            };
            Remedy::shell(in_root(root, &format!("{first}{}", line(root, fetch))))
        }
    };
    CheckFinding::fail(format!("{place} {fault}"), remedy).about([Topic::Path(path)])
}
