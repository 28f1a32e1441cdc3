//! What servers' own options do to multiprocessing and CUDA.

use std::borrow::Cow;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use super::launches;
use crate::doctor::case::Case;
use crate::doctor::diagnosis::{CheckFinding, Topic};
use crate::doctor::permission::can_write;
use crate::entry::server::{Server, values};
use crate::files;
use crate::remedy::Remedy;
use crate::shell::quote;

/// Workers that patch Python under everything that runs in it.
const PATCHING: [&str; 6] =
    ["gevent", "eventlet", "tornado", "gevent_wsgi", "gevent_pywsgi", "egg:gunicorn#gevent"];

const PRELOADED: &str = "imports the SDK before it forks: its locks and CUDA do not survive that";

const PATCHED: &str = "patches multiprocessing: the first task hangs; take sync workers";

/// What the command's words say.
pub fn servers(case: &Case) -> Vec<CheckFinding> {
    let Some(launched) = case.launched.as_ref().filter(|_| case.is_own_python && case.is_asked_for) else {
        return Vec::new();
    };
    match launched.runs.server() {
        Some(Server::Gunicorn) => gunicorn(case, &launched.arguments),
        Some(Server::Celery) => celery(case, &launched.arguments),
        _ => Vec::new(),
    }
}

fn gunicorn(case: &Case, arguments: &[OsString]) -> Vec<CheckFinding> {
    let mut findings = Vec::new();
    let by_variable = case.invocation.environment.get_non_empty("GUNICORN_CMD_ARGS");
    let by_variable = by_variable.map(|value| value.to_string_lossy().into_owned()).unwrap_or_default();
    let of_variable: Vec<OsString> =
        shell_words::split(&by_variable).unwrap_or_default().into_iter().map(OsString::from).collect();
    for (words, is_variable) in [(arguments, false), (&of_variable[..], true)] {
        let remedy = |from: usize, count: usize| match is_variable {
            true => Remedy::words("take it out of GUNICORN_CMD_ARGS"),
            false => without(case, from, count),
        };
        if let Some(at) = words.iter().position(|word| word == "--preload") {
            findings.push(CheckFinding::warn(format!("gunicorn --preload {PRELOADED}"), remedy(at, 1)));
        }
        if let Some((at, count, class)) = value_of(words, &["-k", "--worker-class"])
            && PATCHING.iter().any(|name| class.contains(name))
        {
            findings.push(CheckFinding::warn(format!("gunicorn -k {class} {PATCHED}"), remedy(at, count)));
        }
    }
    findings.extend(of_file(case, arguments));
    findings
}

/// The file that configures gunicorn: the named one, or the one that lies where it starts.
fn gunicorn_file(case: &Case, arguments: &[OsString]) -> Option<PathBuf> {
    let named = value_of(arguments, &["-c", "--config"]).map(|(_, _, file)| file);
    let file = named.unwrap_or_else(|| "gunicorn.conf.py".into());
    let file = case.start().join(file.strip_prefix("file:").unwrap_or(&file));
    file.is_file().then_some(file)
}

/// What that file says, where the command line says nothing else.
fn of_file(case: &Case, arguments: &[OsString]) -> Vec<CheckFinding> {
    let Some(file) = gunicorn_file(case, arguments) else { return Vec::new() };
    let text = files::read_small(&file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let value = |name: &str| {
        let set = |line: &str| {
            let (known, value) = line.split_once('=').filter(|_| !line.starts_with([' ', '\t', '#']))?;
            (known.trim() == name).then(|| value.split('#').next().unwrap_or(value).trim().to_owned())
        };
        text.lines().enumerate().filter_map(|(index, line)| Some((index + 1, set(line)?))).last()
    };
    let place = quote(&file);
    let finding = |number: usize, what: String| {
        let line = format!("sed -i {number}d {place}");
        let found = format!("{place}, line {number}: {what}");
        CheckFinding::warn(found, Remedy::shell_as(can_write(&file), line)).about([Topic::Path(file.clone())])
    };
    let mut findings = Vec::new();
    if let Some((number, value)) = value("preload_app")
        && value == "True"
    {
        findings.push(finding(number, format!("preload_app {PRELOADED}")));
    }
    if let Some((number, value)) = value("worker_class")
        && PATCHING.iter().any(|name| value.contains(name))
        && value_of(arguments, &["-k", "--worker-class"]).is_none()
    {
        findings.push(finding(number, format!("worker_class = {value} {PATCHED}")));
    }
    findings
}

fn celery(case: &Case, arguments: &[OsString]) -> Vec<CheckFinding> {
    let pool = value_of(arguments, &["-P", "--pool"]);
    let patching = pool.filter(|(_, _, pool)| ["gevent", "eventlet"].contains(&pool.as_ref()));
    let told = patching.map(|(at, count, pool)| {
        CheckFinding::warn(
            format!("celery -P {pool} patches multiprocessing: the first task hangs; take the pool solo or threads"),
            without(case, at, count),
        )
    });
    told.into_iter().collect()
}

/// The value of an option that counts: where the option stands, and how many words it takes.
fn value_of<'w>(words: &'w [OsString], names: &[&str]) -> Option<(usize, usize, Cow<'w, str>)> {
    let (index, at) = values(words, 0, names).pop()?;
    let value = String::from_utf8_lossy(&words[index].as_bytes()[at..]);
    Some(if at == 0 { (index - 1, 2, value) } else { (index, 1, value) })
}

/// The launch without some of its arguments.
fn without(case: &Case, from: usize, count: usize) -> Remedy {
    let Some(launched) = &case.launched else { return Remedy::words("leave it out") };
    let all = launches::given(case);
    let Some(before) = all.len().checked_sub(launched.arguments.len()).filter(|_| launched.is_certain) else {
        return Remedy::words("leave it out");
    };
    let (start, end) = (before + from, (before + from + count).min(all.len()));
    launches::again(case, all[..start].iter().chain(&all[end..]).cloned())
}
