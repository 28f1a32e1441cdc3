//! Programs: where a command is, what its `#!` line says, and why one can't be run.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, FileType, accessat};

use super::runner::is_shell;
use crate::directory::look_through;
use crate::environment::Environment;
use crate::error::{Code, Failure, plain};
use crate::files::{self, RegularFile};
use crate::invocation::Invocation;
use crate::path_list;
use crate::plain_path::is_path;
use crate::shell::quote;

/// Where `execvp` looks when there is no PATH at all (`confstr(_CS_PATH)` of glibc and musl).
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// How much of a file the kernel reads for a `#!` line (`BINPRM_BUF_SIZE`).
const SHEBANG_BYTES: usize = 256;

/// More than a script has that only starts something.
const SCRIPT_BYTES: usize = 64 << 10;

/// PATH and the directory its relative entries start at.
#[derive(Debug, Clone, Copy)]
pub struct SearchPath<'a> {
    list: &'a OsStr,
    cwd: Option<&'a Path>,
}

/// A program that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its absolute path.
    pub path: PathBuf,
    /// Whether its bare name would lead elsewhere from another working directory: it was found through a relative PATH entry.
    pub by_relative_entry: bool,
}

impl<'a> SearchPath<'a> {
    /// The PATH that the target will have as well.
    pub fn new(environment: &'a Environment, cwd: Option<&'a Path>) -> Self {
        Self { list: environment.get("PATH").unwrap_or(OsStr::new(DEFAULT_PATH)), cwd }
    }

    /// The first executable of that bare name. To `execvp` an empty entry is the working directory.
    pub fn find(&self, name: &OsStr) -> Option<Program> {
        // One entry at a time and by full path, so that `which` reads neither the working directory nor `~`.
        self.first(name, |path| {
            which::which_in_global(path, Some("")).is_ok_and(|mut found| found.next().is_some())
        })
        // `which` asks about the real user. The kernel asks about the effective one and its capabilities.
        .or_else(|| self.first(name, |path| path.is_file() && may_execute(path)))
    }

    fn first(&self, name: &OsStr, is_program: impl Fn(&Path) -> bool) -> Option<Program> {
        self.entries().find_map(|entry| {
            let path = path_list::absolute(entry, self.cwd)?.join(name);
            is_program(&path).then(|| Program { path, by_relative_entry: !entry.is_absolute() })
        })
    }

    fn entries(&self) -> impl Iterator<Item = &'a Path> {
        self.list.as_bytes().split(|&byte| byte == b':').map(|entry| Path::new(OsStr::from_bytes(entry)))
    }

    /// Why the name was not found: 126 where PATH has a file of that name that can't be run, as `env` has it.
    pub fn not_found(&self, name: &OsStr) -> Failure {
        let directories = self.entries().filter_map(|entry| path_list::absolute(entry, self.cwd));
        let mut tried = vec![format!("PATH={}", quote(self.list))];
        for directory in directories {
            let path = directory.join(name);
            match path.metadata() {
                Ok(meta) if meta.is_file() => return not_executable(&path),
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    if path.is_symlink() {
                        return unreachable(&path, &error).hint("this user can't reach what it links to");
                    }
                    tried.push(format!("{}: {}", quote(directory), plain(&error)));
                }
                _ => {}
            }
        }
        let failure =
            Failure::with_code(Code::NotFound, format!("{} is not on PATH", quote(name))).tried(tried);
        match self.other_python(name) {
            Some(other) => failure.hint(format!("there is {other}: heygem-run -- {other} …")),
            None => failure,
        }
    }

    /// `python3` where a command says `python` and only that is there, or the other way round.
    pub fn other_python(&self, name: &OsStr) -> Option<&'static str> {
        let other = match name.to_str()? {
            "python" => "python3",
            "python3" => "python",
            _ => return None,
        };
        self.find(OsStr::new(other)).map(|_| other)
    }
}

/// What starts this program again, from any directory: its name as the user wrote it, where that is found by an absolute entry
/// of PATH, else its path.
pub fn own_command(invocation: &Invocation) -> OsString {
    let name = invocation.words.first().copied().unwrap_or_default();
    match locate(name, SearchPath::new(&invocation.environment, invocation.cwd())) {
        Ok(own) if own.by_relative_entry || is_path(name) => own.path.into_os_string(),
        Ok(_) => name.to_owned(),
        // Started under a name of somebody's choice (`exec -a`).
        Err(_) => invocation.executable().map_or("heygem-run".into(), PathBuf::into_os_string),
    }
}

/// Finds the program of a command: one with a slash in the invoking directory only, a bare one on PATH.
///
/// # Errors
/// When there is none (127), or it can't be run (126).
pub fn locate(word: &OsStr, search: SearchPath<'_>) -> anyhow::Result<Program> {
    if word.is_empty() {
        return Err(Failure::with_code(Code::NotFound, "the command is empty")
            .hint("is a variable in front of it unset?")
            .into());
    }
    if !is_path(word) {
        return search.find(word).ok_or_else(|| search.not_found(word).into());
    }
    let path = path_list::absolute(Path::new(word), search.cwd).ok_or_else(|| {
        Failure::with_code(
            Code::NotFound,
            format!("{} is relative, and the working directory can't be read", quote(word)),
        )
    })?;
    let kind = look_through(CWD, &path).map(|stat| FileType::from_raw_mode(stat.st_mode));
    match kind {
        Ok(FileType::Directory) => {
            Err(Failure::with_code(Code::CannotRun, format!("{} is a directory", quote(&path))).into())
        }
        // To read a pipe would wait for its writer, and `exec` takes none.
        Ok(kind) if kind != FileType::RegularFile => {
            Err(Failure::with_code(Code::CannotRun, format!("{} is not a regular file", quote(&path))).into())
        }
        Ok(_) => Ok(Program { path, by_relative_entry: false }),
        Err(error) => Err(unreachable(&path, &error).into()),
    }
}

fn unreachable(path: &Path, error: &io::Error) -> Failure {
    let code = if crate::sdk::is_absent(error) { Code::NotFound } else { Code::CannotRun };
    Failure::with_code(code, format!("{} can't be run: {}", quote(path), plain(error)))
}

fn not_executable(path: &Path) -> Failure {
    let failure = Failure::with_code(Code::CannotRun, format!("{} is not executable", quote(path)));
    failure.hint(format!("chmod +x {}", quote(path)))
}

/// Why `exec` refused a program that is there.
pub fn refusal(path: &Path, error: &io::Error) -> Failure {
    let name = quote(path);
    const OF_A_PATH: [i32; 5] = [libc::ENOENT, libc::EACCES, libc::ELOOP, libc::ENOTDIR, libc::ENAMETOOLONG];
    let is_of_a_path = error.raw_os_error().is_some_and(|number| OF_A_PATH.contains(&number));
    if is_of_a_path
        && is_executable(path)
        && let Some(interpreter) = shebang(path).first()
    {
        return refusal_of_interpreter(path, interpreter, error);
    }
    match error.raw_os_error() {
        Some(libc::ENOENT) if path.exists() => {
            Failure::with_code(Code::NotFound, format!("{name} can't be run: its ELF loader is missing"))
                .hint("it was built for another system: `file` tells which")
        }
        Some(libc::EACCES) if path.is_file() => {
            let failure = not_executable(path);
            let is_script = path.as_os_str().as_bytes().ends_with(b".py");
            if is_script { failure.hint(format!("or heygem-run {name}")) } else { failure }
        }
        Some(libc::ENOEXEC) => Failure::with_code(
            Code::CannotRun,
            format!("{name} can't be run: it is for another machine, or damaged"),
        )
        .hint("`file` tells what it is for"),
        Some(libc::E2BIG) => Failure::with_code(
            Code::CannotRun,
            format!("{name} can't be run: arguments and environment are too long"),
        )
        .hint("the kernel's limit is a quarter of the stack's: see `ulimit -s`"),
        _ => unreachable(path, error),
    }
}

/// The kernel's error is the script's, whichever of the two it means.
fn refusal_of_interpreter(script: &Path, interpreter: &OsStr, error: &io::Error) -> Failure {
    let name = quote(script);
    let code = if error.raw_os_error() == Some(libc::ENOENT) { Code::NotFound } else { Code::CannotRun };
    let why = match Path::new(interpreter).try_exists() {
        Ok(false) => "is missing".into(),
        _ => format!("can't be run: {}", plain(error)),
    };
    let failure = Failure::with_code(
        code,
        format!("{name} can't be run: its #! interpreter {} {why}", quote(interpreter)),
    );
    if interpreter.as_bytes().ends_with(b"\r") {
        return failure.hint(format!("it has Windows line endings: sed -i 's/\\r$//' {name}"));
    }
    failure
}

/// Whether this process may execute a file, or enter a directory, by its effective rights.
pub fn may_execute(path: &Path) -> bool {
    accessat(CWD, path, Access::EXEC_OK, AtFlags::EACCESS).is_ok()
}

fn is_executable(path: &Path) -> bool {
    const ANYONE: u32 = 0o111;
    path.metadata().is_ok_and(|meta| meta.mode() & ANYONE != 0)
}

/// What the file of a program is, as far as its first bytes tell.
#[derive(Debug, PartialEq, Eq)]
pub enum ProgramKind {
    /// A compiled program.
    Elf,
    /// A script, with the words of its `#!` line: the interpreter and, split at blanks, what it is given. Without that line, and where
    /// the file can't be read, there are none.
    Script(Vec<OsString>),
}

/// Tells what a program is.
pub fn kind(path: &Path) -> ProgramKind {
    let mut buffer = [0; SHEBANG_BYTES];
    files::read_head(path, &mut buffer).map_or(ProgramKind::Script(Vec::new()), kind_of)
}

fn kind_of(head: &[u8]) -> ProgramKind {
    if head.starts_with(b"\x7fELF") { ProgramKind::Elf } else { ProgramKind::Script(shebang_words(head)) }
}

/// The file of a script.
#[derive(Debug)]
pub struct ScriptFile {
    /// The words of its `#!` line.
    pub shebang: Vec<OsString>,
    /// Its text, where a shell runs it.
    pub text: Option<String>,
}

/// Reads a program that is no compiled one, and reads on in the same go where a shell runs it.
pub fn script_file(path: &Path) -> Option<ScriptFile> {
    let unread = Some(ScriptFile { shebang: Vec::new(), text: None });
    let mut head = [0; SHEBANG_BYTES];
    let Ok(file) = files::open(path) else { return unread };
    let Ok(head) = files::read_open_head(&file, &mut head) else { return unread };
    let ProgramKind::Script(shebang) = kind_of(head) else { return None };
    let is_shells = shebang.is_empty() || shebang.iter().any(|word| is_shell(word));
    Some(ScriptFile { shebang, text: is_shells.then(|| rest_of_script(&file, head)) })
}

/// Reads a script that a shell is given.
///
/// # Errors
/// When it can't be opened or read, or is no regular file.
pub fn script(path: &Path) -> io::Result<String> {
    Ok(rest_of_script(&files::open(path)?, &[]))
}

/// The text of a script, as far as it is text: an archive may come behind it.
fn rest_of_script(file: &RegularFile, head: &[u8]) -> String {
    let mut text = head.to_vec();
    if head.len() == SHEBANG_BYTES || head.is_empty() {
        let left = usize::try_from(file.stat.st_size).unwrap_or(SCRIPT_BYTES).saturating_sub(head.len());
        let mut rest = vec![0; left.min(SCRIPT_BYTES)];
        text.extend_from_slice(files::read_open_head(file, &mut rest).unwrap_or_default());
    }
    let end = text.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
    text.truncate(end);
    String::from_utf8(text).unwrap_or_default()
}

/// The words of a script's `#!` line; empty for anything else.
pub fn shebang(path: &Path) -> Vec<OsString> {
    match kind(path) {
        ProgramKind::Script(words) => words,
        ProgramKind::Elf => Vec::new(),
    }
}

/// A carriage return is no blank to the kernel.
fn shebang_words(head: &[u8]) -> Vec<OsString> {
    let Some(line) = head.strip_prefix(b"#!").and_then(|line| line.split(|&byte| byte == b'\n').next())
    else {
        return Vec::new();
    };
    let words = line.split(|byte| b" \t".contains(byte)).filter(|word| !word.is_empty());
    words.map(|word| OsStr::from_bytes(word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shebang_is_split_at_blanks() {
        let table: &[(&[u8], &[&str])] = &[
            (b"#!/usr/bin/python3 -E\nprint()", &["/usr/bin/python3", "-E"]),
            (b"#! /usr/bin/env\tpython3", &["/usr/bin/env", "python3"]),
            (b"#!/bin/sh\r\n", &["/bin/sh\r"]),
            (b"#!\n", &[]),
            (b"#!", &[]),
            (b"\x7fELF", &[]),
            (b"", &[]),
        ];
        for (head, words) in table {
            assert_eq!(shebang_words(head), *words);
        }
    }

    mod fuzz {
        use super::*;
        use proptest::collection::vec;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn the_words_of_a_shebang_are_those_of_its_line(head in prop_oneof![
                vec(any::<u8>(), 0..SHEBANG_BYTES),
                vec(prop::sample::select(b"#!/ \t\r\n\0-Ee\xffpython3".to_vec()), 0..40)
                    .prop_map(|line| [b"#!".as_slice(), &line].concat()),
            ]) {
                let words = shebang_words(&head);
                let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
                prop_assert!(words.iter().all(|word| !word.is_empty() && !word.as_bytes().contains(&b' ')));
                if !line.starts_with(b"#!") {
                    prop_assert!(words.is_empty());
                    return Ok(());
                }
                let kept: Vec<u8> = words.iter().flat_map(|word| word.as_bytes()).copied().collect();
                let bytes: Vec<u8> = line[2..].iter().copied().filter(|byte| !b" \t".contains(byte)).collect();
                prop_assert_eq!(kept, bytes);
                let _ = crate::entry::python_line::isolation_in(&words);
            }
        }
    }
}
