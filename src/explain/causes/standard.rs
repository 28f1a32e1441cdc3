//! Modules that this Python's standard library does not have, or no longer.

use super::cause::Cause;
use super::cause::Condition::{Dotted, Is, Lacks, Top, Uncaught};
use super::cause::Source::Program;

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "pkg-resources",
        title: "setuptools is missing, or too new: there is no pkg_resources",
        chinese: "setuptools 缺失或过新，没有 pkg_resources",
        means: "pkg_resources is a part of setuptools up to version 80",
        remedy: "python -m pip install 'setuptools<81'",
        source: Program("setuptools: pkg_resources"),
        rules: &[("No module named 'pkg_resources", &[Uncaught])],
        tells: &["ModuleNotFoundError: No module named 'pkg_resources'"],
        silent: &[
            "UserWarning: pkg_resources is deprecated as an API. The pkg_resources package is slated for removal as early as 2025-11-30.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "distutils-part",
        title: "the system's Python lacks a part of distutils: '{}'",
        chinese: "系统 Python 缺少 distutils 的一部分",
        means: "Debian and Ubuntu have most of it in a package of its own",
        remedy: "apt-get update && apt-get install -y python3-distutils; in a virtual environment: python -m pip install setuptools",
        source: Program("Debian: python3-distutils"),
        rules: &[("No module named '{module}'", &[Top(&["distutils"]), Dotted, Uncaught])],
        tells: &["ModuleNotFoundError: No module named 'distutils.util'"],
        ..Cause::ROW
    },
    Cause {
        name: "distutils",
        title: "Python 3.12 and later have no distutils",
        chinese: "Python 3.12 起没有 distutils",
        means: "setuptools has a replacement, which code written for older Pythons needs",
        remedy: "python -m pip install setuptools, or an older Python: heygem-run --python python3.8 …",
        source: Program("CPython 3.12: what's new"),
        rules: &[("No module named 'distutils'", &[Uncaught])],
        tells: &["ModuleNotFoundError: No module named 'distutils'"],
        ..Cause::ROW
    },
    Cause {
        name: "audioop",
        title: "Python 3.13 and later have no audioop",
        chinese: "Python 3.13 起没有 audioop",
        means: "pydub needs it; a package has it for these Pythons",
        remedy: "python -m pip install audioop-lts, or an older Python: heygem-run --python python3.8 …",
        source: Program("CPython 3.13: what's new"),
        rules: &[("No module named '{module}'", &[Is(&["audioop", "pyaudioop"]), Uncaught])],
        tells: &[
            "ModuleNotFoundError: No module named 'pyaudioop'",
            "ModuleNotFoundError: No module named 'audioop'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "old-module",
        title: "this Python's standard library no longer has '{}'",
        chinese: "这个 Python 的标准库已没有该模块",
        means: "the code was written for an older Python; no package on PyPI provides this module",
        remedy: "run with the Python that the code was written for: heygem-run --python python3.8 …",
        source: Program("CPython: what's new in 3.0, 3.12 and 3.13"),
        rules: &[(
            "No module named '{module}'",
            &[
                Is(&[
                    "imp",
                    "asyncore",
                    "asynchat",
                    "smtpd",
                    "cgi",
                    "cgitb",
                    "pipes",
                    "telnetlib",
                    "imghdr",
                    "sndhdr",
                    "crypt",
                    "nntplib",
                    "uu",
                    "xdrlib",
                    "aifc",
                    "sunau",
                    "chunk",
                    "mailcap",
                    "msilib",
                    "nis",
                    "ossaudiodev",
                    "spwd",
                    "cPickle",
                    "ConfigParser",
                    "Queue",
                    "urllib2",
                    "urlparse",
                    "StringIO",
                    "cStringIO",
                    "commands",
                    "__builtin__",
                    "Tkinter",
                    "thread",
                    "httplib",
                ]),
                Uncaught,
            ],
        )],
        tells: &[
            "ModuleNotFoundError: No module named 'imp'",
            "ModuleNotFoundError: No module named 'imghdr'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "python-part",
        title: "this Python was built without '{}'",
        chinese: "这个 Python 编译时缺少该标准模块",
        means: "it is part of the standard library, and was left out because a system library was missing when Python was built, or is packaged apart",
        remedy: "Debian's own Python: apt-get install -y python3-tk (for tkinter), python3-venv (for venv and ensurepip); one that was compiled, as by pyenv: apt-get install -y libffi-dev liblzma-dev libbz2-dev libsqlite3-dev libssl-dev tk-dev, and build it again",
        source: Program("CPython: the developer's guide, build dependencies"),
        rules: &[(
            "No module named '{module}'",
            &[
                Is(&[
                    "_ctypes",
                    "_lzma",
                    "_bz2",
                    "_sqlite3",
                    "_ssl",
                    "_tkinter",
                    "tkinter",
                    "ensurepip",
                    "venv",
                    "_curses",
                    "_dbm",
                    "_hashlib",
                ]),
                Uncaught,
            ],
        )],
        tells: &[
            "ModuleNotFoundError: No module named '_ctypes'",
            "ModuleNotFoundError: No module named 'tkinter'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-pip",
        title: "this Python has no pip",
        chinese: "这个 Python 没有 pip",
        means: "pip is a package of its own in Debian and Ubuntu, and virtual environments can be made without it",
        remedy: "apt-get update && apt-get install -y python3-pip; in a virtual environment, and for other Pythons: python3 -m ensurepip --upgrade, by the python that is to have it",
        source: Program("pip: installation"),
        rules: &[("No module named pip$", &[Lacks(&["'"])]), ("No module named 'pip'", &[Uncaught])],
        tells: &["/usr/bin/python3: No module named pip", "ModuleNotFoundError: No module named 'pip'"],
        ..Cause::ROW
    },
];
