//! The command line: definitions, how words are read by them, and the one habit of Python's that clap has no word for. What
//! options and variables mean together is in [`crate::settings`].

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::mem::ManuallyDrop;
use std::os::unix::ffi::OsStrExt as _;

use clap::{Arg, ArgMatches, Args, Command, CommandFactory as _, FromArgMatches as _, Parser, ValueEnum};

/// Run any HeyGem entry so that every process it starts can import the SDK
///
/// Finds the SDK, puts it (and a bridge for its bare-named compiled modules) on PYTHONPATH, changes to its directory
/// and becomes the command: same process, same arguments, same exit code.
// `-h` and `--help` are laid out by hand, for half a screen and for one; a test holds them to these definitions. What is
// said here is for the man page and the completions, too.
#[derive(Debug, Parser)]
#[command(
    name = "heygem-run",
    version,
    disable_version_flag = true,
    help_template = "{before-help}",
    before_help = include_str!("help/common.txt"),
    before_long_help = include_str!("help/all.txt")
)]
pub struct Cli {
    /// What a launch takes.
    #[command(flatten)]
    pub launch: Launch,

    /// What to do in place of the launch.
    #[command(flatten)]
    pub form: Form,

    /// What only some of these forms take.
    #[command(flatten)]
    pub report: Report,

    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version)]
    version: Option<bool>,
}

/// What a launch takes.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Launch {
    /// The SDK's directory, if not found [HEYGEM_DIR]
    ///
    /// Without it: the working directory or one above it, a directory in it, those of the script, those of heygem-run
    /// itself, /app/HeyGem-Linux-Python-Hack, /code.
    #[arg(short, long, value_name = "DIR")]
    pub root: Option<OsString>,

    /// What runs SCRIPT.py and -m MODULE [HEYGEM_PYTHON]
    ///
    /// Split as a shell would: "python3.8 -u". Without it: the first of the active environment, the SDK's .venv and PATH that
    /// fits the SDK's compiled modules.
    #[arg(short, long, value_name = "CMD")]
    pub python: Option<OsString>,

    /// Start in DIR, not in the SDK
    #[arg(short = 'C', long, value_name = "DIR", conflicts_with = "no_chdir")]
    pub chdir: Option<OsString>,

    /// Start where you are, not in the SDK
    #[arg(long)]
    pub no_chdir: bool,

    /// Prepend to LD_LIBRARY_PATH [HEYGEM_LIBRARY_PATH]
    ///
    /// Repeatable. The loader reads the variable when a process starts, so a script can't set it for itself.
    #[arg(short = 'L', long = "library-dir", value_name = "DIR")]
    pub library_dirs: Vec<OsString>,

    /// Drop the PYTHONPATH that was there
    #[arg(long)]
    pub no_inherit: bool,

    /// Leave out the bridge for bare-named modules
    #[arg(long)]
    pub no_bridge: bool,

    /// Make errors of warnings [HEYGEM_STRICT]
    ///
    /// With --inspect, what can't be told is a failure, too.
    #[arg(long)]
    pub strict: bool,

    /// Print no warnings
    ///
    /// With --inspect, print nothing but failures.
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Say where every part of the launch came from
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

/// The forms that are no launch; at most one.
#[derive(Debug, Default, Args)]
#[group(multiple = false)]
pub struct Form {
    /// Print the launch as a shell line, and write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// Print variables: sh, docker, systemd, dotenv or json
    ///
    /// As sh if not said: for `eval "$(heygem-run --print-env)"`. docker, systemd and json have the working directory as well.
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "sh", hide_possible_values = true)]
    pub print_env: Option<Format>,

    /// Build the bridge, and print where it is
    ///
    /// For a Dockerfile: after `RUN heygem-run --prepare` the container's file system may be read-only.
    #[arg(long, conflicts_with = "no_bridge")]
    pub prepare: bool,

    /// Find what is broken, and say what mends it
    ///
    /// For the launch of COMMAND, or for any; `-m MODULE` comes without a `--` before it. Looks at the SDK, the interpreter and the
    /// machine; and starts a child by each start method, in the environment that the launch would give. Exit code 1 if something
    /// failed.
    #[arg(long)]
    pub doctor: bool,

    /// Read a log, FILE or stdin, and say what is wrong
    ///
    /// FILE may be a directory of rotated logs, and the option may be given several times.
    /// In a stream (docker logs -f NAME 2>&1 | heygem-run --explain) a cause is said when it is first seen; all are summed up at the end
    /// or at Ctrl-C, the worst first. Exit code: 0 nothing known was found, 1 something was, 125 the log can't be read.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    pub explain: Vec<OsString>,

    /// Check a running service and its children
    ///
    /// Without PID, the services that run from the SDK. Says of each process what it is, where it runs and what a launch would
    /// have given it. Exit code 1 if one certainly lacks something. What can't be told (of another user's process, or of one
    /// that renamed itself) is no failure, except with --strict; where nothing could be judged, a warning says so. As a container's health check: `heygem-run -q --inspect=1`.
    #[arg(long, value_name = "PID", num_args = 0..=1, require_equals = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub inspect: Option<Option<u32>>,
}

/// What only some of the forms take.
#[derive(Debug, Default, Args)]
#[group(skip)]
pub struct Report {
    /// Give up on what --doctor starts, 30 if not said
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    pub timeout: Option<u32>,

    /// Write what --doctor, --inspect or --explain found: text or json
    ///
    /// The names in the JSON document are stable.
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    pub format: Option<ReportFormat>,
}

/// Reads the words, the launcher's own name first.
///
/// By the definitions of a launch alone, and by all of them where those won't do: to build what most launches have no use for
/// is a tenth of what they cost.
///
/// # Errors
/// What clap has to say: also help and the version, when asked for.
pub fn parse(words: &[OsString]) -> clap::error::Result<Cli> {
    let launch = Launch::augment_args(Command::new("heygem-run").disable_help_flag(true));
    match read_by(launch, words).and_then(|mut matches| Launch::from_arg_matches_mut(&mut matches)) {
        Ok(launch) => Ok(Cli { launch, form: Form::default(), report: Report::default(), version: None }),
        Err(_) => parse_by_all(words),
    }
}

/// Reads the words by all definitions; [`parse`] has to agree with it.
pub(crate) fn parse_by_all(words: &[OsString]) -> clap::error::Result<Cli> {
    read_by(Cli::command(), words).and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches))
}

fn read_by(command: Command, words: &[OsString]) -> clap::error::Result<ArgMatches> {
    let mut command = ManuallyDrop::new(command); // to take it apart would be work for nothing: exec is near
    let words = detach_module(&command, words);
    command.try_get_matches_from_mut(words.iter())
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
pub enum Format {
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
