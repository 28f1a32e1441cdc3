//! gunicorn.

use crate::row::{App, Row, Signal, row};

/// The rows.
pub const ROWS: &[Row] = &[
        row(App::Wsgi, "heygem-run -- gunicorn -c gunicorn.conf.py wsgi_app:app", "gunicorn.conf.py wsgi_app.py"),
        row(App::Wsgi, "heygem-run -- gunicorn --config=gunicorn.conf.py wsgi_app:app", "gunicorn.conf.py wsgi_app.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -cgunicorn.conf.py wsgi_app:app", "gunicorn.conf.py wsgi_app.py"),
        row(App::Wsgi, "heygem-run -- gunicorn --config data/g.conf.py server:app", "data/g.conf.py server.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -cdata/g.conf.py server:app", "data/g.conf.py server.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -c file:data/g.conf.py server:app", "data/g.conf.py server.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -c file:gunicorn.conf.py wsgi_app:app", "gunicorn.conf.py wsgi_app.py"),
        row(App::Wsgi, "heygem-run -- gunicorn wsgi_app:app", "gunicorn.conf.py wsgi_app.py"),
        row(App::Wsgi, "heygem-run -- gunicorn server:app", "gunicorn.conf.py server.py"),
        row(App::Wsgi, "heygem-run -- python -m gunicorn --config=data/g.conf.py wsgi_app:app", "data/g.conf.py wsgi_app.py"),
        row(App::Wsgi, "heygem-run -- gunicorn --chdir=api -b 127.0.0.1:PORT main:app", "api/main.py"),
        row(App::Asgi, "heygem-run -- gunicorn -k uvicorn.workers.UvicornWorker -b 127.0.0.1:PORT app:app", "app.py"),
        row(App::Asgi, "heygem-run -- gunicorn -k uvicorn.workers.UvicornWorker -b 127.0.0.1:PORT server:app", "server.py"),
        row(App::Wsgi, "heygem-run -- gunicorn --preload -b 127.0.0.1:PORT wsgi_app:app", "wsgi_app.py"),
        row(App::Wsgi, "heygem-run -- gunicorn --preload -b 127.0.0.1:PORT server:app", "server.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -w 2 -b 127.0.0.1:PORT server:app", "server.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -k gevent -b 127.0.0.1:PORT server:app", "server.py"),
        row(App::Wsgi, "heygem-run -- gunicorn --pythonpath api -b 127.0.0.1:PORT main:app", "api/main.py"),
        row(App::Wsgi, r#"GUNICORN_CMD_ARGS="-c data/g.conf.py" heygem-run -- gunicorn server:app"#, "data/g.conf.py server.py"),
        // Other spellings.
        row(App::Wsgi, "heygem-run -- gunicorn -c python:my_conf wsgi_app:app", "my_conf.py wsgi_app.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -c ./gunicorn.conf.py app:app", "gunicorn.conf.py app.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -b 127.0.0.1:PORT wsgi_app", "wsgi_app.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -b :PORT --name demo --env A=1 -w 1 --threads 4 server:app", "server.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -k gthread -b 127.0.0.1:PORT main:app", "main.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -b 127.0.0.1:PORT config.wsgi:app", "config/wsgi.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -b 127.0.0.1:PORT config.wsgi:app", "config/__init__.py config/wsgi.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -c api/gunicorn.conf.py --chdir api main:app", "api/gunicorn.conf.py api/main.py"),
        row(App::Wsgi, "GUNICORN_CMD_ARGS='--bind=127.0.0.1:PORT --chdir=api' heygem-run -- gunicorn main:app", "api/main.py"),
        row(App::Wsgi, "heygem-run -- gunicorn --reload -b 127.0.0.1:PORT wsgi_app:app", "wsgi_app.py").edited("wsgi_app.py"),
        row(App::Wsgi, "heygem-run -- gunicorn -b unix:my.sock server:app", "server.py").listens_on("my.sock"),
        row(App::Wsgi, "heygem-run -- gunicorn --pid my.pid -b 127.0.0.1:PORT server:app", "server.py").creates("my.pid"),
        row(App::Wsgi, "heygem-run -- gunicorn --log-file my.log -b 127.0.0.1:PORT server:app", "server.py").creates("my.log"),
        // The SDK is imported in the master, which makes its files, and starts itself again, where the user stands.
        row(
            App::Eager,
            "heygem-run -- gunicorn --preload --pid my.pid -k uvicorn.workers.UvicornWorker -b 127.0.0.1:PORT server:app",
            "server.py",
        )
        .creates("my.pid")
        .quietly(),
        row(
            App::EagerWsgi,
            "heygem-run -- gunicorn --preload -b 127.0.0.1:PORT --access-logfile a.log --error-logfile e.log main:app",
            "main.py",
        )
        .creates("a.log e.log")
        .quietly(),
        row(App::EagerWsgi, "heygem-run -- gunicorn app:app", "gunicorn.conf.py app.py")
            .with_conf("preload_app = True\npidfile = \"g.pid\"")
            .creates("g.pid"),
        row(App::EagerWsgi, "heygem-run -- gunicorn -b unix:my.sock --preload server:app", "server.py")
            .listens_on("my.sock"),
        row(App::EagerWsgi, "heygem-run -- gunicorn --bind unix:run/g.sock --preload server:app", "server.py run/x.txt")
            .listens_on("run/g.sock"),
        row(App::EagerWsgi, "heygem-run -- bash -c 'gunicorn -c data/g.conf.py server:app'", "data/g.conf.py server.py")
            .with_conf("preload_app = True\nbind = \"unix:my.sock\"")
            .listens_on("my.sock"),
        row(App::Wsgi, "heygem-run -- gunicorn -c data/g.conf.py main:app", "data/g.conf.py main.py")
            .with_conf("import service.trans_dh_service")
            .signalled(Signal::Reload),
        row(App::Wsgi, "heygem-run -- gunicorn -c python:my_conf main:app", "my_conf.py api/main.py")
            .with_conf("import service.trans_dh_service\nchdir = \"api\""),
        row(App::Wsgi, "heygem-run -- gunicorn main:app", "gunicorn.conf.py main.py")
            .with_conf("import service.trans_dh_service\nreload = True")
            .edited("main.py"),
        row(App::Wsgi, "heygem-run -- gunicorn main:app", "gunicorn.conf.py main.py")
            .with_conf("def on_starting(server):\n    import service.trans_dh_service\npidfile = \"g.pid\"\nbind = \"unix:my.sock\"")
            .listens_on("my.sock")
            .creates("g.pid")
            .signalled(Signal::Reload),
        row(App::EagerWsgi, "heygem-run -- gunicorn --preload -b 127.0.0.1:PORT main:app", "main.py")
            .signalled(Signal::Reload),
        row(App::EagerWsgi, "heygem-run -- gunicorn --preload --chdir api -b 127.0.0.1:PORT main:app", "api/main.py")
            .signalled(Signal::Reload),
        row(
            App::Eager,
            "heygem-run -- gunicorn --preload -k uvicorn.workers.UvicornWorker -b 127.0.0.1:PORT main:app",
            "main.py",
        )
        .signalled(Signal::Reload),
        row(
            App::Eager,
            "heygem-run -- gunicorn --preload --pid T/my.pid -k uvicorn.workers.UvicornWorker app:app",
            "gunicorn.conf.py app.py",
        )
        .signalled(Signal::Upgrade)
        .stopped_as_a_whole(),
        row(App::Wsgi, "heygem-run -- gunicorn -D -b 127.0.0.1:PORT server:app", "server.py").stopped_as_a_whole(),
        // Threads and forks at the first import, and modules that import each other by bare names.
        row(App::Threads, "heygem-run -- gunicorn -b 127.0.0.1:PORT server:app", "server.py"),
        row(App::Threads, "heygem-run -- gunicorn --threads 4 -b 127.0.0.1:PORT app:app", "app.py"),
        row(App::Threads, "heygem-run -- waitress-serve --listen=127.0.0.1:PORT server:app", "server.py"),
        // Other servers of the kind.
        row(App::Wsgi, "heygem-run -- waitress-serve --listen=127.0.0.1:PORT wsgi_app:app", "wsgi_app.py"),
        row(App::Wsgi, "heygem-run -- waitress-serve --port=PORT server:app", "server.py"),
        row(App::EagerWsgi, "heygem-run -- waitress-serve --unix-socket=my.sock server:app", "server.py")
            .listens_on("my.sock")
            .honest(),
        row(App::Wsgi, "heygem-run -- granian --interface wsgi --port PORT wsgi_app:app", "wsgi_app.py"),
];
