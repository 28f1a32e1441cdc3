//! Why a Python does not start, or is not the one that was meant.

use std::path::{Path, PathBuf};

use crate::directory;
use crate::doctor::case::Case;
use crate::doctor::diagnosis::{CheckFinding, Topic};
use crate::doctor::evidence::Evidence;
use crate::doctor::low_limits;
use crate::doctor::outcome::{End, Outcome};
use crate::doctor::permission::can_change;
use crate::entry::interpreter::ENVIRONMENTS;
use crate::error::plain;
use crate::files;
use crate::remedy::Remedy;
use crate::sdk::abi::Version;
use crate::shell::{assignment, quote};

use super::abi;

/// The oldest Python that a HeyGem was ever compiled for.
const OLDEST: Version = Version { major: 3, minor: 7 };

/// What keeps the launch's Python from starting at all; `None` where it starts.
pub fn refusal(case: &Case, evidence: &Evidence) -> Option<CheckFinding> {
    if evidence.rehearsal.version.is_some() {
        return None;
    }
    let which = quote(case.interpreter());
    let Some(outcome) = &evidence.last else {
        return Some(CheckFinding::fail(format!("{which} was not started"), "see its file"));
    };
    let said = reason(&outcome.stderr).or_else(|| reason(&outcome.stdout));
    let why = said.map_or_else(|| outcome.end.to_string(), str::to_owned);
    if let Some((class, file)) =
        evidence.starts.ended_by.as_ref().filter(|_| evidence.starts.without.is_empty())
    {
        return Some(ended_by_file(&which, class, file));
    }
    if let Some(program) = case.console_script().filter(|_| is_gone(case, outcome)) {
        return Some(gone_shebang(case, program));
    }
    if let Some(name) = variable(evidence).filter(|_| !evidence.starts.is_able) {
        let value = case.invocation.environment.get(name).unwrap_or_default();
        let found = format!("{}: {which} can't start with it: {why}", assignment(name, value));
        return Some(CheckFinding::fail(found, Remedy::unset(name)));
    }
    Some(not_running(case, outcome, &why))
}

/// A file of the environment that raises while every Python starts.
fn ended_by_file(which: &str, class: &str, file: &Path) -> CheckFinding {
    let place = quote(file);
    let line = format!("mv {place} {}", quote(off(file)));
    let found = format!("{place} ends every start of {which}: {class}");
    let finding = CheckFinding::fail(found, Remedy::shell_as(may_move(file), line));
    finding.about([Topic::Path(file.to_owned())])
}

/// An interpreter that does not run, for a reason that no variable and no file explains.
fn not_running(case: &Case, outcome: &Outcome, why: &str) -> CheckFinding {
    let which = quote(case.interpreter());
    match &outcome.end {
        // However it shows: Python may hang as well.
        _ if let Some(limit) = low_limits::of_memory() => {
            CheckFinding::fail(format!("{which} does not run, {limit}: {why}"), limit.remedy())
                .about([Topic::Limit])
        }
        End::Hung(timeout) => hung(&case.interpreter(), timeout.as_secs(), outcome),
        End::NotStarted(error) if error.raw_os_error() == Some(libc::EAGAIN) => CheckFinding::fail(
            format!("{which} can't be started: {}: this user has too many processes", plain(error)),
            low_limits::of_processes().remedy(),
        )
        .about([Topic::Limit]),
        End::NotStarted(error) if let (true, Some(limit)) = (is_of_files(error), low_limits::of_files()) => {
            CheckFinding::fail(format!("{which} can't be started, {limit}: {}", plain(error)), limit.remedy())
                .about([Topic::Limit])
        }
        End::Ended(status) if let (Some(limit), false) = (low_limits::of_stack(case), status.success()) => {
            CheckFinding::fail(format!("{which} does not run, {limit}: {why}"), limit.remedy())
                .about([Topic::Limit])
        }
        _ => CheckFinding::fail(
            format!("{which} does not run: {why}"),
            match named_variable(why) {
                Some(name) => format!("leave out {name}"),
                None => format!("name one that does: --python CMD; {which} -V says more"),
            },
        )
        .about([Topic::Path(case.interpreter())]),
    }
}

fn is_of_files(error: &std::io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::EFBIG))
}

/// Whether the interpreter of a `#!` line is not there: its path, or the name that `env` looks for.
fn is_gone(case: &Case, outcome: &Outcome) -> bool {
    let by_path = matches!(&outcome.end, End::NotStarted(error) if crate::sdk::is_absent(error));
    let python = case.interpreter();
    by_path || python.parent() == Some(Path::new("")) && case.find(&python.to_string_lossy()).is_none()
}

/// A program whose `#!` line names a Python that is not there: 127.
fn gone_shebang(case: &Case, program: &Path) -> CheckFinding {
    let line = crate::entry::program::shebang(program);
    let line = line.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let python = quote(case.interpreter());
    let found = format!("{} begins with #!{line}, and {python} is not there", quote(program));
    let remedy = match case.default_python() {
        Some(python) => abi::instead(case, &python),
        None => Remedy::words("have it installed again with the Python that is here"),
    };
    CheckFinding::fail(found, remedy).about([Topic::Environment])
}

/// An environment beside the app or in the SDK whose interpreter is gone: another is used, without its packages.
pub fn broken_environment(case: &Case) -> Option<CheckFinding> {
    let root = case.root.path.as_path();
    let mut places: Vec<&Path> =
        [Some(root), root.parent(), case.invocation.cwd()].into_iter().flatten().collect();
    places.dedup();
    let environments = places.iter().flat_map(|place| ENVIRONMENTS.map(|name| place.join(name)));
    let environment = environments.into_iter().find(|environment| {
        let python = environment.join("bin/python");
        python.is_symlink() && python.metadata().is_err_and(|error| crate::sdk::is_absent(&error))
    })?;
    let python = case.interpreter();
    let found = format!(
        "{} is not used: its python is a link to nothing; {} runs without its packages",
        quote(&environment),
        quote(&python)
    );
    let remedy = remade(&environment, &python);
    Some(CheckFinding::warn(found, remedy).about([Topic::Environment, Topic::Path(environment)]))
}

/// An environment, made again by an interpreter that is there.
pub fn remade(environment: &Path, python: &Path) -> Remedy {
    let place = quote(environment);
    let requirements = environment.with_file_name("requirements.txt");
    let install = match requirements.is_file() {
        true => format!(" && {place}/bin/python -m pip install -r {}", quote(requirements)),
        false => String::new(),
    };
    Remedy::shell(format!("rm -r {place} && {} -m venv {place}{install}", quote(python)))
}

/// One without which it starts; where several do, the one that has to do with Python first.
fn variable(evidence: &Evidence) -> Option<&str> {
    let names = &evidence.starts.without;
    let own = names.iter().find(|name| name.starts_with("PYTHON"));
    own.or(names.first()).map(String::as_str)
}

/// The variable of Python's that a message speaks of: a wrapper may set it.
fn named_variable(text: &str) -> Option<&str> {
    let start = text.find("PYTHON")?;
    let end = text[start..].find(|c: char| !c.is_ascii_uppercase()).map_or(text.len(), |end| start + end);
    (end - start > "PYTHON".len()).then(|| &text[start..end])
}

fn off(file: &Path) -> std::ffi::OsString {
    let mut name = file.as_os_str().to_owned();
    name.push(".off");
    name
}

fn may_move(file: &Path) -> bool {
    file.parent().is_some_and(can_change)
}

/// The line that says why: what comes behind it tells only where Python stood.
pub fn reason(text: &str) -> Option<&str> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let fatal = lines().find(|line| line.starts_with("Fatal Python error"));
    let is_frame = |line: &str| {
        [
            "Python runtime state",
            "Current thread",
            "Thread 0x",
            "<no Python frame>",
            "File \"",
            "Extension modules",
        ]
        .iter()
        .any(|start| line.starts_with(start))
    };
    let error = lines().rfind(|line| !is_frame(line) && !line.starts_with("Fatal Python error"));
    let is_error = |line: &&str| {
        line.split(':').next().is_some_and(|class| {
            class.ends_with("Error") || class.ends_with("Exception") || class == "SystemExit"
        })
    };
    let is_vague = fatal.is_some_and(|line| {
        line.contains("init_sys_streams")
            || line.contains("init_fs_encoding")
            || line.contains("initfsencoding")
            || line.contains("the site module")
    });
    match (fatal, error.filter(is_error)) {
        (Some(_), Some(error)) if is_vague => Some(error),
        (Some(fatal), _) => Some(fatal),
        (None, _) => error,
    }
}

/// What to type where so many seconds were not enough.
pub fn give_longer(seconds: u64) -> String {
    format!("give it longer: --timeout {}", seconds.saturating_mul(2).max(120))
}

/// Where it stood is told by what it wrote when it was aborted.
fn hung(which_path: &Path, seconds: u64, outcome: &Outcome) -> CheckFinding {
    let which = quote(which_path);
    let file = place_in(&outcome.stderr);
    if let Some(pth) = file.and_then(|(file, _)| hanging_pth(Path::new(file), which_path, &outcome.stderr)) {
        let place = quote(&pth);
        let found = format!("{which} did not end in {seconds} s, and was killed: it stands in {place}");
        let line = format!("mv {place} {}", quote(off(&pth)));
        return CheckFinding::fail(found, Remedy::shell_as(may_move(&pth), line)).about([Topic::Path(pth)]);
    }
    let place = file.map_or(String::new(), |(file, line)| format!(": it stands in {file}, line {line}"));
    let finding = CheckFinding::fail(
        format!("{which} did not end in {seconds} s, and was killed{place}"),
        match file {
            Some((file, _)) => format!("see {file}"),
            None => give_longer(seconds),
        },
    );
    finding.about(file.map(|(file, _)| Topic::Path(file.into())))
}

/// The one file of those that `site` takes lines of code from: nothing in a dump names it. `None` where there are several.
fn hanging_pth(site: &Path, python: &Path, dump: &str) -> Option<PathBuf> {
    let is_in_line = site.file_name().is_some_and(|name| name == "site.py") && dump.contains("in addpackage");
    let directory = site.parent().filter(|_| is_in_line)?;
    let version = directory.file_name()?;
    let own = python.parent()?.parent()?.join("lib").join(version);
    let places = if own == directory { vec![own] } else { vec![own, directory.to_owned()] };
    let files = places.iter().flat_map(|place| directory::paths_in(&place.join("site-packages")));
    let runs = |path: &PathBuf| {
        let is_pth = path.extension().is_some_and(|extension| extension == "pth");
        let text = if is_pth { files::read_small(path).unwrap_or_default() } else { Vec::new() };
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_known =
            ["distutils-precedence.pth", "_virtualenv.pth"].contains(&name) || name.ends_with("-nspkg.pth");
        !is_known && text.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"import"))
    };
    let mut found: Vec<PathBuf> = files.filter(runs).collect();
    found.dedup();
    found.pop().filter(|_| found.is_empty())
}

/// The innermost place of a dump of `faulthandler`: `  File "a.py", line 3 in <module>`.
pub fn place_in(dump: &str) -> Option<(&str, &str)> {
    // Of several threads, the one that was interrupted.
    let dump = dump.find("Current thread").map_or(dump, |at| &dump[at..]);
    dump.lines().find_map(|line| {
        let (file, rest) = line.trim().strip_prefix("File \"")?.split_once("\", line ")?;
        let is_own = file.starts_with('<');
        (!is_own).then(|| Some((file, rest.split(' ').next()?)))?
    })
}

/// A Python that no HeyGem was compiled for.
pub fn too_old(case: &Case, evidence: &Evidence) -> Option<CheckFinding> {
    let version = evidence.rehearsal.version.filter(|version| *version < OLDEST)?;
    let wanted = match case.root.versions() {
        [] => String::new(),
        versions => {
            format!(", and the SDK is compiled for cpython-{}{}", versions[0].major, versions[0].minor)
        }
    };
    let found = format!("{} is Python {version}{wanted}", quote(case.interpreter()));
    let remedy = match evidence.candidates.first() {
        Some(other) => abi::instead(case, &other.path),
        None => Remedy::words("take a Python that the SDK is compiled for: --python CMD"),
    };
    Some(CheckFinding::fail(found, remedy).about([Topic::Abi]))
}

/// Parts of its standard library that it was built without.
pub fn lacking(evidence: &Evidence) -> Option<CheckFinding> {
    let facts = evidence.rehearsal.facts.as_ref()?;
    let names = facts.lacks.join(", ");
    (!facts.lacks.is_empty()).then(|| {
        let found = format!("{} was built without {names} of its standard library", quote(&facts.executable));
        let topics = facts.lacks.iter().map(|name| Topic::Module(name.clone()));
        CheckFinding::warn(found, "take another Python of this version: --python CMD").about(topics)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_with_the_reason_is_not_always_the_last() {
        let table = [
            (
                "Fatal Python error: config_init_hash_seed: PYTHONHASHSEED must be \"random\"\nPython runtime state: preinitialized\n\nCurrent thread 0x1 (most recent call first):\n<no Python frame>\n",
                "Fatal Python error: config_init_hash_seed: PYTHONHASHSEED must be \"random\"",
            ),
            (
                "Fatal Python error: init_sys_streams: can't initialize sys standard streams\nLookupError: unknown encoding: utf-99\n",
                "LookupError: unknown encoding: utf-99",
            ),
            (
                "Fatal Python error: init_fs_encoding: failed\nPython runtime state: core initialized\nModuleNotFoundError: No module named 'encodings'\n\nCurrent thread 0x1:\n<no Python frame>\n",
                "ModuleNotFoundError: No module named 'encodings'",
            ),
            ("no such luck\n", "no such luck"),
        ];
        for (text, expected) in table {
            assert_eq!(reason(text), Some(expected));
        }
        assert_eq!(reason("\n"), None);
    }

    #[test]
    fn a_dump_tells_the_place() {
        let dump = "Fatal Python error: Aborted\n\nCurrent thread 0x7 (most recent call first):\n  File \"/v/sitecustomize.py\", line 2 in <module>\n  File \"<frozen importlib._bootstrap>\", line 219 in _call\n";
        assert_eq!(place_in(dump), Some(("/v/sitecustomize.py", "2")));
        assert_eq!(place_in("nothing"), None);
    }
}
