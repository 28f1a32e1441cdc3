//! What is known of the servers that people start: which one a command is, and which of its options do not mean what they say
//! once the SDK is imported.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::python_line;

/// A server, or another program with a habit that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    Uvicorn,
    Gunicorn,
    Hypercorn,
    Celery,
    Daphne,
    Sanic,
    OpenTelemetry,
}

/// A word of a server's command line whose relative path is used after the app was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatePath<'w> {
    /// The index of the word.
    pub index: usize,
    /// What stands before the path in the word: empty, `--uds=`, `unix:`.
    pub prefix: &'w [u8],
    /// The relative path.
    pub path: &'w [u8],
}

impl Server {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Uvicorn, "uvicorn"),
        (Self::Gunicorn, "gunicorn"),
        (Self::Hypercorn, "hypercorn"),
        (Self::Celery, "celery"),
        (Self::Daphne, "daphne"),
        (Self::Sanic, "sanic"),
        (Self::OpenTelemetry, "opentelemetry-instrument"),
    ];

    /// The server that a command starts, by its program or by the module that an interpreter runs; and the index of its first
    /// argument.
    pub fn of(words: &[OsString]) -> Option<(Self, usize)> {
        let program = words.first()?;
        if python_line::is_python(program) {
            let line = python_line::parse(words);
            let (name, arguments) = (python_line::module_name(words)?, line.arguments);
            return Some((Self::named(OsStr::new(name))?, arguments));
        }
        Some((Self::named(Path::new(program).file_name()?)?, 1))
    }

    fn named(name: &OsStr) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| OsStr::new(known) == name).map(|(server, _)| server)
    }

    /// The options whose value names a file that the server makes after it has imported the app. gunicorn's master makes them,
    /// and imports the app itself only under `--preload`.
    fn late_options(self, words: &[OsString]) -> &'static [&'static str] {
        match self {
            Self::Uvicorn => &["--uds"],
            Self::Daphne => &["-u", "--unix-socket"],
            Self::Celery => &["--pidfile", "--logfile", "-f", "--schedule", "-s", "--statedb"],
            Self::Gunicorn if words.iter().any(|word| word == "--preload") => {
                &["-p", "--pid", "--pidfile", "--log-file", "--error-logfile", "--access-logfile"]
            }
            Self::Hypercorn => &["-b", "--bind"],
            Self::Gunicorn | Self::Sanic | Self::OpenTelemetry => &[],
        }
    }

    /// The relative paths that are used after the app was imported; `words` are the server's own, from `start` on its arguments.
    pub fn late_paths(self, words: &[OsString], start: usize) -> Vec<LatePath<'_>> {
        let options = self.late_options(words);
        let mut paths = Vec::new();
        let mut index = start;
        while let Some(word) = words.get(index).map(|word| word.as_bytes()) {
            if options.iter().any(|option| option.as_bytes() == word) {
                index += 1;
                paths.extend(words.get(index).and_then(|value| self.late_path(index, 0, value.as_bytes())));
            } else {
                let attached = options.iter().find_map(|option| attached_at(word, option.as_bytes()));
                paths.extend(attached.and_then(|at| self.late_path(index, at, word)));
            }
            index += 1;
        }
        paths
    }

    fn late_path(self, index: usize, at: usize, word: &[u8]) -> Option<LatePath<'_>> {
        // hypercorn binds to addresses as well.
        let socket = b"unix:";
        let at = match self {
            Self::Hypercorn => at + word[at..].starts_with(socket).then_some(socket.len())?,
            _ => at,
        };
        let (prefix, path) = word.split_at(at);
        let is_file = !path.is_empty() && !path.starts_with(b"/") && path != b"-";
        is_file.then_some(LatePath { index, prefix, path })
    }

    /// The option that is missing for the SDK's children, where the server's workers are daemonic processes, which may have none:
    /// with it, the server serves itself.
    pub fn missing_option(self, words: &[OsString]) -> Option<&'static str> {
        let has = |option: &str| words.iter().any(|word| word == option);
        let is_zero = |pair: &[OsString]| (pair[0] == "-w" || pair[0] == "--workers") && pair[1] == "0";
        match self {
            Self::Hypercorn => {
                let serves_itself = words.windows(2).any(is_zero) || has("-w0") || has("--workers=0");
                (!serves_itself).then_some("-w 0")
            }
            Self::Sanic => (!has("--single-process")).then_some("--single-process"),
            _ => None,
        }
    }

    /// What the server is called.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(server, _)| *server == self).map_or("", |(_, name)| name)
    }
}

/// Where a value begins that is attached to an option: behind `--uds=`, or behind `-f`.
fn attached_at(word: &[u8], option: &[u8]) -> Option<usize> {
    let rest = word.strip_prefix(option)?;
    match (option.starts_with(b"--"), rest) {
        (true, [b'=', ..]) => Some(option.len() + 1),
        (false, [_, ..]) => Some(option.len()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn servers_are_known_by_program_and_by_module() {
        let table = [
            ("uvicorn app:app", Some((Server::Uvicorn, 1))),
            ("/venv/bin/gunicorn app:app", Some((Server::Gunicorn, 1))),
            ("python -m uvicorn app:app", Some((Server::Uvicorn, 3))),
            ("python3.8 -u -mhypercorn app:app", Some((Server::Hypercorn, 3))),
            ("python app.py", None),
            ("python", None),
            ("bash -c uvicorn", None),
        ];
        for (line, expected) in table {
            assert_eq!(Server::of(&words(line)), expected, "{line}");
        }
    }

    #[test]
    fn relative_paths_that_are_used_late_are_found() {
        let table = [
            ("uvicorn app:app --uds run.sock", Some((3, "", "run.sock"))),
            ("uvicorn app:app --uds=run.sock", Some((2, "--uds=", "run.sock"))),
            ("uvicorn app:app --uds /run/x.sock", None),
            ("uvicorn app:app --log-config x.json", None),
            ("gunicorn --pid x.pid app:app", None),
            ("gunicorn --preload -px.pid app:app", Some((2, "-p", "x.pid"))),
            ("celery -A tasks worker --pidfile=w.pid", Some((4, "--pidfile=", "w.pid"))),
            ("celery -A tasks worker -f w.log", Some((5, "", "w.log"))),
            ("hypercorn -w 0 -b unix:x.sock app:app", Some((4, "unix:", "x.sock"))),
            ("hypercorn -w 0 --bind=unix:x.sock app:app", Some((3, "--bind=unix:", "x.sock"))),
            ("hypercorn -b 127.0.0.1:80 app:app", None),
        ];
        for (line, expected) in table {
            let words = words(line);
            let (server, start) = Server::of(&words).expect(line);
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let found = server.late_paths(&words, start);
            let found = found.first().map(|late| (late.index, text(late.prefix), text(late.path)));
            let expected = expected.map(|(index, prefix, path)| (index, prefix.into(), path.into()));
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn an_option_is_missing_where_workers_are_daemonic() {
        let table = [
            ("hypercorn app:app", Some("-w 0")),
            ("hypercorn -w 2 app:app", Some("-w 0")),
            ("hypercorn --workers=1 app:app", Some("-w 0")),
            ("hypercorn -w 0 app:app", None),
            ("hypercorn --workers=0 app:app", None),
            ("hypercorn -w0 app:app", None),
            ("sanic app:app", Some("--single-process")),
            ("sanic app:app --single-process", None),
            ("uvicorn app:app", None),
        ];
        for (line, expected) in table {
            let words = words(line);
            let (server, _) = Server::of(&words).expect(line);
            assert_eq!(server.missing_option(&words), expected, "{line}");
        }
    }
}
