//! What hides what, in the order of the launch's own path.

use super::staged::{Mends, PLAIN, Staged, all};

#[test]
fn files_that_hide_the_sdk() {
    all(&[
        Staged {
            name: "service_so",
            stage: "cp $ROOT/service/server$SUFFIX service$SUFFIX",
            says: &["$APP/service$SUFFIX hides"],
            ..PLAIN
        },
        Staged {
            name: "service_pyc",
            stage: "mkdir service; echo > service/__init__.py; $PYTHON -m compileall -q -b service; rm service/__init__.py",
            says: &["$APP/service hides"],
            ..PLAIN
        },
        Staged {
            name: "service_package",
            stage: "mkdir service; echo > service/__init__.py",
            says: &["service", "hides"],
            remedy: Mends::Line("mv $APP/service $APP/my_service"),
            ..PLAIN
        },
        Staged {
            name: "link_to_script",
            stage: "mkdir $APP/../repo; cp app.py $APP/../repo/run.py; echo > $APP/../repo/service.py; ln -s ../repo/run.py run.py",
            words: "$PY run.py",
            says: &["repo/service.py hides"],
            ..PLAIN
        },
        Staged {
            name: "bare_name",
            stage: "echo > trans_dh_service.py",
            says: &["$APP/trans_dh_service.py"],
            remedy: Mends::Line("mv $APP/trans_dh_service.py $APP/my_trans_dh_service.py"),
            ..PLAIN
        },
        Staged {
            name: "package_on_path",
            set: &[("PYTHONPATH", "$ROOT/service")],
            says: &["attempted relative import"],
            remedy: Mends::Line("unset PYTHONPATH"),
            ..PLAIN
        },
        Staged {
            name: "link_on_path",
            stage: "ln -s $ROOT/service bare",
            set: &[("PYTHONPATH", "$APP/bare")],
            says: &["$APP/bare", "attempted relative import"],
            remedy: Mends::Line("unset PYTHONPATH"),
            ..PLAIN
        },
        Staged {
            name: "conflict_marks",
            stage: "printf '<<<<<<< HEAD\\n' > $ROOT/service/__init__.py",
            says: &["service/__init__.py, line 1", "SyntaxError"],
            remedy: Mends::Words("service/__init__.py"),
            ..PLAIN
        },
    ]);
}

#[test]
fn files_that_hide_the_standard_library_and_packages() {
    all(&[
        Staged {
            name: "json_beside_the_script",
            stage: "echo > json.py",
            status: "warn",
            says: &["$APP/json.py hides the standard library's json"],
            ..PLAIN
        },
        Staged {
            name: "queue_on_path",
            stage: "mkdir lib; echo > lib/queue.py",
            set: &[("PYTHONPATH", "$APP/lib")],
            says: &["$APP/lib/queue.py hides the standard library's queue"],
            remedy: Mends::Line("mv $APP/lib/queue.py $APP/lib/my_queue.py"),
            ..PLAIN
        },
        Staged {
            name: "queue_so_in_root",
            stage: "cp $ROOT/service/server$SUFFIX $ROOT/queue$SUFFIX",
            says: &["$ROOT/queue$SUFFIX hides the standard library's queue"],
            ..PLAIN
        },
        Staged {
            name: "types_beside_the_script",
            stage: "echo > types.py",
            says: &["$APP/types.py hides the standard library's types"],
            ..PLAIN
        },
        Staged {
            name: "numpy_beside_the_script",
            stage: "venv; mkdir $SITE/numpy; echo 'ndarray = 1' > $SITE/numpy/__init__.py; echo > numpy.py; sed -i '1i import numpy' app.py",
            words: ".venv/bin/python app.py",
            status: "warn",
            says: &["$APP/numpy.py hides the installed package numpy"],
            ..PLAIN
        },
    ]);
}

#[test]
fn hiders_that_may_not_simply_be_moved() {
    all(&[
        Staged {
            name: "entry_is_the_hider",
            stage: "venv; mkdir $SITE/fastapi; echo 'FastAPI = 1' > $SITE/fastapi/__init__.py; sed '1i from fastapi import FastAPI' app.py > fastapi.py",
            words: ".venv/bin/python fastapi.py --x",
            status: "warn",
            says: &["$APP/fastapi.py hides the installed package fastapi"],
            remedy: Mends::Line(
                "mv $APP/fastapi.py $APP/my_fastapi.py && heygem-run -- .venv/bin/python $APP/my_fastapi.py --x",
            ),
            ..PLAIN
        },
        Staged {
            name: "module_is_the_hider",
            stage: "cp app.py queue.py",
            words: "-m queue",
            says: &["$APP/queue.py hides the standard library's queue"],
            remedy: Mends::Line("mv $APP/queue.py $APP/my_queue.py && heygem-run -m my_queue"),
            ..PLAIN
        },
        Staged {
            name: "sdk_package_on_path",
            stage: "mkdir -p $ROOT/landmark2face_wy/util; echo > $ROOT/landmark2face_wy/util/__init__.py; cp $ROOT/service/server$SUFFIX $ROOT/landmark2face_wy/util/html$SUFFIX",
            set: &[("PYTHONPATH", "$ROOT/landmark2face_wy/util")],
            status: "warn",
            says: &["$ROOT/landmark2face_wy/util/html$SUFFIX hides the standard library's html"],
            remedy: Mends::Line("unset PYTHONPATH"),
            ..PLAIN
        },
        Staged {
            name: "bare_name_installed",
            stage: "venv; echo > $SITE/trans_dh_service.py",
            words: ".venv/bin/python app.py",
            says: &["$SITE/trans_dh_service.py"],
            remedy: Mends::Line("mv $SITE/trans_dh_service.py $SITE/my_trans_dh_service.py"),
            ..PLAIN
        },
    ]);
}

#[test]
fn consequences_of_a_hider_are_not_told_beside_it() {
    all(&[
        Staged {
            name: "socket_in_root",
            stage: "echo 'x = 1' > $ROOT/socket.py",
            says: &["$ROOT/socket.py hides the standard library's socket from children"],
            remedy: Mends::Line("mv $ROOT/socket.py $ROOT/my_socket.py"),
            ..PLAIN
        },
        Staged {
            name: "logging_package_in_root",
            stage: "mkdir $ROOT/logging; echo 'x = 1' > $ROOT/logging/__init__.py",
            says: &["$ROOT/logging hides the standard library's logging"],
            ..PLAIN
        },
        Staged {
            name: "selectors_beside_the_script",
            stage: "echo 'x = 1' > $ROOT/selectors.py; cp app.py $ROOT/run.py",
            words: "$PY $ROOT/run.py",
            says: &["$ROOT/selectors.py hides the standard library's selectors"],
            ..PLAIN
        },
        Staged {
            name: "socket_beside_the_module",
            stage: "echo 'x = 1' > $ROOT/socket.py; cp app.py $ROOT/run.py",
            words: "sh -c 'cd $ROOT && exec $PY -m run'",
            status: "warn",
            says: &["$ROOT/socket.py hides the standard library's socket"],
            ..PLAIN
        },
        Staged {
            name: "configparser_on_path",
            stage: "mkdir lib; echo 'x = 1' > lib/configparser.py",
            set: &[("PYTHONPATH", "$APP/lib")],
            says: &["$APP/lib/configparser.py hides the standard library's configparser"],
            ..PLAIN
        },
    ]);
}
