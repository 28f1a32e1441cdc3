//! What servers' own options do to multiprocessing and CUDA.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::doctor::case::Case;
use crate::doctor::diagnosis::CheckFinding;
use crate::doctor::launched::Runs;
use crate::remedy::Remedy;
use crate::settings::Words;

/// Workers that patch Python under everything that runs in it.
const PATCHING: [&str; 6] =
    ["gevent", "eventlet", "tornado", "gevent_wsgi", "gevent_pywsgi", "egg:gunicorn#gevent"];

/// What the command's words say.
pub fn servers(case: &Case) -> Vec<CheckFinding> {
    let Some(launched) = case.launched.as_ref().filter(|_| case.is_own_python && case.is_asked_for) else {
        return Vec::new();
    };
    let name = match &launched.runs {
        Runs::Script(path) => Path::new(path).file_name().and_then(OsStr::to_str).unwrap_or_default(),
        Runs::Module(name) => name.as_str(),
        Runs::Code(_) | Runs::Other => return Vec::new(),
    };
    match name {
        "gunicorn" => gunicorn(case, &launched.arguments),
        "celery" => celery(case, &launched.arguments),
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
            findings.push(CheckFinding::warn(
                "gunicorn --preload imports the SDK before it forks: its locks and CUDA do not survive that",
                remedy(at, 1),
            ));
        }
        if let Some((at, count, class)) = value_of(words, &["-k", "--worker-class"])
            && PATCHING.iter().any(|name| class.contains(name))
        {
            findings.push(CheckFinding::warn(
                format!(
                    "gunicorn -k {class} patches multiprocessing: the first task hangs; take sync workers"
                ),
                remedy(at, count),
            ));
        }
    }
    findings
}

fn celery(case: &Case, arguments: &[OsString]) -> Vec<CheckFinding> {
    let pool = value_of(arguments, &["-P", "--pool"]);
    let patching = pool.filter(|(_, _, pool)| ["gevent", "eventlet"].contains(&pool.as_str()));
    let told = patching.map(|(at, count, pool)| {
        CheckFinding::warn(
            format!("celery -P {pool} patches multiprocessing: the first task hangs; take the pool solo or threads"),
            without(case, at, count),
        )
    });
    told.into_iter().collect()
}

/// An option's value: where it stands, and how many words it takes.
fn value_of(words: &[OsString], names: &[&str]) -> Option<(usize, usize, String)> {
    words.iter().enumerate().find_map(|(index, word)| {
        let text = word.to_str()?;
        names.iter().find_map(|name| match text.strip_prefix(name)? {
            "" => Some((index, 2, words.get(index + 1)?.to_str()?.to_owned())),
            rest if name.starts_with("--") => Some((index, 1, rest.strip_prefix('=')?.to_owned())),
            rest => Some((index, 1, rest.to_owned())),
        })
    })
}

/// The launch without some of its arguments.
fn without(case: &Case, from: usize, count: usize) -> Remedy {
    let Some(launched) = &case.launched else { return Remedy::words("leave it out") };
    let all = match &case.words {
        Words::Command(words) | Words::Script(words) | Words::Module(words) => words,
    };
    let Some(before) = all.len().checked_sub(launched.arguments.len()).filter(|_| launched.is_certain) else {
        return Remedy::words("leave it out");
    };
    let (start, end) = (before + from, (before + from + count).min(all.len()));
    let left = all[..start].iter().chain(&all[end..]).cloned();
    match &case.words {
        Words::Command(_) => Remedy::command(left),
        Words::Script(_) => Remedy::Launch(left.collect()),
        Words::Module(_) => Remedy::Launch(std::iter::once("-m".into()).chain(left).collect()),
    }
}
