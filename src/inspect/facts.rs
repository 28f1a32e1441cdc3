//! What a process has and lacks by itself, beside what a launch would give it: facts, and no verdict.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::app::runs_the_app;
use super::disk::{Disk, PathTarget};
use super::expected::{Expected, ExpectedBridge};
use super::role::{Role, is_title, script, words};
use crate::bridge;
use crate::entry::python_line::{self, Entry};
use crate::path_list;
use crate::procfs::{ExecutableState, Process};
use crate::sdk::abi::Version;
use crate::shell::quote;

/// So many entries of a PYTHONPATH are looked up; all of them are compared by name.
const MOST_LOOKS: usize = 512;

/// So many other paths of the root are told from one another.
const MOST_SPELLINGS: usize = 8;

/// What a variable was at exec; `None` where that can't be told.
pub type Variable = Option<Option<OsString>>;

/// A `PYTHONPATH` entry that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The root or its parent.
    Directory(PathBuf),
    /// The bridge: which one a launch would give, and one of another place that is there instead.
    Bridge {
        /// Where it is, if it is.
        wanted: ExpectedBridge,
        /// A bridge of another root.
        instead: Option<PathBuf>,
    },
    /// The entry is there, and no such directory any more.
    Deleted(PathBuf),
    /// Compiled modules for its Python, which is of this version: the SDK has them for others.
    Modules(Version, Vec<Version>),
    /// The bridge is there, and was older than the SDK already when the process started: it has not all names.
    Names {
        bridge: PathBuf,
        /// Bare names that it lacks.
        names: Vec<String>,
    },
}

/// Whether a process has to do with the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// Its variables name it.
    Variables,
    /// It runs something that lies there.
    Place,
    /// It was launched for another SDK.
    Other,
    /// Its variables can't be read.
    Unknown,
    /// Nothing says so.
    None,
}

/// What is known of a process by itself.
#[derive(Debug, Clone)]
pub struct ProcessFacts {
    /// Whether it has to do with the root.
    pub tie: Tie,
    pub heygem_dir: Variable,
    /// Entries that its PYTHONPATH certainly lacks.
    pub missing: Vec<Missing>,
    /// Whether it can't import the SDK or its bare names without them.
    pub is_lacking: bool,
    /// A bridge that it has, other than a launch would give now: by an older SDK, or by other options.
    pub other_bridge: Option<PathBuf>,
    /// `-E` or `-I`, which make it ignore all of them.
    pub isolation: Option<char>,
    /// Its version, where it is none that the SDK is compiled for.
    pub other_version: Option<Version>,
    /// Whether its interpreter was deleted.
    pub is_gone: bool,
    /// Why something can't be told.
    pub unknown: Vec<String>,
}

impl ProcessFacts {
    /// Whether something certainly keeps it from importing the SDK or its bare names.
    pub fn is_broken(&self) -> bool {
        self.is_lacking || self.isolation.is_some() || self.is_gone
    }
}

/// What processes are compared with.
pub struct Comparison<'a, D> {
    pub expected: &'a Expected,
    pub disk: &'a D,
}

/// The entries of a process's PYTHONPATH.
struct Entries {
    list: Vec<PathBuf>,
    /// Whether one depends on where the process was started.
    has_relative: bool,
    /// Other paths of the root among them, or its `HEYGEM_DIR`.
    spellings: Vec<PathBuf>,
}

/// Whether an entry is there.
#[derive(PartialEq, Eq)]
enum Has {
    Yes,
    No,
    Untold(String),
}

impl<D: Disk> Comparison<'_, D> {
    /// What is known of a process of that role.
    pub fn facts(&self, process: &Process, role: Role) -> ProcessFacts {
        let title = is_title(process, role);
        let mut facts = ProcessFacts {
            tie: Tie::None,
            heygem_dir: heygem_dir(process, role),
            missing: Vec::new(),
            is_lacking: false,
            other_bridge: None,
            isolation: None,
            other_version: self.other_version(process, role),
            is_gone: role.is_program()
                && matches!(&process.executable, Ok(executable) if executable.state == ExecutableState::Gone),
            unknown: Vec::new(),
        };
        if role == Role::Other && title && process.executable.is_err() {
            facts.unknown.push("it renamed itself, and can't be looked at".into());
        }
        if role.is_program() {
            options(&mut facts, process, role);
        }
        match variable(process, title, |variables| &variables.python_path) {
            Some(path) => self.path(&mut facts, process, (role, &path.unwrap_or_default())),
            None if role.is_program() => {
                facts.tie = Tie::Unknown;
                facts.unknown.push(unread_variables(process));
            }
            None => {}
        }
        let named = facts.heygem_dir.clone().flatten().map(PathBuf::from);
        if named.is_some_and(|named| self.is_root(&named)) {
            facts.tie = Tie::Variables;
        } else if matches!(facts.tie, Tie::None | Tie::Unknown)
            && role.is_program()
            && self.runs_of_root(process)
        {
            facts.tie = Tie::Place;
        } else if role == Role::Other && !facts.unknown.is_empty() {
            facts.tie = Tie::Unknown;
        }
        facts
    }

    /// Whether a path leads to the root.
    pub fn is_root(&self, path: &Path) -> bool {
        self.disk.is_same(path, &self.expected.root) == Some(true)
    }

    /// Whether a process runs a script in the root; or stands there, and runs an app of that place.
    fn runs_of_root(&self, process: &Process) -> bool {
        let root = &self.expected.root;
        let is_in_root =
            |path: &Path| path.starts_with(root) || path.parent().is_some_and(|parent| self.is_root(parent));
        script(process).is_some_and(|script| is_in_root(&script))
            || process.directory.as_deref().is_ok_and(|directory| self.is_root(directory))
                && runs_the_app(process, self.expected, self.disk)
    }

    /// The version of an interpreter that can load none of the SDK's modules.
    fn other_version(&self, process: &Process, role: Role) -> Option<Version> {
        let executable = process.executable.as_ref().ok().filter(|_| role == Role::Main)?;
        let version = Version::from_program(executable.path.file_name()?.to_str()?)?;
        let versions = &self.expected.versions;
        (!versions.is_empty() && !versions.contains(&version)).then_some(version)
    }

    /// Compares the entries of `PYTHONPATH` with those that a launch would give.
    fn path(&self, facts: &mut ProcessFacts, process: &Process, (role, path): (Role, &OsString)) {
        let named = facts.heygem_dir.clone().flatten().map(PathBuf::from);
        let entries = self.entries(process, path, named.as_deref());
        let expected = self.expected;
        let root = self.has(&entries.list, &expected.root);
        let lost = self.bridge(facts, process, &entries);
        let has_bridge = lost.as_ref().is_ok_and(|(is_tied, _)| *is_tied);
        if root == Has::Yes || has_bridge {
            facts.tie = Tie::Variables;
        } else if named.is_some_and(|named| entries.list.contains(&named)) {
            facts.tie = Tie::Other;
        }
        if !role.is_program() {
            return;
        }
        let mut missing = self.missing_directories(&root, &entries);
        let lacks_root = root == Has::No && !self.starts_in_root(process);
        if let Has::Untold(why) = root {
            facts.unknown.push(why);
        }
        let lost = match lost {
            Ok((_, lost)) => lost,
            Err(why) => {
                facts.unknown.push(why);
                None
            }
        };
        if missing.is_empty() && lost.is_none() {
            return;
        }
        let unseen = match self.disk.sees_root(process.pid) {
            Some(true) => None,
            Some(false) => Some("it sees other files: run heygem-run in its container"),
            None => Some("to look at what it sees takes too long"),
        };
        if let Some(why) = unseen {
            facts.unknown.push(why.into());
            return;
        }
        facts.is_lacking = lost.is_some();
        if !missing.is_empty() && entries.has_relative {
            // Python made it absolute at its start, and may have gone elsewhere since.
            facts.unknown.push("its PYTHONPATH has entries that depend on where it was started".into());
            missing.clear();
        } else {
            facts.is_lacking |= lacks_root;
        }
        facts.missing = missing.into_iter().chain(lost).collect();
    }

    /// The root and its parent, as far as no entry leads there. `root` tells whether one leads to the root.
    fn missing_directories(&self, root: &Has, entries: &Entries) -> Vec<Missing> {
        let expected = self.expected;
        let parents = || entries.spellings.iter().filter_map(|root| root.parent());
        let lacks_parent = || !parents().any(|parent| self.has(&entries.list, parent) != Has::No);
        let root = (*root == Has::No).then(|| expected.root.clone());
        let parent = expected.parent.clone().filter(|_| lacks_parent());
        root.into_iter().chain(parent).map(Missing::Directory).collect()
    }

    fn entries(&self, process: &Process, path: &OsString, named: Option<&Path>) -> Entries {
        let list = path_list::split(path, process.directory.as_deref().ok()).directories;
        let is_relative = |entry: &[u8]| !entry.starts_with(b"/");
        let root = &self.expected.root;
        // The service may know the root by another link than this launcher, and then has that link's parent.
        let others = named.into_iter().chain(list.iter().take(MOST_LOOKS).map(PathBuf::as_path));
        let others = others.filter(|path| *path != root && self.is_root(path)).take(MOST_SPELLINGS);
        let spellings = std::iter::once(root.clone()).chain(others.map(Path::to_owned)).collect();
        let has_relative = !path.is_empty() && path.as_bytes().split(|&byte| byte == b':').any(is_relative);
        Entries { list, has_relative, spellings }
    }

    /// Whether an entry leads to a directory.
    fn has(&self, list: &[PathBuf], wanted: &Path) -> Has {
        if list.iter().any(|entry| entry == wanted) {
            return Has::Yes;
        }
        let mut untold = None;
        for entry in list.iter().take(MOST_LOOKS) {
            match self.disk.is_same(entry, wanted) {
                Some(true) => return Has::Yes,
                Some(false) => {}
                None => untold = Some(format!("{} can't be looked at", quote(entry))),
            }
        }
        match untold {
            Some(why) => Has::Untold(why),
            None if list.len() > MOST_LOOKS => Has::Untold(format!(
                "its PYTHONPATH has {} entries, of which {MOST_LOOKS} were looked at",
                list.len()
            )),
            None => Has::No,
        }
    }

    /// Whether it has a bridge of a store of the root's, and what is lost where it has none that does; or why that can't be told.
    fn bridge(
        &self,
        facts: &mut ProcessFacts,
        process: &Process,
        entries: &Entries,
    ) -> Result<(bool, Option<Missing>), String> {
        let all: Vec<&PathBuf> = entries.list.iter().filter(|entry| bridge::is_bridge(entry)).collect();
        if all.len() > MOST_LOOKS {
            return Err(format!("its PYTHONPATH has {} bridges", all.len()));
        }
        let lies_in_root = |bridge: &&PathBuf| self.is_in_store_of_root(bridge, &entries.spellings);
        let is_tied = all.iter().copied().any(|bridge| lies_in_root(&bridge));
        let serves = |bridge: &&PathBuf| lies_in_root(bridge) || self.is_alike(bridge);
        let own: Vec<&PathBuf> = all.iter().copied().filter(serves).collect();
        let wanted = &self.expected.bridge;
        if *wanted == ExpectedBridge::None {
            return Ok((is_tied, None));
        }
        let Some(last) = own.last() else {
            let instead = all.last().map(|bridge| (*bridge).clone());
            return Ok((false, Some(Missing::Bridge { wanted: wanted.clone(), instead })));
        };
        let there: Vec<_> = own.iter().filter(|bridge| !self.disk.is_gone(process.pid, bridge)).collect();
        let Some(first) = there.first() else {
            return Ok((is_tied, Some(Missing::Deleted(last.to_path_buf()))));
        };
        let name = self.expected.bridge_path().and_then(Path::file_name);
        if name.is_none_or(|name| there.iter().any(|bridge| bridge.file_name() == Some(name))) {
            return Ok((is_tied, None));
        }
        let names = self.disk.lacking_names(process, first);
        if names.is_empty() {
            facts.other_bridge = Some(first.to_path_buf());
            return Ok((is_tied, None));
        }
        Ok((is_tied, Some(Missing::Names { bridge: first.to_path_buf(), names })))
    }

    /// Whether a bridge lies in a store of the root's.
    fn is_in_store_of_root(&self, bridge: &Path, spellings: &[PathBuf]) -> bool {
        let root = bridge.parent().and_then(Path::parent);
        spellings.iter().any(|root| bridge::is_bridge_of(root, bridge))
            || root.is_some_and(|root| bridge::is_bridge_of(root, bridge) && self.is_root(root))
    }

    /// Whether a bridge is called as the one that a launch would give: by its content, so that it has just that content, wherever it
    /// lies. A copy of the SDK has such a one, so this ties nothing to the root.
    fn is_alike(&self, bridge: &Path) -> bool {
        let name = self.expected.bridge_path().and_then(Path::file_name);
        name.is_some() && bridge.file_name() == name && matches!(self.disk.target(bridge), PathTarget::At(..))
    }

    /// Whether Python put the root in front of its path by itself: the script's directory, or for a module or code the one that it
    /// was started in.
    fn starts_in_root(&self, process: &Process) -> bool {
        match python_line::parse(words(process)).entry {
            Entry::Script(_) => {
                script(process).and_then(|script| Some(self.is_root(script.parent()?))).unwrap_or(false)
            }
            Entry::Module | Entry::Code => {
                process.directory.as_deref().is_ok_and(|directory| self.is_root(directory))
            }
            Entry::Other | Entry::Unknown => false,
        }
    }
}

/// `HEYGEM_DIR` of a process of that role.
pub fn heygem_dir(process: &Process, role: Role) -> Variable {
    variable(process, is_title(process, role), |variables| &variables.heygem_dir)
}

/// A variable as it was at exec.
fn variable(
    process: &Process,
    is_title: bool,
    of: impl Fn(&crate::procfs::Variables) -> &Option<OsString>,
) -> Variable {
    let variables = process.variables.as_ref().ok()?;
    if let Some(value) = of(variables) {
        return Some(Some(value.clone()));
    }
    let is_told = match variables.is_empty {
        true => process.is_settled,
        false => variables.is_whole && !is_title,
    };
    is_told.then_some(None)
}

fn unread_variables(process: &Process) -> String {
    match &process.variables {
        Ok(_) if !process.is_settled => "it shows no variables yet".into(),
        Ok(_) => "it has overwritten its variables".into(),
        Err(why) => format!("its variables can't be read: {why}"),
    }
}

fn options(facts: &mut ProcessFacts, process: &Process, role: Role) {
    match &process.words {
        Err(why) => facts.unknown.push(format!("its options can't be read: {why}")),
        Ok(_) if !process.is_settled => facts.unknown.push("it is just starting".into()),
        Ok(_) if role == Role::Embedder => {}
        Ok(_) if is_title(process, role) => facts.unknown.push("it has overwritten its options".into()),
        Ok(words) => facts.isolation = python_line::parse(&words.list).isolation,
    }
}
