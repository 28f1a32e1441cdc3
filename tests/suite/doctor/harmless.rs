//! What is odd, and no fault: nothing is said of it.

use super::staged::quiet;

/// What it is called, the lines that make it so, variables, and the launch.
type Harmless = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

/// The loader of a dynamic launcher would complain itself.
#[cfg(target_feature = "crt-static")]
#[test]
fn a_library_that_is_nowhere() {
    quiet(&[("a library that is nowhere", "", &[("LD_PRELOAD", "/nowhere.so")], "")]);
}

#[test]
fn unusual_environments_are_healthy() {
    const TABLE: [Harmless; 10] = [
        ("no command", "", &[], "-"),
        ("a script", "", &[], "app.py"),
        ("no HOME", "", &[("HOME", "")], ""),
        ("a temporary directory that is nowhere", "", &[("TMPDIR", "/nowhere")], ""),
        (
            "a file that Python runs at a prompt only",
            "echo 'raise 1' > s.py",
            &[("PYTHONSTARTUP", "$APP/s.py")],
            "",
        ),
        ("development mode", "", &[("PYTHONDEVMODE", "1"), ("PYTHONPROFILEIMPORTTIME", "1")], ""),
        ("odd entries", "", &[("PYTHONPATH", ":/nowhere::$APP/x.zip:~")], ""),
        (
            "an activated environment",
            "venv",
            &[("VIRTUAL_ENV", "$APP/.venv"), ("PATH", "$APP/.venv/bin:$BIN:/usr/bin:/bin")],
            "python app.py",
        ),
        (
            "a sitecustomize that prints",
            "venv; echo 'print(1); import multiprocessing as m; m.set_start_method(\"fork\")' > $SITE/sitecustomize.py",
            &[],
            ".venv/bin/python app.py",
        ),
        ("a wrapper", "", &[], "nice -n 1 timeout 60 $PY -u $APP/app.py"),
    ];
    quiet(&TABLE);
}

#[test]
fn odd_trees() {
    const TABLE: [Harmless; 13] = [
        ("a namespace called service", "mkdir service; echo > service/notes.txt", &[], ""),
        ("lines of Windows", "sed -i 's/$/\\r/' $ROOT/config/config.ini $ROOT/download.sh", &[], ""),
        ("from the future", "find $ROOT -exec touch -d '+1 hour' {} +", &[], ""),
        ("no x bit", "chmod a-x $ROOT/service/*.so", &[], ""),
        ("an environment in it", "venv; mv $APP/.venv $ROOT/env", &[], ""),
        ("modules of Windows", ": > $ROOT/service/server.cp38-win_amd64.pyd", &[], ""),
        (
            "a zipapp",
            "$PYTHON -m zipapp -o a.pyz -m 'app:main' $APP/../empty 2>/dev/null || { mkdir $APP/../z; cp app.py $APP/../z/__main__.py; $PYTHON -m zipapp -o a.pyz $APP/../z; }",
            &[],
            "$PY a.pyz",
        ),
        ("the entry inside", "cp app.py $ROOT/run.py", &[], "$PY $ROOT/run.py"),
        (
            "optional imports",
            "printf 'try:\\n    import ujson_x\\nexcept ImportError:\\n    ujson_x = None\\n' | cat - app.py > a.py; mv a.py app.py",
            &[],
            "",
        ),
        (
            "a path of the script's own",
            "mkdir lib; echo > lib/helper_x.py; printf 'import os, sys\\nHERE = os.path.dirname(os.path.abspath(__file__))\\nsys.path.insert(0, os.path.join(HERE, \"lib\"))\\nimport helper_x\\n' | cat - app.py > a.py; mv a.py app.py",
            &[],
            "",
        ),
        (
            "imports for a checker",
            "printf 'from typing import TYPE_CHECKING\\nif TYPE_CHECKING:\\n    import nowhere_x\\n' | cat - app.py > a.py; mv a.py app.py",
            &[],
            "",
        ),
        (
            "the app's own modules run nothing",
            "echo 'raise SystemExit(3)' > side.py; sed -i '1i import side' app.py",
            &[],
            "",
        ),
        (
            "a name that the app has as well",
            "echo 'A = 1' > custom.py; sed -i '1i import custom' app.py",
            &[],
            "",
        ),
    ];
    quiet(&TABLE);
}

#[test]
fn odd_imports() {
    const TABLE: [Harmless; 5] = [
        (
            "an import whose failure is suppressed",
            "printf 'import contextlib\\nwith contextlib.suppress(ImportError):\\n    import uvloop_q\\n' | cat - app.py > a.py; mv a.py app.py",
            &[],
            "",
        ),
        (
            "what another system has",
            "printf 'def beep():\\n    import winsound\\n' | cat - app.py > a.py; mv a.py app.py",
            &[],
            "",
        ),
        (
            "a namespace in a namespace",
            "mkdir -p libs/tool; echo 'X = 1' > libs/tool/a.py; printf 'from libs.tool.a import X\\nimport libs.tool\\n' | cat - app.py > a.py; mv a.py app.py",
            &[],
            "",
        ),
        (
            "a module in an archive",
            "mkdir l; echo 'import json' > l/zipped_q.py; (cd l; $PYTHON -m zipfile -c ../l.zip zipped_q.py); sed -i '1i import zipped_q' app.py",
            &[("PYTHONPATH", "$APP/l.zip")],
            "",
        ),
        (
            "a task that starts nothing",
            "printf 'import multiprocessing\\nfrom service.trans_dh_service import TransDhTask\\ntask = TransDhTask()\\nHOW = \"spawn\"\\n' > app.py",
            &[],
            "",
        ),
    ];
    quiet(&TABLE);
}

#[test]
fn odd_configurations() {
    const TABLE: [Harmless; 5] = [
        (
            "a value that names another",
            "printf '[log]\\nbase = .\\nlog_dir = %%(base)s/log\\n' > $ROOT/config/config.ini",
            &[],
            "",
        ),
        (
            "a port with an underscore",
            "printf '[http_server]\\nserver_port = 18_383\\n' >> $ROOT/config/config.ini",
            &[],
            "",
        ),
        (
            "a log that the SDK makes",
            "rm -r $ROOT/log; sed -i '/^def create_logger/a \\    os.makedirs(GlobalConfig.instance().log_dir, exist_ok=True)' $ROOT/y_utils/logger.py",
            &[],
            "",
        ),
        ("a log that goes to the output", "ln -s /dev/stdout $ROOT/log/dh.log", &[], ""),
        (
            "a model for those who ask for it",
            "printf '\\n[ -n \"$EXTRA\" ] && curl -fsS file:///nowhere -o models/extra.onnx\\n' >> $ROOT/download.sh",
            &[],
            "",
        ),
    ];
    quiet(&TABLE);
}

#[test]
fn odd_commands() {
    const TABLE: [Harmless; 4] = [
        (
            "a program where env goes to",
            "mkdir ../a; printf '#!/bin/sh\\n' > ../a/x.sh; chmod +x ../a/x.sh",
            &[],
            "env -C ../a ./x.sh",
        ),
        ("what a shell of another user reads", SWITCHES, &[], "su nobody -c '$PY app.py'"),
        ("a user without a shell", SWITCHES, &[], "runuser -u nobody -- $PY app.py"),
        ("a script behind an option", "printf 'exec $PY app.py\\n' > run.sh", &[], "bash -x run.sh"),
    ];
    quiet(&TABLE);
}

/// Programs that would change the user.
const SWITCHES: &str =
    "for name in su runuser; do printf '#!/bin/sh\\n' > $BIN/$name; chmod +x $BIN/$name; done";

#[test]
fn odd_processes() {
    const TABLE: [Harmless; 6] = [
        (
            "a process of another kind",
            "printf 'import types\\nps = types.SimpleNamespace(Process=int)\\nME = ps.Process()\\nHOW = \"spawn\"\\n' > app.py",
            &[],
            "",
        ),
        (
            "a process that nobody starts",
            "printf 'from multiprocessing import Process\\nCHILD = Process(target=print)\\nHOW = \"spawn\"\\n' > app.py",
            &[],
            "",
        ),
        (
            "a pool of threads",
            "printf 'from multiprocessing.dummy import Pool\\nPOOL = Pool(1)\\nHOW = \"spawn\"\\n' > app.py",
            &[],
            "",
        ),
        (
            "a start method that may be set already",
            "printf 'import multiprocessing as mp\\ntry:\\n    mp.set_start_method(\"spawn\")\\nexcept RuntimeError:\\n    pass\\n' > app.py",
            &[],
            "",
        ),
        (
            "a start method under suppress",
            "printf 'import contextlib, multiprocessing as mp\\nwith contextlib.suppress(RuntimeError):\\n    mp.set_start_method(\"spawn\")\\n' > app.py",
            &[],
            "",
        ),
        (
            "a start method that is asked for first",
            "printf 'import multiprocessing as mp\\nif mp.get_start_method(allow_none=True) is None:\\n    mp.set_start_method(\"spawn\")\\n' > app.py",
            &[],
            "",
        ),
    ];
    quiet(&TABLE);
}

/// A gunicorn that is never run.
const GUNICORN: &str = "printf '#!%s\\nimport sys\\n' $PYTHON > $BIN/gunicorn; chmod +x $BIN/gunicorn";

#[test]
fn odd_commands_of_servers() {
    const TABLE: [Harmless; 3] = [
        ("a socket by its path", GUNICORN, &[], "gunicorn -b unix:run.sock app:app"),
        ("an address by its name", GUNICORN, &[], "gunicorn -w 1 --bind localhost:8000 app:app"),
        ("the worker class that counts", GUNICORN, &[], "gunicorn -k gevent app:app -k sync"),
    ];
    quiet(&TABLE);
}
