//! What the process was given. `main` reads it once; every launch is a function of it and of the files.
//!
//! Read later, where few runs need them: `NO_COLOR` and `TERM` for output, `/proc/self/exe` for the launcher's own path, the user id once
//! more in checks of the doctor.

use std::ffi::{CStr, OsStr};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;

use crate::environment::Environment;
use crate::files::identity;
use crate::path_list;
use crate::plain_path::{is_plain, without_steps};

/// Arguments, variables, working directory, user and time.
#[derive(Debug)]
pub struct Invocation<'a> {
    /// All words, the launcher's own name first.
    pub words: Vec<&'a OsStr>,
    /// The inherited variables.
    pub environment: Environment<'a>,
    /// The effective user id.
    pub user: u32,
    /// When the process started, in seconds since the epoch.
    pub now: i64,
    cwd: io::Result<PathBuf>,
}

impl<'a> Invocation<'a> {
    /// Gathers it all; the only system calls are those that find the working directory.
    pub fn new(
        words: impl IntoIterator<Item = &'a CStr>,
        variables: impl IntoIterator<Item = &'a CStr, IntoIter: ExactSizeIterator>,
        user: u32,
        now: i64,
    ) -> Self {
        let words = words.into_iter().map(|word| OsStr::from_bytes(word.to_bytes())).collect();
        let environment = Environment::new(variables);
        let cwd = working_directory(environment.get("PWD"));
        Self { words, environment, user, now, cwd }
    }

    /// The working directory, by the path the user reached it by; `None` when it has none any more.
    pub fn cwd(&self) -> Option<&Path> {
        self.cwd.as_deref().ok()
    }

    /// This program's own file; `None` where the kernel does not tell.
    pub fn executable(&self) -> Option<PathBuf> {
        std::fs::read_link("/proc/self/exe").ok()
    }

    /// The path, absolute, seen from the working directory; `what` names it in the error.
    ///
    /// # Errors
    /// When the path is relative and the working directory can't be read.
    pub fn absolute(&self, path: &Path, what: &str) -> anyhow::Result<PathBuf> {
        // An `io::Error` can't be cloned; what the system said is in its number.
        let why = |error: &io::Error| match error.raw_os_error() {
            Some(number) => io::Error::from_raw_os_error(number),
            None => error.kind().into(),
        };
        match &self.cwd {
            Ok(cwd) => path_list::absolute(path, Some(cwd)).ok_or(io::ErrorKind::NotFound.into()),
            Err(error) => path_list::absolute(path, None).ok_or_else(|| why(error)),
        }
        .with_context(|| {
            format!(
                "{what} {} is relative, and the working directory can't be read",
                crate::shell::quote(path)
            )
        })
    }
}

/// `$PWD` where it names the working directory (as `pwd -L` decides it), else what the kernel says. The difference is a
/// symbolic link on the way, whose own parent the user means by "the parent".
fn working_directory(pwd: Option<&OsStr>) -> io::Result<PathBuf> {
    let physical = std::env::current_dir()?;
    let logical = pwd.map(Path::new).filter(|pwd| pwd.is_absolute() && !has_dots(pwd));
    Ok(match logical {
        // `Path`s are compared by components. Bytes are quicker, and usually the same.
        Some(pwd)
            if pwd.as_os_str() != physical.as_os_str() && pwd != physical && same_file(pwd, &physical) =>
        {
            pwd.to_owned()
        }
        _ => physical,
    })
}

/// Whether a path has a `.` or `..` in it. [`Path::components`] hides every `.` but the first.
fn has_dots(path: &Path) -> bool {
    path.as_os_str().as_bytes().split(|&byte| byte == b'/').any(|name| name == b"." || name == b"..")
}

/// Whether two paths lead to one file. What can't be looked at is not the same.
pub fn same_file(a: &Path, b: &Path) -> bool {
    let id = |path: &Path| path.metadata().map(|meta| identity(&meta));
    matches!((id(a), id(b)), (Ok(a), Ok(b)) if a == b)
}

/// Takes `..`, `.` and doubled separators out of an absolute path.
///
/// `..` behind a symbolic link has two readings, the shell's (`cd ..`) and the kernel's. Where they differ, the kernel's
/// is kept, by the physical path: it is what every other program makes of the same words.
///
/// # Errors
/// When the path has `..` and does not exist.
pub fn without_dots(path: &Path) -> io::Result<PathBuf> {
    if is_plain(path) {
        return Ok(path.to_owned());
    }
    let logical = without_steps(path);
    let steps_up = path.components().any(|component| component == Component::ParentDir);
    if steps_up && !same_file(&logical, path) { path.canonicalize() } else { Ok(logical) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pwd_counts_only_where_it_names_the_working_directory() {
        let here = std::env::current_dir().expect("a working directory");
        for stale in [None, Some("/"), Some("relative"), Some(""), Some("/nowhere/at/all")] {
            assert_eq!(working_directory(stale.map(OsStr::new)).expect("still there"), here);
        }
        let dotted = here.join(".");
        assert_eq!(
            working_directory(Some(dotted.as_os_str())).expect("still there").as_os_str(),
            here.as_os_str()
        );
    }

    #[test]
    fn dots_go_and_a_missing_path_with_dots_is_an_error() {
        let table = [("/usr//./bin/", "/usr/bin"), ("/usr/../usr/bin/..", "/usr"), ("/..", "/")];
        for (path, expected) in table {
            assert_eq!(without_dots(Path::new(path)).expect("exists").as_os_str(), expected);
        }
        assert_eq!(
            without_dots(Path::new("/nowhere/./x")).expect("no need to look").as_os_str(),
            "/nowhere/x"
        );
        assert!(without_dots(Path::new("/nowhere/../x")).is_err());
    }
}
