//! Other trees than the usual one, and other users.

use crate::layout::Layout;
use crate::row::{App, Row, row};

/// The rows.
pub const ROWS: &[Row] = &[
    row(
        App::Script,
        r#"HEYGEM_DIR="T/x/desktop" heygem-run -- python server.py"#,
        "server.py desktop/readme.md",
    ),
    row(
        App::Asgi,
        r#"HEYGEM_DIR="T/x/desktop" heygem-run -- uvicorn server:app --port PORT"#,
        "server.py desktop/service/readme.md",
    ),
    row(App::Asgi, "heygem-run -- uvicorn server:app --port PORT", "api/server.py").within(Layout::Sibling),
    row(
        App::Script,
        "heygem-run -- python T/b/HeyGem-Linux-Python-Hack/serve.py",
        "b/HeyGem-Linux-Python-Hack/serve.py",
    )
    .within(Layout::TwoSdks)
    .uses("B"),
    row(App::Script, "heygem-run -- python T/b/server.py", "b/server.py").within(Layout::TwoSdks).uses("B"),
    row(
        App::Script,
        "heygem-run -- python T/b/HeyGem-Linux-Python-Hack/serve.py",
        "b/HeyGem-Linux-Python-Hack/serve.py",
    )
    .within(Layout::InFirstOfTwo)
    .uses("B"),
    row(
        App::Script,
        "heygem-run -- python T/b/HeyGem-Linux-Python-Hack/serve.py",
        "b/HeyGem-Linux-Python-Hack/serve.py",
    )
    .within(Layout::Code)
    .uses("B"),
    row(
        App::Script,
        "heygem-run -- python /code/serve.py",
        "b/HeyGem-Linux-Python-Hack/x a/HeyGem-Linux-Python-Hack/serve.py",
    )
    .within(Layout::Code),
    row(App::Script, "heygem-run -- python server.py", "server.py").within(Layout::Open),
    row(App::Script, "heygem-run app.py", "app.py").within(Layout::Open),
    row(App::Script, "heygem-run -- python serve.py", "HeyGem-Linux-Python-Hack/serve.py")
        .within(Layout::OpenInSdk),
    row(App::Script, "heygem-run -- python server.py", "server.py").within(Layout::OpenByUser),
    row(App::Script, "heygem-run -- python T/own/server.py", "own/server.py")
        .within(Layout::Stranger)
        .refused(),
    row(App::Script, "heygem-run -- python T/own/server.py", "own/server.py")
        .within(Layout::StrangerByUser)
        .refused(),
    row(App::Script, "heygem-run -- python T/own/server.py", "own/server.py")
        .within(Layout::StrangerOpen)
        .refused(),
    // Named from elsewhere.
    row(App::Asgi, "heygem-run -r ../b/HeyGem-Linux-Python-Hack -- uvicorn app:app --port PORT", "a/app.py")
        .within(Layout::TwoSdks)
        .uses("B"),
    row(
        App::Asgi,
        "HEYGEM_DIR=T/b/HeyGem-Linux-Python-Hack heygem-run -- uvicorn app:app --port PORT",
        "a/app.py",
    )
    .within(Layout::TwoSdks)
    .uses("B"),
    row(App::Script, "heygem-run ../b/server.py", "b/server.py").within(Layout::TwoSdks).uses("B"),
    row(App::Script, "heygem-run -- nohup python T/b/server.py", "b/server.py a/x.txt")
        .within(Layout::TwoSdks)
        .works_or_honest()
        .uses("B"),
    row(App::Script, "heygem-run -- env -C ../b python server.py", "b/server.py")
        .within(Layout::TwoSdks)
        .uses("B"),
    row(App::Script, "heygem-run -- python -m cProfile ../b/server.py", "b/server.py")
        .within(Layout::TwoSdks)
        .uses("B"),
    row(App::Script, "heygem-run -- bash -c 'cd ../b && exec python server.py'", "b/server.py")
        .within(Layout::TwoSdks)
        .honest()
        .uses("B"),
    row(App::Wsgi, "heygem-run -- gunicorn --chdir ../b -b 127.0.0.1:PORT server:app", "b/server.py")
        .within(Layout::TwoSdks)
        .honest()
        .uses("B"),
    row(App::Flask, "FLASK_APP=../b/server.py heygem-run -- flask run -p PORT", "b/server.py")
        .within(Layout::TwoSdks)
        .honest()
        .uses("B"),
    // Beside, above, below.
    row(App::Script, "heygem-run -- python server.py", "api/server.py").within(Layout::Sibling),
    row(App::Script, "heygem-run -- python ../app.py", "app.py api/x.txt").within(Layout::Sibling),
    row(
        App::Wsgi,
        "heygem-run -- gunicorn -c gunicorn.conf.py wsgi_app:app",
        "api/gunicorn.conf.py api/wsgi_app.py",
    )
    .within(Layout::Sibling),
    row(App::Script, "heygem-run app.py", "app.py").within(Layout::TwoDown),
    row(App::Asgi, "heygem-run -- uvicorn app:app --port PORT", "app.py").within(Layout::TwoDown),
    row(App::Celery, "heygem-run -- celery -A main worker -P solo", "main.py").within(Layout::TwoDown),
    // The user's files in the SDK.
    row(App::Script, "heygem-run app.py", "app.py").within(Layout::InSdk),
    row(App::Asgi, "heygem-run -- uvicorn app:app --port PORT", "app.py").within(Layout::InSdk),
    row(App::FastApi, "heygem-run -m uvicorn fastapi_app:app --port PORT", "fastapi_app.py")
        .within(Layout::InSdk),
    row(App::Wsgi, "heygem-run -- gunicorn wsgi_app:app", "gunicorn.conf.py wsgi_app.py")
        .within(Layout::InSdk),
    row(App::Script, "heygem-run -- python -m run", "run.py").within(Layout::InSdk),
    row(App::Flask, "heygem-run -- flask --app app --debug run -p PORT", "app.py")
        .within(Layout::InSdk)
        .edited("app.py"),
    // Odd names.
    row(App::Script, "heygem-run app.py", "app.py").within(Layout::Chinese),
    row(App::Asgi, "heygem-run -- uvicorn app:app --port PORT", "app.py").within(Layout::Chinese),
    row(App::Asgi, "LANG=C LC_ALL=C heygem-run -- uvicorn server:app --port PORT", "server.py")
        .within(Layout::Chinese),
    row(App::Script, "heygem-run -- nohup python server.py", "server.py").within(Layout::Linked),
    row(App::Asgi, "heygem-run -- uvicorn app:app --port PORT", "app.py").within(Layout::Linked),
    // Everybody's trees, and ordinary users.
    row(App::Asgi, "heygem-run -- uvicorn app:app --port PORT", "app.py").within(Layout::Open),
    row(App::Asgi, "heygem-run -- uvicorn app:app --port PORT", "app.py").within(Layout::OpenByUser),
    row(App::Wsgi, "heygem-run -- gunicorn -c gunicorn.conf.py wsgi_app:app", "gunicorn.conf.py wsgi_app.py")
        .within(Layout::ByUser),
    row(App::Script, "heygem-run app.py", "app.py").within(Layout::ByUser),
    row(App::Asgi, "heygem-run -- uvicorn --app-dir own server:app --port PORT", "own/server.py")
        .within(Layout::Stranger)
        .refused(),
];
