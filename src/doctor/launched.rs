//! The Python that a command ends in: programs that only run another are looked through, as far as their words tell.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use crate::entry::python_line::{self, Entry, PythonOption};
use crate::entry::server::Server;
use crate::entry::{runner, wrapper};
use crate::plain_path::last_name;

/// What Python runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runs {
    /// A script, or a program whose `#!` line names a Python.
    Script(OsString),
    /// `-m`.
    Module(String),
    /// `-c`.
    Code(OsString),
    /// Standard input, or what can't be told.
    Other,
}

impl Runs {
    /// The server that it is, by the name of the script or of the module.
    pub fn server(&self) -> Option<Server> {
        match self {
            Self::Script(path) => Server::named(last_name(path)),
            Self::Module(name) => Server::named(OsStr::new(name.split('.').next()?)),
            Self::Code(_) | Self::Other => None,
        }
    }
}

/// A Python in a command's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launched {
    /// The command's words, with those of `env -S` taken apart.
    pub given: Vec<OsString>,
    /// All words up to the interpreter's own flags; what runs code instead is put behind them.
    pub words: Vec<OsString>,
    /// Which of them is the interpreter.
    pub interpreter: usize,
    pub runs: Runs,
    /// What follows.
    pub arguments: Vec<OsString>,
    /// Whether it surely runs this one: what a shell makes of its text is a guess.
    pub is_certain: bool,
}

/// What a shell does more than run one command after another.
const SHELL_SYNTAX: [char; 10] = ['|', '<', '>', '$', '`', '(', ')', '{', '*', '#'];

/// Tells the words of a program's `#!` line, and the path by which Python sees the program; `None` for any other.
pub type Shebang<'s> = dyn Fn(&OsStr) -> Option<(Vec<OsString>, OsString)> + 's;

/// Finds the Python in a command. One that another user is to run is none: no check may ask for a password.
pub fn find(words: &[OsString], shebang: &Shebang) -> Option<Launched> {
    let given = taken_apart(words);
    let words = &given[..];
    let start = wrapper::command_index(words).filter(|start| !wrapper::changes_user(&words[..*start]))?;
    let inner = words.get(start..).filter(|inner| !inner.is_empty())?;
    if python_line::is_python(&inner[0]) {
        return Some(of_line(&words[..start], inner));
    }
    if runner::is_shell(&inner[0]) {
        return in_shell(&words[..start], inner, shebang);
    }
    let (line, path) = shebang(&inner[0])?;
    let interpreter = start + line.iter().position(|word| python_line::is_python(word))?;
    Some(Launched {
        given: words.to_vec(),
        words: words[..start].iter().cloned().chain(line).collect(),
        interpreter,
        runs: Runs::Script(path),
        arguments: inner[1..].to_vec(),
        is_certain: true,
    })
}

/// An interpreter's own command line.
fn of_line(before: &[OsString], line: &[OsString]) -> Launched {
    let parsed = python_line::parse(line);
    let (end, flags, runs) = match parsed.entry {
        Entry::Script(index) => (index, None, Runs::Script(line[index].clone())),
        Entry::Module | Entry::Code => value(line, parsed.arguments, parsed.entry),
        Entry::Other | Entry::Unknown => (1, None, Runs::Other),
    };
    let mut words: Vec<OsString> = before.iter().chain(&line[..end]).cloned().chain(flags).collect();
    if words.len() > before.len() + 1 && words.last().is_some_and(|word| word == "--") {
        words.pop();
    }
    Launched {
        given: before.iter().chain(line).cloned().collect(),
        words,
        interpreter: before.len(),
        runs,
        arguments: line[parsed.arguments.min(line.len())..].to_vec(),
        is_certain: true,
    }
}

/// The value of `-m` or `-c`, in a word of its own or in the option's; where the words before it end, and the flags in the option's
/// word.
fn value(line: &[OsString], arguments: usize, entry: Entry) -> (usize, Option<OsString>, Runs) {
    let (end, flags, attached) = match python_line::options(line).pop() {
        Some(PythonOption { index, flags, value }) => (index, flags, value.get(1..).unwrap_or_default()),
        None => (1, &[][..], &[][..]),
    };
    let text = match (attached, line.get(arguments.saturating_sub(1))) {
        ([], Some(word)) => word.clone(),
        (attached, _) => OsStr::from_bytes(attached).to_owned(),
    };
    let flags = (!flags.is_empty()).then(|| OsString::from_vec([b"-", flags].concat()));
    match entry {
        Entry::Module => (end, flags, Runs::Module(text.to_string_lossy().into_owned())),
        _ => (end, flags, Runs::Code(text)),
    }
}

/// `env -S "python3.8 -I" app.py`: the words that `env` makes of one.
fn taken_apart(words: &[OsString]) -> Vec<OsString> {
    let split = || {
        let at = words.iter().position(|word| last_name(word) == "env")? + 1;
        let option = words.get(at)?.to_str()?;
        let (flags, attached) = match option.strip_prefix("--split-string") {
            Some(attached) => ("", attached.trim_start_matches('=')),
            None if option.starts_with("--") => return None,
            None => option.strip_prefix('-')?.split_once('S')?,
        };
        let (text, rest) = match attached {
            "" => (words.get(at + 1)?.to_str()?, at + 2),
            text => (text, at + 1),
        };
        let made = shell_words::split(text).ok()?.into_iter().map(OsString::from);
        let flags = (!flags.is_empty()).then(|| OsString::from(format!("-{flags}")));
        Some(
            words[..at]
                .iter()
                .cloned()
                .chain(flags)
                .chain(made)
                .chain(words[rest..].iter().cloned())
                .collect(),
        )
    };
    split().unwrap_or_else(|| words.to_vec())
}

/// `bash -c 'cd api && exec python app.py'`: the last command of the text, where it runs a Python.
fn in_shell(before: &[OsString], line: &[OsString], shebang: &Shebang) -> Option<Launched> {
    let at = runner::shell_text(line)?;
    let text = line[at].to_str()?;
    let split = text.rfind("&&").map(|at| at + 2).max(text.rfind(';').map(|at| at + 1)).unwrap_or(0);
    let (first, last) = text.split_at(split);
    if last.contains(SHELL_SYNTAX) || last.trim_end().ends_with('&') {
        return None;
    }
    let mut inner: Vec<OsString> = shell_words::split(last).ok()?.into_iter().map(OsString::from).collect();
    if inner.first().is_some_and(|word| word == "exec") {
        inner.remove(0);
    }
    let found = find(&inner, shebang)?;
    let run = found.words[wrapper::behind_display(&found.words)..]
        .iter()
        .map(crate::shell::quote)
        .collect::<Vec<_>>()
        .join(" ");
    let script = format!("{first} exec {run} \"$@\"");
    let mut words: Vec<OsString> = before.iter().chain(&line[..at]).cloned().collect();
    words.extend([script.into(), "sh".into()]);
    Some(Launched { words, interpreter: before.len(), is_certain: false, ..found })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Option<(String, Runs, bool)> {
        let words: Vec<OsString> =
            shell_words::split(line).expect("quotes").into_iter().map(OsString::from).collect();
        let shebang = |word: &OsStr| {
            (word == "gunicorn").then(|| (vec!["/v/bin/python3".into()], OsString::from("/v/bin/gunicorn")))
        };
        find(&words, &shebang).map(|launched| {
            let words: Vec<_> = launched.words.iter().map(|word| word.to_string_lossy()).collect();
            (words.join(" "), launched.runs, launched.is_certain)
        })
    }

    #[test]
    fn programs_that_only_run_another_are_looked_through() {
        let script = |name: &str| Runs::Script(name.into());
        let table = [
            ("python3.8 -u app.py --x", "python3.8 -u", script("app.py"), true),
            ("python -I -- app.py", "python -I", script("app.py"), true),
            ("nohup python3.9 APP/app.py", "nohup python3.9", script("APP/app.py"), true),
            (
                "timeout -k 5 30 nice -n 5 python app.py",
                "timeout -k 5 30 nice -n 5 python",
                script("app.py"),
                true,
            ),
            ("env -u A B=c python app.py", "env -u A B=c python", script("app.py"), true),
            (
                "numactl --cpunodebind 0 --membind 0 python3.9 -E t.py",
                "numactl --cpunodebind 0 --membind 0 python3.9 -E",
                script("t.py"),
                true,
            ),
            ("xvfb-run python3.9 -E t.py", "xvfb-run python3.9 -E", script("t.py"), true),
            ("python -m uvicorn app:app", "python", Runs::Module("uvicorn".into()), true),
            ("python -Xdev -mapp", "python -Xdev", Runs::Module("app".into()), true),
            ("python -c pass", "python", Runs::Code("pass".into()), true),
            ("python -uEm app -s", "python -uE", Runs::Module("app".into()), true),
            ("python -X m -Icpass", "python -X m -I", Runs::Code("pass".into()), true),
            ("python -mm", "python", Runs::Module("m".into()), true),
            ("gunicorn -w 2 app:app", "/v/bin/python3", script("/v/bin/gunicorn"), true),
            ("nohup gunicorn app:app", "nohup /v/bin/python3", script("/v/bin/gunicorn"), true),
            (
                "bash -c 'cd api && exec python app.py'",
                "bash -c cd api && exec python \"$@\" sh",
                script("app.py"),
                false,
            ),
            ("env -S 'python3.8 -I' app.py --x", "env python3.8 -I", script("app.py"), true),
            ("env -vS'python -u' app.py", "env -v python -u", script("app.py"), true),
            ("sh -c 'python -u app.py'", "sh -c  exec python -u \"$@\" sh", script("app.py"), false),
        ];
        for (line, words, runs, certain) in table {
            assert_eq!(found(line), Some((words.to_owned(), runs, certain)), "{line}");
        }
    }

    #[test]
    fn what_ends_in_no_python_or_in_one_that_cannot_be_told_is_left_alone() {
        for line in [
            "ffmpeg -i x",
            "bash -c 'python $APP'",
            "bash start.sh",
            "nohup",
            "sudo -u www python app.py",
            "sh -c 'python a.py | tee log'",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
    }
}
