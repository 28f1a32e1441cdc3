//! What shells, Docker and Python say of a command that is not there.

use super::cause::Condition::{Frames, Holds, Is, Lacks, Raised, Says};
use super::cause::{Cause, Condition};

const FFMPEG: Condition = Is(&["ffmpeg", "ffprobe"]);
/// What a Python package brings, and `python -m` runs.
const MODULE: Condition = Is(&[
    "gunicorn",
    "uvicorn",
    "celery",
    "flask",
    "hypercorn",
    "streamlit",
    "pip",
    "pytest",
    "jupyter",
    "daphne",
    "granian",
]);
/// What a Python package brings, and only its command runs.
const COMMAND: Condition =
    Is(&["ray", "modelscope", "mim", "waitress-serve", "accelerate", "torchrun", "tensorboard", "gradio"]);
const PIP: Condition = Is(&["pip", "pip3"]);
/// What bash has, and sh does not.
const BASH: Condition = Is(&["[[", "source", "shopt", "declare", "pushd", "popd", "mapfile", "function"]);
const BASH_TITLE: &str = "a script that is written for bash is run by sh";
const BASH_ZH: &str = "用 sh 运行了为 bash 写的脚本";
const BASH_MEANS: &str =
    "sh is dash in Debian and Ubuntu, and ash in Alpine, which do not know what bash has besides";
const BASH_DO: &str = "start it by bash: bash SCRIPT; write #!/bin/bash as its first line, and in a Dockerfile: SHELL [\"/bin/bash\", \"-c\"]";
const COMPOSE: Condition = Is(&["docker-compose"]);
const DOCKER: Condition = Is(&["docker"]);
/// Docker and runc.
const EXEC: Condition = Says(&["executable file not found"]);
const HUB: Condition = Is(&["huggingface-cli"]);
const CONDA: Condition = Is(&["conda"]);
const LAUNCHER: Condition = Is(&["heygem-run"]);
const NO_COMMAND: &str = "there is no command '{}' on PATH";
const NO_COMMAND_ZH: &str = "PATH 上没有这个命令";
const NO_COMMAND_MEANS: &str =
    "it is not installed, or in another environment's bin directory (exit code 127)";
/// cmd and PowerShell.
const WINDOWS: Condition = Says(&["is not recognized as", "is not recognised as"]);

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
            ("exec: \\\"{path}\\\": executable file not found", &[$($condition),*]),
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
        // POSIX: the shell command language
        rules: missing!(PYTHON),
        tells: &["./run.py: line 3: import: command not found", "./run.py: 3: import: not found"],
        ..Cause::ROW
    },
    Cause {
        name: "bash-script",
        title: BASH_TITLE,
        chinese: BASH_ZH,
        means: BASH_MEANS,
        remedy: BASH_DO,
        // dash(1)
        rules: missing!(BASH),
        tells: &["run.sh: 3: [[: not found", "sh: 1: source: not found"],
        ..Cause::ROW
    },
    Cause {
        name: "bash-script",
        title: BASH_TITLE,
        chinese: BASH_ZH,
        means: BASH_MEANS,
        remedy: BASH_DO,
        // dash(1)
        rules: &[("set: Illegal option -o pipefail", &[])],
        tells: &["start.sh: 2: set: Illegal option -o pipefail"],
        ..Cause::ROW
    },
    Cause {
        name: "no-ffmpeg",
        title: "{} is not installed in Windows, or not on PATH",
        chinese: "Windows 上没有安装 ffmpeg，或 ffmpeg 不在 PATH 上",
        means: "the program that is started here needs it, and a new prompt is needed after PATH was changed",
        remedy: "winget install Gyan.FFmpeg, then open a new prompt; where.exe {where} shows where it is",
        // winget
        rules: missing!(FFMPEG, WINDOWS),
        tells: &[
            "'ffmpeg' 不是内部或外部命令，也不是可运行的程序",
            "ffmpeg : The term 'ffmpeg' is not recognized as the name of a cmdlet, function, script file, or operable program.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "docker-compose",
        title: "there is no command docker-compose: Docker has it as 'docker compose' today",
        chinese: "没有 docker-compose 命令：现在改用 docker compose",
        means: "Compose became a plugin of docker's, and the old program of that name is no longer installed",
        remedy: "docker compose up -d, with a space in place of the hyphen; where docker does not know that: apt-get install -y docker-compose-v2 (Ubuntu) or docker-compose-plugin (Docker's own repository); in Windows, Docker Desktop brings it",
        // Docker Compose: migrate to V2
        rules: missing!(COMPOSE),
        tells: &[
            "bash: docker-compose: command not found",
            "docker-compose : 无法将“docker-compose”项识别为 cmdlet、函数、脚本文件或可运行程序的名称。",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-docker",
        title: "Docker is not installed in Windows, or not on PATH",
        chinese: "Windows 上没有安装 Docker Desktop，或 docker 不在 PATH 上",
        means: "the command docker comes with Docker Desktop",
        remedy: "winget install Docker.DockerDesktop, restart Windows, start Docker Desktop, and open a new prompt",
        // Docker Desktop for Windows
        rules: missing!(DOCKER, WINDOWS),
        tells: &["'docker' is not recognized as an internal or external command,"],
        ..Cause::ROW
    },
    Cause {
        name: "one-word-command",
        title: "a command and its arguments were given as one word: '{}'",
        chinese: "命令和参数写在了一起，被当成一个词",
        means: "Docker looks for a program that has the blank and the arguments in its name",
        remedy: "give each word by itself: CMD [\"python\", \"app.py\"] in the Dockerfile, command: [\"python\", \"app.py\"] or command: python app.py in the compose file, docker run IMAGE python app.py without quotes",
        // Dockerfile: the exec form
        rules: missing!(EXEC, Holds(&[" "])),
        tells: &["exec: \"python app.py\": executable file not found in $PATH: unknown"],
        ..Cause::ROW
    },
    Cause {
        name: "no-bash",
        title: "the image has no bash",
        chinese: "镜像里没有 bash",
        means: "small images, such as Alpine's, have sh alone",
        remedy: "docker exec -it CONTAINER sh (or docker run -it IMAGE sh); apk add bash installs it in Alpine",
        // Docker: docker exec
        rules: missing!(EXEC, Is(&["bash", "/bin/bash"])),
        tells: &[
            "OCI runtime exec failed: exec failed: unable to start container process: exec: \"bash\": executable file not found in $PATH: unknown",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-ffmpeg",
        title: "{} is not installed, or not on PATH",
        chinese: "没有安装 ffmpeg，或 ffmpeg 不在 PATH 上",
        means: "the SDK reads and writes all video with it",
        remedy: "apt-get update && apt-get install -y ffmpeg, or put its directory on PATH",
        rules: missing!(FFMPEG),
        tells: &[
            "sh: 1: ffmpeg: not found",
            "bash: ffmpeg: command not found",
            "bash: ffmpeg：未找到命令",
            "zsh:1: command not found: ffmpeg",
            "exec: \"ffmpeg\": executable file not found in $PATH",
            "container_linux.go:349: starting container process caused \"exec: \\\"ffmpeg\\\": executable file not found in $PATH\": unknown",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-ffmpeg",
        title: "{} is not installed, or not on PATH",
        chinese: "没有安装 ffmpeg，或 ffmpeg 不在 PATH 上",
        means: "the SDK reads and writes all video with it",
        remedy: "apt-get update && apt-get install -y ffmpeg, or put its directory on PATH",
        rules: &[
            ("No such file or directory: '{path}'", &[FFMPEG, Raised]),
            ("No such file or directory: b'{path}'", &[FFMPEG, Raised]),
            ("Error: spawn {path} ENOENT", &[FFMPEG]),
        ],
        tells: &[
            "FileNotFoundError: [Errno 2] No such file or directory: 'ffprobe'",
            "Error: spawn ffmpeg ENOENT",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-ffmpeg",
        title: "ffmpeg is not installed, or not on PATH",
        chinese: "没有安装 ffmpeg，或 ffmpeg 不在 PATH 上",
        means: "a library that reads audio or video starts it, and does not find it",
        remedy: "apt-get update && apt-get install -y ffmpeg; in Windows: winget install Gyan.FFmpeg, then open a new prompt",
        // pydub, imageio-ffmpeg
        rules: &[
            ("[WinError 2]", &[Raised, Frames(&["pydub", "ffmpeg", "ffprobe"])]),
            ("No ffmpeg exe could be found", &[]),
            ("ffmpeg was not found but is required", &[]),
        ],
        tells: &[
            "RuntimeError: No ffmpeg exe could be found. Install ffmpeg on your system, or set the IMAGEIO_FFMPEG_EXE environment variable.",
            "  File \"C:\\venv\\lib\\site-packages\\pydub\\utils.py\", line 274, in mediainfo_json\n    res = Popen(command, stdin=stdin_parameter)\n  File \"C:\\lib\\subprocess.py\", line 971, in __init__\n    self._execute_child(args, executable)\nFileNotFoundError: [WinError 2] The system cannot find the file specified",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-script",
        title: "Python does not find the script {}",
        chinese: "找不到要运行的 Python 脚本",
        means: "a name without a directory is looked for in the working directory; in a container, that is the image's or the one of -w, and a mounted volume may hide it",
        remedy: "pwd and ls -l {} show what is there (in a container: docker exec NAME ls -l …): name its whole path, or change to its directory first",
        // CPython: the command line
        rules: &[("can't open file '{path}': [Errno 2]", &[])],
        tells: &["python: can't open file 'app_local.py': [Errno 2] No such file or directory"],
        ..Cause::ROW
    },
    Cause {
        name: "no-command",
        title: NO_COMMAND,
        chinese: NO_COMMAND_ZH,
        means: "it is not installed for this Python, or its directory (Scripts) is not on PATH",
        remedy: "python -m {} …; where it is not installed: python -m pip install {pip}",
        // CPython: using Python on Windows
        rules: missing!(MODULE, WINDOWS),
        tells: &["'uvicorn' is not recognized as an internal or external command,"],
        ..Cause::ROW
    },
    Cause {
        name: "no-pip",
        title: "pip is not installed, or not on PATH",
        chinese: "没有安装 pip，或 pip 不在 PATH 上",
        means: "pip is a package of its own in Debian and Ubuntu, and may be there without its command",
        remedy: "python3 -m pip --version says whether it is there: use python3 -m pip …; else: apt-get update && apt-get install -y python3-pip",
        // pip: installation
        rules: missing!(PIP),
        tells: &["bash: pip: command not found", "/bin/sh: 1: pip3: not found"],
        ..Cause::ROW
    },
    Cause {
        name: "no-command",
        title: NO_COMMAND,
        chinese: NO_COMMAND_ZH,
        means: "the Python package that brings it is not installed in this environment, or the environment's bin directory is not on PATH",
        remedy: "python -m pip install {pip}; where it is installed already, python -m pip show -f {pip} lists where",
        // pip: pip show
        rules: missing!(COMMAND),
        tells: &["bash: mim: command not found"],
        ..Cause::ROW
    },
    Cause {
        name: "no-command",
        title: NO_COMMAND,
        chinese: NO_COMMAND_ZH,
        means: "huggingface_hub 1.0 and later have it by the name hf",
        remedy: "python -m pip install 'huggingface_hub<1'; or with a later one: hf download … in place of huggingface-cli download …",
        // huggingface_hub 1.0: migration
        rules: missing!(HUB),
        tells: &["bash: huggingface-cli: command not found"],
        ..Cause::ROW
    },
    Cause {
        name: "no-conda",
        title: "there is no command conda on PATH",
        chinese: "PATH 上没有 conda",
        means: "conda is not installed, or this shell has not read what conda init wrote to ~/.bashrc",
        remedy: "source ~/miniconda3/etc/profile.d/conda.sh (or ~/anaconda3, /opt/conda in its place); where none is there, install Miniconda; heygem-run --python ENVIRONMENT/bin/python … needs no conda",
        // conda: conda init
        rules: missing!(CONDA),
        tells: &["bash: conda: command not found"],
        ..Cause::ROW
    },
    Cause {
        name: "no-launcher",
        title: "heygem-run itself is not on PATH",
        chinese: "PATH 上没有 heygem-run",
        means: "it is not installed here, as in a container, or sudo and systemd search other directories than your shell",
        remedy: "name its path, or copy it: install -m 755 heygem-run /usr/local/bin/ (Dockerfile: COPY heygem-run /usr/local/bin/); with sudo: sudo \"$(command -v heygem-run)\" …",
        // sudoers(5): secure_path
        rules: missing!(LAUNCHER),
        tells: &["bash: heygem-run: command not found"],
        ..Cause::ROW
    },
    Cause {
        name: "no-command",
        title: NO_COMMAND,
        chinese: NO_COMMAND_ZH,
        means: NO_COMMAND_MEANS,
        remedy: "python -m pip show {pip} says whether it is installed in this environment, then: heygem-run -m {} …; else install it, or name its path",
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
        title: NO_COMMAND,
        chinese: NO_COMMAND_ZH,
        means: "it is not installed in Windows, or its directory is not on PATH",
        remedy: "where.exe {where} shows whether it is there: install it, or add its directory to PATH (System, Environment Variables), and open a new prompt",
        // Windows: where
        rules: missing!(WINDOWS),
        tells: &["'git' is not recognized as an internal or external command,"],
        ..Cause::ROW
    },
    Cause {
        name: "no-command",
        title: NO_COMMAND,
        chinese: NO_COMMAND_ZH,
        means: NO_COMMAND_MEANS,
        remedy: "{deb}, or name its path",
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
