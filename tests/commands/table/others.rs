//! Flask, hypercorn, uWSGI, Celery.

use crate::row::{App, Row, row};

/// The rows.
pub const ROWS: &[Row] = &[
    row(App::Asgi, "heygem-run -- hypercorn --workers 0 --bind 127.0.0.1:PORT server:app", "server.py"),
    row(App::Flask, "heygem-run -- flask --app app run --port PORT", "app.py"),
    row(App::Flask, "heygem-run -- flask --app server run -p PORT", "server.py"),
    row(
        App::Wsgi,
        "heygem-run -- uwsgi --http-socket 127.0.0.1:PORT --module server:app --master --enable-threads --need-app --die-on-term",
        "server.py",
    ),
    row(
        App::Wsgi,
        "heygem-run -- uwsgi --py-sys-executable VENV/bin/python --http-socket 127.0.0.1:PORT --module server:app --master --die-on-term",
        "server.py",
    ),
    row(
        App::Wsgi,
        "heygem-run -- uwsgi --py-sys-executable VENV/bin/python --http-socket 127.0.0.1:PORT --module wsgi_app:app --die-on-term",
        "wsgi_app.py",
    ),
    row(App::Asgi, "heygem-run -- hypercorn -b 127.0.0.1:PORT app:app", "app.py").honest(),
    row(App::Flask, r#"FLASK_APP="server" heygem-run -- flask run --port PORT"#, "server.py"),
    row(App::Celery, "heygem-run -- celery -A tasks worker -c 1", "tasks.py"),
    row(App::Celery, "heygem-run -- celery -A tasks worker --pool solo", "tasks.py"),
    row(App::Celery, "heygem-run -- celery -A main worker --pool solo", "main.py"),
    // Flask's other spellings, and its reloader.
    row(App::Flask, "heygem-run -- python -m flask --app app run -p PORT", "app.py"),
    row(App::Flask, "heygem-run -- flask run -p PORT", "app.py"),
    row(App::Flask, "heygem-run -- flask --app main:create_app run -p PORT", "main.py"),
    row(App::Flask, "heygem-run -- flask --app api/main.py run -p PORT", "api/main.py"),
    row(App::Flask, "heygem-run -- flask --app app --debug run -p PORT", "app.py").edited("app.py"),
    row(App::Flask, "heygem-run -- flask --app server run --debug -p PORT", "server.py").edited("server.py"),
    row(App::Flask, "FLASK_DEBUG=1 FLASK_APP=app.py heygem-run -- flask run -p PORT", "app.py")
        .edited("app.py"),
    row(App::Flask, "heygem-run app.py", "app.py").edited("app.py").stopped_as_a_whole(),
    row(App::Flask, "heygem-run -m run", "run.py").edited("run.py").stopped_as_a_whole(),
    row(App::Flask, "heygem-run -- nohup python run.py", "run.py").edited("run.py").stopped_as_a_whole(),
    // Its reloader starts the command again from the SDK's directory, to which the import took it.
    row(App::EagerFlask, "heygem-run -- flask --app app --debug run -p PORT", "app.py").edited("app.py"),
    row(App::EagerFlask, "heygem-run -- python -m flask --app server run --debug -p PORT", "server.py")
        .edited("server.py"),
    row(App::EagerFlask, "FLASK_APP=api/main.py heygem-run -- flask --debug run -p PORT", "api/main.py")
        .edited("api/main.py"),
    row(App::EagerFlask, "heygem-run -m run", "run.py").edited("run.py").stopped_as_a_whole(),
    row(App::EagerFlask, "heygem-run -- nohup python run.py", "run.py").edited("run.py").stopped_as_a_whole(),
    row(App::Flask, "heygem-run -- python server.py", "server.py").edited("server.py").stopped_as_a_whole(),
    // Hypercorn.
    row(App::Asgi, "heygem-run -- hypercorn -w 0 -b 127.0.0.1:PORT app:app", "app.py"),
    row(App::Asgi, "heygem-run -- python -m hypercorn -w 0 -b 127.0.0.1:PORT main:app", "main.py"),
    row(App::Asgi, "heygem-run -- hypercorn -c data/h.toml -b 127.0.0.1:PORT app:app", "app.py data/h.toml")
        .quietly(),
    row(App::Asgi, "heygem-run -- hypercorn -c file:hconf.py -b 127.0.0.1:PORT app:app", "app.py hconf.py")
        .quietly(),
    row(App::Asgi, "heygem-run -- hypercorn -c python:hconf -b 127.0.0.1:PORT app:app", "app.py hconf.py")
        .quietly(),
    row(App::Eager, "heygem-run -- hypercorn -w 0 --bind unix:my.sock app:app", "app.py")
        .listens_on("my.sock")
        .quietly(),
    row(
        App::Eager,
        "heygem-run -- hypercorn -w 0 --error-logfile my.log -b 127.0.0.1:PORT app:app",
        "app.py",
    )
    .creates("my.log")
    .honest(),
    row(App::Asgi, "heygem-run -- python -m hypercorn -b 127.0.0.1:PORT app:app", "app.py").honest(),
    row(App::Asgi, "heygem-run -- hypercorn --workers 2 --bind 127.0.0.1:PORT server:app", "server.py")
        .honest(),
    row(App::Asgi, "heygem-run -- hypercorn --reload -b 127.0.0.1:PORT app:app", "app.py").honest(),
    // uWSGI.
    row(
        App::Wsgi,
        "heygem-run -- uwsgi --ini data/u.ini --http-socket 127.0.0.1:PORT",
        "server.py data/u.ini",
    ),
    row(
        App::Wsgi,
        "heygem-run -- uwsgi --http-socket 127.0.0.1:PORT --wsgi-file app.py --callable app --need-app --die-on-term",
        "app.py",
    ),
    row(
        App::Wsgi,
        "heygem-run -- uwsgi --http-socket 127.0.0.1:PORT --chdir api --module main:app --master --need-app --die-on-term",
        "api/main.py",
    ),
    row(
        App::Wsgi,
        "heygem-run -- uwsgi --http-socket 127.0.0.1:PORT --pythonpath api -w main:app --master --lazy-apps -p 2 --need-app --die-on-term",
        "api/main.py",
    ),
    row(
        App::Wsgi,
        "heygem-run -- uwsgi --http-socket 127.0.0.1:PORT -w app:app -H VENV --master --need-app --die-on-term",
        "app.py",
    ),
    row(
        App::Wsgi,
        "heygem-run -- uwsgi --http-socket 127.0.0.1:PORT --module server:app --virtualenv VENV/ --need-app --die-on-term",
        "server.py",
    ),
    // Celery.
    row(App::Celery, "heygem-run -m celery -A tasks worker --pool prefork -c 1", "tasks.py"),
    row(App::Celery, "heygem-run -- celery -A tasks worker --pool threads", "tasks.py"),
    row(App::Celery, "heygem-run -- python -m celery --app=main worker -l INFO -c 1", "main.py"),
    row(App::Celery, "heygem-run -- celery -A app worker -P solo -E", "app.py"),
    row(App::Celery, "heygem-run -- celery -A api.tasks worker -P solo", "api/tasks.py"),
    row(App::Celery, "heygem-run -- celery --workdir api -A tasks worker -P solo", "api/tasks.py"),
    row(App::Celery, "heygem-run -- celery -A tasks worker -P solo --pidfile my.pid", "tasks.py")
        .creates("my.pid"),
    row(App::Celery, "heygem-run -- nohup celery -A main worker -c 1 -f my.log", "main.py").creates("my.log"),
];
