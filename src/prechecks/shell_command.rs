//! What a shell does between the launch and its Python: its text (`bash -c TEXT`), its script (`./start.sh`), or a login.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::context::CheckContext;
use crate::entry::interpreter::version_of;
use crate::entry::program::{SearchPath, locate};
use crate::entry::shell_others::{OtherScript, others};
use crate::entry::shell_script::{ScriptLine, ShellScript};
use crate::entry::shell_text::{TakenPath, gives_back, taken_path};
use crate::entry::text_python::{isolated, pythons};
use crate::entry::{Target, runner, text_wrapper, wrapper};
use crate::invocation::Invocation;
use crate::path_list;
use crate::root::Root;
use crate::shell::quote;
use crate::warning::Warnings;
use crate::warning::command::CommandWarning;
use crate::warning::python::{FlagPlace, PythonWarning};
use crate::warning::script::{ScriptFault, ScriptWarning};

/// Checks a command that a shell runs.
pub fn check(target: &Target, context: CheckContext, warnings: &mut Warnings) {
    let words = &target.words[target.command..];
    if let Some(text) = runner::shell_text(words).and_then(|index| words[index].to_str()) {
        text_takes_path(text, context, warnings);
        text_isolates(target, text, warnings);
        other_version(target, text, context, warnings);
        other_scripts(&ShellScript::new(Path::new(""), text.to_owned(), &[]), target, context, warnings);
    }
    // A script may give its Python another PYTHONPATH, or none, or `-E` or `-I`; so may one that it reads or runs.
    if let Some(script) = &target.shell_script
        && !lines(script, script.text.len(), context, warnings)
    {
        other_scripts(script, target, context, warnings);
    }
    login_shell(target, context, warnings);
}

/// A text may give its Python another PYTHONPATH, in which the bridge is not, or run it by a program that takes it away.
fn text_takes_path(text: &str, context: CheckContext, warnings: &mut Warnings) {
    let taken = taken_path(text)
        .or_else(|| text_wrapper::taken(text, || launcher_words(context.root, context.invocation), || false));
    if let Some(TakenPath { statement, kept }) = taken {
        let (text, statement, kept) = (text.into(), statement.to_owned(), kept.into());
        warnings.add(CommandWarning::TextTakesPath { text, statement, kept });
    }
}

/// In a text, a Python may have `-E` or `-I`.
fn text_isolates(target: &Target, text: &str, warnings: &mut Warnings) {
    if let Some((flag, _)) = isolated(text, || false).into_iter().next() {
        let (before, words) = target.words.split_at(target.command);
        let without = [before, &without_isolation(words)].concat();
        warnings.add(PythonWarning::Isolated { flag, place: FlagPlace::Text, without });
    }
}

/// A shell's words without the flags in its text that make its Python ignore PYTHONPATH.
pub fn without_isolation(words: &[OsString]) -> Vec<OsString> {
    let mut words = words.to_vec();
    if let Some(index) = runner::shell_text(&words)
        && let Some(text) = words[index].to_str()
    {
        // From the last one on: what comes before it stays where it is.
        let isolated = isolated(text, || false).into_iter().rev();
        let without = isolated.fold(text.to_owned(), |text, (_, python)| python.without_isolation(text));
        words[index] = without.into();
    }
    words
}

/// A text may start a Python that the SDK is not compiled for.
fn other_version(target: &Target, text: &str, context: CheckContext, warnings: &mut Warnings) {
    let CheckContext { root, invocation, .. } = context;
    let sdk = root.versions();
    let words = &target.words[target.command..];
    let own = &words[..runner::shell_text(words).unwrap_or_default()];
    if sdk.is_empty() || runner::reads_profile(own) {
        return;
    }
    let search = SearchPath::new(&invocation.environment, invocation.cwd());
    let other = pythons(text).iter().find_map(|python| {
        let program = locate(python.program()?, search).ok()?.path;
        let version = version_of(&program).filter(|version| !sdk.contains(version))?;
        Some(PythonWarning::WrongVersion { program, version, sdk: sdk.to_vec() })
    });
    warnings.extend(other);
}

/// Warns of the first script with a fault that a script or a text reads or runs. What they take away may be given back.
fn other_scripts(script: &ShellScript, target: &Target, context: CheckContext, warnings: &mut Warnings) {
    if !gives_back(&script.text) {
        let others = others(script, directory(target, context).as_deref());
        others.iter().any(|OtherScript { script, lines: own }| lines(script, *own, context, warnings));
    }
}

/// Warns of the first `own` lines of a script, and tells whether there was reason to.
fn lines(script: &ShellScript, own: usize, context: CheckContext, warnings: &mut Warnings) -> bool {
    let by_program = || script.taken_by_program(|| launcher_words(context.root, context.invocation));
    let taken = script.taken_path().or_else(by_program).map(|line| (line, ScriptFault::TakesPath));
    let isolated = script.isolated().map(|(flag, line)| (line, ScriptFault::Isolates(flag)));
    let faults = taken.into_iter().chain(isolated).filter(|(line, _)| line.number <= own);
    let mut has_fault = false;
    for (ScriptLine { number, instead, .. }, fault) in faults {
        let script = script.path.clone();
        warnings.add(ScriptWarning::Line { script, number, fault, instead });
        has_fault = true;
    }
    has_fault
}

/// Where the command starts behind its wrappers.
fn directory(target: &Target, context: CheckContext) -> Option<PathBuf> {
    let here = context.start.directory().or(context.invocation.cwd());
    match wrapper::directory(&target.words[..target.command]) {
        Some(directory) => path_list::absolute(&directory, here),
        None => here.map(Path::to_owned),
    }
}

/// A login shell has an environment and a directory of its own: the launcher belongs into its text, and runs that text.
fn login_shell(target: &Target, context: CheckContext, warnings: &mut Warnings) {
    let Some(index) = wrapper::login_text(&target.words[target.command..]) else { return };
    let mut words = target.words.clone();
    let text = &mut words[target.command + index];
    let launcher = launcher_words(context.root, context.invocation);
    *text = format!("{launcher} -- \"$SHELL\" -c {}", quote(&*text)).into();
    warnings.add(CommandWarning::LoginShell { words });
}

/// The launcher and the root, for what starts in another environment, and maybe in another directory.
pub fn launcher_words(root: &Root, invocation: &Invocation) -> String {
    format!("{} -r {}", quote(launcher(invocation)), quote(&root.path))
}

/// This launcher by its path: what looks for it may have a PATH of its own.
pub fn launcher(invocation: &Invocation) -> OsString {
    invocation.executable().map_or("heygem-run".into(), PathBuf::into_os_string)
}
