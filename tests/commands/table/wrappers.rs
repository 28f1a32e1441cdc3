//! Programs that run another: shells, nohup, timeout, profilers, conda.

use crate::row::{App, Row, row};

/// The rows.
pub const ROWS: &[Row] = &[
    row(App::Script, "heygem-run -- nohup python server.py", "server.py"),
    row(App::Script, "heygem-run -- env X=1 python app.py", "app.py"),
    row(App::Script, "heygem-run -- env -u LANG python server.py", "server.py"),
    row(App::Script, "heygem-run -- nice -n 5 python app.py", "app.py"),
    row(App::Script, "heygem-run -- nice -n 5 python server.py", "server.py"),
    row(App::Script, "heygem-run -- timeout 60 python app.py", "app.py"),
    row(App::Script, "heygem-run -- timeout 60 python server.py", "server.py"),
    row(App::Script, "heygem-run -- setsid python app.py", "app.py"),
    row(App::Script, "heygem-run -- stdbuf -oL python app.py", "app.py"),
    row(App::Script, "heygem-run -- taskset -c 0 python app.py", "app.py"),
    row(App::Script, "heygem-run -- xvfb-run -a python app.py", "app.py").stopped_as_a_whole(),
    row(App::Script, "heygem-run -- xvfb-run -a python server.py", "server.py").stopped_as_a_whole(),
    row(App::Script, "heygem-run -- conda run -n human python server.py", "server.py"),
    row(App::Script, "heygem-run -- conda run --no-capture-output -n human python server.py", "server.py"),
    row(App::Asgi, "heygem-run -- nohup uvicorn app:app --port PORT", "app.py"),
    row(
        App::Wsgi,
        "heygem-run -- timeout -k 5 60 gunicorn -c gunicorn.conf.py wsgi_app:app",
        "gunicorn.conf.py wsgi_app.py",
    ),
    row(App::Script, "heygem-run -- bash -c 'exec python server.py'", "server.py"),
    row(App::Script, "heygem-run -- bash -c 'cd api && python main.py'", "api/main.py"),
    row(App::Script, "heygem-run -- bash -c 'cd api && exec python -u server.py'", "api/server.py"),
    row(App::Script, "heygem-run -- ./start.sh", "start.sh server.py"),
    row(App::Script, "heygem-run -- bash start.sh", "start.sh app.py"),
    row(App::Script, "heygem-run -- python -m pdb -c c app.py", "app.py"),
    row(App::Script, "heygem-run -- python -m cProfile app.py", "app.py"),
    row(App::Script, "heygem-run -- python -m cProfile -o out.prof server.py", "server.py"),
    row(App::Script, "heygem-run -- python -m torch.distributed.run app.py", "app.py"),
    row(
        App::Script,
        "heygem-run -- python -m torch.distributed.run --nproc_per_node 1 server.py",
        "server.py",
    ),
    row(App::Script, "heygem-run -- coverage run app.py", "app.py"),
    // Other programs, and other spellings.
    row(App::Script, "heygem-run -- sh -c 'python server.py'", "server.py").stopped_as_a_whole(),
    row(App::Asgi, "heygem-run -- sh -c 'cd api; exec uvicorn main:app --port PORT'", "api/main.py"),
    row(
        App::Asgi,
        "heygem-run -- bash -c 'source VENV/bin/activate && exec uvicorn app:app --port PORT'",
        "app.py",
    ),
    row(App::Script, "heygem-run -- bash -c 'exec -a service python app.py'", "app.py"),
    row(App::Script, "heygem-run -- bash -c 'PYTHONPATH=. exec python server.py'", "server.py").honest(),
    row(App::Script, "heygem-run -- bash -c 'nohup python app.py & wait'", "app.py").stopped_as_a_whole(),
    row(App::Script, "heygem-run -- env -S 'python -u app.py'", "app.py"),
    row(App::Script, "heygem-run -- env -C api python main.py", "api/main.py"),
    row(App::Asgi, "heygem-run -- env UVICORN_PORT=PORT uvicorn app:app", "app.py"),
    row(App::Script, "heygem-run -- nohup ./start.sh", "start.sh app.py"),
    row(App::Script, "heygem-run -- nice nohup python app.py", "app.py"),
    row(App::Script, "heygem-run -- ionice -c 3 python app.py", "app.py"),
    row(App::Script, "heygem-run -- setsid -w python app.py", "app.py").stopped_as_a_whole(),
    row(App::Script, "heygem-run -- flock data/lock python app.py", "app.py data/lock").stopped_as_a_whole(),
    row(App::Script, "heygem-run -- find . -name server.py -exec python {} ;", "server.py")
        .stopped_as_a_whole(),
    row(App::Script, "heygem-run -- make run", "Makefile app.py").stopped_as_a_whole(),
    row(
        App::Wsgi,
        "heygem-run -- stdbuf -o0 gunicorn -c gunicorn.conf.py app:app",
        "gunicorn.conf.py app.py",
    ),
    row(App::Asgi, "heygem-run -- timeout --signal=TERM 60 uvicorn main:app --port PORT", "main.py"),
    row(App::Asgi, "heygem-run -- xvfb-run -a uvicorn app:app --port PORT", "app.py").stopped_as_a_whole(),
    row(App::Script, "heygem-run -- conda run --live-stream -n human python app.py", "app.py"),
    row(App::Asgi, "heygem-run -- conda run -n human uvicorn app:app --port PORT", "app.py"),
    row(App::Script, "heygem-run -- watchfiles 'python app.py' .", "app.py").edited("app.py"),
    row(App::Script, "heygem-run -- python -m coverage run --source=. app.py", "app.py"),
    row(App::Asgi, "heygem-run -- coverage run -m uvicorn app:app --port PORT", "app.py"),
    row(App::Asgi, "heygem-run -- python -m cProfile -m uvicorn app:app --port PORT", "app.py"),
    row(App::Script, "heygem-run -- python -m trace --ignore-dir=/ --trackcalls app.py", "app.py"),
    // Those that give what they run an environment of their own.
    row(App::Script, "heygem-run -- env -u PYTHONPATH python app.py", "app.py").honest(),
    row(App::Script, "heygem-run -- env PYTHONPATH=. python app.py", "app.py").honest(),
    row(
        App::Asgi,
        "heygem-run -r HeyGem-Linux-Python-Hack -- nohup env -u PYTHONPATH uvicorn server:app --port PORT",
        "server.py",
    )
    .honest(),
    row(App::Script, "heygem-run -- sh -c 'PYTHONPATH=$PYTHONPATH:. exec python app.py'", "app.py"),
    row(App::Script, "heygem-run -- script -qec 'python app.py' /dev/null", "app.py").stopped_as_a_whole(),
    row(App::Script, "sh -c 'echo app.py | exec heygem-run -- xargs python'", "app.py").stopped_as_a_whole(),
    row(App::Script, "heygem-run -- python -m profile app.py", "app.py"),
    // Others that live in `sitecustomize`.
    row(App::Script, "heygem-run -- ddtrace-run python app.py", "app.py"),
    row(App::Asgi, "heygem-run -- ddtrace-run uvicorn app:app --port PORT", "app.py"),
    row(App::Asgi, "ddtrace-run heygem-run -- uvicorn app:app --port PORT", "app.py"),
    row(
        App::Wsgi,
        "heygem-run -- ddtrace-run gunicorn -c gunicorn.conf.py wsgi_app:app",
        "gunicorn.conf.py wsgi_app.py",
    ),
    row(App::Script, "heygem-run -- opentelemetry-instrument python app.py", "app.py").works_or_honest(),
    row(App::Asgi, "heygem-run -- opentelemetry-instrument uvicorn app:app --port PORT", "app.py")
        .works_or_honest(),
    row(App::Asgi, "opentelemetry-instrument heygem-run -- uvicorn app:app --port PORT", "app.py")
        .works_or_honest(),
    // A server that starts itself again.
    row(App::Again, "heygem-run -- nohup python run.py", "run.py"),
    row(App::Again, "heygem-run -- bash -c 'python run.py'", "run.py"),
    row(App::Again, "heygem-run -- bash -c 'cd api && python main.py'", "api/main.py"),
];
