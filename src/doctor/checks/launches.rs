//! The launch that was looked at, written otherwise: what a remedy has typed in its place.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::doctor::case::Case;
use crate::doctor::launched::{Launched, Runs};
use crate::doctor::permission::can_change;
use crate::entry::python_line;
use crate::entry::server::is_server;
use crate::files;
use crate::invocation::same_file;
use crate::origin::Origin;
use crate::remedy::{self, Remedy};
use crate::settings::{Sourced, Words};
use crate::shell::{quote, quote_all};

/// The words that were given.
pub fn given<'c>(case: &'c Case) -> &'c [OsString] {
    match &case.words {
        Words::Command(words) | Words::Script(words) | Words::Module(words) => words,
    }
}

/// The launch with other words.
pub fn again(case: &Case, words: impl IntoIterator<Item = OsString>) -> Remedy {
    match &case.words {
        Words::Command(_) => Remedy::command(words),
        Words::Script(_) => Remedy::Launch(words.into_iter().collect()),
        Words::Module(_) => Remedy::Launch(std::iter::once("-m".into()).chain(words).collect()),
    }
}

/// `mv` for a file that hides another; where it is what the launch runs, with the launch of the new name.
pub fn renamed(case: &Case, place: &Path) -> Remedy {
    let other = remedy::renamed(place);
    let may = place.parent().is_some_and(can_change);
    let line = Remedy::rename(place);
    let mut is_run = false;
    let stem = |path: &Path| path.file_stem().unwrap_or_default().to_owned();
    let (old, new) = (stem(place), stem(&other));
    let directory = case.target.as_ref().and_then(|target| target.script_directory.as_deref());
    let words = given(case).iter().map(|word| {
        let (begin, rest) = word
            .as_bytes()
            .split_at(word.as_bytes().iter().position(|byte| *byte == b':').unwrap_or(word.len()));
        let is_module = begin == old.as_bytes() && (!rest.is_empty() || runs_module(case, &old));
        let is_script = directory.is_some_and(|directory| {
            Path::new(word).file_name().is_some_and(|name| same_file(&directory.join(name), place))
        });
        is_run |= is_module || is_script;
        match (is_script, is_module) {
            (true, _) => other.clone().into_os_string(),
            (_, true) => OsStr::from_bytes(&[new.as_bytes(), rest].concat()).to_owned(),
            _ => word.clone(),
        }
    });
    let words: Vec<OsString> = words.collect();
    match is_run && case.is_asked_for {
        true => Remedy::shell(format!("{line} && {}", again(case, words))),
        false => Remedy::shell_as(may, line.to_string()),
    }
}

fn runs_module(case: &Case, name: &OsStr) -> bool {
    let runs = case.launched.as_ref().map(|launched| &launched.runs);
    matches!(runs, Some(Runs::Module(module)) if OsStr::new(module) == name)
}

/// A program that a `#!` line starts, as that Python's script or module; `None` where the command is none.
pub fn by_python(case: &Case, python: &Path) -> Option<Remedy> {
    let program = case.console_script()?;
    let launched = case.launched.as_ref()?;
    let own = launched.given.len().checked_sub(launched.arguments.len() + 1)?;
    let before = launched.given[..own].iter().cloned();
    let arguments = launched.arguments.iter().cloned();
    if !is_console_script(program) {
        let flags = launched.words[launched.interpreter + 1..].iter().cloned();
        let script = std::iter::once(program.as_os_str().to_owned());
        let python = std::iter::once(python.as_os_str().to_owned());
        return Some(Remedy::command(before.chain(python).chain(flags).chain(script).chain(arguments)));
    }
    let name = program.file_name()?.to_owned();
    let module = ["-m".into(), name].into_iter().chain(arguments);
    let chosen = case.default_python();
    let is_default =
        chosen.is_some_and(|chosen| chosen == python || same_file(&chosen, &case.path_of(python)));
    let python = python.as_os_str().to_owned();
    Some(match (own, is_default) {
        (0, true) => Remedy::Launch(module.collect()),
        (0, false) => Remedy::Launch(["--python".into(), python].into_iter().chain(module).collect()),
        _ => Remedy::command(before.chain([python]).chain(module)),
    })
}

/// Whether pip or its like made a program, as the entry of a module, and not somebody's own script.
fn is_console_script(program: &Path) -> bool {
    let name = program.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let text = files::read_small(program).unwrap_or_default();
    let has = |word: &[u8]| memchr::memmem::find(&text, word).is_some();
    let is_made = has(b"sys.argv[0]") && has(b"sys.exit(") && (has(b"script") || has(b"removesuffix"));
    is_server(name) || is_made || has(b"load_entry_point")
}

/// The command, or the option that names the interpreter, without its flags of these letters.
pub fn without_flags(case: &Case, letters: &[u8]) -> Remedy {
    if let Some(Sourced { value, source }) = case.settings.python.as_ref().filter(|_| !case.is_command) {
        let python = value.iter().rposition(|word| python_line::is_python(word)).unwrap_or(0);
        let (before, python) = value.split_at(python);
        let text = quote_all(&[before, &python_line::without(python, letters)].concat());
        return match source {
            Origin::Variable(name) => Remedy::Set((*name).into(), text.into()),
            _ => Remedy::words(format!("--python {}", quote(text))),
        };
    }
    let launched = case.launched.as_ref().filter(|launched| case.is_command && launched.is_certain);
    let left = launched.and_then(|launched| match case.console_script() {
        Some(program) => script_without_flags(launched, program, letters),
        None => {
            let (before, python) = launched.given.split_at(launched.interpreter);
            let left = python_line::without(python, letters);
            (left[..] != *python).then(|| [before, &left].concat())
        }
    });
    left.map_or_else(|| Remedy::words("leave it out"), Remedy::command)
}

/// The command of a program whose `#!` line has flags: the same Python, without them.
fn script_without_flags(launched: &Launched, program: &Path, letters: &[u8]) -> Option<Vec<OsString>> {
    let before = launched.given.get(..launched.given.len().checked_sub(launched.arguments.len() + 1)?)?;
    let python = &launched.words[launched.interpreter..];
    let left = python_line::without(python, letters);
    // Behind another program it starts where the user stands, as it did.
    let env = before.is_empty().then(|| "env".into());
    let script = std::iter::once(program.as_os_str().to_owned());
    let words = before.iter().cloned().chain(env).chain(left.iter().cloned()).chain(script);
    (left[..] != *python).then(|| words.chain(launched.arguments.iter().cloned()).collect())
}

/// The launch without `-W error` and its like.
pub fn without_warnings(case: &Case) -> Remedy {
    let words = given(case);
    let end = case.launched.as_ref().map_or(0, |launched| launched.words.len()).min(words.len());
    let mut left = Vec::new();
    let mut rest = words.iter().enumerate().peekable();
    while let Some((index, word)) = rest.next() {
        // The value is in the same word or the next.
        let parts = word
            .to_str()
            .filter(|text| index < end && text.starts_with('-'))
            .and_then(|text| text.split_once('W'));
        let is_error = |value: &OsString| value.as_bytes().starts_with(b"error");
        let flags = match parts {
            Some((flags, "")) if rest.next_if(|(_, value)| is_error(value)).is_some() => flags,
            Some((flags, value)) if value.starts_with("error") => flags,
            _ => {
                left.push(word.clone());
                continue;
            }
        };
        left.extend((flags != "-").then(|| flags.into()));
    }
    if left[..] == *words || !case.is_asked_for {
        return Remedy::words("leave out -W error");
    }
    again(case, left)
}

/// The launch that runs the file that `-m` was given in place of a module's name.
pub fn of_file(case: &Case, name: &str) -> Remedy {
    match case.launched.as_ref().filter(|launched| launched.is_certain) {
        _ if matches!(case.words, Words::Module(_)) => Remedy::Launch(given(case).to_vec()),
        Some(launched) => {
            let script = std::iter::once(name.into());
            Remedy::command(
                launched.words.iter().cloned().chain(script).chain(launched.arguments.iter().cloned()),
            )
        }
        None => Remedy::words("leave out -m"),
    }
}
