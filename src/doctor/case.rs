//! The launch that is looked at: what `heygem-run` would do with the same words, here and now.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::entry::Target;
use crate::entry::program::{self, SearchPath};
use crate::entry::python_line::{self, Entry};
use crate::environment::Environment;
use crate::invocation::Invocation;
use crate::plan::{Changes, Start};
use crate::root::Root;
use crate::sdk::modules::{ModuleFile, ModuleKind};
use crate::sdk::scan::Scan;
use crate::settings::{Settings, Words};
use crate::warning::Warnings;

/// The launch, resolved as far as it goes.
pub struct Case<'a> {
    /// What the doctor was given, and a launch would be.
    pub invocation: &'a Invocation<'a>,
    /// What was asked for.
    pub settings: &'a Settings,
    /// The SDK's root.
    pub root: Root,
    /// What a launch warns of.
    pub warnings: Warnings,
    /// What is in it.
    pub scan: Scan,
    /// Its extension modules.
    pub compiled: Vec<PathBuf>,
    /// The target: the command's, or the one of a `-m` launch where there is no command that can be run.
    pub target: Option<Target>,
    /// Whether somebody asked for the target, and it is not just any.
    pub is_asked_for: bool,
    /// Whether the target is the command's.
    pub is_command: bool,
    /// The words that start the interpreter, and the program that they start.
    pub python: Option<(PathBuf, Vec<OsString>)>,
    /// Whether that is the target's own, and not the one that a `-m` launch would choose.
    pub is_own_python: bool,
    /// What changes for the target.
    pub changes: Changes,
}

/// What a launch is judged as if there is no command: as that of some module.
pub fn any_module() -> Words {
    Words::Module(vec!["uvicorn".into()])
}

/// The interpreter's part of a target's words; `None` where it runs no Python that can be told.
pub fn interpreter_of(target: &Target, words: &Words) -> Option<(PathBuf, Vec<OsString>)> {
    let own = |count: usize| Some((target.program.clone(), target.words.get(..count)?.to_vec()));
    match words {
        Words::Script(_) => own(target.arguments.checked_sub(1)?),
        Words::Module(_) => own(target.arguments.checked_sub(2)?),
        Words::Command(_) if python_line::is_python(&target.words[0]) => {
            let end = match python_line::parse(&target.words).entry {
                Entry::Script(index) => index,
                _ => 1,
            };
            let (program, mut words) = own(end)?;
            if words.last().is_some_and(|word| word == "--") {
                words.pop();
            }
            Some((program, words))
        }
        Words::Command(_) => {
            let words = program::shebang(&target.program);
            words.iter().any(|word| python_line::is_python(word)).then_some(())?;
            Some((PathBuf::from(words.first()?), words))
        }
    }
}

/// The extension modules in the directories of a scan.
pub fn compiled(root: &Path, scan: &Scan) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for directory in scan.directories.iter().map(|directory| root.join(&directory.path)) {
        for entry in directory.read_dir().into_iter().flatten().flatten() {
            let name = entry.file_name();
            if ModuleFile::parse(&name).is_some_and(|file| matches!(file.kind, ModuleKind::Compiled(_))) {
                found.push(directory.join(name));
            }
        }
    }
    found.sort();
    found
}

impl<'a> Case<'a> {
    /// Where the target starts.
    pub fn start(&self) -> &Path {
        self.changes.start.directory().or(self.invocation.cwd()).unwrap_or(Path::new("/"))
    }

    /// Where the SDK's relative paths lead: the bridge goes to the root, unless it was told to stay.
    pub fn work_directory(&self) -> &Path {
        match &self.changes.start {
            Start::Root(directory) | Start::Chdir(directory) => directory,
            Start::Here => &self.root.path,
            Start::NoChdir => self.invocation.cwd().unwrap_or(Path::new("/")),
        }
    }

    /// The module that the target runs, where it runs one and somebody asked for it.
    pub fn module(&self) -> Option<&str> {
        let target = self.target.as_ref().filter(|_| self.is_asked_for && self.is_own_python)?;
        python_line::module_name(&target.words)
    }

    /// A program of the launch's PATH.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        let search = SearchPath::new(&self.invocation.environment, self.invocation.cwd());
        search.find(OsStr::new(name)).map(|program| program.path)
    }

    /// A variable as the target will see it.
    pub fn variable(&self, name: &str) -> Option<OsString> {
        let mut changed = self.changes.variables().into_iter();
        let changed = changed.find(|(changed, _)| *changed == name).map(|(_, value)| value);
        changed.or_else(|| self.invocation.environment.get_non_empty(name).map(OsStr::to_owned))
    }

    /// The command, in the very environment of the launch.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(variables(&self.invocation.environment));
        command.envs(self.changes.variables());
        if let Some(directory) = self.changes.start.directory() {
            command.current_dir(directory).env("PWD", directory);
        }
        command
    }

    /// The interpreter, with code to run.
    pub fn python_code(&self, code: &str) -> Command {
        let (program, words) = self.python.clone().unwrap_or_default();
        let mut command = self.command(&program);
        if let Some((first, others)) = words.split_first() {
            command.arg0(first).args(others);
        }
        // On one line: some wrappers (`conda run`) pass no line breaks on. What JSON quotes, Python reads alike.
        command.arg("-c").arg(format!("exec({})", serde_json::Value::from(code)));
        command
    }
}

fn variables<'e>(environment: &'e Environment) -> impl Iterator<Item = (&'e OsStr, &'e OsStr)> {
    environment.entries().filter_map(|entry| {
        let bytes = entry.to_bytes();
        let equals = bytes.iter().position(|&byte| byte == b'=').filter(|&equals| equals > 0)?;
        Some((OsStr::from_bytes(&bytes[..equals]), OsStr::from_bytes(&bytes[equals + 1..])))
    })
}
