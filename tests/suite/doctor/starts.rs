//! A Python that starts and does not get far, or that lacks a part.

use super::staged::{Mends, PLAIN, Staged, all};

#[test]
fn files_that_end_or_hang_a_start() {
    all(&[
        Staged {
            name: "sitecustomize_leaves",
            stage: "venv; echo 'import os; os._exit(3)' > $SITE/sitecustomize.py",
            words: ".venv/bin/python app.py",
            says: &["$SITE/sitecustomize.py ends every start", "exit code 3"],
            remedy: Mends::Line("mv $SITE/sitecustomize.py $SITE/sitecustomize.py.off"),
            ..PLAIN
        },
        Staged {
            name: "sitecustomize_crashes",
            stage: "venv; echo 'import os; os.kill(os.getpid(), 11)' > $SITE/sitecustomize.py",
            words: ".venv/bin/python app.py",
            says: &["$SITE/sitecustomize.py ends every start", "signal 11"],
            remedy: Mends::Line("mv $SITE/sitecustomize.py $SITE/sitecustomize.py.off"),
            ..PLAIN
        },
        Staged {
            name: "sitecustomize_imports",
            stage: "venv; echo 'raise SystemExit(\"no licence\")' > $SITE/agent_x.py; echo 'import agent_x' > $SITE/sitecustomize.py",
            words: ".venv/bin/python app.py",
            says: &["$SITE/sitecustomize.py ends every start", "no licence"],
            ..PLAIN
        },
        Staged {
            name: "pth_leaves",
            stage: "venv; echo 'import os; os._exit(4)' > $SITE/a.pth",
            words: ".venv/bin/python app.py",
            says: &["$SITE/a.pth ends every start", "exit code 4"],
            remedy: Mends::Line("mv $SITE/a.pth $SITE/a.pth.off"),
            ..PLAIN
        },
        Staged {
            name: "pth_exits",
            stage: "venv; echo 'import sys; sys.exit(5)' > $SITE/agent.pth",
            words: ".venv/bin/python app.py",
            says: &["$SITE/agent.pth ends every start", "SystemExit"],
            remedy: Mends::Line("mv $SITE/agent.pth $SITE/agent.pth.off"),
            ..PLAIN
        },
    ]);
}

#[test]
fn a_stack_that_is_too_small() {
    all(&[Staged {
        name: "stack",
        words: "prlimit --stack=65536 $PY $APP/app.py",
        says: &["the limit of the stack is 65536"],
        remedy: Mends::Words("ulimit -s 8192"),
        ..PLAIN
    }]);
}

#[test]
fn modules_of_another_python_among_those_of_this() {
    all(&[Staged {
        name: "two_of_another",
        stage: "for name in h_utils/custom y_utils/wav2wav; do test ! -e $ROOT/$name$SUFFIX || mv $ROOT/$name$SUFFIX $ROOT/$name.cpython-399-x86_64-linux-gnu.so; done",
        says: &["1 of 8 compiled modules are for .cpython-399-x86_64-linux-gnu.so"],
        remedy: Mends::Words("copy $ROOT/h_utils/custom$SUFFIX again"),
        ..PLAIN
    }]);
}
