//! Run any HeyGem entry so that every process it starts can import the SDK.
//!
//! Data flows one way; each file knows only those below it:
//!
//! ```text
//! main.rs         what the kernel passed
//! lib.rs          run(): parse -> resolve -> plan -> act
//! cli.rs          parse     the command line: definitions, and reading by them; what `--help` prints is in help/
//! settings.rs               options over variables
//! invocation.rs             arguments, variables, working directory: read once
//! root.rs         resolve   where the SDK is
//! sdk/                      what is in it: recognition, ABI tags, modules
//! bridge/                   modules for its bare names: which, and where they lie
//! target/                   the command: program, script, interpreter
//! checks.rs                 what is worth a warning
//! plan.rs         plan      program, words, directory, variables
//! path_list.rs              the algebra of PYTHONPATH
//! print.rs        act       the plan as text
//! exec.rs                   the plan, carried out
//! doctor/                   what is broken in the plan, in a running service
//! explain/                  what is broken by what logs say
//! ```
//!
//! Below them all: `environment.rs` (variables as bytes in an order), `error.rs`, `warning.rs` and `message.rs` (what a person is
//! told), `shell.rs` (words as a shell reads them), `shown.rs` (text that is not ours, made harmless), `files.rs` (small reads),
//! `terminal.rs` and `interrupt.rs` (what stdout is, which signals are ignored).

pub mod bridge;
mod checks;
pub mod cli;
pub mod doctor;
pub mod environment;
pub mod error;
pub mod exec;
pub mod explain;
mod files;
mod interrupt;
pub mod invocation;
mod message;
pub mod path_list;
pub mod plan;
pub mod print;
pub mod root;
pub mod sdk;
pub mod settings;
pub mod shell;
mod shown;
pub mod target;
mod terminal;
pub mod warning;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use clap::error::ErrorKind;

use bridge::Outcome;
use cli::{Cli, Format};
use error::Failure;
pub use invocation::Invocation;
use plan::{Changes, Plan};
use root::Root;
use settings::{Action, Settings, Words};
use shell::quote;
use target::program::{self, SearchPath};
use target::{Surroundings, Target};
use warning::Warnings;

/// Does what the words ask for; returns the exit code, or never, having become the target.
pub fn run(invocation: Invocation) -> u8 {
    match act(invocation) {
        Ok(code) => code,
        Err(error) => {
            message::error(error::text(&error));
            error::exit_code(&error)
        }
    }
}

/// Returns the exit code.
fn act(invocation: Invocation) -> anyhow::Result<u8> {
    let Some(cli) = parse_or_print(&invocation)? else { return Ok(0) };
    let (action, settings) = settings::decide(cli, &invocation.environment)?;
    match action {
        Action::Launch(words) => launch(words, &settings, invocation),
        Action::DryRun(words) => dry_run(words, &settings, &invocation),
        Action::PrintEnv(format) => print_env(format, &settings, &invocation),
        Action::Prepare => prepare(&settings, &invocation),
        Action::Doctor(words, format, timeout) => {
            return doctor::checkup::run(words, format, timeout, &settings, &invocation);
        }
        Action::Inspect(pid, format) => return doctor::inspect::run(pid, format, settings, &invocation),
        Action::Explain(inputs, format) => return explain::explain(inputs, format),
    }
    .map(|()| 0)
}

/// `None` when help or the version was asked for, and printed.
fn parse_or_print(invocation: &Invocation) -> anyhow::Result<Option<Cli>> {
    match cli::parse(&invocation.words) {
        Ok(cli) => Ok(Some(cli)),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            print::out(error.render().to_string())?;
            Ok(None)
        }
        Err(error) => Err(usage_error(&error.render().to_string()).into()),
    }
}

/// What clap says, without the usage: one clear line, and what to type. Its tip to pass on an option that it does not know
/// goes too: no command has such a name.
fn usage_error(text: &str) -> Failure {
    let text = text.trim_start_matches("error: ");
    let lines = text.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let (tips, said): (Vec<&str>, Vec<&str>) =
        lines.filter(|line| !line.trim().is_empty()).partition(|line| line.starts_with("  tip: "));
    let tips =
        tips.iter().map(|tip| tip.trim_start_matches("  tip: ")).filter(|tip| !tip.starts_with("to pass '"));
    let failure = tips.fold(Failure::new(said.join("\n")), |failure, tip| failure.hint(tip));
    failure.hint("heygem-run --help lists the options")
}

/// Everything before `exec`, and `exec`.
fn launch(words: Words, settings: &Settings, invocation: Invocation) -> anyhow::Result<()> {
    let mut warnings = Warnings::default();
    let resolved = resolve(words, settings, &invocation, &mut warnings)?;
    let bridge = ensure_bridge(&resolved.root, settings, &invocation, &mut warnings)?;
    let plan = resolved.plan(settings, bridge, &invocation, &mut warnings)?;
    warnings.settle(settings.warnings)?;
    Err(exec::become_target(&plan, invocation.environment))
}

/// The same launch, printed.
fn dry_run(words: Words, settings: &Settings, invocation: &Invocation) -> anyhow::Result<()> {
    let mut warnings = Warnings::default();
    let resolved = resolve(words, settings, invocation, &mut warnings)?;
    let wanted = settings.bridge && resolved.root.sdk.is_some();
    let bridge = if wanted { resolved.root.existing_bridge(invocation) } else { None };
    let prepare = (wanted && bridge.is_none()).then(|| {
        format!("{} --root {} --prepare", quote(own_command(invocation)), quote(&resolved.root.path))
    });
    let plan = resolved.plan(settings, bridge, invocation, &mut warnings)?;
    if settings.verbose && prepare.is_some() {
        message::note("PYTHONPATH: the bridge, which is not there yet and which the line builds");
    }
    warnings.settle(settings.warnings)?;
    print::out(print::shell_line(&plan, prepare.as_deref()))
}

/// What starts this program again, from any directory: its name as the user wrote it, where that is found by an absolute
/// entry of PATH, else its path.
fn own_command(invocation: &Invocation) -> OsString {
    let name = invocation.words.first().map_or(OsStr::new(""), OsString::as_os_str);
    let search = SearchPath::new(&invocation.environment, invocation.cwd());
    match program::locate(name, search) {
        Ok(own) if own.by_relative_entry || name.as_bytes().contains(&b'/') => own.path.into_os_string(),
        Ok(_) => name.to_owned(),
        // Started under a name of somebody's choice (`exec -a`).
        Err(_) => std::fs::read_link("/proc/self/exe").map_or("heygem-run".into(), PathBuf::into_os_string),
    }
}

fn print_env(format: Format, settings: &Settings, invocation: &Invocation) -> anyhow::Result<()> {
    let mut warnings = Warnings::default();
    let root = resolve_root(None, settings, invocation, &mut warnings)?;
    let directory = plan::directory(settings, &root.path, invocation)?;
    let bridge = ensure_bridge(&root, settings, invocation, &mut warnings)?;
    let changes = Changes::compose(settings, &root.path, bridge, directory, invocation, &mut warnings)?;
    warnings.settle(settings.warnings)?;
    print::out(print::variables(&changes, format)?)
}

fn prepare(settings: &Settings, invocation: &Invocation) -> anyhow::Result<()> {
    let mut warnings = Warnings::default();
    let root = resolve_root(None, settings, invocation, &mut warnings)?;
    if root.sdk.is_none() {
        warnings.settle(settings.warnings)?;
        return Err(Failure::new(format!(
            "no bridge is built for {}: it does not look like a HeyGem SDK",
            quote(&root.path)
        ))
        .into());
    }
    let outcome = bridge::prepare(root.site(invocation.user), invocation)?;
    warn_of_doubts(&outcome, &root, &mut warnings);
    warnings.settle(settings.warnings)?;
    let Some(directory) = outcome.directory else {
        return Err(Failure::new("the bridge can't be built").tried(outcome.tried).into());
    };
    // Its bytes as they are: a shell reads them in `$(heygem-run --prepare)`.
    print::out([directory.as_os_str().as_bytes(), b"\n"].concat())
}

/// What a launch is made of, found.
struct Resolved {
    root: Root,
    target: Target,
    directory: Option<PathBuf>,
}

fn resolve(
    words: Words,
    settings: &Settings,
    invocation: &Invocation,
    warnings: &mut Warnings,
) -> anyhow::Result<Resolved> {
    checks::python(&words, settings.python.as_ref(), warnings);
    let root = resolve_root(Some(&words), settings, invocation, warnings)?;
    let directory = plan::directory(settings, &root.path, invocation)?;
    let versions = root.versions();
    let surroundings =
        Surroundings { invocation, root: &root.path, versions, directory: directory.as_deref() };
    let target = surroundings.resolve(words, settings.python.as_ref())?;
    checks::launch(&root, &target, directory.as_deref(), invocation, warnings);
    Ok(Resolved { root, target, directory })
}

fn resolve_root(
    words: Option<&Words>,
    settings: &Settings,
    invocation: &Invocation,
    warnings: &mut Warnings,
) -> anyhow::Result<Root> {
    let script = words.and_then(target::script_of);
    let root = root::resolve(settings.root.as_ref(), script, invocation, warnings)?;
    checks::root(&root, settings, invocation, warnings);
    Ok(root)
}

impl Resolved {
    fn plan(
        self,
        settings: &Settings,
        bridge: Option<PathBuf>,
        invocation: &Invocation,
        warnings: &mut Warnings,
    ) -> anyhow::Result<Plan> {
        let Self { root, target, directory } = self;
        let changes = Changes::compose(settings, &root.path, bridge, directory, invocation, warnings)?;
        if settings.verbose {
            print::origins(&root, &target, &changes);
        }
        Ok(Plan { program: target.program, words: target.words, changes })
    }
}

/// The bridge, or a warning that says what will fail without it. What is no SDK has no bare names.
fn ensure_bridge(
    root: &Root,
    settings: &Settings,
    invocation: &Invocation,
    warnings: &mut Warnings,
) -> anyhow::Result<Option<PathBuf>> {
    if !settings.bridge || root.sdk.is_none() {
        return Ok(None);
    }
    if root.bridge.is_some() {
        return Ok(root.bridge.clone());
    }
    let outcome = bridge::ensure(root.site(invocation.user), invocation)?;
    warn_of_doubts(&outcome, root, warnings);
    if outcome.directory.is_none() {
        warnings.add(format!(
            "no bridge can be built ({}): children started by spawn will die of No module named 'trans_dh_service'",
            outcome.tried.join("; ")
        ));
    }
    Ok(outcome.directory)
}

/// What is worth saying of a bridge, whether it was built or not.
fn warn_of_doubts(outcome: &Outcome, root: &Root, warnings: &mut Warnings) {
    for doubt in &outcome.doubts {
        warnings.add(format!("a bridge that others could have made is not used: {doubt}"));
    }
    if outcome.truncated {
        warnings.add(format!(
            "{} has more directories than are listed: some names have no bridge",
            quote(&root.path)
        ));
    }
}
