//! The interpreter, its variables and environments, and what the command ends in.

use super::staged::{Mends, PLAIN, Staged, all};

#[test]
fn variables_that_keep_python_from_starting() {
    all(&[
        Staged {
            name: "pythonhome",
            set: &[("PYTHONHOME", "/nowhere")],
            says: &["PYTHONHOME=/nowhere", "encodings"],
            remedy: Mends::Line("unset PYTHONHOME"),
            ..PLAIN
        },
        Staged {
            name: "hashseed",
            set: &[("PYTHONHASHSEED", "abc")],
            says: &["PYTHONHASHSEED=abc", "random"],
            remedy: Mends::Line("unset PYTHONHASHSEED"),
            ..PLAIN
        },
        Staged {
            name: "ioencoding",
            set: &[("PYTHONIOENCODING", "utf-99")],
            says: &["PYTHONIOENCODING=utf-99"],
            remedy: Mends::Line("unset PYTHONIOENCODING"),
            ..PLAIN
        },
        Staged {
            name: "utf8",
            set: &[("PYTHONUTF8", "yes")],
            says: &["PYTHONUTF8"],
            remedy: Mends::Line("unset PYTHONUTF8"),
            ..PLAIN
        },
        Staged {
            name: "malloc",
            set: &[("PYTHONMALLOC", "none")],
            says: &["PYTHONMALLOC"],
            remedy: Mends::Line("unset PYTHONMALLOC"),
            ..PLAIN
        },
        Staged {
            name: "warnings",
            stage: "echo 'import warnings; warnings.warn(\"old\", DeprecationWarning)' > $ROOT/service/__init__.py",
            set: &[("PYTHONWARNINGS", "error")],
            says: &["PYTHONWARNINGS", "DeprecationWarning: old"],
            remedy: Mends::Line("unset PYTHONWARNINGS"),
            ..PLAIN
        },
    ]);
}

#[test]
fn files_that_keep_python_from_starting() {
    all(&[
        Staged {
            name: "sitecustomize_exits",
            stage: "venv; echo 'raise SystemExit(\"agent: no licence\")' > $SITE/sitecustomize.py",
            words: ".venv/bin/python app.py",
            says: &["$SITE/sitecustomize.py", "agent: no licence"],
            remedy: Mends::Line("mv $SITE/sitecustomize.py $SITE/sitecustomize.py.off"),
            ..PLAIN
        },
        Staged {
            name: "path_file_takes_bridge",
            stage: "venv; echo 'import sys; sys.path[:] = [p for p in sys.path if \"heygem-bridge\" not in p]' > $SITE/x.pth",
            words: ".venv/bin/python app.py",
            says: &["by the bare name", "No module named 'trans_dh_service'", "the bridge does not answer"],
            remedy: Mends::Words(".pth file"),
            ..PLAIN
        },
        Staged {
            name: "usercustomize_exits",
            stage: "venv; echo 'raise SystemExit(7)' > $SITE/usercustomize.py; sed -i 's/include-system-site-packages = false/include-system-site-packages = true/' $APP/.venv/pyvenv.cfg",
            words: ".venv/bin/python app.py",
            says: &["$SITE/usercustomize.py"],
            ..PLAIN
        },
    ]);
}

#[test]
fn environments_that_are_not_what_they_say() {
    all(&[
        Staged {
            name: "venv_upgraded",
            stage: "venv; ln -sf $OTHER $APP/.venv/bin/python; ln -sf python $APP/.venv/bin/python3",
            words: "app.py",
            says: &["compiled modules are for"],
            ..PLAIN
        },
        Staged {
            name: "virtual_env_gone",
            set: &[("VIRTUAL_ENV", "/nowhere/venv")],
            words: "app.py",
            status: "warn",
            says: &["VIRTUAL_ENV"],
            remedy: Mends::Line("unset VIRTUAL_ENV"),
            ..PLAIN
        },
        Staged {
            name: "console_script_other",
            stage: "printf '#!%s\\nimport sys\\n' $OTHER > $BIN/gunicorn; chmod +x $BIN/gunicorn",
            words: "gunicorn app:app",
            says: &["compiled modules are for"],
            remedy: Mends::Words("heygem-run -m gunicorn app:app"),
            ..PLAIN
        },
        Staged {
            name: "wrapped",
            words: "nohup $OTHER $APP/app.py",
            says: &["compiled modules are for"],
            remedy: Mends::Line("heygem-run -- nohup $PY $APP/app.py"),
            ..PLAIN
        },
        Staged {
            name: "wrapped_deep",
            words: "env A=b timeout 60 nice -n 5 $OTHER -u $APP/app.py --x",
            says: &["compiled modules are for"],
            remedy: Mends::Line("heygem-run -- env 'A=b' timeout 60 nice -n 5 $PY -u $APP/app.py --x"),
            ..PLAIN
        },
        Staged {
            name: "in_a_shell",
            words: "bash -c 'cd /tmp && exec $OTHER $APP/app.py'",
            status: "warn",
            says: &["compiled modules are for"],
            remedy: Mends::Words("$PY"),
            ..PLAIN
        },
        Staged {
            name: "deaf_by_variable",
            set: &[("HEYGEM_PYTHON", "$PYTHON -I")],
            words: "app.py",
            says: &["-I", "ignore PYTHONPATH"],
            remedy: Mends::Line("export HEYGEM_PYTHON=$PYTHON"),
            ..PLAIN
        },
    ]);
}

#[test]
fn entries_that_can_not_work() {
    all(&[
        Staged {
            name: "syntax",
            stage: "printf 'import sys\\nprint sys.argv\\n' > app.py",
            says: &["app.py, line 2: SyntaxError"],
            remedy: Mends::Words("correct that line"),
            ..PLAIN
        },
        Staged {
            name: "script_is_a_dead_link",
            stage: "ln -s /nowhere/run.py run.py",
            words: "$PY run.py",
            says: &["$APP/run.py is a link to /nowhere/run.py, which is not there"],
            remedy: Mends::Words("/nowhere/run.py"),
            ..PLAIN
        },
        Staged {
            name: "relative_in_a_script",
            stage: "echo 'y = 1' > x.py; sed -i '1i from .x import y' app.py",
            says: &["app.py, line 1: attempted relative import"],
            remedy: Mends::Words("take the dot out"),
            ..PLAIN
        },
        Staged {
            name: "own_module_gone",
            // It would end the rehearsal if it were run.
            stage: "mkdir api; echo 'raise SystemExit(3)' > api/__init__.py; echo 'from api.handlers import h' > api/views.py; sed -i '1i import api.views' app.py",
            says: &["api/views.py, line 1, imports api.handlers, which $APP/api does not have"],
            remedy: Mends::Words("$APP/api"),
            ..PLAIN
        },
        Staged {
            name: "package_without_main",
            stage: "mkdir tool; echo > tool/__init__.py",
            words: "-m tool",
            says: &["$APP/tool has no __main__.py"],
            remedy: Mends::Words("-m tool.MODULE"),
            ..PLAIN
        },
        Staged {
            name: "misspelled",
            stage: "sed -i 's/import TransDhTask/import TransDHTask/' app.py",
            says: &["app.py, line 2 imports TransDHTask from service.trans_dh_service"],
            remedy: Mends::Words("replace TransDHTask with TransDhTask"),
            ..PLAIN
        },
        Staged {
            name: "in_gbk",
            stage: "printf 'print(\"\\304\\343\")\\n' >> app.py",
            says: &["app.py, line 6: SyntaxError", "Non-UTF-8 code"],
            ..PLAIN
        },
        Staged {
            name: "shebang_of_windows",
            stage: "printf '#!/bin/sh\\r\\nexec $PY app.py\\r\\n' > start; chmod +x start",
            words: "./start",
            says: &["start can't be run: its #! interpreter", "is missing"],
            remedy: Mends::Line("sed -i 's/\\r$//' $APP/start"),
            ..PLAIN
        },
        Staged {
            name: "script_of_windows",
            stage: "printf '#!/bin/sh\\r\\nexec $PY app.py\\r\\n' > start",
            words: "sh start",
            says: &["$APP/start end as on Windows"],
            remedy: Mends::Line("sed -i 's/\\r$//' $APP/start"),
            ..PLAIN
        },
        Staged {
            name: "for_two_pythons",
            stage: "other=$($OTHER -c 'import sysconfig; print(sysconfig.get_config_var(\"EXT_SUFFIX\"))'; ); for name in h_utils/custom service/server; do cp $ROOT/$name$SUFFIX $ROOT/$name$other; done",
            words: "$OTHER $APP/app.py",
            says: &["compiled modules are for $SUFFIX"],
            ..PLAIN
        },
        Staged {
            name: "directory",
            stage: "mkdir pkg.py",
            words: "pkg.py",
            says: &["pkg.py is a directory without __main__.py"],
            remedy: Mends::Words("name the script"),
            ..PLAIN
        },
        Staged {
            name: "not_executable",
            stage: "printf '#!/bin/sh\\n' > start; chmod 644 start",
            words: "./start",
            says: &["start", "is not executable"],
            remedy: Mends::Line("chmod +x $APP/start"),
            ..PLAIN
        },
        Staged {
            name: "no_guard",
            stage: "printf 'import multiprocessing as m\\nm.set_start_method(\"spawn\")\\nm.Process(target=print).start()\\n' > app.py",
            says: &["app.py, line 3", "__name__"],
            remedy: Mends::Words("__main__"),
            ..PLAIN
        },
        Staged {
            name: "argv_parsed",
            stage: "printf 'import argparse\\np = argparse.ArgumentParser()\\np.add_argument(\"--x\")\\np.parse_args()\\n' > $ROOT/service/__init__.py",
            words: "$PY app.py --workers 2",
            says: &["sys.argv", "--workers 2"],
            remedy: Mends::Words("sys.argv"),
            ..PLAIN
        },
        Staged {
            name: "preload",
            stage: "printf '#!%s\\nimport sys\\n' $PYTHON > $BIN/gunicorn; chmod +x $BIN/gunicorn",
            words: "gunicorn --preload -w 2 app:app",
            status: "warn",
            says: &["--preload"],
            remedy: Mends::Line("heygem-run -- gunicorn -w 2 app:app"),
            ..PLAIN
        },
        Staged {
            name: "gevent",
            stage: "printf '#!%s\\nimport sys\\n' $PYTHON > $BIN/gunicorn; chmod +x $BIN/gunicorn",
            words: "gunicorn -k gevent app:app",
            status: "warn",
            says: &["gevent", "sync"],
            ..PLAIN
        },
    ]);
}
