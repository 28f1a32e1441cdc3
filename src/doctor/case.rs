//! The launch that is looked at: what `heygem-run` would do with the same words, here and now.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::launched::{self, Launched, Runs};
use super::permission;
use crate::bridge::names::Names;
use crate::entry::Target;
use crate::entry::interpreter::InterpreterSearch;
use crate::entry::program::{self, SearchPath};
use crate::entry::{python_line, runner, wrapper};
use crate::environment::Environment;
use crate::invocation::Invocation;
use crate::origin::Origin;
use crate::plain_path::is_path;
use crate::plan::{Changes, Start};
use crate::root::Root;
use crate::sdk::scan::Scan;
use crate::settings::{Settings, Words};
use crate::warning::Warnings;

/// The SDK's configuration, seen from where its process stands.
pub const CONFIG_FILE: &str = "config/config.ini";

/// The launch, resolved as far as it goes.
pub struct Case<'a> {
    /// What the doctor was given, and a launch would be.
    pub invocation: &'a Invocation<'a>,
    pub settings: &'a Settings,
    /// What was given, or stands for it.
    pub words: Words,
    pub root: Root,
    pub warnings: Warnings,
    pub scan: Scan,
    /// The names that a bridge of it has.
    pub names: Names,
    /// The extension modules of the SDK.
    pub compiled: Vec<PathBuf>,
    /// The target: the command's, or the one of a `-m` launch where there is no command that can be run.
    pub target: Option<Target>,
    /// Whether somebody asked for the target, and it is not just any.
    pub is_asked_for: bool,
    /// Whether the target is the command's.
    pub is_command: bool,
    /// The Python that runs in the end: the target's own, or the one that a `-m` launch would choose.
    pub launched: Option<Launched>,
    /// The program that the words of `launched` start.
    pub program: PathBuf,
    /// Whether it is the target's own.
    pub is_own_python: bool,
    pub changes: Changes,
}

/// What a launch is judged as if there is no command: as that of some module.
pub fn any_module() -> Words {
    Words::Module(vec!["uvicorn".into()])
}

/// The Python that a target runs, and the program that its words start; `None` where it runs none that can be told.
pub fn python_of(target: &Target, words: &Words, search: SearchPath) -> Option<(PathBuf, Launched)> {
    let given = |count: usize, runs: Runs| {
        let words = target.words.get(..target.arguments.checked_sub(count)?)?.to_vec();
        let interpreter = words.iter().rposition(|word| python_line::is_python(word)).unwrap_or(0);
        let arguments = target.words.get(target.arguments..).unwrap_or_default().to_vec();
        let given = target.words.clone();
        Some(Launched { given, words, interpreter, runs, arguments, is_certain: true })
    };
    let last = || target.words.get(target.arguments.checked_sub(1)?).cloned();
    match words {
        Words::Script(_) => Some((target.program.clone(), given(1, Runs::Script(last()?))?)),
        Words::Module(_) => {
            let name = last()?.to_string_lossy().into_owned();
            Some((target.program.clone(), given(2, Runs::Module(name))?))
        }
        Words::Command(_) => {
            let shebang = |word: &OsStr| {
                let program = program::locate(word, search).ok()?.path;
                let line = program::shebang(&program);
                line.iter().any(|word| python_line::is_python(word)).then(|| (line, program.into_os_string()))
            };
            let launched = launched::find(&target.words, &shebang)?;
            let program = match launched.words.first() {
                Some(first) if *first == target.words[0] => target.program.clone(),
                Some(first) => PathBuf::from(first),
                None => return None,
            };
            Some((program, launched))
        }
    }
}

impl<'a> Case<'a> {
    /// Where the target starts.
    pub fn start(&self) -> &Path {
        self.changes.start.directory().or(self.invocation.cwd()).unwrap_or(Path::new("/"))
    }

    /// Where the SDK's relative paths start: in its own directory, unless an option says otherwise.
    pub fn sdk_start(&self) -> &Path {
        match &self.changes.start {
            Start::Root(root) => root,
            Start::Chdir(directory) => directory,
            Start::Here => &self.root.path,
            Start::NoChdir => self.start(),
        }
    }

    /// Where the SDK reads its configuration: relative to where its process stands.
    pub fn config_file(&self) -> PathBuf {
        self.sdk_start().join(CONFIG_FILE)
    }

    /// Whether a path is in the SDK or beside it, so that a remedy may change its mode or its owner.
    pub fn is_of_service(&self, path: &Path) -> bool {
        let root = self.root.path.as_path();
        let own: Vec<&Path> =
            [Some(root), root.parent(), self.invocation.cwd()].into_iter().flatten().collect();
        permission::is_of_service(path, &own)
    }

    /// The suffixes of modules of which there is no file that an interpreter imports, and how many there are of each.
    pub fn unfit_suffixes(&self, imported: &[String]) -> BTreeMap<String, usize> {
        let split = |path: &PathBuf| {
            let name = path.file_name()?.to_str()?;
            let (stem, suffix) = name.split_once('.')?;
            Some((path.with_file_name(stem), format!(".{suffix}")))
        };
        let files: Vec<_> = self.compiled.iter().filter_map(split).collect();
        let fit: BTreeSet<_> =
            files.iter().filter(|(_, suffix)| imported.contains(suffix)).map(|(module, _)| module).collect();
        let mut unfit = BTreeMap::new();
        for (_, suffix) in files.iter().filter(|(module, _)| !fit.contains(module)) {
            *unfit.entry(suffix.clone()).or_default() += 1;
        }
        unfit
    }

    /// Whether `--python` names the interpreter: a remedy then replaces what was typed.
    pub fn names_python(&self) -> bool {
        self.settings.python.as_ref().is_some_and(|python| matches!(python.source, Origin::Option(_)))
    }

    /// The file that `-m` was given in place of a module's name.
    pub fn file_as_module(&self) -> Option<&str> {
        let launched = self.launched.as_ref().filter(|_| self.is_asked_for && self.is_own_python)?;
        let Runs::Module(name) = &launched.runs else { return None };
        let root = self.root.path.as_path();
        let mut places = [self.invocation.cwd(), Some(root), root.parent()].into_iter().flatten();
        (name.ends_with(".py") && places.any(|place| place.join(name).is_file())).then_some(name)
    }

    pub fn has_flag(&self, letter: u8) -> bool {
        let words = self.launched.as_ref().and_then(|launched| launched.words.get(launched.interpreter..));
        words.is_some_and(|words| python_line::has_flag(words, letter))
    }

    /// The program of the command, where its `#!` line names the Python.
    pub fn console_script(&self) -> Option<&Path> {
        let launched = self.launched.as_ref().filter(|launched| launched.is_certain && self.is_own_python)?;
        let is_given = launched.given.get(launched.interpreter) == launched.words.get(launched.interpreter);
        match &launched.runs {
            Runs::Script(path) if !is_given => Some(Path::new(path)),
            _ => None,
        }
    }

    /// The interpreter that a `-m` launch would choose.
    pub fn default_python(&self) -> Option<PathBuf> {
        let environment = &self.invocation.environment;
        let search = SearchPath::new(environment, self.invocation.cwd());
        let versions = self.root.versions();
        let places = InterpreterSearch { environment, search, root: &self.root.path, versions };
        places.choose().ok().map(|choice| choice.path)
    }

    /// The directory that the command behind `nohup` and its like is run in.
    fn command_directory(&self, target: &Target) -> PathBuf {
        let moved = wrapper::directory(&target.words[..target.command]).unwrap_or_default();
        self.start().join(moved)
    }

    /// The program that the command runs in the end, found as `nohup` and its like find it.
    ///
    /// # Errors
    /// When there is none, as far as that can be told: `sudo` and `env -i` have a PATH of their own.
    pub fn command_file(&self, target: &Target) -> anyhow::Result<Option<PathBuf>> {
        let (own, words) = target.words.split_at(target.command);
        let Some(word) = words.first().filter(|_| target.command > 0) else {
            return Ok(Some(target.program.clone()));
        };
        let has_path = wrapper::command_without_path(&target.words).is_some()
            || wrapper::changes_user(own)
            || own.iter().any(|word| word.as_bytes().starts_with(b"PATH="));
        if has_path && !is_path(word) {
            return Ok(None);
        }
        let directory = self.command_directory(target);
        let search = SearchPath::new(&self.invocation.environment, Some(&directory));
        Ok(Some(program::locate(word, search)?.path))
    }

    /// The script that the command has a shell run.
    pub fn shell_script(&self, target: &Target) -> Option<PathBuf> {
        let words = target.words.get(target.command..)?;
        let script = &words[runner::script_index(words).filter(|_| runner::is_shell(&words[0]))?];
        Some(self.command_directory(target).join(script))
    }

    /// The program that a name stands for.
    pub fn path_of(&self, program: &Path) -> PathBuf {
        match program.parent() {
            Some(parent) if parent == Path::new("") => {
                self.find(&program.to_string_lossy()).unwrap_or_else(|| program.to_owned())
            }
            _ => program.to_owned(),
        }
    }

    /// A program of the launch's PATH.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        let search = SearchPath::new(&self.invocation.environment, self.invocation.cwd());
        search.find(OsStr::new(name)).map(|program| program.path)
    }

    /// A variable as the target will see it.
    pub fn variable(&self, name: &str) -> Option<OsString> {
        let mut changed = self.changes.variables.iter().cloned();
        let changed = changed.find(|(changed, _)| *changed == name).map(|(_, value)| value);
        changed.or_else(|| self.invocation.environment.get_non_empty(name).map(OsStr::to_owned))
    }

    /// The command, in the very environment of the launch.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(variables(&self.invocation.environment));
        command.envs(self.changes.variables.iter().cloned());
        if let Some(directory) = self.changes.start.directory() {
            command.current_dir(directory).env("PWD", directory);
        }
        command
    }

    /// The interpreter, as the launch starts it, with code to run.
    pub fn python_code(&self, code: &str) -> Command {
        let mut command = self.python();
        command.arg("-c").arg(one_line(code));
        command
    }

    /// The same, with one flag more.
    pub fn python_flagged(&self, flag: &str, code: &str) -> Command {
        let mut command = self.python();
        command.args([flag, "-c"]).arg(one_line(code));
        command
    }

    /// The interpreter as the launch starts it, but without a display: ended with all else, that would leave its socket behind.
    fn python(&self) -> Command {
        let words = self.launched.as_ref().map_or(&[][..], |launched| &launched.words);
        let words = &words[wrapper::behind_display(words)..];
        let Some((first, others)) = words.split_first() else { return self.command(&self.program) };
        let is_whole = self.launched.as_ref().is_some_and(|launched| words.len() == launched.words.len());
        let program = if is_whole { self.program.clone() } else { self.path_of(Path::new(first)) };
        let mut command = self.command(&program);
        command.arg0(first).args(others);
        command
    }

    /// The word that starts the interpreter itself.
    pub fn interpreter(&self) -> PathBuf {
        let word = self.launched.as_ref().and_then(|launched| launched.words.get(launched.interpreter));
        match word {
            _ if self.launched.as_ref().is_some_and(|launched| launched.interpreter == 0) => {
                self.program.clone()
            }
            Some(word) if !is_path(word) => self.find(&word.to_string_lossy()).unwrap_or_else(|| word.into()),
            Some(word) => word.into(),
            None => self.program.clone(),
        }
    }
}

/// Some wrappers (`conda run`) pass no line breaks on. What JSON quotes, Python reads alike.
fn one_line(code: &str) -> String {
    format!("exec({})", serde_json::Value::from(code))
}

fn variables<'e>(environment: &'e Environment) -> impl Iterator<Item = (&'e OsStr, &'e OsStr)> {
    environment.entries().filter_map(|bytes| {
        let equals = bytes.iter().position(|&byte| byte == b'=').filter(|&equals| equals > 0)?;
        Some((OsStr::from_bytes(&bytes[..equals]), OsStr::from_bytes(&bytes[equals + 1..])))
    })
}
