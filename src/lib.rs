//! Run any HeyGem entry so that every process it starts can import the SDK.
//!
//! Data flows one way: parse, resolve, plan, act. Each module imports only modules above it in this list, which a test
//! checks against the source:
//!
//! ```text
//! shown          text that is not ours, made harmless
//! error          what can go wrong, and the exit code of each
//! shell          words as a shell reads them
//! plain_path     what every launch asks of a path
//! path_list      the algebra of PYTHONPATH
//! kernel_string  strings as the kernel takes them
//! environment    variables, as bytes in an order
//! limit_signals  signals of limits, as errors
//! budget         what work may cost in all
//! files          the one way to read a file
//! directory      directories by their descriptors
//! trust          who may write to what, and whether that is few enough
//! message        error:, warning:, hint: on stderr
//! remedy         what fixes a fault
//! origin         which option or variable a value comes from
//! package_names  what pip and Debian call a module, a library, a command
//! sdk            what an SDK is: recognition, ABI tags, modules
//! warning        what is worth a warning, as values
//! cli            parse    the command line: its definitions
//! reader                  the command line, read: a launch without the definitions
//! settings                options over variables
//! invocation              arguments, variables, working directory: read once
//! bridge         resolve  what makes bare names work: which names, which files, where they lie
//! entry                   the command: program, script, interpreter
//! root                    where the SDK is
//! plan           plan     where the target starts, and its variables
//! prechecks               what is worth a warning before the start
//! launch                  the one wiring: from settings to a launch
//! print          act      a launch as text
//! print_env               its variables, in the formats of their readers
//! exec                    a launch, carried out
//! bound_child             a program that ends with this process
//! prepare                 the bridge's files, compiled
//! procfs                  running processes
//! own_status              this process: signals that are ignored, capabilities, limits
//! terminal                what stdout understands
//! explain                 --explain
//! doctor                  --doctor
//! inspect                 --inspect
//! ```

mod bound_child;
mod bridge;
mod budget;
mod cli;
mod directory;
mod doctor;
mod entry;
mod environment;
mod error;
mod exec;
#[doc(hidden)]
pub mod explain;
mod files;
mod inspect;
mod invocation;
mod kernel_string;
mod launch;
mod limit_signals;
mod message;
mod origin;
mod own_status;
mod package_names;
mod path_list;
mod plain_path;
mod plan;
mod prechecks;
mod prepare;
mod print;
mod print_env;
mod procfs;
mod reader;
mod remedy;
mod root;
mod sdk;
mod settings;
mod shell;
mod shown;
mod terminal;
mod trust;
mod warning;

use clap::error::ErrorKind;

#[doc(hidden)]
pub use cli::Cli;
pub use invocation::Invocation;
use launch::{BridgeUse, Resolver};
#[doc(hidden)]
pub use limit_signals::remember_time_is_up;
use settings::Action;

/// Does what the command line asks for. Returns the exit code; a launch that succeeds never returns, since the process becomes
/// the target.
pub fn run(invocation: Invocation) -> u8 {
    match act(invocation) {
        Ok(code) => code,
        Err(error) => {
            message::error(&error);
            error::exit_code(&error)
        }
    }
}

fn act(invocation: Invocation) -> anyhow::Result<u8> {
    let Some(cli) = parse_or_print(&invocation)? else { return Ok(0) };
    let (action, settings) = settings::decide(cli, &invocation.environment)?;
    let resolver = Resolver { settings: &settings, invocation: &invocation };
    match action {
        Action::Launch(words) => {
            let launch = resolver.launch(words, BridgeUse::Build)?;
            print::verbose(&launch, &settings);
            launch.warnings.emit(settings.warnings)?;
            return Err(exec::become_target(&launch, invocation.environment));
        }
        Action::DryRun(words) => {
            let launch = resolver.launch(words, BridgeUse::Find)?;
            print::verbose(&launch, &settings);
            launch.warnings.emit(settings.warnings)?;
            print::out(print::shell_line(&launch, &invocation))?;
        }
        Action::PrintEnv(format) => {
            let mut located = resolver.locate(None)?;
            let changes = resolver.compose(&mut located, BridgeUse::Build)?;
            located.warnings.emit(settings.warnings)?;
            print::out(print_env::variables(&changes, format)?)?;
        }
        Action::Prepare => {
            let mut located = resolver.locate(None)?;
            let bridge = resolver.prepare(&mut located);
            if let Ok(bridge) = &bridge {
                prepare::fill_cache(bridge, &located, &resolver);
            }
            located.warnings.emit(settings.warnings)?;
            print::path(&bridge?)?;
        }
        Action::Doctor(words, format, timeout) => {
            return doctor::checkup::run(words, format, timeout, &resolver);
        }
        Action::Inspect(pid, format) => return inspect::run(pid, format, &resolver),
        Action::Explain(inputs, format) => return explain::run(inputs, format),
    }
    Ok(0)
}

/// The command line; `None` when it asked for help or the version, which is printed.
fn parse_or_print(invocation: &Invocation) -> anyhow::Result<Option<Cli>> {
    match reader::read(&invocation.words) {
        Ok(cli) => Ok(Some(cli)),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            print::out(error.render().to_string())?;
            Ok(None)
        }
        Err(error) => Err(cli::usage_error(&error).into()),
    }
}
