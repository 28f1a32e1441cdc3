//! The SDK, the command and the interpreter: whether they are there, and whole.

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::warnings::check_of;
use super::{abi, drops, launches, start};
use crate::directory;
use crate::doctor::case::Case;
use crate::doctor::diagnosis::{Check, CheckFinding, Status, Topic};
use crate::doctor::evidence::Evidence;
use crate::doctor::permission;
use crate::doctor::rehearsal::InterpreterFacts;
use crate::doctor::sheet::failure;
use crate::entry::Target;
use crate::entry::program::{SearchPath, may_execute, shebang};
use crate::entry::python_line;
use crate::files;
use crate::invocation::same_file;
use crate::remedy::Remedy;
use crate::root::Root;
use crate::sdk::abi::{Version, list};
use crate::settings::Words;
use crate::shell::quote;
use crate::trust::STICKY;
use crate::warning::path::PathWarning;
use crate::warning::python::PythonWarning;
use crate::warning::root::RootWarning;
use crate::warning::{Warning, Warnings};

/// What is in every tree but a stub.
const PARTS: [&str; 5] = ["config", "h_utils", "landmark2face_wy", "wenet", "y_utils"];

/// Which root, how it was found, and whether it is whole.
pub fn root(root: &Root, warnings: &Warnings) -> Vec<CheckFinding> {
    let place = quote(&root.path);
    let Some(sdk) = &root.sdk else {
        return CheckFinding::of_warnings(Status::Fail, warnings, |warning| {
            matches!(
                warning,
                Warning::Root(RootWarning::NotAnSdk { .. }) | Warning::Root(RootWarning::Unreadable { .. })
            )
        });
    };
    let versions = match sdk.versions.as_slice() {
        [] => "for any Python".into(),
        versions => format!("for Python {}", list(versions)),
    };
    let mut findings = vec![CheckFinding::ok(format!("{place} ({}), {versions}", root.source))];
    let is_meant = |warning: &Warning| {
        check_of(warning) == Some(Check::Root)
            && !matches!(warning, Warning::Path(PathWarning::OpenParent { .. }))
    };
    findings.extend(CheckFinding::of_warnings(Status::Warn, warnings, is_meant));
    let open = CheckFinding::of_warnings(Status::Warn, warnings, |warning| {
        matches!(warning, Warning::Path(PathWarning::OpenParent { .. }))
    });
    findings.extend(open.into_iter().map(|finding| finding.with_remedy(away_from_others(&root.path))));
    findings
}

/// Another SDK that is nearer than the root that was named: known only with the command.
pub fn nearer(warnings: &Warnings) -> Vec<CheckFinding> {
    CheckFinding::of_warnings(Status::Warn, warnings, |warning| {
        matches!(
            warning,
            Warning::Root(RootWarning::ScriptInAnother { .. } | RootWarning::HereIsAnother { .. })
        )
    })
}

/// Packages of the SDK that are not in the root.
pub fn missing_parts(root: &Root) -> Option<CheckFinding> {
    root.sdk.as_ref()?;
    let missing: Vec<_> = PARTS.into_iter().filter(|part| !root.path.join(part).is_dir()).collect();
    if missing == ["config"] {
        return None; // told of the file in it
    }
    let found = format!("{} is not whole: it has no {}", quote(&root.path), missing.join(", "));
    let topics = missing.iter().map(|part| Topic::Module((*part).to_owned()));
    (!missing.is_empty()).then(|| CheckFinding::warn(found, "copy the SDK again, all of it").about(topics))
}

/// How others are kept from the root's parent. A sticky one is `/tmp` or its like, and has to stay open.
fn away_from_others(root: &Path) -> Remedy {
    let parent = root.parent().unwrap_or(root);
    if parent.metadata().is_ok_and(|meta| meta.mode() & STICKY != 0) {
        let own = quote(parent.join("heygem"));
        return Remedy::shell(format!("mkdir {own} && mv {} {own}", quote(root)));
    }
    Remedy::shell_as(permission::is_own(parent), format!("chmod o-w {}", quote(parent)))
}

/// What a launch warns of that is about the command, or about all of the launch.
pub fn warned_of(case: &Case) -> Vec<CheckFinding> {
    CheckFinding::of_warnings(Status::Warn, &case.warnings, |warning| {
        check_of(warning) == Some(Check::Command)
    })
}

/// The command's words, as far as they are ours to judge.
pub fn command(case: &Case, words: &Words) -> Vec<CheckFinding> {
    let Some(target) = &case.target else { return Vec::new() };
    let mut findings = vec![CheckFinding::ok(format!("{} ({})", quote(&target.program), target.source))];
    findings.extend(warned_of(case));
    findings.extend(directory_as_script(case, target));
    findings.extend(file_as_module(case));
    match case.command_file(target) {
        Ok(Some(program)) => findings.extend(not_executable(&program).or_else(|| no_interpreter(&program))),
        Ok(None) => {}
        Err(error) => findings.push(not_found(case, target, &error)),
    }
    if let Words::Command(words) = words {
        findings.extend(windows_lines(case, target));
        findings.extend(drops::drops(case, words));
    }
    findings
}

/// A program that this user may not execute: 126.
fn not_executable(program: &Path) -> Option<CheckFinding> {
    (!may_execute(program)).then(|| {
        let place = quote(program);
        let remedy = Remedy::shell_as(permission::is_own(program), format!("chmod +x {place}"));
        CheckFinding::fail(format!("{place} is not executable: Permission denied"), remedy)
            .about([Topic::Path(program.to_owned())])
    })
}

/// A program whose `#!` line names an interpreter that is not there: 127. Of Pythons the check of the interpreter speaks.
fn no_interpreter(program: &Path) -> Option<CheckFinding> {
    let line = shebang(program);
    let last = line.last()?;
    if last.as_bytes().ends_with(b"\r") {
        let (place, last) = (quote(program), quote(last));
        let found = format!(
            "{place} can't be run: its #! interpreter {last} is missing: its lines end as on Windows"
        );
        return Some(CheckFinding::fail(found, unix_lines(program)).about([Topic::Path(program.to_owned())]));
    }
    let first = line.first().filter(|first| !python_line::is_python(first))?;
    let is_gone = matches!(Path::new(first).try_exists(), Ok(false));
    let remedy = Remedy::words(format!("correct the line, or have {} installed", quote(first)));
    let found = format!("{} can't be run: its #! interpreter {} is missing", quote(program), quote(first));
    is_gone.then(|| CheckFinding::fail(found, remedy).about([Topic::Path(program.to_owned())]))
}

/// A program behind `nohup` or its like that is not there: 127.
fn not_found(case: &Case, target: &Target, error: &anyhow::Error) -> CheckFinding {
    let finding = failure(error);
    let search = SearchPath::new(&case.invocation.environment, case.invocation.cwd());
    let Some(other) = search.other_python(&target.words[target.command]) else { return finding };
    let mut words = target.words.clone();
    words[target.command] = other.into();
    finding.with_remedy(Remedy::command(words))
}

/// What takes the carriage returns out of a script.
pub fn unix_lines(script: &Path) -> Remedy {
    let line = format!("sed -i 's/\\r$//' {}", quote(script));
    Remedy::shell_as(permission::can_write(script), line)
}

/// A shell's script whose lines end as on Windows: a carriage return is a part of the line's last word.
fn windows_lines(case: &Case, target: &Target) -> Option<CheckFinding> {
    let script = case.shell_script(target)?;
    let mut head = [0; 4096];
    let head = files::read_head(&script, &mut head).ok()?;
    let lines = || head.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let is_windows = lines().count() > 0 && lines().all(|line| line.ends_with(b"\r\n"));
    is_windows.then(|| {
        let found =
            format!("the lines of {} end as on Windows (CR LF): a shell fails at them", quote(&script));
        CheckFinding::fail(found, unix_lines(&script)).about([Topic::Path(script.clone())])
    })
}

/// `-m app.py`
fn file_as_module(case: &Case) -> Option<CheckFinding> {
    let name = case.file_as_module()?;
    let remedy = launches::of_file(case, name);
    Some(CheckFinding::fail(format!("-m takes the name of a module, and {} is a file", quote(name)), remedy))
}

/// A directory that Python is to run, with nothing in it to run.
fn directory_as_script(case: &Case, target: &Target) -> Option<CheckFinding> {
    target.script_directory.as_ref()?;
    let script = script_of(case, target)?;
    (script.is_dir() && !script.join("__main__.py").exists()).then(|| {
        let place = quote(&script);
        CheckFinding::fail(format!("{place} is a directory without __main__.py"), "name the script itself")
            .about([Topic::Path(script.join("__main__.py"))])
    })
}

/// Which interpreter, how it was found, and its version.
pub fn interpreter(case: &Case, evidence: &Evidence) -> Vec<CheckFinding> {
    let (Some(target), Some(_)) = (&case.target, &case.launched) else { return Vec::new() };
    if case.command_file(target).is_err() {
        return vec![CheckFinding::skip("the command does not find it")];
    }
    let program = case.interpreter();
    let which = match case.is_command && !case.is_own_python {
        true => format!("{} (what -m would run; {} may run any)", quote(&program), quote(&target.program)),
        false => format!("{} ({})", quote(&program), target.source),
    };
    let mut findings = Vec::new();
    if let Some(shim) = shim(case, evidence) {
        findings.push(shim);
    } else if let Some(finding) = start::refusal(case, evidence).or_else(|| start::too_old(case, evidence)) {
        findings.push(finding);
    } else if let Some(facts) = &evidence.rehearsal.facts {
        let behind = Path::new(&facts.executable);
        let is_named = python_line::is_python(program.as_os_str()) || behind == program;
        let real = if is_named || facts.executable.is_empty() {
            String::new()
        } else {
            format!(" runs {}", quote(behind))
        };
        findings.push(CheckFinding::ok(format!("{which}{real}, Python {}", facts.version)));
    }
    findings.extend(start::lacking(evidence));
    let passed_over = CheckFinding::of_warnings(Status::Warn, &case.warnings, |warning| {
        matches!(warning, Warning::Python(PythonWarning::PassedOver { .. }))
    });
    findings.extend(passed_over.into_iter().map(|finding| finding.about([Topic::Environment])));
    findings.extend(start::broken_environment(case));
    findings
}

/// Whether a version manager's shim chose another interpreter, or none, because the launch changes the directory: it goes by
/// the `.python-version` that it finds from there.
fn shim(case: &Case, evidence: &Evidence) -> Option<CheckFinding> {
    let here = evidence.here.as_ref()?;
    let versions = case.root.versions();
    let there = evidence.rehearsal.version;
    if there == Some(here.version) || !versions.is_empty() && !versions.contains(&here.version) {
        return None;
    }
    let there = there.map_or("it does not run".into(), |version| format!("Python {version}"));
    let found = format!(
        "{} chooses by directory: Python {} here, and where the command starts, {}: {there}",
        quote(&case.program),
        here.version,
        quote(case.start()),
    );
    let remedy = abi::instead(case, &here.path);
    Some(CheckFinding::fail(found, remedy).about([Topic::Abi, Topic::Module("service".into())]))
}

/// What makes an interpreter deaf to `PYTHONPATH`, or keeps the script's directory off the path.
pub fn isolation(case: &Case, evidence: &Evidence) -> Vec<CheckFinding> {
    let Some(target) = &case.target else { return Vec::new() };
    let facts = evidence.rehearsal.facts.as_ref();
    let variable = |name| case.invocation.environment.get_non_empty(name);
    let isolated = |warning: &Warning| match warning {
        Warning::Python(PythonWarning::Isolated { flag, place, without }) => Some(CheckFinding::fail(
            format!("-{flag} {place} makes Python ignore PYTHONPATH: leave it out"),
            match case.is_command {
                true => Remedy::command(without.iter().cloned()),
                false => launches::without_flags(case, b"EI"),
            },
        )),
        _ => None,
    };
    let mut findings: Vec<_> = case.warnings.iter().filter_map(isolated).collect();
    if let Some(facts) = facts.filter(|facts| findings.is_empty() && facts.ignores) {
        findings.push(deaf(case, Path::new(&facts.executable)));
    }
    findings.iter_mut().for_each(|finding| {
        finding.topics.extend([Topic::Isolation, Topic::Module("service".into())]);
    });
    if let Some(home) = variable("PYTHONHOME").filter(|_| facts.is_some()) {
        let home = quote(home);
        findings.push(CheckFinding::info(format!(
            "PYTHONHOME={home}: every Python here takes its standard library from there"
        )));
    }
    findings.extend(facts.and_then(|facts| safe_path(case, target, facts)));
    findings.extend(CheckFinding::of_warnings(Status::Warn, &case.warnings, |warning| {
        matches!(warning, Warning::Path(PathWarning::DroppedEntry { .. }))
    }));
    if findings.is_empty() {
        findings.push(match facts {
            Some(_) => CheckFinding::ok("Python reads PYTHONPATH"),
            None => CheckFinding::skip("the interpreter does not run"),
        });
    }
    findings
}

/// What keeps the script's directory off the path, where it is not on it for another reason.
fn safe_path(case: &Case, target: &Target, facts: &InterpreterFacts) -> Option<CheckFinding> {
    let own = case.console_script().filter(|_| case.has_flag(b'P'));
    let script = own.map(Path::to_owned).or_else(|| script_of(case, target));
    let directory = own.and_then(Path::parent).or(target.script_directory.as_deref())?;
    let is_on_path = facts.path.iter().any(|entry| entry == directory || same_file(entry, directory));
    let knows_it = Version::from_full(&facts.version) >= Some(Version { major: 3, minor: 11 });
    if is_on_path || !knows_it || facts.ignores {
        return None;
    }
    let has_modules = directory::paths_in(directory).into_iter().any(|path| {
        path.extension().is_some_and(|extension| extension == "py") && Some(&path) != script.as_ref()
    });
    let off =
        format!("keeps {} off the path: the script does not find the modules beside it", quote(directory));
    let by_variable = own.is_none() && case.invocation.environment.get_non_empty("PYTHONSAFEPATH").is_some();
    let place = own.map_or(String::new(), |program| format!(" in the #! line of {}", quote(program)));
    match by_variable {
        true => Some(CheckFinding::warn(format!("PYTHONSAFEPATH {off}"), Remedy::unset("PYTHONSAFEPATH"))),
        false if has_modules => {
            Some(CheckFinding::warn(format!("-P{place} {off}"), launches::without_flags(case, b"P")))
        }
        false => None,
    }
    .map(|finding| finding.about(names_beside(directory).map(Topic::Module)))
}

fn script_of(case: &Case, target: &Target) -> Option<PathBuf> {
    Some(case.start().join(target.words.get(target.arguments.checked_sub(1)?)?))
}

/// The modules in a directory, by name.
fn names_beside(directory: &Path) -> impl Iterator<Item = String> {
    let name = |path: PathBuf| Some(path.file_name()?.to_str()?.split('.').next()?.to_owned());
    directory::paths_in(directory).into_iter().filter_map(name)
}

/// An interpreter that ignores it although nobody told it to.
fn deaf(case: &Case, executable: &Path) -> CheckFinding {
    // `python3.13._pth` beside `python3.13`, and `python3._pth`, since to CPython the `.13` is a suffix.
    let mut whole = executable.as_os_str().to_owned();
    whole.push("._pth");
    let files = [PathBuf::from(whole), executable.with_extension("_pth")];
    match files.into_iter().find(|path| path.is_file()) {
        Some(path) => {
            let path = quote(path);
            CheckFinding::fail(
                format!("{path} makes Python ignore PYTHONPATH"),
                Remedy::shell(format!("rm {path}")),
            )
        }
        None => CheckFinding::fail(
            match [b'E', b'I'].into_iter().find(|letter| case.has_flag(*letter)) {
                Some(letter) => {
                    format!("-{} makes Python ignore PYTHONPATH: leave it out", char::from(letter))
                }
                None => format!("{} ignores PYTHONPATH: what starts it says -E or -I", quote(executable)),
            },
            match launches::without_flags(case, b"EI") {
                Remedy::Words(_) => Remedy::words("name the interpreter itself: --python CMD"),
                launch => launch,
            },
        ),
    }
}
