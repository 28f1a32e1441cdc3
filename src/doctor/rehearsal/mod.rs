//! The rehearsal: a program that the launch's own Python runs in the launch's environment, directory and path order. It
//! imports what the launch would import of what is installed and of the SDK (never the app's own modules), starts children by
//! each method, and reports every failure as data.
//!
//! It runs the SDK's import-time code, as the launch would.

mod method;
mod record;
mod temporary;

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;

pub use method::StartMethods;
pub use record::{Child, Frame, Hider, InterpreterFacts, MARK, Rehearsal, StepFailure, Unparsed};

use super::case::Case;
use super::checks::room;
use super::launched::Runs;
use super::running::Job;
use crate::sdk::scan::{Module, Scan};
use crate::sdk::{KNOWN_PACKAGES, SERVICE_MODULE};

const START: &str = include_str!("start.py");

/// What follows, each reported if it fails as a whole.
const PARTS: [(&str, &str); 6] = [
    ("facts", include_str!("facts.py")),
    ("script", include_str!("script.py")),
    ("annotations", include_str!("annotations.py")),
    ("entry", include_str!("entry.py")),
    ("imports", include_str!("imports.py")),
    ("children", include_str!("children.py")),
];

/// Where in `START` what a child needs of it ends.
const END_OF_HELPERS: &str = "REPORT = ";

/// More names than any SDK has; one word of a command line holds 128 KiB.
const MOST_NAMES: usize = 1_500;

/// As long as `poll`, whose milliseconds are an `int`, can wait.
const MOST_SECONDS: u64 = 2_000_000;

/// The rehearsal of a case. Modules to be skipped have ended an earlier one.
pub fn job(case: &Case, seconds: u64, skip: &[String]) -> std::io::Result<Job> {
    let (reader, writer) = std::io::pipe()?;
    let writer = OwnedFd::from(writer);
    // Kept open over exec, in the one program that is started while it is.
    rustix::io::fcntl_setfd(&writer, rustix::io::FdFlags::empty())?;
    let inode = rustix::fs::fstat(&writer)?.st_ino;
    let helpers = START.split(END_OF_HELPERS).next().unwrap_or_default();
    let mut program = given(case, seconds.min(MOST_SECONDS), skip);
    let _ = writeln!(program, "GIVEN.update(pipe={}, pipe_inode={inode})", writer.as_raw_fd());
    let _ = writeln!(program, "HELPERS = {}", serde_json::Value::from(helpers));
    program.push_str(START);
    let parts = PARTS.map(|(name, text)| format!("({name:?}, {})", serde_json::Value::from(text)));
    let _ = writeln!(program, "run_parts([{}])", parts.join(", "));
    let mut command = case.python_code(&program);
    // Says where a Python stands that is aborted, or that a signal ends.
    command.env("PYTHONFAULTHANDLER", "1");
    Ok(Job { command, report: Some((reader, writer)), is_python: true, after_end: Some(temporary::remove) })
}

/// What the program is told, as an assignment.
fn given(case: &Case, seconds: u64, skip: &[String]) -> String {
    let launched = case.launched.as_ref();
    let runs = launched
        .filter(|_| case.is_asked_for && case.is_own_python)
        .map_or(&Runs::Other, |launched| &launched.runs);
    let arguments = launched.map_or(&[][..], |launched| &launched.arguments);
    let (mut script, mut code, mut first, mut modules) =
        ("None".into(), "None".into(), OsString::from("-c"), vec![]);
    match runs {
        Runs::Script(path) => (script, first) = (literal(path), path.clone()),
        // What is no module's name is told, and can't be read as one.
        Runs::Module(_) if case.file_as_module().is_some() => {}
        Runs::Module(name) => (modules, first) = (vec![name.clone()], "-m".into()),
        Runs::Code(text) => code = literal(text),
        Runs::Other => {}
    }
    let module = modules.first().cloned().unwrap_or_default();
    let served = runs.server().and_then(|server| server.served(arguments));
    let added = served.as_ref().map(|served| literal(&served.directory)).unwrap_or_default();
    modules.extend(served.into_iter().flat_map(|served| served.modules));
    let argv: Vec<_> = std::iter::once(&first).chain(arguments).map(literal).collect();
    let names: Vec<String> = case.names.bridged.keys().take(MOST_NAMES).cloned().collect();
    let list = |names: &[String]| serde_json::Value::from(names.to_vec()).to_string();
    format!(
        "GIVEN = dict(script={script}, code={code}, module={}, modules={}, argv=[{}], added=[{}], root={}, packages={}, \
         subpackages={}, names={}, qualified={}, skip={}, is_sdk={}, bridged={}, configures={}, seconds={seconds}, memory={})\n",
        serde_json::Value::from(module),
        list(&modules),
        argv.join(","),
        added,
        literal(&case.root.path),
        list(&packages(&case.scan)),
        list(&subpackages(&case.scan)),
        list(&names),
        list(&qualified(&case.scan)),
        list(skip),
        truth(case.root.sdk.is_some()),
        truth(case.settings.bridge),
        // A pipe in its place would be waited for.
        truth(!is_waited_for(case)),
        available_memory(),
    )
}

fn is_waited_for(case: &Case) -> bool {
    room::log_waits(case) || case.config_file().metadata().is_ok_and(|meta| !meta.is_file() && !meta.is_dir())
}

fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// A Python literal of these bytes.
fn literal(bytes: impl AsRef<OsStr>) -> String {
    let mut text = String::from("b\"");
    for byte in bytes.as_ref().as_bytes() {
        match byte {
            b' '..=b'~' if !b"\"\\".contains(byte) => text.push(char::from(*byte)),
            _ => {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
    }
    text.push('"');
    text
}

/// The root's packages that are certainly the SDK's: `tests` or `docs` in it are nobody's loss.
pub fn packages(scan: &Scan) -> Vec<String> {
    let compiled = scan.modules.iter().filter(|module| module.compiled || module.name == SERVICE_MODULE);
    let mut packages: Vec<String> = compiled
        .filter_map(|module| module.package.split('.').next().filter(|package| !package.is_empty()))
        .map(str::to_owned)
        .collect();
    let is_known =
        |module: &&Module| module.package.is_empty() && KNOWN_PACKAGES.contains(&module.name.as_str());
    packages.extend(scan.modules.iter().filter(is_known).map(|module| module.name.clone()));
    packages.sort();
    packages.dedup();
    packages
}

/// Whether a package of that name is the SDK's, whether it is there or not.
pub fn is_known_package(name: &str) -> bool {
    KNOWN_PACKAGES.contains(&name)
}

/// All packages of those that have an `__init__`.
fn subpackages(scan: &Scan) -> Vec<String> {
    let tops = packages(scan);
    let is_own = |package: &str| tops.iter().any(|top| package.split('.').next() == Some(top));
    let inits = scan.modules.iter().filter(|module| module.name == "__init__" && is_own(&module.package));
    inits.map(|module| module.package.clone()).take(MOST_NAMES).collect()
}

/// The modules that may hold the SDK's configuration and its logger.
fn qualified(scan: &Scan) -> Vec<String> {
    let tops = packages(scan);
    let wanted = scan.modules.iter().filter(|module| ["config", "logger"].contains(&module.name.as_str()));
    let wanted = wanted.filter(|module| tops.iter().any(|top| module.package.split('.').next() == Some(top)));
    wanted.map(|module| format!("{}.{}", module.package, module.name)).take(MOST_NAMES).collect()
}

/// What the machine has to give, in bytes; 0 where it does not tell.
fn available_memory() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok())
        .map_or(0, |kibibytes| kibibytes << 10)
}
