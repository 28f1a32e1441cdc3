//! What is worth a warning before the start, as far as it costs next to nothing to find out.
//!
//! ```text
//! another_root.rs   a script, a word or a directory of another SDK than the root
//! arguments.rs      words that mean another file where the command starts, or once it has gone to the root
//! hidden.rs         an app's package with the name of one of the SDK's
//! python_script.rs  a Python script: what it does where it starts
//! script_starts.rs  what a script starts by a relative name
//! shell_command.rs  a shell between the launch and its Python
//! context.rs        what a check knows of the launch
//! ```

mod another_root;
mod arguments;
mod context;
mod hidden;
mod python_script;
mod script_starts;
mod shell_command;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rustix::fs::CWD;

pub use context::CheckContext;
pub use shell_command::launcher_words;

use crate::directory::look_through;
use crate::entry::Target;
use crate::entry::program;
use crate::entry::python_line;
use crate::entry::server::Server;
use crate::entry::wrapper;
use crate::files::{self, everyone_can_write};
use crate::invocation::{Invocation, same_file};
use crate::origin::Origin;
use crate::path_list;
use crate::plain_path;
use crate::plan::Start;
use crate::root::{Root, RootSource};
use crate::sdk::SERVICE_PACKAGE;
use crate::settings::{Settings, Sourced, Words};
use crate::warning::Warnings;
use crate::warning::command::CommandWarning;
use crate::warning::path::PathWarning;
use crate::warning::python::{FlagPlace, PythonWarning};
use crate::warning::root::RootWarning;

/// Checks the words before anything is resolved: `--python` has no effect on a COMMAND.
pub fn words(words: &Words, settings: &Settings, warnings: &mut Warnings) {
    if let (Words::Command(words), Some(Sourced { source: Origin::Option(_), .. })) =
        (words, &settings.python)
    {
        warnings.add(PythonWarning::Unused { command: words[0].clone() });
    }
}

/// Checks the root, its parent and the inherited `PYTHONPATH`.
pub fn root(root: &Root, settings: &Settings, invocation: &Invocation, warnings: &mut Warnings) {
    if root.is_open {
        warnings.add(RootWarning::Open { root: root.path.clone() });
    }
    open_parent(root, warnings);
    if settings.inherit {
        package_on_path(root, invocation, warnings);
    }
}

/// Checks the root where there is no target, or none that can be run.
pub fn no_target(root: &Root, invocation: &Invocation, warnings: &mut Warnings) {
    another_root::check(root, None, invocation, warnings);
}

/// Checks the resolved command.
pub fn target(target: &Target, context: CheckContext, warnings: &mut Warnings) {
    let CheckContext { root, start, settings, invocation } = context;
    another_root::check(root, target.lies_in(), invocation, warnings);
    another_root::words(target, context, warnings);
    interpreter(target, root, warnings);
    let directory = start.directory().or(invocation.cwd());
    hidden::check(target, context, warnings);
    server(target, directory, warnings);
    path_taken(target, root, invocation, warnings);
    shell_command::check(target, context, warnings);
    match (start, start.directory(), invocation.cwd()) {
        (Start::Here, _, Some(cwd)) => {
            arguments::late_files(target, cwd, warnings);
            let module = module_place(target, cwd);
            if let Some(place) = &module {
                python_script::check_module(&place.with_extension("py"), warnings);
            }
            // Code of the user's imports the SDK, and so goes to the root, before it looks at its arguments.
            if target.script_directory.is_some() || module.is_some_and(|place| is_module(&place)) {
                arguments::moved_files(target, &root.path, cwd, warnings);
            }
        }
        (_, Some(directory), Some(cwd)) => {
            arguments::moved_files(target, directory, cwd, warnings);
            if matches!(start, Start::Root(_)) && settings.bridge {
                python_script::check(target, root, cwd, warnings);
            }
        }
        _ => {}
    }
}

/// Where the module of a Python that starts in `cwd` is, if it is the user's: the path of its file without `.py`, or its directory.
fn module_place(target: &Target, cwd: &Path) -> Option<PathBuf> {
    let words = &target.words[target.command..];
    let name = python_line::module_name(words).filter(|_| python_line::is_python(&words[0]))?;
    Some(cwd.join(name.replace('.', "/")))
}

/// Whether a module that can be run is there.
fn is_module(place: &Path) -> bool {
    place.with_extension("py").is_file() || place.join("__main__.py").is_file()
}

/// Warns of a server that, as it is started here, keeps the SDK's children from starting. `directory` is where it starts.
fn server(target: &Target, directory: Option<&Path>, warnings: &mut Warnings) {
    let words = &target.words[target.command..];
    match Server::of(words) {
        Some((Server::OpenTelemetry, arguments)) => {
            let (program, command) = words.split_at(arguments.min(words.len()));
            let restores_bridge = command.iter().any(|word| wrapper::is_launcher(word));
            if !restores_bridge {
                let (program, command) = (program.to_vec(), command.to_vec());
                warnings.add(CommandWarning::OtherStartUp { program, command });
            }
        }
        Some((server, arguments)) => {
            let configs = server.config_files(words, arguments);
            let config = configs.iter().find_map(|file| files::read_small(&directory?.join(file)).ok());
            let is_known = configs.is_empty() || config.is_some();
            let missing = server.missing_option(words, arguments, config.as_deref()).filter(|_| is_known);
            warnings.extend(missing.map(|option| {
                let without = server.without_workers(words, arguments);
                let words = without.map(|without| {
                    let all = [&target.words[..target.command], &without].concat();
                    all.into_iter().chain(option.split(' ').map(OsString::from)).collect()
                });
                CommandWarning::DaemonicWorkers { server: server.name(), option, words }
            }));
        }
        None => {}
    }
}

/// Programs that give what they run an environment of their own: the launcher belongs behind them.
fn path_taken(target: &Target, root: &Root, invocation: &Invocation, warnings: &mut Warnings) {
    let Some(index) = wrapper::command_without_path(&target.words) else { return };
    let (program, command) = target.words.split_at(index);
    let mut launcher = vec![shell_command::launcher(invocation)];
    if matches!(root.source, RootSource::Named(_)) {
        launcher.extend(["-r".into(), root.path.clone().into_os_string()]);
    }
    let (program, command) = (program.to_vec(), command.to_vec());
    warnings.add(CommandWarning::PathTaken { program, launcher, command });
}

/// Warns if everyone can write to the root's parent, since Python would import what they put there. Of an open root that was said.
fn open_parent(root: &Root, warnings: &mut Warnings) {
    if !root.is_open
        && let Some(parent) = plain_path::parent(&root.path)
        && look_through(CWD, parent).is_ok_and(|stat| everyone_can_write(&stat))
    {
        warnings.add(PathWarning::OpenParent { parent: parent.to_owned() });
    }
}

/// Warns of `service/` itself on PYTHONPATH: that is often recommended, and breaks the package's relative imports.
fn package_on_path(root: &Root, invocation: &Invocation, warnings: &mut Warnings) {
    let inherited = invocation.environment.get("PYTHONPATH").unwrap_or_default();
    let package = plain_path::child(&root.path, SERVICE_PACKAGE);
    let entries = path_list::split(inherited, invocation.cwd()).directories;
    // By whatever path: through a link it is the same package.
    let is_it = |entry: &PathBuf| entry.ends_with(SERVICE_PACKAGE) && same_file(entry, &package);
    if entries.iter().any(is_it) {
        let others = entries.into_iter().filter(|entry| !is_it(entry)).collect();
        warnings.add(PathWarning::ServicePackage { package, others });
    }
}

/// Warns of an interpreter that does not fit the SDK, of environments that were passed over, and of `-E` and `-I`.
fn interpreter(target: &Target, root: &Root, warnings: &mut Warnings) {
    let sdk = root.versions();
    for passed_over in target.passed_over.iter().cloned() {
        warnings.add(PythonWarning::PassedOver {
            passed_over,
            sdk: sdk.to_vec(),
            used: target.program.clone(),
        });
    }
    if let Some(version) = target.version
        && !sdk.is_empty()
        && !sdk.contains(&version)
    {
        let program = target.program.clone();
        warnings.add(PythonWarning::WrongVersion { program, version, sdk: sdk.to_vec() });
    }
    if let Some((flag, place)) = &target.isolation {
        let without = without_isolation(target, place);
        warnings.add(PythonWarning::Isolated { flag: *flag, place: place.clone(), without });
    }
}

/// The command without the flag that makes its Python ignore PYTHONPATH.
fn without_isolation(target: &Target, place: &FlagPlace) -> Vec<OsString> {
    let (before, words) = target.words.split_at(target.command);
    let mut all = before.to_vec();
    match place {
        FlagPlace::CommandLine => all.extend(python_line::without_isolation(words)),
        FlagPlace::Text => all.extend(shell_command::without_isolation(words)),
        FlagPlace::ShebangOf(program) => {
            let shebang = program::shebang(program);
            // Behind another program it starts where the user stands, as it did.
            all.extend(before.is_empty().then(|| "env".into()));
            all.extend(python_line::without_isolation(python_line::interpreter_in(&shebang)));
            all.push(program.clone().into_os_string());
            all.extend_from_slice(&words[1..]);
        }
    }
    all
}
