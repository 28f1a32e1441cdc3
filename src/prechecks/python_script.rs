//! A script for which it matters that it starts in the SDK's directory: it has uvicorn reload it, which watches the directory where it
//! starts (`Config.reload_dirs`), so that an edit of the user's would not be noticed; or it starts what has a relative name.

use std::ffi::OsString;
use std::path::Path;

use super::script_starts::StartedByScript;
use crate::entry::{ProgramSource, Target};
use crate::files;
use crate::path_list;
use crate::root::{Root, RootSource};
use crate::warning::Warnings;
use crate::warning::command::CommandWarning;
use crate::warning::script::ScriptWarning;

/// Checks a script that starts in the root, and not where the user stands.
pub fn check(target: &Target, root: &Root, cwd: &Path, warnings: &mut Warnings) {
    let Some(directory) = &target.script_directory else { return };
    let Some(index) = target.arguments.checked_sub(1).filter(|index| *index < target.words.len()) else {
        return;
    };
    let Some(script) = path_list::absolute(Path::new(&target.words[index]), Some(cwd)) else { return };
    if directory.starts_with(&root.path) || cwd == root.path {
        return;
    }
    let text = files::read_small(&script).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    sanic(&text, warnings);
    let is_watched = has_uvicorn_reload(&text);
    if let Some(module) = script.file_stem()
        && (is_watched || StartedByScript::of(&text).are_other(&root.path, cwd, module))
    {
        let mut words = launched_with(root, directory == cwd);
        words.extend(match is_watched || directory == cwd {
            true => as_module(target, index, module.to_owned(), (directory != cwd).then_some(directory)),
            // It starts where the user stands, as without the launcher, and not where the script lies.
            false => ["--".into(), "env".into()].into_iter().chain(target.words.iter().cloned()).collect(),
        });
        warnings.add(match is_watched {
            true => ScriptWarning::WatchedSdk { script, words },
            false => ScriptWarning::StartsInSdk { script, words },
        });
    }
}

/// Checks the file of a module that is run where the user stands, if it is there.
pub fn check_module(file: &Path, warnings: &mut Warnings) {
    let text = files::read_small(file).unwrap_or_default();
    sanic(&String::from_utf8_lossy(&text), warnings);
}

/// Sanic's own `run` serves by daemonic workers, as its command does.
fn sanic(text: &str, warnings: &mut Warnings) {
    if runs_sanic(text) {
        let option = "single_process=True to its app.run()";
        warnings.add(CommandWarning::DaemonicWorkers { server: "sanic", option, words: None });
    }
}

/// The launcher's own options with which it finds the same root from where the user stands.
fn launched_with(root: &Root, is_here: bool) -> Vec<OsString> {
    let is_found = is_here && !matches!(root.source, RootSource::Named(_));
    if is_found { Vec::new() } else { vec!["-r".into(), root.path.clone().into_os_string()] }
}

/// The words that run the script at `index` as a module, which starts where the user stands; `elsewhere` is its directory where that is
/// another one.
fn as_module(target: &Target, index: usize, module: OsString, elsewhere: Option<&Path>) -> Vec<OsString> {
    let (interpreter, rest) = (&target.words[..index], &target.words[index + 1..]);
    let mut words = Vec::new();
    if elsewhere.is_some() || !matches!(target.source, ProgramSource::Interpreter(_)) {
        words.push("--".into());
        if let Some(directory) = elsewhere {
            words.extend(["env".into(), "-C".into(), directory.into()]);
        }
        words.extend_from_slice(interpreter);
    }
    words.extend(["-m".into(), module]);
    words.extend_from_slice(rest);
    words
}

/// Whether a script's text starts uvicorn with `reload=True`, and does not say what is watched.
fn has_uvicorn_reload(text: &str) -> bool {
    has(text, "uvicorn") && code(text).any(is_reload) && !has(text, "reload_dirs")
}

/// Whether a script's text runs a Sanic app with worker processes.
fn runs_sanic(text: &str) -> bool {
    ["import Sanic", "= Sanic(", "app.run("].iter().all(|part| has(text, part))
        && !has(text, "single_process")
}

/// The lines of a script's text without their comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| line.split('#').next().unwrap_or_default())
}

fn has(text: &str, part: &str) -> bool {
    code(text).any(|line| line.contains(part))
}

fn is_reload(line: &str) -> bool {
    line.match_indices("reload").any(|(at, name)| {
        let is_whole = !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        let value = line[at + name.len()..].trim_start().strip_prefix('=');
        is_whole && value.is_some_and(|value| value.trim_start().starts_with("True"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sanics_own_running_counts() {
        let table = [
            ("from sanic import Sanic, json\napp = Sanic('x')\napp.run(port=1)", true),
            ("from sanic import Sanic\napp = Sanic('x')\napp.run(single_process=True)", false),
            ("from sanic import Sanic\napp = Sanic('x')\n# app.run()", false),
            ("from flask import Flask\napp = Flask('x')\napp.run()", false),
            ("", false),
        ];
        for (text, expected) in table {
            assert_eq!(runs_sanic(text), expected, "{text}");
        }
    }

    #[test]
    fn only_uvicorns_own_reloading_counts() {
        let table = [
            ("import uvicorn\nuvicorn.run('app:app', reload=True)", true),
            ("from uvicorn import run\nrun(\n    'app:app',\n    reload = True,\n)", true),
            ("uvicorn.Server(uvicorn.Config('app:app', port=1, reload=True)).run()", true),
            ("import uvicorn\nuvicorn.run(app, reload=False)", false),
            ("import uvicorn\nuvicorn.run('app:app', reload=DEBUG)", false),
            ("import uvicorn\nuvicorn.run(app)  # reload=True", false),
            ("import uvicorn\nuvicorn.run('app:app', reload=True, reload_dirs=['/x'])", false),
            ("app.run(debug=True, use_reloader=True, auto_reload=True)  # not uvicorn", false),
            ("import uvicorn\napp.run(auto_reload=True)", false),
            ("", false),
        ];
        for (text, expected) in table {
            assert_eq!(has_uvicorn_reload(text), expected, "{text}");
        }
    }
}
