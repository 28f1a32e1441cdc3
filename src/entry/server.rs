//! What is known of the servers that people start: which one a command is, what configures it, and what it lacks.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::python_line;
use crate::plain_path::last_name;

/// A server, or another program with a habit that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    Uvicorn,
    Gunicorn,
    Hypercorn,
    Celery,
    Daphne,
    Flask,
    Sanic,
    Waitress,
    Granian,
    FastApi,
    Uwsgi,
    Huey,
    OpenTelemetry,
}

/// Whether a program of this name is a server.
pub fn is_server(name: impl AsRef<OsStr>) -> bool {
    Server::named(name.as_ref()).is_some()
}

impl Server {
    const ALL: [(Self, &'static str); 15] = [
        (Self::Uvicorn, "uvicorn"),
        (Self::Gunicorn, "gunicorn"),
        (Self::Hypercorn, "hypercorn"),
        (Self::Celery, "celery"),
        (Self::Daphne, "daphne"),
        (Self::Flask, "flask"),
        (Self::Sanic, "sanic"),
        (Self::Waitress, "waitress-serve"),
        (Self::Waitress, "waitress"),
        (Self::Granian, "granian"),
        (Self::FastApi, "fastapi"),
        (Self::Uwsgi, "uwsgi"),
        (Self::Huey, "huey_consumer"),
        (Self::Huey, "huey_consumer.py"),
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
        Some((Self::named(last_name(program))?, 1))
    }

    /// The server that a program or a module of this name is.
    pub fn named(name: &OsStr) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| OsStr::new(known) == name).map(|(server, _)| server)
    }

    /// The file that may say how many workers there are, relative to the directory where the server starts; the likelier one first.
    pub fn config_files(self, words: &[OsString], start: usize) -> Vec<PathBuf> {
        let value = match self {
            Self::Hypercorn => value_of(words, start, &["-c", "--config"]),
            _ => None,
        };
        let Some(value) = value else { return Vec::new() };
        let Some(module) = value.strip_prefix(b"python:") else {
            return vec![OsStr::from_bytes(value.strip_prefix(b"file:").unwrap_or(value)).into()];
        };
        let path = PathBuf::from(String::from_utf8_lossy(module).replace('.', "/"));
        let module_of_object = path.parent().filter(|module| !module.as_os_str().is_empty());
        [path.as_path()].into_iter().chain(module_of_object).map(|path| path.with_extension("py")).collect()
    }

    /// The option that is missing for the SDK's children, where the server's workers are daemonic processes, which may have none:
    /// with it, the server serves itself. `config` is what the server reads of [`Self::config_files`].
    pub fn missing_option(
        self,
        words: &[OsString],
        start: usize,
        config: Option<&[u8]>,
    ) -> Option<&'static str> {
        match self {
            Self::Hypercorn => {
                let workers = value_of(words, start, &["-w", "--workers"]);
                let workers = workers.or_else(|| workers_in(config?));
                // What the configuration computes is not known.
                let is_known = workers.unwrap_or(b"1").iter().all(u8::is_ascii_digit);
                (is_known && workers != Some(b"0")).then_some("-w 0")
            }
            Self::Huey => {
                let kind = value_of(words, start, &["-k", "--worker-type"]);
                (kind == Some(b"process")).then_some("-k thread")
            }
            Self::Sanic => {
                let is_there = words[start..].iter().any(|word| word == "--single-process");
                (!is_there).then_some("--single-process")
            }
            _ => None,
        }
    }

    /// The words without the options that need workers, with which the server can't serve itself; `None` where there are none.
    pub fn without_workers(self, words: &[OsString], start: usize) -> Option<Vec<OsString>> {
        let (flags, with_value): (&[&str], &[&str]) = match self {
            // Its reloader watches over workers.
            Self::Hypercorn => (&["--reload"], &["-w", "--workers"]),
            Self::Sanic => {
                (&["--dev", "-d", "--auto-reload", "--reload", "-r", "--fast"], &["--workers", "-w"])
            }
            _ => return None,
        };
        let is_flag = |index: &usize| flags.iter().any(|flag| words[*index] == **flag);
        let mut left_out: Vec<usize> = (start..words.len()).filter(is_flag).collect();
        if left_out.is_empty() && self == Self::Hypercorn {
            return None; // The number that comes last counts.
        }
        for (index, at) in values(words, start, with_value) {
            left_out.push(index);
            left_out.extend((at == 0).then(|| index - 1));
        }
        let kept = words.iter().enumerate().filter(|(index, _)| !left_out.contains(index));
        (!left_out.is_empty()).then(|| kept.map(|(_, word)| word.clone()).collect())
    }

    /// The variable that may name its app, as one of its options does.
    pub fn place_variable(self) -> Option<&'static str> {
        match self {
            Self::Uvicorn => Some("UVICORN_APP_DIR"),
            Self::Gunicorn => Some("GUNICORN_CMD_ARGS"),
            Self::Flask => Some("FLASK_APP"),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(server, _)| *server == self).map_or("", |(_, name)| name)
    }
}

/// Where the options' values are: the index of the word, and where in the word.
pub fn values(words: &[OsString], start: usize, options: &[&str]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut index = start;
    while let Some(word) = words.get(index).map(|word| word.as_bytes()) {
        if options.iter().any(|option| option.as_bytes() == word) {
            index += 1;
            found.extend((index < words.len()).then_some((index, 0)));
        } else {
            let attached = options.iter().find_map(|option| attached_at(word, option.as_bytes()));
            found.extend(attached.map(|at| (index, at)));
        }
        index += 1;
    }
    found
}

/// The value that counts: the last one.
pub fn value_of<'w>(words: &'w [OsString], start: usize, options: &[&str]) -> Option<&'w [u8]> {
    let (index, at) = values(words, start, options).pop()?;
    Some(&words[index].as_bytes()[at..])
}

/// What a configuration in TOML or Python sets `workers` to, in the last line that does.
fn workers_in(config: &[u8]) -> Option<&[u8]> {
    config.split(|&byte| byte == b'\n').rev().find_map(|line| {
        let at = line.iter().position(|&byte| byte == b'=')?;
        let (name, value) = (line[..at].trim_ascii(), &line[at + 1..]);
        let is_it = name == b"workers" || name == b"workers: int";
        is_it.then(|| value.split(|&byte| byte == b'#').next().unwrap_or(value).trim_ascii())
    })
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
    use crate::entry::words;

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
    fn an_option_is_missing_where_workers_are_daemonic() {
        let table = [
            ("hypercorn app:app", Some("-w 0")),
            ("hypercorn -w 2 app:app", Some("-w 0")),
            ("hypercorn --workers=1 app:app", Some("-w 0")),
            ("hypercorn -w 0 app:app", None),
            ("hypercorn --workers=0 app:app", None),
            ("hypercorn -w0 app:app", None),
            ("huey_consumer app.huey -k process -w 2", Some("-k thread")),
            ("huey_consumer.py --worker-type=process app.huey", Some("-k thread")),
            ("huey_consumer app.huey -k process -k thread", None),
            ("huey_consumer app.huey", None),
            ("sanic app:app", Some("--single-process")),
            ("sanic app:app --single-process", None),
            ("sanic app:app --dev", Some("--single-process")),
            ("uvicorn app:app", None),
        ];
        for (line, expected) in table {
            let words = words(line);
            let (server, start) = Server::of(&words).expect(line);
            assert_eq!(server.missing_option(&words, start, None), expected, "{line}");
        }
    }

    #[test]
    fn options_that_need_workers_are_left_out() {
        let table = [
            ("hypercorn --reload -w 2 -b x app:app", Some("hypercorn -b x app:app")),
            ("python -m hypercorn --workers=1 app:app --reload", Some("python -m hypercorn app:app")),
            ("hypercorn -w 2 app:app", None),
            ("sanic app:app --dev -w 4 -p 1", Some("sanic app:app -p 1")),
            ("sanic app:app --workers=4", Some("sanic app:app")),
            ("sanic app:app -p 1", None),
            ("uvicorn --reload app:app", None),
        ];
        for (line, expected) in table {
            let (line, expected) = (words(line), expected.map(words));
            let (server, start) = Server::of(&line).expect("a server");
            assert_eq!(server.without_workers(&line, start), expected, "{line:?}");
        }
    }

    #[test]
    fn a_configuration_may_say_how_many_workers_there_are() {
        let table = [
            ("workers = 0\n", None),
            ("bind = 'x'\nworkers=0 # the SDK has children\n", None),
            ("class Config:\n    workers: int = 0\r\n", None),
            ("workers = int(os.environ['WORKERS'])\n", None),
            ("workers = 0\nworkers = 2\n", Some("-w 0")),
            ("more_workers = 0\n# workers: 0\n", Some("-w 0")),
            ("", Some("-w 0")),
        ];
        for (config, expected) in table {
            let missing = |line| Server::Hypercorn.missing_option(&words(line), 1, Some(config.as_bytes()));
            assert_eq!(missing("hypercorn -c h.toml app:app"), expected, "{config}");
            assert_eq!(missing("hypercorn -c h.toml -w 2 app:app"), Some("-w 0"), "{config}");
            assert_eq!(missing("hypercorn -c h.toml -w0 app:app"), None, "{config}");
        }
    }

    #[test]
    fn a_configuration_is_a_file_or_a_module() {
        let table: [(&str, &[&str]); 6] = [
            ("hypercorn app:app", &[]),
            ("hypercorn -c data/h.toml app:app", &["data/h.toml"]),
            ("hypercorn --config=file:h.py app:app", &["h.py"]),
            ("hypercorn -c python:hconf app:app", &["hconf.py"]),
            ("hypercorn -cpython:api.hconf app:app", &["api/hconf.py", "api.py"]),
            ("gunicorn -c g.py app:app", &[]),
        ];
        for (line, expected) in table {
            let words = words(line);
            let (server, start) = Server::of(&words).expect(line);
            let expected: Vec<_> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(server.config_files(&words, start), expected, "{line}");
        }
    }
}
