//! Python scripts and modules.

use crate::layout::Layout;
use crate::row::{App, Row, row};

/// The rows.
pub const ROWS: &[Row] = &[
    row(App::Script, "heygem-run app.py", "app.py"),
    row(App::Script, "heygem-run -- python -u app.py", "app.py"),
    row(App::Script, "heygem-run -m run", "run.py"),
    row(App::Script, "heygem-run -m server", "server.py"),
    row(App::Script, "heygem-run -- python app.py --port PORT --workers 1", "app.py"),
    row(App::Script, "heygem-run api/main.py", "api/main.py"),
    row(
        App::Script,
        "heygem-run -- python server.py --audio_path=data/my.wav",
        "server.py app.py data/my.wav example/audio.wav example/video.mp4 example/own.txt",
    )
    .works_or_honest()
    .reads("audio_path", "USER data/my.wav"),
    row(
        App::Script,
        "heygem-run app.py --video_path=example/video.mp4",
        "server.py app.py data/my.wav example/audio.wav example/video.mp4 example/own.txt",
    )
    .works_or_honest()
    .reads("video_path", "USER example/video.mp4"),
    row(
        App::Script,
        "heygem-run -- python server.py --out_dir ./data",
        "server.py app.py data/my.wav example/audio.wav example/video.mp4 example/own.txt",
    )
    .works_or_honest()
    .reads("out_dir", "my.wav"),
    row(
        App::Script,
        "heygem-run -- python server.py --out_dir example",
        "server.py app.py data/my.wav example/audio.wav example/video.mp4 example/own.txt",
    )
    .works_or_honest()
    .reads("out_dir", "audio.wav own.txt video.mp4"),
    row(
        App::Script,
        "heygem-run -- python HeyGem-Linux-Python-Hack/serve.py --audio_path=data/my.wav",
        "data/my.wav HeyGem-Linux-Python-Hack/serve.py",
    )
    .works_or_honest()
    .reads("audio_path", "USER data/my.wav"),
    row(
        App::Script,
        "heygem-run -- python HeyGem-Linux-Python-Hack/serve.py",
        "HeyGem-Linux-Python-Hack/serve.py",
    ),
    // Other spellings.
    row(App::Script, "heygem-run ./app.py", "app.py"),
    row(App::Script, "heygem-run run.py", "run.py"),
    row(App::Script, "heygem-run -- VENV/bin/python -B -O ./app.py", "app.py"),
    row(App::Script, "heygem-run -- python api/../app.py", "app.py api/x.txt"),
    row(App::Script, "heygem-run T/x/server.py --port PORT", "server.py"),
    row(App::Script, "heygem-run -- python demo", "demo/__main__.py"),
    row(App::Script, "heygem-run -- python -m demo", "demo/__main__.py"),
    row(App::Script, "heygem-run -m api.main --port PORT", "api/main.py"),
    row(App::Script, "heygem-run -m api.main", "api/__init__.py api/main.py"),
    row(App::Script, "heygem-run -- python -c 'import app; app.main()'", "app.py"),
    row(App::Script, "heygem-run -- python -S server.py", "server.py"),
    row(App::Script, "heygem-run -- python -S app.py --port PORT", "app.py"),
    row(App::Script, "heygem-run -- python -P app.py", "app.py").since(3, 11),
    row(App::Script, "PYTHONSAFEPATH=1 heygem-run -- python -m server", "server.py").since(3, 11),
    row(App::Script, "heygem-run -- python -s -X utf8 -m main --port PORT", "main.py"),
    row(App::Script, "heygem-run -m server --audio_path=data/my.wav", "server.py data/my.wav")
        .works_or_honest()
        .reads("audio_path", "USER data/my.wav"),
    // Options that make Python ignore the launch.
    row(App::Script, "heygem-run -- python -I app.py", "app.py").honest(),
    row(App::Asgi, "heygem-run -- python -uEm uvicorn app:app --port PORT", "app.py").honest(),
    row(App::Script, "heygem-run -- bash -c 'cd api && exec python3 -I main.py'", "api/main.py").honest(),
    row(App::Script, "heygem-run -- sh -c 'python -uE app.py'", "app.py").honest().stopped_as_a_whole(),
    // A program that comes through a pipe, and descriptors that are handed on.
    row(App::Script, "sh -c 'exec heygem-run -- python - <app.py'", "app.py"),
    row(App::Script, "sh -c 'cat app.py | heygem-run -- python'", "app.py").stopped_as_a_whole(),
    row(App::Script, "bash -c 'heygem-run -- python <(cat app.py)'", "app.py").stopped_as_a_whole(),
    row(
        App::Script,
        "bash -c 'exec 3<data/my.wav; exec heygem-run -- python app.py --audio_path /dev/fd/3'",
        "app.py data/my.wav",
    )
    .reads("audio_path", "USER data/my.wav"),
    // Programs in a zip, behind a link, and without a suffix.
    row(
        App::Script,
        "sh -c 'python -m zipapp api -m main:main -o app.pyz; exec heygem-run -- python app.pyz'",
        "api/main.py",
    ),
    row(
        App::Script,
        "sh -c 'python -m zipapp api -m main:main -o app.pyz; exec heygem-run -- nohup python app.pyz'",
        "api/main.py",
    ),
    row(App::Script, "sh -c 'ln -s api/main.py app.py; exec heygem-run app.py'", "api/main.py"),
    row(
        App::Script,
        r##"sh -c '(echo "#!/usr/bin/env python"; cat app.py) >serve; chmod +x serve; exec heygem-run ./serve --port PORT'"##,
        "app.py",
    ),
    row(App::Script, "PYTHONWARNINGS=error heygem-run -- python -X importtime app.py", "app.py"),
    row(App::Script, "PYTHONPATH=.:api:./lib/ heygem-run -- python app.py", "app.py api/x.py lib/y.py"),
    // A server that starts itself again.
    row(App::Again, "heygem-run run.py", "run.py"),
    row(App::Again, "heygem-run -- python server.py", "server.py"),
    row(App::Again, "heygem-run -m run", "run.py"),
    // A script that starts a server by a name that means another file in the SDK's directory.
    row(App::Starter, "heygem-run -- python app.py", "app.py").honest().stopped_as_a_whole(),
    row(App::Starter, "heygem-run server.py", "server.py").quietly().stopped_as_a_whole(),
    row(App::Starter, "heygem-run -m app", "app.py").quietly().stopped_as_a_whole(),
    row(App::OwnGunicorn, "heygem-run -- python -u app.py", "app.py").honest().stopped_as_a_whole(),
    row(App::OwnGunicorn, "heygem-run -- python app.py", "app.py")
        .within(Layout::Chinese)
        .honest()
        .stopped_as_a_whole(),
    // The user's own package in the SDK's root parses arguments of its own.
    row(
        App::OwnParser,
        "heygem-run -m tools.cli --port PORT",
        "HeyGem-Linux-Python-Hack/tools/__init__.py HeyGem-Linux-Python-Hack/tools/cli.py",
    ),
    row(
        App::OwnParser,
        "heygem-run -- python HeyGem-Linux-Python-Hack/tools/cli.py --port PORT",
        "HeyGem-Linux-Python-Hack/tools/cli.py",
    ),
    row(App::OwnParser, "heygem-run -m demo.cli --port PORT", "demo/cli.py"),
];
