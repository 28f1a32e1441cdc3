//! Another Python of this machine, which may be the one that the SDK is for.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::case::Case;
use super::outcome::Outcome;
use super::rehearsal::{self, MARK};
use crate::directory;
use crate::entry::program::SearchPath;
use crate::root::doubt_of_environment;
use crate::sdk::abi::Version;
use crate::trust::foreign::doubt_of_way;
use crate::trust::way::{self, WayEnd};

/// As many are started.
const MOST_PYTHONS: usize = 12;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherPython {
    /// Its version, as it tells it itself.
    pub version: Version,
    pub path: PathBuf,
}

/// What another Python has to do: load the SDK's module, whatever packages it lacks, and tell its version.
pub fn code(case: &Case) -> String {
    let root = case.root.path.as_os_str().as_bytes();
    let own = serde_json::Value::from(rehearsal::packages(&case.scan));
    let import = if case.root.sdk.is_some() { "import service.trans_dh_service" } else { "pass" };
    format!(
        "import sys\nsys.path.insert(0, __import__('os').fsdecode(bytes({root:?})))\ntry:\n    {import}\nexcept ImportError as error:\n    \
         if type(error) is ImportError or (error.name or '').split('.')[0] in {own}:\n        sys.exit(1)\n\
         sys.stdout.write('heygem-run:%d.%d' % sys.version_info[:2] + chr(10))"
    )
}

/// A Python that does it.
pub fn candidate(path: PathBuf, outcome: &Outcome) -> Option<OtherPython> {
    let line = outcome.stdout.lines().find_map(|line| line.strip_prefix(MARK))?;
    let version = Version::from_full(line)?;
    outcome.succeeded().then_some(OtherPython { version, path })
}

/// The one that tells of itself.
pub fn here(outcome: &Outcome) -> Option<OtherPython> {
    let line = outcome.stdout.lines().find_map(|line| line.strip_prefix(MARK))?;
    let (version, path) = line.split_once(':')?;
    Some(OtherPython { version: Version::from_full(version)?, path: path.into() })
}

/// Pythons of these versions: on PATH, then where version managers keep theirs. The latter nobody named: they are none where
/// somebody but this user and root can change them.
pub fn pythons(case: &Case, versions: &[Version]) -> Vec<PathBuf> {
    let environment = &case.invocation.environment;
    let search = SearchPath::new(environment, case.invocation.cwd());
    let home = environment.get_non_empty("HOME").map(PathBuf::from).unwrap_or_default();
    let managed = [
        home.join(".pyenv/versions"),
        home.join(".local/share/uv/python"),
        "/opt/conda/envs".into(),
        home.join("miniconda3/envs"),
        home.join("anaconda3/envs"),
    ];
    let user = case.invocation.user;
    let is_own = |place: &&PathBuf| matches!(way::closed(place, user), Ok(WayEnd::Directory(_)));
    let environments: Vec<PathBuf> =
        managed.iter().filter(is_own).flat_map(|place| directory::paths_in(place)).collect();
    let mut found: Vec<PathBuf> = Vec::new();
    for version in versions {
        let name = format!("python{version}");
        found.extend(search.find(&OsString::from(&name)).map(|program| program.path));
        let kept = environments.iter().map(|path| path.join("bin").join(&name));
        let mut kept: Vec<PathBuf> = kept.filter(|path| path.is_file()).collect();
        kept.sort();
        let room = MOST_PYTHONS.saturating_sub(found.len());
        found.extend(kept.into_iter().filter(|python| is_closed(python, user)).take(room));
    }
    found.dedup();
    found.truncate(MOST_PYTHONS);
    found
}

/// Whether nobody but this user and root can change a Python, the way to it, and what it executes at its start.
fn is_closed(python: &Path, user: u32) -> bool {
    let Ok(file) = python.canonicalize() else { return false };
    let prefixes = [python, &file].into_iter().filter_map(|program| program.parent()?.parent());
    matches!(doubt_of_way(python.to_owned(), user), Ok(None)) && { prefixes }
        .all(|prefix| matches!(doubt_of_environment(prefix, user), Ok(None)))
}
