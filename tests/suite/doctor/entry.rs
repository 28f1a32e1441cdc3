//! An entry that is there, and that this Python can't run.

use super::staged::{Mends, PLAIN, Staged, all, quiet};

#[test]
fn files_that_are_no_program_of_this_python() {
    all(&[
        Staged {
            name: "pyc_of_another",
            stage: "$OTHER -c \"import py_compile; py_compile.compile('app.py', 'app.pyc')\"",
            words: "$PY app.pyc",
            says: &["app.pyc: RuntimeError: Bad magic number in .pyc file"],
            remedy: Mends::Words("run the .py file"),
            ..PLAIN
        },
        Staged {
            name: "archive_without_main",
            stage: "$PYTHON -m zipfile -c a.zip app.py",
            words: "$PY a.zip",
            says: &["a.zip: ImportError: can't find '__main__' module"],
            remedy: Mends::Words("name the script itself"),
            ..PLAIN
        },
        Staged {
            name: "link_of_an_environment",
            stage: "mkdir -p .venv/bin; echo 'version = 3.8.1' > .venv/pyvenv.cfg; ln -s /nowhere/python3 .venv/bin/python",
            words: ".venv/bin/python app.py",
            says: &[".venv/bin/python is a link to /nowhere/python3, which is not there"],
            remedy: Mends::Words("rm -r $APP/.venv && "),
            ..PLAIN
        },
    ]);
}

#[test]
fn programs_that_are_compiled_or_packed() {
    quiet(&[
        (
            "pyc",
            "$PYTHON -c \"import py_compile; py_compile.compile('app.py', 'app.pyc')\"",
            &[],
            "$PY app.pyc",
        ),
        ("archive", "cp app.py __main__.py; $PYTHON -m zipfile -c a.zip __main__.py", &[], "$PY a.zip"),
    ]);
}

/// The oldest interpreter decides: later ones evaluate them.
#[test]
fn annotations_that_only_a_later_python_evaluates() {
    let version = crate::support::pythons::pythons()[0].major_minor;
    let generic = Staged {
        name: "generic",
        stage: "printf 'def f(a: list[str]) -> None:\\n    pass\\n' >> app.py",
        says: &["app.py, line 6: TypeError: 'type' object is not subscriptable"],
        remedy: Mends::Words("names of typing"),
        ..PLAIN
    };
    let union = Staged {
        name: "union",
        stage: "printf 'class A:\\n    def f(self, *, a: int | None = None):\\n        pass\\n' >> app.py",
        says: &["app.py, line 7: TypeError: unsupported operand type(s) for |"],
        remedy: Mends::Words("names of typing"),
        ..PLAIN
    };
    if version < (3, 9) {
        all(&[generic]);
    }
    if version < (3, 10) {
        all(&[union]);
    }
    quiet(&[
        (
            "of the future",
            "sed -i '1i from __future__ import annotations' app.py; printf 'def f(a: list[str]) -> int | None:\n    pass\n' >> app.py",
            &[],
            "",
        ),
        (
            "never evaluated",
            "printf 'from typing import List\ndef f(a: \"list[str]\", b: List[int] = 1 | 2):\n    def g(x: list[int]): pass\n    c: list[int] = []\n' >> app.py",
            &[],
            "",
        ),
    ]);
}
