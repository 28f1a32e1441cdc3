//! What in a command takes away the variables that the launch sets.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use crate::doctor::case::Case;
use crate::doctor::diagnosis::{CheckFinding, Status, Topic};
use crate::doctor::permission::can_write;
use crate::entry::shell_script::ScriptLine;
use crate::entry::shell_text::{TakenPath, taken_path};
use crate::entry::{runner, text_wrapper, wrapper};
use crate::prechecks::launcher_words;
use crate::remedy::Remedy;
use crate::shell::{quote, quote_all};
use crate::warning::Warning;
use crate::warning::command::CommandWarning;

/// What drops them, where anything does.
pub fn drops(case: &Case, words: &[OsString]) -> Vec<CheckFinding> {
    let finding = by_program(case).or_else(|| by_text(case, words)).or_else(|| by_script(case));
    let about = [Topic::Isolation, Topic::Abi, Topic::Bridge, Topic::Module("service".into())];
    finding.map(|finding| finding.about(about)).into_iter().collect()
}

/// A program that starts its command with other variables: `sudo`, `env -i`. The launch warns of it as well.
fn by_program(case: &Case) -> Option<CheckFinding> {
    let (program, launcher, command) = case.warnings.iter().find_map(|warning| match warning {
        Warning::Command(CommandWarning::PathTaken { program, launcher, command }) => {
            Some((program, launcher, command))
        }
        _ => None,
    })?;
    let what = quote_all(program);
    let found = format!("{what} drops the variables that heygem-run sets");
    let kept = without_env(program);
    // What sudo keeps, its configuration says.
    let is_certain = kept.is_some() && case.is_own_python && !has_root(case, program);
    let before = kept.unwrap_or_else(|| [&program[..], launcher, &["--".into()]].concat());
    let remedy = Remedy::command(before.into_iter().chain(command.iter().cloned()));
    Some(CheckFinding::new(if is_certain { Status::Fail } else { Status::Warn }, found).with_remedy(remedy))
}

/// Whether the root is in what is said of PYTHONPATH.
fn has_root(case: &Case, words: &[OsString]) -> bool {
    let root = case.root.path.as_os_str().as_bytes();
    let set = words.iter().filter_map(|word| word.as_bytes().strip_prefix(b"PYTHONPATH="));
    set.into_iter().any(|value| value.split(|byte| *byte == b':').any(|entry| entry == root))
}

/// The words of `env`, and of what is before it, without what drops PYTHONPATH; `None` where another program does.
fn without_env(program: &[OsString]) -> Option<Vec<OsString>> {
    let start = program.iter().rposition(|word| Path::new(word).ends_with("env"))?;
    let mut left = Vec::new();
    let mut own = program[start + 1..].iter();
    while let Some(word) = own.next() {
        match word.as_bytes() {
            b"-" | b"-i" | b"--ignore-environment" | b"-uPYTHONPATH" | b"--unset=PYTHONPATH" => {}
            b"-u" | b"--unset" | b"-C" | b"--chdir" => {
                let value = own.next()?;
                if value != "PYTHONPATH" {
                    left.extend([word.clone(), value.clone()]);
                }
            }
            text if text.starts_with(b"PYTHONPATH=") => {}
            text if text.starts_with(b"-") && text.contains(&b'i') && !text.starts_with(b"--") => {
                return None;
            }
            _ => left.push(word.clone()),
        }
    }
    let before = &program[..start + usize::from(!left.is_empty())];
    let is_clean =
        wrapper::command_without_path(&[before, &left[..], &["python".into()][..]].concat()).is_none();
    is_clean.then(|| before.iter().cloned().chain(left).collect())
}

/// `sh -c 'unset PYTHONPATH; exec python app.py'`
fn by_text(case: &Case, words: &[OsString]) -> Option<CheckFinding> {
    let start = wrapper::command_index(words)?;
    let index = start + runner::shell_text(&words[start..])?;
    let name = Path::new(&words[start]).file_name()?.to_str()?;
    let text = words[index].to_str()?;
    let by_program = || text_wrapper::taken(text, || launcher_words(&case.root, case.invocation), || false);
    let TakenPath { statement, kept } = taken_path(text).or_else(by_program)?;
    let mut other = words.to_vec();
    other[index] = kept.into();
    let found = format!("{name} -c: {statement} drops the PYTHONPATH that heygem-run sets");
    Some(CheckFinding::fail(found, Remedy::command(other)))
}

/// A shell's script, by its `#!` line or as a shell's argument.
fn by_script(case: &Case) -> Option<CheckFinding> {
    let script = case.target.as_ref()?.shell_script.as_ref()?;
    let by_program = || script.taken_by_program(|| launcher_words(&case.root, case.invocation));
    let ScriptLine { number, line, instead } = script.taken_path().or_else(by_program)?;
    let place = quote(&script.path);
    let found = format!("{place}, line {number}, drops the PYTHONPATH that heygem-run sets: {line}");
    let is_alone = !line.contains([';', '&'])
        && line
            .split_whitespace()
            .all(|word| word == "export" || word == "unset" || word.starts_with("PYTHONPATH"));
    let remedy = match is_alone {
        true => Remedy::shell_as(can_write(&script.path), format!("sed -i {number}d {place}")),
        false => Remedy::words(format!("write in line {number} of {place}: {instead}")),
    };
    Some(CheckFinding::fail(found, remedy).about([Topic::Path(script.path.clone())]))
}
