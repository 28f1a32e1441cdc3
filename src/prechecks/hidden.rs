//! An app's own package with the name of one of the SDK's: Python finds only one of the two.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rustix::fs::CWD;

use super::context::CheckContext;
use crate::directory::{self, Listed};
use crate::entry::server::Server;
use crate::entry::{Target, python_line, runner};
use crate::invocation::{Invocation, same_file};
use crate::path_list;
use crate::plain_path;
use crate::root::Root;
use crate::sdk::KNOWN_PACKAGES;
use crate::warning::Warnings;
use crate::warning::path::PathWarning;

/// Checks the directory from which Python, or a server, takes the app's modules.
pub fn check(target: &Target, context: CheckContext, warnings: &mut Warnings) {
    let CheckContext { root, invocation, .. } = context;
    let start = context.start.directory().or(invocation.cwd());
    let Some(first) = first_of_path(target, start).filter(|first| *first != root.path) else { return };
    let listed = listed(&first);
    let own = |name: &str| {
        let is_listed = |name: &str| listed.as_ref().is_none_or(|names| names.iter().any(|own| own == name));
        let module = [name, ".py"].concat();
        let package = is_listed(name).then(|| plain_path::child(&first, [name, "/__init__.py"].concat()));
        let module = is_listed(&module).then(|| plain_path::child(&first, module));
        package.into_iter().chain(module).find(|path| path.exists())
    };
    let both = KNOWN_PACKAGES.iter().filter_map(|name| Some((*name, own(name)?)));
    let mut both = both.filter(|(name, _)| plain_path::child(&root.path, name).exists());
    if let Some((name, file)) = both.next()
        && !same_file(&first, &root.path)
    {
        let wins = !is_moved_behind(target, root, &first, invocation);
        warnings.add(PathWarning::HiddenPackage { file, name, wins });
    }
}

/// The names in a directory, which cost less than a look at each; `None` where they can't be listed, or are too many.
fn listed(directory: &Path) -> Option<Vec<OsString>> {
    const MOST: usize = 1_000;
    let Listed { entries, cut } = directory::list(directory::open_below(CWD, directory).ok()?, MOST);
    cut.is_none().then(|| entries.into_iter().map(|entry| entry.name).collect())
}

/// What comes in front of PYTHONPATH, for a target that starts in `start`: the script's directory; for `-m` and `-c` the working
/// directory; or what a server puts there.
fn first_of_path(target: &Target, start: Option<&Path>) -> Option<PathBuf> {
    let words = &target.words[target.command..];
    let served = || {
        let (server, arguments) = Server::of(words)?;
        let arguments = words.get(arguments..).unwrap_or_default();
        let directory = server.served(arguments).map_or(".".into(), |served| served.directory);
        path_list::absolute(Path::new(&directory), start)
    };
    let of_runner = || {
        let is_pythons = !runner::is_shell(&words[0]) && runner::script_index(words).is_some();
        target.program_directory.clone().filter(|_| is_pythons)
    };
    let is_python = python_line::is_python(target.program.as_os_str()) || python_line::is_python(&words[0]);
    let of_script = target.script_directory.clone().or_else(of_runner);
    of_script.or_else(served).or_else(|| start.filter(|_| is_python).map(Path::to_owned))
}

/// gunicorn and Celery put no directory in front that is on the path already, where the root comes before it.
fn is_moved_behind(target: &Target, root: &Root, first: &Path, invocation: &Invocation) -> bool {
    let server = Server::of(&target.words[target.command..]).map(|(server, _)| server);
    let inherited = invocation.environment.get("PYTHONPATH").unwrap_or_default();
    let is_inherited =
        || path_list::split(inherited, invocation.cwd()).directories.iter().any(|entry| entry == first);
    matches!(server, Some(Server::Gunicorn | Server::Celery))
        && (plain_path::parent(&root.path) == Some(first) || is_inherited())
}
