//! What was asked for: options over variables, checked, and still without a look at the disk.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::{Cli, EnvFormat, Mode, ReportFormat, ReportOptions};
use crate::environment::Environment;
use crate::error::Failure;
use crate::origin::Origin;
use crate::shell::quote;
use crate::warning::WarningPolicy;

/// Everything the user decided.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The root, if it was named, and by what.
    pub root: Option<Sourced<PathBuf>>,
    /// The interpreter's words, if it was named, and by what.
    pub python: Option<Sourced<Vec<OsString>>>,
    pub start: StartOption,
    /// Directories for the front of `LD_LIBRARY_PATH`, and what named them; `None` leaves the variable alone.
    pub library_dirs: Option<Sourced<Vec<PathBuf>>>,
    /// Whether the inherited `PYTHONPATH` stays.
    pub inherit: bool,
    /// Whether the bridge is used.
    pub bridge: bool,
    pub warnings: WarningPolicy,
    /// Whether a report has only failures in it.
    pub quiet: bool,
    /// Whether to say where every part of the launch came from.
    pub verbose: bool,
}

impl Settings {
    /// Whether a process goes to the root when it first executes a module of the SDK: not where an option says where to be.
    pub fn moves(&self) -> bool {
        self.start == StartOption::Default
    }
}

/// A value, and the option or variable that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    pub value: T,
    pub source: Origin,
}

/// Where the target starts, as far as the options say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartOption {
    /// Neither option was given.
    Default,
    Chdir(PathBuf),
    NoChdir,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// Become the target.
    Launch(Words),
    /// Print that launch.
    DryRun(Words),
    PrintEnv(EnvFormat),
    /// Build the bridge.
    Prepare,
    /// Check a running service: the process, or those that run from the root.
    Inspect(Option<u32>, ReportFormat),
    /// Find what is broken, for that launch or for any; what is started may take that long.
    Doctor(Option<Words>, ReportFormat, Duration),
    /// Name the causes in a log: a file, or stdin.
    Explain(Vec<Option<PathBuf>>, ReportFormat),
}

/// The target as the user wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// Any program with its arguments; never empty.
    Command(Vec<OsString>),
    /// A Python script with its arguments, for an interpreter of our choice; never empty.
    Script(Vec<OsString>),
    /// What follows `-m`, for an interpreter of our choice; never empty.
    Module(Vec<OsString>),
}

/// Puts options over variables.
///
/// # Errors
/// When a value is empty or is no shell word; when there is no command, or one too many.
pub fn decide(cli: Cli, environment: &Environment) -> Result<(Action, Settings), Failure> {
    let Cli { launch, mode, report, .. } = cli;
    let action = action(mode, &report, words(launch.module, launch.command))?;
    // Where none is chosen, a bad variable must not be in the way of who asks why nothing runs.
    let chooses_python =
        matches!(action, Action::Launch(_) | Action::DryRun(_) | Action::Prepare | Action::Doctor(..));
    let strict = launch.strict || environment.get("HEYGEM_STRICT").is_some_and(is_true);
    let settings = Settings {
        root: named(launch.root, "--root", environment, "HEYGEM_DIR")?.map(|root| root.map(PathBuf::from)),
        python: named(launch.python, "--python", environment, "HEYGEM_PYTHON")?
            .filter(|python| chooses_python || matches!(python.source, Origin::Option(_)))
            .map(python_words)
            .transpose()?,
        start: match launch.chdir {
            Some(directory) => StartOption::Chdir(not_empty(directory, "--chdir")?.into()),
            None if launch.no_chdir => StartOption::NoChdir,
            None => StartOption::Default,
        },
        library_dirs: library_dirs(launch.library_dirs, environment)?,
        inherit: !launch.no_inherit,
        bridge: !launch.no_bridge,
        warnings: match (strict, launch.quiet) {
            (true, _) => WarningPolicy::Fail,
            (false, true) => WarningPolicy::Hide,
            (false, false) => WarningPolicy::Print,
        },
        quiet: launch.quiet,
        verbose: launch.verbose,
    };
    Ok((action, settings))
}

impl<T> Sourced<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced { value: change(self.value), source: self.source }
    }
}

fn named(
    option: Option<OsString>,
    option_name: &'static str,
    environment: &Environment,
    variable: &'static str,
) -> Result<Option<Sourced<OsString>>, Failure> {
    Ok(match option {
        Some(value) => {
            Some(Sourced { value: not_empty(value, option_name)?, source: Origin::Option(option_name) })
        }
        None => environment
            .get_non_empty(variable)
            .map(|value| Sourced { value: value.to_owned(), source: Origin::Variable(variable) }),
    })
}

/// An option that was typed and left empty is a script's unset variable (`--root "$DIR"`), never a wish.
fn not_empty(value: OsString, option: &str) -> Result<OsString, Failure> {
    if value.is_empty() {
        Err(Failure::new(format!("{option} is empty"))
            .hint(format!("{option} takes a value, or leave it out")))
    } else {
        Ok(value)
    }
}

fn is_true(value: &OsStr) -> bool {
    const FALSE: [&[u8]; 5] = [b"", b"0", b"false", b"no", b"off"];
    !FALSE.iter().any(|word| value.as_bytes().eq_ignore_ascii_case(word))
}

fn python_words(command: Sourced<OsString>) -> Result<Sourced<Vec<OsString>>, Failure> {
    let source = command.source;
    let example = || format!("write {source} as in a shell: \"python3.8 -u\"");
    let text = command.value.to_str().ok_or_else(|| {
        Failure::new(format!("{source} is split as text, and {} is not UTF-8", quote(&command.value)))
            .hint(example())
    })?;
    let words = shell_words::split(text).map_err(|_| {
        Failure::new(format!("{source} has a quote that is not closed: {text}")).hint(example())
    })?;
    if words.first().is_none_or(String::is_empty) {
        return Err(Failure::new(format!("{source} names no program: {}", quote(text))).hint(example()));
    }
    Ok(Sourced { value: words.into_iter().map(OsString::from).collect(), source })
}

/// `-L` holds one directory each, so a colon in one can't be meant as a separator; the variable holds a list.
fn library_dirs(
    options: Vec<OsString>,
    environment: &Environment,
) -> Result<Option<Sourced<Vec<PathBuf>>>, Failure> {
    let (value, source): (Vec<PathBuf>, _) = if options.is_empty() {
        let list = environment.get_non_empty("HEYGEM_LIBRARY_PATH").unwrap_or_default();
        let entries =
            list.as_bytes().split(|&byte| byte == b':').filter(|entry| !entry.trim_ascii().is_empty());
        let entries = entries.map(|entry| Path::new(OsStr::from_bytes(entry)).to_owned());
        (entries.collect(), Origin::Variable("HEYGEM_LIBRARY_PATH"))
    } else {
        let options = options.into_iter().map(|option| not_empty(option, "--library-dir").map(PathBuf::from));
        (options.collect::<Result<_, _>>()?, Origin::Option("--library-dir"))
    };
    Ok((!value.is_empty()).then_some(Sourced { value, source }))
}

fn words(module: Vec<OsString>, command: Vec<OsString>) -> Option<Words> {
    if !module.is_empty() {
        return Some(Words::Module(module));
    }
    let first = command.first()?;
    Some(if first.as_bytes().ends_with(b".py") { Words::Script(command) } else { Words::Command(command) })
}

fn action(mode: Mode, report: &ReportOptions, words: Option<Words>) -> Result<Action, Failure> {
    if report.format.is_some() && mode.inspect.is_none() && mode.explain.is_empty() && !mode.doctor {
        return Err(Failure::new("--format is for --doctor, --inspect and --explain")
            .hint("--print-env takes its format like this: --print-env=json"));
    }
    if report.timeout.is_some() && !mode.doctor {
        return Err(Failure::new("--timeout is for --doctor").hint("for a launch: timeout 30 heygem-run …"));
    }
    let format = report.format.unwrap_or_default();
    let (action, name, hint) = match mode {
        Mode { print_env: Some(format), .. } => {
            (Action::PrintEnv(format), "--print-env", "name a format like this: --print-env=json")
        }
        Mode { doctor: true, .. } => {
            let timeout = Duration::from_secs(report.timeout.unwrap_or(30).into());
            return Ok(Action::Doctor(words, format, timeout));
        }
        Mode { prepare: true, .. } => (Action::Prepare, "--prepare", "run it first, then heygem-run COMMAND"),
        Mode { inspect: Some(pid), .. } => {
            (Action::Inspect(pid, format), "--inspect", "name a process like this: --inspect=4711")
        }
        Mode { explain: files, .. } if !files.is_empty() => {
            let input = |file| not_empty(file, "--explain").map(|file| (file != "-").then(|| file.into()));
            let inputs = files.into_iter().map(input).collect::<Result<_, _>>()?;
            let hint = "name a file like this: --explain=service.log; or COMMAND 2>&1 | heygem-run --explain";
            (Action::Explain(inputs, format), "--explain", hint)
        }
        Mode { dry_run, .. } => return launch(dry_run, words),
    };
    match words {
        None => Ok(action),
        Some(_) => Err(Failure::new(format!("{name} takes no command")).hint(hint)),
    }
}

fn launch(dry_run: bool, words: Option<Words>) -> Result<Action, Failure> {
    let words = words.ok_or_else(|| {
        Failure::new("no command to run").hint(
            "heygem-run -- python app.py, heygem-run app.py, or heygem-run -m MODULE; see heygem-run --help",
        )
    })?;
    Ok(if dry_run { Action::DryRun(words) } else { Action::Launch(words) })
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
