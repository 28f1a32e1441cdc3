//! What is in the user's files: each says in its answer which one it is.

use crate::row::{App, Row};

const ANSWER: &str = include_str!("../fixtures/commands/apps/answer.py");

impl App {
    fn source(self) -> &'static str {
        match self {
            Self::Script => include_str!("../fixtures/commands/apps/script.py"),
            Self::Asgi => include_str!("../fixtures/commands/apps/asgi.py"),
            Self::Eager => concat!(
                include_str!("../fixtures/commands/apps/eager.py"),
                include_str!("../fixtures/commands/apps/asgi.py")
            ),
            Self::EagerWsgi => concat!(
                include_str!("../fixtures/commands/apps/eager.py"),
                include_str!("../fixtures/commands/apps/wsgi.py")
            ),
            Self::Reload => concat!(
                include_str!("../fixtures/commands/apps/asgi.py"),
                include_str!("../fixtures/commands/apps/reload.py")
            ),
            Self::EagerReload => concat!(
                include_str!("../fixtures/commands/apps/eager.py"),
                include_str!("../fixtures/commands/apps/asgi.py"),
                include_str!("../fixtures/commands/apps/reload.py")
            ),
            Self::EagerFastApi => concat!(
                include_str!("../fixtures/commands/apps/eager.py"),
                include_str!("../fixtures/commands/apps/fastapi.py")
            ),
            Self::FastApi => include_str!("../fixtures/commands/apps/fastapi.py"),
            Self::Wsgi => include_str!("../fixtures/commands/apps/wsgi.py"),
            Self::Threads => include_str!("../fixtures/commands/apps/threads.py"),
            Self::EagerFlask => concat!(
                include_str!("../fixtures/commands/apps/eager.py"),
                include_str!("../fixtures/commands/apps/flask.py")
            ),
            Self::Flask => include_str!("../fixtures/commands/apps/flask.py"),
            Self::Celery => include_str!("../fixtures/commands/apps/celery.py"),
            Self::Sanic => include_str!("../fixtures/commands/apps/sanic.py"),
            Self::Again => include_str!("../fixtures/commands/apps/again.py"),
            Self::Starter => concat!(
                include_str!("../fixtures/commands/apps/asgi.py"),
                include_str!("../fixtures/commands/apps/starter.py")
            ),
            Self::OwnGunicorn => concat!(
                include_str!("../fixtures/commands/apps/wsgi.py"),
                include_str!("../fixtures/commands/apps/own_gunicorn.py")
            ),
            Self::OwnParser => include_str!("../fixtures/commands/apps/own_parser.py"),
        }
    }
}

/// What the file says of itself where it is one of the user's.
pub fn owner(file: &str) -> String {
    format!("USER {file}")
}

/// Whether gunicorn reads it, and with it whose it is.
pub fn is_gunicorn_conf(file: &str) -> bool {
    file.ends_with("conf.py") && !is_hypercorn_conf(file)
}

fn is_hypercorn_conf(file: &str) -> bool {
    file.ends_with("hconf.py")
}

/// Whether the answer says whose it is.
pub fn is_conf(file: &str) -> bool {
    is_gunicorn_conf(file) || file.ends_with(".env")
}

/// Whether it is a program that answers.
pub fn answers(file: &str) -> bool {
    file.ends_with(".py")
        && !is_gunicorn_conf(file)
        && !file.ends_with("__init__.py")
        && !is_hypercorn_conf(file)
        && !file.starts_with("lib/")
}

/// The text of a user's file.
pub fn content(row: &Row, file: &str) -> String {
    let owner = owner(file);
    let first = row.files().find(|file| answers(file)).unwrap_or_default();
    match file.rsplit_once('.').map_or("", |(_, extension)| extension) {
        _ if is_gunicorn_conf(file) => {
            format!(
                "import os\n\nbind = \"127.0.0.1:\" + os.environ[\"PORT\"]\nraw_env = [\"COMMANDS_CONF={owner}\"]\n{}\n",
                row.conf
            )
        }
        "py" if answers(file) => format!("OWNER = \"{owner}\"\n\n{ANSWER}{}", row.app.source()),
        "py" if is_hypercorn_conf(file) => "workers = 0\n".to_owned(),
        "py" => String::new(),
        "sh" => format!("#!/bin/sh\nset -e\nexec python {first}\n"),
        "json" => "{\"version\": 1, \"disable_existing_loggers\": false}\n".to_owned(),
        "ini" => {
            "[uwsgi]\nmodule = server:app\nmaster = true\ndie-on-term = true\nneed-app = true\n".to_owned()
        }
        "toml" => "bind = \"127.0.0.1:8000\"\nworkers = 0\n".to_owned(),
        "env" => format!("COMMANDS_CONF={owner}\n"),
        _ if file.ends_with("Makefile") => format!("run:\n\texec python {first}\n"),
        _ => owner + "\n",
    }
}
