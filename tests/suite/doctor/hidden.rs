//! What hides what, in the order of the launch's own path.

use super::staged::{Mends, PLAIN, Staged, all};

#[test]
fn what_hides_the_sdk() {
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
fn what_hides_the_standard_library_and_packages() {
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
