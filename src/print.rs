//! A launch as text: the shell line of `--dry-run`, and where each part came from, for `--verbose`.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use anyhow::Context as _;

use crate::entry::program;
use crate::invocation::Invocation;
use crate::launch::Launch;
use crate::message;
use crate::plan::{BridgeEntry, LibraryPath, Start};
use crate::settings::Settings;
use crate::shell::{assignment, quote};

/// Prints to stdout, through a descriptor of its own: `std`'s takes a closed one for a good one, and the words would be lost
/// without a word.
///
/// # Errors
/// When stdout can't be written.
pub fn out(text: impl AsRef<[u8]>) -> anyhow::Result<()> {
    let write = || File::from(io::stdout().as_fd().try_clone_to_owned()?).write_all(text.as_ref());
    write().context("stdout can't be written")
}

/// Prints a path: its bytes as they are for `$(…)`; on a terminal, which would obey some of them, as a shell's word.
///
/// # Errors
/// When stdout can't be written.
pub fn path(path: &Path) -> anyhow::Result<()> {
    let bytes = if io::stdout().is_terminal() {
        quote(path).into_bytes()
    } else {
        path.as_os_str().as_bytes().to_vec()
    };
    out([&*bytes, b"\n"].concat())
}

/// The launch as a shell line that does the same when pasted. A subshell keeps the user's own where it is; `exec` keeps
/// builtins and functions of the command's name out of it, and `env` those of zsh, whose `exec` takes them first.
pub fn shell_line(launch: &Launch, invocation: &Invocation) -> String {
    let Launch { target, changes, .. } = launch;
    let mut line = String::from("(");
    if let Some(directory) = changes.start.directory() {
        line += &format!("cd {} && ", quote(directory));
    }
    for (name, value) in &changes.variables {
        line += &match (*name, &changes.python_path.bridge) {
            ("PYTHONPATH", Some(BridgeEntry::Unbuilt)) => unbuilt_python_path(launch, invocation),
            _ => assignment(name, value),
        };
        line.push(' ');
    }
    line.push_str("exec");
    line.push_str(target.words.first().map_or("", |name| runner(name)));
    for word in &target.words {
        line.push(' ');
        line.push_str(&quote(word));
    }
    line.push_str(")\n");
    line
}

/// The assignment of a PYTHONPATH whose bridge the line builds itself.
fn unbuilt_python_path(launch: &Launch, invocation: &Invocation) -> String {
    let changes = &launch.changes;
    let keeps_directory = match changes.start {
        Start::Chdir(_) | Start::NoChdir => " --no-chdir",
        Start::Root(_) | Start::Here => "",
    };
    let own = quote(program::own_command(invocation));
    let root = quote(&launch.root.path);
    // Where it can't be built, the root once more: an empty entry would be the working directory.
    let build = format!("\"$({own} --root {root}{keeps_directory} --prepare || printf %s {root})\"");
    let entries = changes.python_path.entries().map(|(_, path)| path.map_or(build.clone(), quote));
    format!("PYTHONPATH={}", entries.collect::<Vec<_>>().join(":"))
}

/// What stands between `exec` and a program's name, so that no shell takes the name for a builtin of its own (zsh) or for an option.
fn runner(name: &OsStr) -> &'static str {
    let name = name.as_bytes();
    if name.contains(&b'/') {
        ""
    } else if name.starts_with(b"-") {
        " nice -n 0 --" // to `env` a lone dash is an option even behind `--`
    } else if name.contains(&b'=') {
        "" // to `env` it is an assignment
    } else {
        " env"
    }
}

/// With `--verbose`, where every part of the launch came from, on stderr.
pub fn verbose(launch: &Launch, settings: &Settings) {
    if !settings.verbose {
        return;
    }
    let Launch { root, target, changes, .. } = launch;
    message::note(format!("root: {} ({})", quote(&root.path), root.source));
    let version = target.version.map_or(String::new(), |version| format!(", Python {version}"));
    message::note(format!("program: {} ({}{version})", quote(&target.program), target.source));
    message::note(match &changes.start {
        Start::Root(directory) => format!("directory: {} (the root)", quote(directory)),
        Start::Chdir(directory) => format!("directory: {} (--chdir)", quote(directory)),
        Start::NoChdir => "directory: unchanged (--no-chdir)".into(),
        Start::Here => "directory: unchanged".into(),
    });
    for (part, entry) in changes.python_path.entries() {
        message::note(match entry {
            Some(entry) => format!("PYTHONPATH: {} ({part})", quote(entry)),
            None => format!("PYTHONPATH: {part}, which is not there yet and which the line builds"),
        });
    }
    for (part, entry) in changes.library_path.iter().flat_map(LibraryPath::entries) {
        message::note(format!("LD_LIBRARY_PATH: {} ({part})", quote(entry)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_for_a_program_and_nothing_else() {
        let table = [
            ("python", " env"),
            ("/bin/-x", ""),
            ("-x", " nice -n 0 --"),
            ("-", " nice -n 0 --"),
            ("a=b", ""),
            ("-a=b", " nice -n 0 --"),
            ("/bin/a=b", ""),
        ];
        for (name, expected) in table {
            assert_eq!(runner(OsStr::new(name)), expected, "{name}");
        }
    }
}
