//! What a server is told to serve: the directory that it puts in front of Python's path, and the app's modules that its arguments
//! name.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::server::{Server, value_of};
use crate::sdk::modules::is_identifier;

/// What a server serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The directory that it puts in front of the path, seen from where it starts.
    pub directory: OsString,
    /// The app's modules, by their dotted names.
    pub modules: Vec<String>,
}

/// How a server names its app.
struct Naming {
    /// The options with the directory.
    directory: &'static [&'static str],
    /// The options with the app.
    app: &'static [&'static str],
    /// Its options without a value, but `--no-…`, `--help` and `--version`; `None` where no word but an option names the app. An
    /// option that is not known is taken for one with a value: what names no app does no harm.
    flags: Option<&'static [&'static str]>,
}

/// By the servers' own help.
const NAMINGS: [(Server, Naming); 8] = [
    (Server::Uvicorn, Naming { directory: &["--app-dir"], app: &[], flags: Some(OF_UVICORN) }),
    (Server::Gunicorn, Naming { directory: &["--chdir"], app: &[], flags: Some(OF_GUNICORN) }),
    (Server::Hypercorn, Naming { directory: &[], app: &[], flags: Some(&["--debug", "--reload"]) }),
    (Server::Daphne, Naming { directory: &[], app: &[], flags: Some(&["--proxy-headers"]) }),
    (Server::Granian, Naming { directory: &["--working-dir"], app: &[], flags: Some(OF_GRANIAN) }),
    (Server::Waitress, Naming { directory: &[], app: &["--app"], flags: Some(OF_WAITRESS) }),
    (Server::Celery, Naming { directory: &["--workdir"], app: &["-A", "--app"], flags: None }),
    // What stands for itself is a file, and `--app` a name in it.
    (Server::FastApi, Naming { directory: &[], app: &["-e", "--entrypoint"], flags: None }),
];

const OF_UVICORN: &[&str] = &[
    "--reload",
    "--factory",
    "--debug",
    "--access-log",
    "--use-colors",
    "--proxy-headers",
    "--server-header",
    "--date-header",
];

const OF_GUNICORN: &[&str] = &[
    "--reload",
    "--spew",
    "--check-config",
    "--print-config",
    "--preload",
    "--reuse-port",
    "-D",
    "--daemon",
    "--initgroups",
    "--capture-output",
    "--disable-redirect-access-to-syslog",
    "--log-syslog",
    "-R",
    "--enable-stdio-inheritance",
    "--proxy-protocol",
    "--do-handshake-on-connect",
    "--suppress-ragged-eofs",
];

const OF_GRANIAN: &[&str] =
    &["--reload", "--factory", "--ws", "--opt", "--log", "--access-log", "--respawn-failed-workers"];

const OF_WAITRESS: &[&str] = &["--call", "--ipv4", "--ipv6", "--expose-tracebacks"];

impl Server {
    /// What the arguments say is served; `None` of a server that leaves the path as it is, as far as is known.
    pub fn served(self, arguments: &[OsString]) -> Option<Served> {
        let (_, naming) = NAMINGS.iter().find(|(server, _)| *server == self)?;
        let directory = value_of(arguments, 0, naming.directory).unwrap_or(b".");
        let app = value_of(arguments, 0, naming.app).and_then(|app| module_of(str::from_utf8(app).ok()?));
        let positional = naming.flags.and_then(|flags| {
            let words = positionals(arguments, flags);
            words.into_iter().find_map(module_of_app)
        });
        Some(Served {
            directory: OsStr::from_bytes(directory).to_owned(),
            modules: app.into_iter().chain(positional).collect(),
        })
    }
}

/// The words that are no options, and no values of any.
fn positionals<'w>(arguments: &'w [OsString], flags: &[&str]) -> Vec<&'w OsStr> {
    let mut found = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_bytes() {
            b"--" => return found.into_iter().chain(words.map(OsString::as_os_str)).collect(),
            [b'-', b'-', name @ ..] => {
                let is_flag = name.contains(&b'=')
                    || name.starts_with(b"no-")
                    || name == b"help"
                    || name == b"version"
                    || flags.iter().any(|flag| word == flag);
                if !is_flag {
                    words.next();
                }
            }
            // A longer one has its value in the same word.
            [b'-', _] if !flags.iter().any(|flag| word == flag) => drop(words.next()),
            [b'-', ..] => {}
            _ => found.push(word.as_os_str()),
        }
    }
    found
}

/// The module of an app as servers take it: `app.main:app`, `app.main:create()`.
pub fn module_of_app(word: &OsStr) -> Option<String> {
    module_of(word.to_str().filter(|word| word.contains(':'))?)
}

/// The module of `app.main`, `app.main:app` or `app.main:create()`.
fn module_of(app: &str) -> Option<String> {
    let (module, object) = app.split_once(':').unwrap_or((app, "app"));
    let is_dotted = |name: &str| !name.is_empty() && name.split('.').all(is_identifier);
    (is_dotted(module) && is_dotted(object.split('(').next()?)).then(|| module.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::words;

    #[test]
    fn the_arguments_name_the_served_app() {
        let table = [
            ("uvicorn app:app", ".", "app"),
            ("uvicorn --reload api.main:create() --factory", ".", "api.main"),
            ("uvicorn --app-dir src --log-config x:y main:app", "src", "main"),
            ("gunicorn -b unix:run.sock app:app", ".", "app"),
            ("gunicorn --bind localhost:8000 --preload app:app", ".", "app"),
            ("gunicorn -blocalhost:8000 -D --chdir=api app:app.wsgi", "api", "app"),
            ("gunicorn -b localhost:8000", ".", ""),
            ("gunicorn --not-known-yet app:app", ".", ""),
            ("hypercorn --bind unix:x --reload app:app", ".", "app"),
            ("daphne -e ssl:443:privateKey=key.pem app:app", ".", "app"),
            ("granian --interface asgi --no-ws app:app", ".", "app"),
            ("waitress-serve --listen localhost:8000 --call app:create", ".", "app"),
            ("celery -A tasks --workdir w worker -Q a:b", "w", "tasks"),
            ("celery --app=proj.tasks:app worker", ".", "proj.tasks"),
            ("fastapi run --app service main.py", ".", ""),
            ("fastapi run -e main:app", ".", "main"),
        ];
        for (line, directory, module) in table {
            let words = words(line);
            let (server, start) = Server::of(&words).expect(line);
            let served = server.served(&words[start..]).expect(line);
            assert_eq!(
                (served.directory, served.modules.join(" ")),
                (directory.into(), module.into()),
                "{line}"
            );
        }
    }
}
