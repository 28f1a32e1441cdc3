//! What shells, Docker and Python say of a command that is not there.

use super::cause::Condition::{Is, Lacks, Raised};
use super::cause::Source::{Catalogue, Program};
use super::cause::{Cause, Condition};

const FFMPEG: Condition = Is(&["ffmpeg", "ffprobe"]);
/// What a Python package brings, and `python -m` runs.
const MODULE: Condition = Is(&[
    "gunicorn",
    "uvicorn",
    "celery",
    "ray",
    "flask",
    "hypercorn",
    "streamlit",
    "pip",
    "pip3",
    "pytest",
    "huggingface-cli",
    "modelscope",
    "mim",
    "jupyter",
    "supervisord",
    "waitress-serve",
    "daphne",
    "granian",
    "accelerate",
    "torchrun",
    "tensorboard",
    "gradio",
]);

/// Words of Python's that are no commands.
const PYTHON: Condition = Is(&["import", "from", "def", "class", "async", "@app.get", "@app.post"]);

/// Each way in which a command is said to be missing, on some condition.
macro_rules! missing {
    ($($condition:expr),*) => {
        &[
            (": {word}: command not found$", &[$($condition),*]),
            ("^{word}: command not found$", &[$($condition),*]),
            (": {n}: {word}: not found$", &[$($condition),*]),
            (": exec: {word}: not found$", &[$($condition),*]),
            (": line {n}: {word}: not found$", &[$($condition),*]),
            ("sh: {word}: not found$", &[$($condition),*]),
            ("sh: {n}: command not found: {word}$", &[$($condition),*]),
            ("command not found: {word}$", &[$($condition),*]),
            ("Unknown command: {word}$", &[$($condition),*]),
            ("Command '{word}' not found, but", &[$($condition),*]),
            ("exec: \"{path}\": executable file not found", &[$($condition),*]),
            ("failed to run command '{word}': No such file or directory", &[$($condition),*]),
            ("failed to run command {word}: No such file or directory", &[$($condition),*]),
            ("env: {word}: No such file or directory", &[$($condition),*]),
            ("env: '{word}': No such file or directory", &[$($condition),*]),
            ("'{word}' is not recognized as an internal or external command", &[$($condition),*]),
            ("The term '{word}' is not recognized as", &[$($condition),*]),
            ("The term '{word}' is not recognised as", &[$($condition),*]),
        ]
    };
}

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "script-by-shell",
        title: "a shell runs a Python script",
        chinese: "Python 脚本被当作 shell 脚本运行",
        means: "the script has no #! line, and was started as a program or by sh: the shell takes its lines for commands",
        remedy: "heygem-run SCRIPT.py, or python3 SCRIPT.py",
        source: Program("POSIX: the shell command language"),
        rules: missing!(PYTHON),
        tells: &["./run.py: line 3: import: command not found", "./run.py: 3: import: not found"],
        ..Cause::ROW
    },
    Cause {
        name: "no-ffmpeg",
        title: "{} is not installed, or not on PATH",
        chinese: "没有安装 ffmpeg 或不在 PATH 上",
        means: "the SDK reads and writes all video with it",
        remedy: "apt-get install ffmpeg, or put its directory on PATH",
        source: Catalogue(&[16]),
        rules: missing!(FFMPEG),
        tells: &[
            "sh: 1: ffmpeg: not found",
            "bash: ffmpeg: command not found",
            "bash: ffmpeg：未找到命令",
            "zsh:1: command not found: ffmpeg",
            "exec: \"ffmpeg\": executable file not found in $PATH",
            "'ffmpeg' 不是内部或外部命令，也不是可运行的程序",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-ffmpeg",
        title: "{} is not installed, or not on PATH",
        chinese: "没有安装 ffmpeg 或不在 PATH 上",
        means: "the SDK reads and writes all video with it",
        remedy: "apt-get install ffmpeg, or put its directory on PATH",
        source: Catalogue(&[16]),
        rules: &[
            ("No such file or directory: '{path}'", &[FFMPEG, Raised]),
            ("No such file or directory: b'{path}'", &[FFMPEG, Raised]),
        ],
        tells: &["FileNotFoundError: [Errno 2] No such file or directory: 'ffprobe'"],
        ..Cause::ROW
    },
    Cause {
        name: "no-command",
        title: "there is no command '{}' on PATH",
        chinese: "PATH 上没有这个命令",
        means: "it is not installed, or in another environment's bin directory (exit code 127)",
        remedy: "python -m pip show {pip} says whether it is installed in this environment, then: heygem-run -m {} …; else install it, or name its path",
        source: Catalogue(&[24]),
        rules: missing!(MODULE),
        tells: &[
            "run.sh: line 3: gunicorn: command not found",
            "zsh: command not found: gunicorn",
            "/entry.sh: 3: celery: not found",
            "exec: \"gunicorn\": executable file not found in $PATH: unknown",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-command",
        title: "there is no command '{}' on PATH",
        chinese: "PATH 上没有这个命令",
        means: "it is not installed, or in another environment's bin directory (exit code 127)",
        remedy: "{deb}, or name its path",
        source: Catalogue(&[24]),
        rules: missing!(NOT_A_LINE_END),
        tells: &[
            "bash: wget: command not found",
            "/usr/bin/env: ‘python’: No such file or directory",
            "nohup: failed to run command 'python': No such file or directory",
            "fish: Unknown command: dos2unix",
        ],
        silent: &[
            "user 'ann' not found",
            "file not found: /tmp/x",
            "checking for gfortran: not found",
            "404: not found",
        ],
        ..Cause::ROW
    },
];

/// Those are of a script with Windows' line ends.
const NOT_A_LINE_END: Condition = Lacks(&["\\r", "^M"]);
