//! The SDK, the command and the interpreter: whether they are there, and whole.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::abi::{fits, instead};
use crate::doctor::case::Case;
use crate::doctor::diagnosis::{Finding, Status};
use crate::doctor::facts::Facts;
use crate::entry::Target;
use crate::entry::python_line;
use crate::root::Root;
use crate::sdk::abi::{Version, list};
use crate::settings::Words;
use crate::shell::quote;
use crate::warning::{Warning, Warnings};

/// What is in every tree but a stub.
const PARTS: [&str; 5] = ["config", "h_utils", "landmark2face_wy", "wenet", "y_utils"];

/// Which root, how it was found, and whether it is whole.
pub fn root(root: &Root, warnings: &Warnings) -> Vec<Finding> {
    let place = quote(&root.path);
    let Some(sdk) = &root.sdk else {
        return Finding::of_warnings(Status::Fail, warnings, |warning| {
            matches!(warning, Warning::NotAnSdk { .. } | Warning::UnreadableRoot { .. })
        });
    };
    let versions = match sdk.versions.as_slice() {
        [] => "for any Python".into(),
        versions => format!("for Python {}", list(versions)),
    };
    let mut findings = vec![Finding::ok(format!("{place} ({}), {versions}", root.source))];
    let missing: Vec<_> = PARTS.into_iter().filter(|part| !root.path.join(part).is_dir()).collect();
    if !missing.is_empty() {
        findings.push(Finding::warn(
            format!("{place} is not whole: it has no {}", missing.join(", ")),
            "copy the SDK again, all of it",
        ));
    }
    findings.extend(Finding::of_warnings(Status::Warn, warnings, |warning| {
        matches!(warning, Warning::AnotherRoot { .. })
    }));
    let open =
        Finding::of_warnings(Status::Warn, warnings, |warning| matches!(warning, Warning::OpenParent { .. }));
    findings.extend(open.into_iter().map(|finding| finding.mend(away_from_others(&root.path))));
    findings
}

/// How others are kept from the root's parent. A sticky one is `/tmp` or its like, and has to stay open.
fn away_from_others(root: &Path) -> String {
    const STICKY: u32 = 0o1000;
    let parent = root.parent().unwrap_or(root);
    if parent.metadata().is_ok_and(|meta| meta.mode() & STICKY != 0) {
        let own = quote(parent.join("heygem"));
        return format!("mkdir {own} && mv {} {own}", quote(root));
    }
    format!("chmod o-w {}", quote(parent))
}

/// The command's words, as far as they are ours to judge.
pub fn command(case: &Case, words: &Words) -> Vec<Finding> {
    let Some(target) = &case.target else { return Vec::new() };
    let mut findings = vec![Finding::ok(format!("{} ({})", quote(&target.program), target.source))];
    findings.extend(Finding::of_warnings(Status::Warn, &case.warnings, |warning| {
        matches!(
            warning,
            Warning::UnusedPython { .. }
                | Warning::OtherFile { .. }
                | Warning::LateFile { .. }
                | Warning::DaemonicWorkers
                | Warning::OtherStartUp { .. }
        )
    }));
    if let Words::Command(words) = words
        && let Some(what) = drops_variables(words)
    {
        findings.push(Finding::warn(
            format!("{what} drops the variables that heygem-run sets"),
            format!("put heygem-run behind it: {}", behind(words)),
        ));
    }
    findings
}

/// What starts its command with other variables than its own.
fn drops_variables(words: &[OsString]) -> Option<String> {
    let name = Path::new(&words[0]).file_name()?.to_str()?;
    match name {
        "sudo" | "doas" | "su" | "runuser" | "pkexec" => Some(name.into()),
        "env" => {
            let option = words[1..].iter().take_while(|word| word.as_bytes().starts_with(b"-"));
            let option = option.into_iter().find(|word| {
                ["-", "-i", "--ignore-environment"].iter().any(|clear| word.to_str() == Some(clear))
            })?;
            Some(format!("env {}", quote(option)))
        }
        _ => None,
    }
}

/// `sudo heygem-run -- …`: the options of such a program are not known, but most have none here.
fn behind(words: &[OsString]) -> String {
    let options = words[1..].iter().take_while(|word| word.as_bytes().starts_with(b"-")).count();
    let quoted = |words: &[OsString]| words.iter().map(quote).collect::<Vec<_>>();
    let (first, rest) = words.split_at(1 + options);
    [quoted(first), vec!["heygem-run".into(), "--".into()], quoted(rest)].concat().join(" ")
}

/// Which interpreter, how it was found, and its version.
pub fn interpreter(case: &Case, facts: Result<&Facts, &str>, shim: Option<Finding>) -> Vec<Finding> {
    let (Some(target), Some((program, _))) = (&case.target, &case.python) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let which = match case.is_command && !case.is_own_python {
        true => format!("{} (what -m would run; {} may run any)", quote(program), quote(&target.program)),
        false => format!("{} ({})", quote(program), target.source),
    };
    match (facts, shim) {
        (_, Some(shim)) => findings.push(shim),
        (Ok(facts), None) => {
            let behind = Path::new(&facts.executable);
            let real = match behind != program
                && !facts.executable.is_empty()
                && !python_line::is_python(program.as_os_str())
            {
                true => format!(" runs {}", quote(behind)),
                false => String::new(),
            };
            findings.push(Finding::ok(format!("{which}{real}, Python {}", facts.version)));
        }
        (Err(_), None) if has_home(case) => findings.push(Finding::skip(format!("{which}: see isolation"))),
        (Err(why), None) => findings.push(Finding::fail(
            format!("{which} does not run: {why}"),
            format!("name one that does: --python CMD; {} -V says more", quote(program)),
        )),
    }
    findings.extend(Finding::of_warnings(Status::Warn, &case.warnings, |warning| {
        matches!(warning, Warning::PassedOver { .. })
    }));
    findings
}

fn has_home(case: &Case) -> bool {
    case.invocation.environment.get_non_empty("PYTHONHOME").is_some()
}

/// Whether a version manager's shim chose another interpreter, or none, because the launch changes the directory: it goes by
/// the `.python-version` that it finds from there.
pub fn shim(
    case: &Case,
    facts: Result<&Facts, &str>,
    here: impl FnOnce() -> Option<Facts>,
) -> Option<Finding> {
    let (program, _) = case.python.as_ref()?;
    let is_shim = program.parent()?.file_name()? == "shims";
    if !is_shim || case.invocation.cwd() == Some(case.start()) || facts.is_ok_and(|facts| fits(case, facts)) {
        return None;
    }
    let here = here().filter(|here| fits(case, here))?;
    let there = facts.map_or_else(str::to_owned, |facts| format!("Python {}", facts.version));
    Some(Finding::fail(
        format!(
            "{} chooses by directory: Python {} here, and where the command starts, {}: {there}",
            quote(program),
            here.version,
            quote(case.start()),
        ),
        instead(case, Path::new(&here.executable)),
    ))
}

/// What makes an interpreter deaf to `PYTHONPATH`, or sets it up wrongly before that.
pub fn isolation(case: &Case, facts: Result<&Facts, &str>) -> Vec<Finding> {
    let Some(target) = &case.target else { return Vec::new() };
    let variable = |name| case.invocation.environment.get_non_empty(name);
    let isolated = Finding::of_warnings(Status::Fail, &case.warnings, |warning| {
        matches!(warning, Warning::Isolated { .. })
    });
    let mut findings: Vec<_> =
        isolated.into_iter().map(|finding| finding.mend(without_isolation(case, target))).collect();
    if findings.is_empty() && facts.is_ok_and(|facts| facts.ignores) {
        findings.push(deaf(facts.map_or(Path::new(""), |facts| Path::new(&facts.executable))));
    }
    if let Some(home) = variable("PYTHONHOME") {
        let home = quote(home);
        findings.push(match facts {
            Ok(_) => Finding::info(format!(
                "PYTHONHOME={home}: every Python here takes its standard library from there"
            )),
            Err(why) => Finding::fail(
                format!("PYTHONHOME={home}: this Python can't start with it: {why}"),
                "unset PYTHONHOME",
            ),
        });
    }
    if variable("PYTHONSAFEPATH").is_some()
        && let Some(directory) = &target.script_directory
        && ![Some(case.root.path.as_path()), case.root.path.parent()].contains(&Some(directory))
        && facts
            .is_ok_and(|facts| Version::from_full(&facts.version) >= Some(Version { major: 3, minor: 11 }))
    {
        findings.push(Finding::warn(
            format!(
                "PYTHONSAFEPATH keeps {} off the path: the script does not find the modules beside it",
                quote(directory)
            ),
            "unset PYTHONSAFEPATH",
        ));
    }
    findings.extend(Finding::of_warnings(Status::Warn, &case.warnings, |warning| {
        matches!(warning, Warning::DroppedEntry { .. })
    }));
    if findings.is_empty() {
        findings.push(match facts {
            Ok(_) => Finding::ok("Python heeds PYTHONPATH"),
            Err(_) => Finding::skip("the interpreter does not run"),
        });
    }
    findings
}

/// The command without its flag, where that is a word of its own.
fn without_isolation(case: &Case, target: &Target) -> String {
    let is_flag = |word: &OsString| word == "-E" || word == "-I";
    let flag = target.words[..target.arguments.min(target.words.len())].iter().position(is_flag);
    match flag.filter(|_| case.is_command) {
        Some(flag) => {
            let words = target.words.iter().enumerate().filter(|(index, _)| *index != flag);
            let words: Vec<_> = words.map(|(_, word)| quote(word)).collect();
            format!("heygem-run -- {}", words.join(" "))
        }
        None => "leave it out".into(),
    }
}

/// An interpreter that ignores it although nobody told it to.
fn deaf(executable: &Path) -> Finding {
    // `python3.13._pth` beside `python3.13`, and `python3._pth`, since to CPython the `.13` is a suffix.
    let mut whole = executable.as_os_str().to_owned();
    whole.push("._pth");
    let files = [PathBuf::from(whole), executable.with_extension("_pth")];
    match files.into_iter().find(|path| path.is_file()) {
        Some(path) => {
            let path = quote(path);
            Finding::fail(format!("{path} makes Python ignore PYTHONPATH"), format!("rm {path}"))
        }
        None => Finding::fail(
            format!("{} ignores PYTHONPATH: what starts it says -E or -I", quote(executable)),
            "name the interpreter itself: --python CMD",
        ),
    }
}
