//! The command line: its definitions, and how clap reads words by them. `-mMODULE`, as Python takes it, is the one form that clap
//! can't express. What options and variables mean together is in [`crate::settings`].

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use clap::{Arg, Args, Command, CommandFactory as _, FromArgMatches as _, Parser, ValueEnum};

use crate::error::Failure;

/// Run any HeyGem entry so that every process it starts can import the SDK
///
/// Finds the SDK, puts it on PYTHONPATH together with a bridge that makes it work
/// in every Python process, and becomes the command: same process, same arguments,
/// same exit code.
///
/// A script starts in the SDK's directory. Any other command starts where you
/// stand, and each process goes to the SDK's directory when it first imports the
/// SDK.
#[derive(Debug, Parser)]
#[command(
    name = "heygem-run",
    version,
    disable_help_flag = true,
    disable_version_flag = true,
    verbatim_doc_comment,
    override_usage = USAGE,
    after_help = "More options and details: heygem-run --help",
    after_long_help = "Examples, variables and exit codes: man heygem-run"
)]
pub struct Cli {
    /// What a launch takes.
    #[command(flatten, next_help_heading = "Launch")]
    pub launch: LaunchOptions,

    /// What to do in place of the launch.
    #[command(flatten, next_help_heading = "In place of a launch")]
    pub mode: Mode,

    /// What only some of these modes take.
    #[command(flatten)]
    pub report: ReportOptions,

    /// Print help; -h prints a summary
    #[arg(short, long, action = clap::ArgAction::Help)]
    help: Option<bool>,

    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, hide_short_help = true)]
    version: Option<bool>,
}

/// Clap does not know that a command, a script and a module exclude each other.
const USAGE: &str = "heygem-run [OPTIONS] ([--] COMMAND | [--] SCRIPT.py | -m MODULE) [ARG]...";

/// What a launch takes.
#[derive(Debug, Default, Args)]
#[group(skip)]
pub struct LaunchOptions {
    /// Directory of the SDK
    ///
    /// Variable: HEYGEM_DIR. By default the SDK is looked for around the
    /// script, then around the working directory, above heygem-run itself,
    /// and in /app/HeyGem-Linux-Python-Hack and /code.
    #[arg(short, long, value_name = "DIR", verbatim_doc_comment)]
    pub root: Option<OsString>,

    /// Python interpreter for SCRIPT.py and -m MODULE
    ///
    /// Variable: HEYGEM_PYTHON. Split as a shell would: "python3.8 -u". By
    /// default the first interpreter whose version fits the SDK's compiled
    /// modules: that of the active environment, of .venv or venv in the SDK
    /// or beside it, or on PATH.
    #[arg(short, long, value_name = "CMD", verbatim_doc_comment)]
    pub python: Option<OsString>,

    /// Start in DIR and stay there
    ///
    /// No process goes to the SDK's directory when it imports the SDK.
    #[arg(short = 'C', long, value_name = "DIR", conflicts_with = "no_chdir", verbatim_doc_comment)]
    pub chdir: Option<OsString>,

    /// Start in the working directory and stay there
    ///
    /// The same as --chdir with the working directory.
    #[arg(long, hide_short_help = true, verbatim_doc_comment)]
    pub no_chdir: bool,

    /// Prepend DIR to LD_LIBRARY_PATH
    ///
    /// Variable: HEYGEM_LIBRARY_PATH, with colons between directories. May be
    /// repeated. The loader reads LD_LIBRARY_PATH when a process starts, so a
    /// script can't set it for itself.
    #[arg(short = 'L', long = "library-dir", value_name = "DIR", verbatim_doc_comment)]
    pub library_dirs: Vec<OsString>,

    /// Drop the inherited PYTHONPATH
    #[arg(long, hide_short_help = true)]
    pub no_inherit: bool,

    /// Leave out the bridge; start in the SDK's directory
    ///
    /// Only variables and the directory change. Children started by spawn or
    /// forkserver may fail to import the SDK.
    #[arg(long, hide_short_help = true, verbatim_doc_comment)]
    pub no_bridge: bool,

    /// Treat warnings as errors
    ///
    /// Variable: HEYGEM_STRICT. With --inspect, a process that can't be
    /// judged is an error, too.
    #[arg(long, hide_short_help = true, verbatim_doc_comment)]
    pub strict: bool,

    /// Print no warnings
    ///
    /// With --inspect, print only failures.
    #[arg(short, long, conflicts_with = "verbose", verbatim_doc_comment)]
    pub quiet: bool,

    /// Print where every part of the launch comes from
    #[arg(short, long)]
    pub verbose: bool,

    /// Run a Python module; all that follows belongs to it
    // A greedy option, so that `-m uvicorn --help` shows uvicorn's help.
    #[arg(short, value_name = "MODULE", num_args = 1.., allow_hyphen_values = true)]
    pub module: Vec<OsString>,

    /// The command and its arguments.
    #[arg(trailing_var_arg = true, hide = true)]
    pub command: Vec<OsString>,
}

/// What to do in place of the launch; at most one.
#[derive(Debug, Default, Args)]
#[group(multiple = false)]
pub struct Mode {
    /// Print the launch as a shell line and run nothing
    ///
    /// The line does the same as the launch when it is pasted into a shell.
    #[arg(short = 'n', long, verbatim_doc_comment)]
    pub dry_run: bool,

    /// Print the variables of a launch
    ///
    /// FORMAT is sh (the default), docker, systemd, dotenv or json. In a
    /// shell: eval "$(heygem-run --print-env)". The working directory is
    /// printed only with --chdir or --no-bridge, by docker, systemd and json.
    #[arg(
        long,
        value_name = "FORMAT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "sh",
        hide_possible_values = true,
        verbatim_doc_comment
    )]
    pub print_env: Option<EnvFormat>,

    /// Build the bridge and print where it is
    ///
    /// In a Dockerfile: after `RUN heygem-run --prepare`, the container's
    /// file system may be read-only. The interpreter that a launch would
    /// choose compiles the bridge's files.
    #[arg(long, conflicts_with = "no_bridge", verbatim_doc_comment)]
    pub prepare: bool,

    /// Find what is broken and how to fix it
    ///
    /// Examines the launch of COMMAND, or any launch without one. Checks the
    /// SDK, the interpreter and the machine, and starts a child by each start
    /// method in the environment of the launch. `-m MODULE` takes no `--`
    /// before it. Exit code: 1 if a check failed.
    #[arg(long, verbatim_doc_comment)]
    pub doctor: bool,

    /// Read a log (FILE or stdin) and name its causes
    ///
    /// FILE may be a directory of rotated logs. The option may be repeated.
    /// From a stream (docker logs -f NAME 2>&1 | heygem-run --explain), each
    /// cause is printed when it is first seen. The summary comes at the end,
    /// or at Ctrl-C, the worst cause first. Exit code: 0 no known cause, 1 at
    /// least one, 125 a log can't be read.
    #[arg(
        long,
        value_name = "FILE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "-",
        verbatim_doc_comment
    )]
    pub explain: Vec<OsString>,

    /// Check a running service and its children
    ///
    /// Without PID, every service that runs from the SDK. For each process:
    /// what it is, where it runs, and what it lacks that a launch gives. Exit
    /// code: 1 if a process lacks something for certain. A process that can't
    /// be judged (another user's, or one that renamed itself) is no failure,
    /// except with --strict. As a container's health check: heygem-run -q
    /// --inspect=1.
    #[arg(
        long,
        value_name = "PID",
        num_args = 0..=1,
        require_equals = true,
        value_parser = clap::value_parser!(u32).range(1..),
        verbatim_doc_comment
    )]
    pub inspect: Option<Option<u32>>,
}

/// What only some of the modes take.
#[derive(Debug, Default, Args)]
#[group(skip)]
pub struct ReportOptions {
    /// Time limit for all that --doctor starts [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..), hide_short_help = true)]
    pub timeout: Option<u32>,

    /// Format of the report of --doctor, --inspect or --explain
    ///
    /// FORMAT is text (the default) or json. The names in the JSON document
    /// are stable. Bytes that are not UTF-8 are {"bytes": "2fff"}, their
    /// hexadecimal digits, where a value is a path or a word (--inspect),
    /// and $'\xff' where it is a sentence (--doctor).
    #[arg(
        long,
        value_name = "FORMAT",
        hide_possible_values = true,
        hide_short_help = true,
        verbatim_doc_comment
    )]
    pub format: Option<ReportFormat>,
}

impl From<LaunchOptions> for Cli {
    /// A launch, and nothing else.
    fn from(launch: LaunchOptions) -> Self {
        Self { launch, mode: Mode::default(), report: ReportOptions::default(), help: None, version: None }
    }
}

/// Reads the words by the definitions, the launcher's own name first.
///
/// # Errors
/// What clap reports, also help and the version when they are asked for.
pub fn parse(words: &[impl AsRef<OsStr>]) -> clap::error::Result<Cli> {
    let mut command = Cli::command();
    let words: Vec<OsString> = words.iter().map(|word| word.as_ref().to_owned()).collect();
    let words = detach_module(&command, &words);
    let mut matches = command.try_get_matches_from_mut(words.iter())?;
    Cli::from_arg_matches_mut(&mut matches)
}

/// What clap reports, without the usage: one clear line, and what to type. Its tip to pass an unknown option on as a value is left
/// out, since no command has such a name.
pub fn usage_error(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let lines = text.trim_start_matches("error: ").lines();
    let lines = lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let (tips, said): (Vec<&str>, Vec<&str>) =
        lines.filter(|line| !line.trim().is_empty()).partition(|line| line.starts_with("  tip: "));
    let tips =
        tips.iter().map(|tip| tip.trim_start_matches("  tip: ")).filter(|tip| !tip.starts_with("to pass '"));
    let mut said = said.into_iter();
    let failure = Failure::new(said.next().unwrap_or_default());
    // Such as `[possible values: …]`.
    let failure = failure.lines(said.map(|line| line.trim().to_owned()));
    let failure = tips.fold(failure, |failure, tip| failure.hint(tip));
    failure.hint("heygem-run --help lists the options")
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For a person
    #[default]
    Text,
    /// One document
    Json,
}

/// How `--print-env` writes the variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EnvFormat {
    /// `export NAME=value`, for `eval`
    Sh,
    /// `ENV` and `WORKDIR`, for a Dockerfile
    Docker,
    /// `Environment=` and `WorkingDirectory=`, for a unit file
    Systemd,
    /// `NAME=value`, for Compose, Docker's `--env-file` and python-dotenv
    Dotenv,
    /// One object
    Json,
}

/// Takes `-mMODULE` apart, as Python reads it: what follows belongs to the module, and clap gives an attached value no more
/// words. Only options come before it, so the first word that is none ends the search.
fn detach_module<'w>(command: &Command, words: &'w [OsString]) -> Cow<'w, [OsString]> {
    let mut index = 1;
    while let Some(word) = words.get(index).map(|word| word.as_bytes()) {
        index += match word {
            b"-" | b"--" => break,
            [b'-', b'-', name @ ..] => {
                1 + usize::from(takes_next(command, |arg| arg.get_long().map(str::as_bytes) == Some(name)))
            }
            [b'-', letters @ ..] => match first_with_value(command, letters) {
                Some((at, 'm')) if at + 1 < letters.len() => {
                    let (flags, module) = word.split_at(at + 2);
                    let apart = [flags, module].map(|part| OsStr::from_bytes(part).to_owned());
                    return Cow::Owned([&words[..index], &apart, &words[index + 1..]].concat());
                }
                Some((_, 'm')) => break,
                Some((at, _)) if at + 1 == letters.len() => 2,
                _ => 1,
            },
            _ => break,
        };
    }
    Cow::Borrowed(words)
}

/// The first letter of a cluster whose option takes a value: the rest of the cluster, or the next word.
fn first_with_value(command: &Command, letters: &[u8]) -> Option<(usize, char)> {
    letters
        .iter()
        .map(|&letter| char::from(letter))
        .enumerate()
        .find(|(_, letter)| takes_next(command, |arg| arg.get_short() == Some(*letter)))
}

fn takes_next(command: &Command, is_meant: impl Fn(&Arg) -> bool) -> bool {
    let mut options = command.get_arguments().filter(|arg| !arg.is_positional());
    options.any(|arg| is_meant(arg) && arg.get_action().takes_values() && !arg.is_require_equals_set())
}
