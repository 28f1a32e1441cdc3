//! Modules that this Python's standard library does not have, or no longer.

use super::cause::Condition::{Dotted, Is, Lacks, Top, Uncaught};
use super::cause::{Cause, Condition, Rule};

/// What pkg_resources brought along.
const VENDORED: &[&str] = &["packaging", "pyparsing", "appdirs", "extern", "six"];
/// What was in collections until Python 3.9, and is in collections.abc.
const ABSTRACT: Condition = Is(&[
    "Awaitable",
    "Callable",
    "Container",
    "Coroutine",
    "Generator",
    "Hashable",
    "ItemsView",
    "Iterable",
    "Iterator",
    "KeysView",
    "Mapping",
    "MappingView",
    "MutableMapping",
    "MutableSequence",
    "MutableSet",
    "Sequence",
    "Set",
    "Sized",
    "ValuesView",
]);
/// What is asked for, by whom it was removed.
const OLD_NAMES: &[Rule] = &[
    ("cannot import name '{module}' from 'collections' (", &[ABSTRACT]),
    ("module 'collections' has no attribute '{module}'", &[ABSTRACT]),
    ("cannot import name '{module}' from 'inspect' (", &[Is(&["getargspec", "formatargspec"])]),
    ("module 'inspect' has no attribute '{module}'", &[Is(&["getargspec", "formatargspec"])]),
    ("cannot import name '{module}' from 'fractions' (", &[Is(&["gcd"])]),
    ("module 'fractions' has no attribute '{module}'", &[Is(&["gcd"])]),
    ("cannot import name '{module}' from 'base64' (", &[Is(&["decodestring", "encodestring"])]),
    ("module 'base64' has no attribute '{module}'", &[Is(&["decodestring", "encodestring"])]),
    ("module 'asyncio' has no attribute '{module}'", &[Is(&["coroutine"])]),
    ("module 'ssl' has no attribute '{module}'", &[Is(&["wrap_socket", "match_hostname"])]),
    ("module 'configparser' has no attribute '{module}'", &[Is(&["SafeConfigParser"])]),
    ("module 'locale' has no attribute '{module}'", &[Is(&["format"])]),
    ("'Thread' object has no attribute '{module}'", &[Is(&["isAlive"])]),
    ("'HTMLParser' object has no attribute '{module}'", &[Is(&["unescape"])]),
];

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "pkg-resources",
        title: "setuptools is missing, or too new: there is no pkg_resources",
        chinese: "setuptools 缺失或过新，没有 pkg_resources",
        means: "pkg_resources is a part of setuptools up to version 80",
        remedy: "python -m pip install 'setuptools<81'",
        // setuptools: pkg_resources
        rules: &[("No module named 'pkg_resources", &[Uncaught])],
        tells: &["ModuleNotFoundError: No module named 'pkg_resources'"],
        silent: &[
            "UserWarning: pkg_resources is deprecated as an API. The pkg_resources package is slated for removal as early as 2025-11-30.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "pkg-resources-part",
        title: "setuptools is too new: pkg_resources has no '{}'",
        chinese: "setuptools 过新，pkg_resources 里没有该模块",
        means: "setuptools 70 removed what pkg_resources had brought along of other packages",
        remedy: "python -m pip install 'setuptools<70'; where pip builds a package, also: python -m pip install --no-build-isolation PACKAGE",
        // setuptools 70: history
        rules: &[
            ("cannot import name '{module}' from 'pkg_resources'", &[Is(VENDORED)]),
            ("module 'pkg_resources' has no attribute '{module}'", &[Is(VENDORED)]),
        ],
        tells: &[
            "ImportError: cannot import name 'packaging' from 'pkg_resources' (/usr/local/lib/python3.10/site-packages/pkg_resources/__init__.py)",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "distutils-compiler",
        title: "setuptools is too new: it has no '{}'",
        chinese: "setuptools 过新，没有该编译器模块",
        means: "setuptools 74 removed it, and numpy.distutils and others still import it by this name",
        remedy: "python -m pip install 'setuptools<74'; where pip builds a package, also: python -m pip install --no-build-isolation PACKAGE",
        // setuptools 74: history
        rules: &[("No module named '{module}'", &[Is(&["distutils.msvccompiler"]), Uncaught])],
        tells: &["ModuleNotFoundError: No module named 'distutils.msvccompiler'"],
        ..Cause::ROW
    },
    Cause {
        name: "distutils-part",
        title: "the system's Python lacks a part of distutils: '{}'",
        chinese: "系统 Python 缺少 distutils 的一部分",
        means: "Debian and Ubuntu have most of it in a package of its own",
        remedy: "apt-get update && apt-get install -y python3-distutils; in a virtual environment: python -m pip install setuptools",
        // Debian: python3-distutils
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
        // CPython 3.12: what's new
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
        // CPython 3.13: what's new
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
        chinese: "这个 Python 的标准库里已经没有该模块",
        means: "the code was written for an older Python; no package on PyPI provides this module",
        remedy: "run with the Python that the code was written for: heygem-run --python python3.8 …",
        // CPython: what's new in 3.0, 3.12 and 3.13
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
        name: "old-name",
        title: "this Python no longer has {}, which the code uses",
        chinese: "代码用到的旧名字在这个 Python 里已被删除",
        means: "the code, or a package that it imports, was written for an older Python: collections.Mapping and its like were removed in \
                Python 3.10, inspect.getargspec in 3.11, ssl.wrap_socket in 3.12",
        remedy: "a newer version of the package whose file is the last above the error, or an older Python: heygem-run --python python3.8 …",
        // CPython: what's new in 3.9 to 3.13, removed
        rules: OLD_NAMES,
        tells: &[
            "ImportError: cannot import name 'Iterable' from 'collections' (/usr/lib/python3.10/collections/__init__.py)",
            "AttributeError: module 'collections' has no attribute 'Mapping'",
            "AttributeError: module 'inspect' has no attribute 'getargspec'",
            "AttributeError: module 'base64' has no attribute 'decodestring'. Did you mean: 'decodebytes'?",
            "ImportError: cannot import name 'gcd' from 'fractions' (/usr/lib/python3.10/fractions.py)",
            "AttributeError: 'Thread' object has no attribute 'isAlive'",
        ],
        silent: &["AttributeError: module 'collections' has no attribute 'Maping'"],
        ..Cause::ROW
    },
    Cause {
        name: "python-part",
        title: "this Python was built without '{}'",
        chinese: "这个 Python 编译时缺少该标准模块",
        means: "it is part of the standard library, and was left out because a system library was missing when Python was built, or is packaged apart",
        remedy: "Debian's own Python: apt-get install -y python3-tk (for tkinter), python3-venv (for venv and ensurepip); one that was compiled, as by pyenv: apt-get install -y libffi-dev liblzma-dev libbz2-dev libsqlite3-dev libssl-dev tk-dev, and build it again",
        // CPython: the developer's guide, build dependencies
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
        // pip: installation
        rules: &[("No module named pip$", &[Lacks(&["'"])]), ("No module named 'pip'", &[Uncaught])],
        tells: &["/usr/bin/python3: No module named pip", "ModuleNotFoundError: No module named 'pip'"],
        ..Cause::ROW
    },
];
