//! uvicorn.

use crate::row::{App, Row, row};

/// The rows.
pub const ROWS: &[Row] = &[
        row(App::Asgi, "heygem-run -- uvicorn app:app --host 127.0.0.1 --port PORT", "app.py"),
        row(App::Asgi, "heygem-run -m uvicorn server:app --host 127.0.0.1 --port PORT", "server.py"),
        row(App::Asgi, "heygem-run -- python -m uvicorn app:app --host 127.0.0.1 --port PORT", "app.py"),
        row(App::Asgi, "heygem-run -- python -m uvicorn server:app --port PORT", "server.py"),
        row(App::Asgi, "heygem-run -- uvicorn --app-dir api main:app --port PORT", "api/main.py"),
        row(App::Asgi, "heygem-run -m uvicorn main:app --app-dir=api --port PORT", "api/main.py"),
        row(App::Asgi, "heygem-run -- uvicorn --workers 2 app:app --port PORT", "app.py"),
        row(App::Asgi, "heygem-run -- uvicorn server:app --workers 2 --port PORT", "server.py"),
        row(App::Asgi, r#"UVICORN_PORT="PORT" heygem-run -- uvicorn main:app"#, "main.py"),
        row(App::Asgi, "heygem-run -- uvicorn --reload app:app --port PORT", "app.py").edited("app.py"),
        row(App::Asgi, "heygem-run -- uvicorn server:app --reload --port PORT", "server.py")
            .edited("server.py"),
        row(
            App::Asgi,
            "heygem-run -- uvicorn server:app --reload --reload-dir lib --port PORT",
            "server.py lib/x.py",
        )
        .edited("lib/x.py"),
        row(
            App::Asgi,
            "heygem-run -- uvicorn server:app --log-config data/log.json --port PORT",
            "server.py data/log.json",
        ),
        // Other spellings.
        row(App::Asgi, "heygem-run -- python3 -X dev -m uvicorn app:app --port PORT", "app.py"),
        row(App::Asgi, "heygem-run -- python -u -W ignore -m uvicorn main:app --port=PORT", "main.py"),
        row(App::Asgi, "heygem-run -- VENV/bin/uvicorn app:app --port PORT", "app.py"),
        row(App::Asgi, "heygem-run uvicorn app:app --port PORT", "app.py"),
        row(App::Asgi, "heygem-run -- heygem-run -- uvicorn app:app --port PORT", "app.py"),
        row(App::Asgi, "heygem-run -- uvicorn --factory api:create --port PORT", "api.py"),
        row(App::Asgi, "heygem-run -- uvicorn api.main:app --port PORT", "api/main.py"),
        row(App::Asgi, "heygem-run -- uvicorn api.main:app --port PORT", "api/__init__.py api/main.py"),
        row(App::Asgi, "WEB_CONCURRENCY=2 heygem-run -- uvicorn app:app --port PORT", "app.py"),
        row(
            App::Asgi,
            "heygem-run -- uvicorn app:app --env-file data/my.env --port PORT",
            "app.py data/my.env",
        ),
        row(
            App::Asgi,
            "heygem-run -- python -c 'import uvicorn; uvicorn.run(\"app:app\", port=PORT)'",
            "app.py",
        ),
        row(App::Asgi, "PYTHONPATH=api heygem-run -- uvicorn main:app --port PORT", "api/main.py"),
        row(App::Asgi, "heygem-run -- python -P -m uvicorn --app-dir . app:app --port PORT", "app.py")
            .since(3, 11),
        // A descriptor that listens, as systemd hands one over.
        row(
            App::Asgi,
            "python -c 'import os, socket; s = socket.socket(socket.AF_UNIX); s.bind(\"my.sock\"); s.listen(9); os.dup2(s.fileno(), 9); os.execvp(\"heygem-run\", \"heygem-run -- uvicorn app:app --fd 9\".split())'",
            "app.py",
        )
        .listens_on("my.sock"),
        row(App::Asgi, "heygem-run -- uvicorn app:app --uds my.sock", "app.py").listens_on("my.sock"),
        row(App::Eager, "heygem-run -- uvicorn --workers 2 --uds my.sock server:app", "server.py")
            .listens_on("my.sock")
            .quietly(),
        // The SDK is imported before the socket is made.
        row(App::Eager, "heygem-run -- uvicorn server:app --uds my.sock", "server.py")
            .listens_on("my.sock")
            .works_or_honest(),
        row(App::Eager, "heygem-run -- uvicorn app:app --port PORT", "app.py"),
        row(App::Eager, "heygem-run -- uvicorn main:app --workers 2 --port PORT", "main.py"),
        row(App::Eager, "heygem-run -- uvicorn --reload server:app --port PORT", "server.py")
            .edited("server.py"),
        // A script would have it watch the SDK.
        row(App::Reload, "heygem-run app.py", "app.py").edited("app.py").honest().stopped_as_a_whole(),
        row(App::Reload, "heygem-run -- python -u server.py", "server.py").edited("server.py").honest().stopped_as_a_whole(),
        row(App::Reload, "heygem-run api/main.py", "api/main.py").edited("api/main.py").honest().stopped_as_a_whole(),
        row(App::Reload, "heygem-run -m app", "app.py").edited("app.py").stopped_as_a_whole(),
        // Nor does a module, though its process has imported the SDK by then.
        row(App::EagerReload, "heygem-run -m app", "app.py").edited("app.py").stopped_as_a_whole(),
        row(App::EagerReload, "heygem-run -- env -C api python -m main", "api/main.py").edited("api/main.py").stopped_as_a_whole(),
        row(App::EagerReload, "heygem-run app.py", "app.py").edited("app.py").honest().stopped_as_a_whole(),
        // FastAPI has a thread work.
        row(App::FastApi, "heygem-run -m uvicorn fastapi_app:app --port PORT", "fastapi_app.py"),
        row(App::FastApi, "heygem-run -- uvicorn main:app --host 0.0.0.0 --port PORT", "main.py"),
        // Its own command imports the app before it starts uvicorn.
        row(App::EagerFastApi, "heygem-run -- fastapi dev --port PORT", "main.py").edited("main.py"),
        row(App::EagerFastApi, "heygem-run -- fastapi dev app.py --port PORT", "app.py").edited("app.py"),
        row(App::EagerFastApi, "heygem-run -- fastapi dev --port PORT api/main.py", "api/main.py").edited("api/main.py"),
        row(App::EagerFastApi, "heygem-run -- fastapi run --port PORT", "app.py"),
        row(App::FastApi, "heygem-run -- python -m fastapi dev app.py --port PORT", "app.py").edited("app.py"),
        // Other servers of the kind.
        row(App::Asgi, "heygem-run -- daphne -b 127.0.0.1 -p PORT app:app", "app.py"),
        row(App::Eager, "heygem-run -- daphne -e unix:my.sock app:app", "app.py")
            .listens_on("my.sock")
            .honest(),
        row(App::Asgi, "heygem-run -- granian --interface asgi --port PORT app:app", "app.py"),
        row(App::Asgi, "heygem-run -- granian --interface asgi --port PORT server:app", "server.py"),
        row(App::Sanic, "heygem-run -- sanic server:app --port PORT --single-process", "server.py").since(3, 10),
        row(App::Sanic, "heygem-run -- sanic app:app -p PORT", "app.py").since(3, 10).works_or_honest(),
];
