//! What is said of files: the SDK's, its models, and who may read, write and execute them.

use super::cause::Condition::{
    Begins, EndsIn, Frames, Holds, Is, Lacks, Last, Not, Raised, Relative, Says, Top,
};
use super::cause::{Cause, Condition};

/// Directories that the SDK opens by relative paths.
const SDK_DIRECTORY: Condition = Top(&[
    "config",
    "wenet",
    "landmark2face_wy",
    "face_lib",
    "face_attr_detect",
    "face_detect_utils",
    "pretrain_models",
    "model_lib",
    "resources",
    "xseg",
]);
const WRITTEN_DIRECTORY: Condition = Top(&["log", "logs", "result", "results", "temp", "tmp"]);
const SCRIPT: Condition = EndsIn(&[".sh", ".py"]);
/// Whoever opens it there reads a model.
const LOADS: Condition = Frames(&[
    "torch/serialization",
    "torch\\serialization",
    "pickle_module",
    "pickle.load(f",
    "load(f",
    "joblib",
    "np.load",
    "numpy/lib/",
]);

/// A library, and no module of Python's.
const LIBRARY: Condition = Begins(&["lib"]);
const NOT_EXECUTABLE: &str = "{} may not be executed";
const NOT_EXECUTABLE_ZH: &str = "文件没有执行权限";
/// What is started, and neither read nor written.
const PROGRAM: Condition = Is(&[
    "ffmpeg",
    "ffprobe",
    "ffplay",
    "git",
    "sox",
    "nvidia-smi",
    "bash",
    "sh",
    "python",
    "python3",
    "node",
    "wget",
    "curl",
    "docker",
]);
/// Whoever starts a program.
const STARTS: Condition = Last(&["in _execute_child", "os.exec", "in _execvpe", "posix_spawn("]);
/// How Python's source reads, and how it writes.
const READS: &[&str] =
    &["open(", "listdir(", "scandir(", "read_text(", "read_bytes(", "iterdir(", "os.stat("];
const MAKES: &[&str] = &[
    "'w",
    "\"w",
    "'a'",
    "\"a\"",
    "mkdir(",
    "makedirs(",
    "_mkstemp",
    "os.remove(",
    "os.unlink(",
    "os.rename(",
    "os.replace(",
];
const WRITES: &[&str] =
    &["'w", "\"w", "'a", "\"a", "'x", "\"x", "+'", "+\"", "mode", "_open(", "flags", "write", "FileIO", "*"];

/// A directory that the service needs; of another, a script may do without.
const MADE: Condition = Holds(&["/log", "/result", "/temp", "/data/"]);

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "container-path",
        title: "a script changes to {}, which does not exist here",
        chinese: "脚本里写死了另一个容器的路径",
        means: "the script contains the path of another container",
        remedy: "mount the SDK there (docker run -v …:{}), or edit the script",
        rules: &[
            ("No such file or directory: '{path}'", &[Last(&["chdir"])]),
            ("No such file or directory: '{path}'", &[Is(&["/code", "/code/"])]),
        ],
        tells: &[
            "FileNotFoundError: [Errno 2] No such file or directory: '/code'",
            "Traceback (most recent call last):\n  File \"run.py\", line 3, in <module>\n    os.chdir('/srv/code2')\nFileNotFoundError: [Errno 2] No such file or directory: '/srv/code2'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "wrong-directory",
        title: "a file of the SDK's is not found by its relative path: {}",
        chinese: "按相对路径找不到 SDK 的文件",
        means: "the working directory is not the SDK's root, or the file was never fetched",
        remedy: "start with heygem-run, which changes to the root; if the file is not there either, run the SDK's download.sh",
        chinese_remedy: "用 heygem-run 启动，它会切换到根目录；如果根目录里也没有这个文件，就运行 SDK 的 download.sh",
        rules: &[
            ("No such file or directory: '{path}'", &[Relative, SDK_DIRECTORY]),
            ("NO_SUCHFILE : Load model from {word} failed", &[Relative]),
            ("No section: '{word}'", &[Says(&["NoSectionError"])]),
        ],
        tells: &[
            "FileNotFoundError: [Errno 2] No such file or directory: 'config/config.ini'",
            "FileNotFoundError: [Errno 2] 没有那个文件或目录: 'config/config.ini'",
            "configparser.NoSectionError: No section: 'http_server'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "read-only",
        title: "a file system is read-only: {}",
        chinese: "文件系统是只读的",
        means: "its volume is mounted with :ro, the container was started with --read-only, or the kernel made a disk read-only after an error",
        remedy: "take :ro or read_only: out of the compose file (docker inspect NAME shows both, under Mounts and ReadonlyRootfs); dmesg on the host shows errors of a disk",
        // Docker: docker run --read-only, volumes
        rules: &[("Read-only file system: '{path}'", &[])],
        tells: &["OSError: [Errno 30] Read-only file system: '/code/result/a.mp4'"],
        ..Cause::ROW
    },
    Cause {
        name: "not-enterable",
        title: "the service may not enter the directory {}",
        chinese: "服务没有进入该目录的权限",
        means: "the directory, or one above it, is closed to the user who runs the service",
        remedy: "run as the user whom it belongs to, or open it: chmod a+x on it and on each directory above it (namei -l {} shows them)",
        // chdir(2)
        rules: &[("Permission denied: '{path}'", &[Last(&["chdir("])])],
        tells: &[
            "Traceback (most recent call last):\n  File \"/code/a.py\", line 3, in <module>\n    os.chdir('/code')\nPermissionError: [Errno 13] Permission denied: '/code'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "not-executable",
        title: NOT_EXECUTABLE,
        chinese: NOT_EXECUTABLE_ZH,
        means: "it lacks the x bit, its file system is mounted noexec, or this user may not enter its directory; a directory of that name \
                in one that PATH lists gives the same message",
        remedy: "chmod a+x on the file (ls -l shows its bits), or use another one: {deb}",
        // execve(2)
        rules: &[
            ("Permission denied: '{path}'", &[PROGRAM, Raised]),
            ("Permission denied: '{path}'", &[EndsIn(&["/ffmpeg", "/ffprobe"]), Raised]),
            ("Permission denied: b'{path}'", &[PROGRAM, Raised]),
        ],
        tells: &[
            "PermissionError: [Errno 13] Permission denied: 'ffmpeg'",
            "PermissionError: [Errno 13] Permission denied: '/usr/bin/ffmpeg'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "not-executable",
        title: NOT_EXECUTABLE,
        chinese: NOT_EXECUTABLE_ZH,
        means: "it lacks the x bit, its file system is mounted noexec, or this user may not enter its directory or the one that it is to start in",
        remedy: "ls -l {} shows its bits; chmod a+x sets the one that is missing",
        // execve(2)
        rules: &[
            ("Permission denied: '{path}'", &[STARTS, Raised]),
            ("Permission denied: b'{path}'", &[STARTS, Raised]),
        ],
        tells: &[
            "Traceback (most recent call last):\n  File \"/usr/lib/python3.8/subprocess.py\", line 1720, in _execute_child\n    raise child_exception_type(errno_num, err_msg, err_filename)\nPermissionError: [Errno 13] Permission denied: '/opt/sdk/bin/tool'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "root-home",
        title: "the service may not use {}: it is below root's home directory",
        chinese: "服务无权使用 root 主目录下的文件",
        means: "only root may enter /root; HOME, or a path in a setting, still names it, and another user runs the service",
        remedy: "give the service a home of its own (docker run -e HOME=/tmp …; for Hugging Face's files alone HF_HOME=/tmp/huggingface), or run it as root",
        // path_resolution(7)
        rules: &[
            ("Permission denied: '{path}'", &[Begins(&["/root/"])]),
            ("Permission denied: '{path}'", &[Is(&["/root"])]),
        ],
        tells: &["PermissionError: [Errno 13] Permission denied: '/root/.cache/huggingface/token'"],
        ..Cause::ROW
    },
    Cause {
        name: "not-readable",
        title: "the service may not read {}",
        chinese: "服务没有读取权限",
        means: "the file, or a directory above it, is closed to the user who runs the service",
        remedy: "run as the user whom it belongs to, or open it: chmod a+r on it, and a+x on each directory above it (namei -l {} shows them)",
        // open(2)
        rules: &[
            ("Permission denied: '{path}'", &[Last(READS), Not(&Last(WRITES)), Raised]),
            ("Permission denied: '{path}'", &[Begins(&["/etc/", "/proc/", "/sys/"]), Raised]),
        ],
        tells: &[
            "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in <module>\n    with open('/srv/token') as f:\nPermissionError: [Errno 13] Permission denied: '/srv/token'",
            "PermissionError: [Errno 13] Permission denied: '/etc/ssl/private/key.pem'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "not-writable",
        title: "the service can't write {}",
        chinese: "服务无法写入文件",
        means: "its directory is missing, belongs to another user, or is read-only",
        remedy: "start with heygem-run, which changes to the root, and create it there (mkdir -p log result temp), writable by the user \
                 who runs the service",
        rules: &[
            ("annot create directory '{path}': Permission denied", &[MADE]),
            ("annot create regular file '{path}': Permission denied", &[MADE]),
            ("annot touch '{path}': Permission denied", &[MADE]),
            ("No such file or directory: '{path}'", &[WRITTEN_DIRECTORY]),
            ("No such file or directory: '{path}'", &[Holds(&["/log/", "/logs/", "/result/", "/temp/"])]),
            ("No such file or directory: '{path}'", &[EndsIn(&[".log"])]),
            ("Permission denied: '{path}'", &[WRITTEN_DIRECTORY, Raised]),
            ("Permission denied: '{path}'", &[Holds(&["/log/", "/logs/", "/result/", "/temp/"]), Raised]),
            ("Permission denied: '{path}'", &[EndsIn(&[".log"]), Raised]),
            ("Permission denied: '{path}'", &[Last(MAKES), Raised]),
        ],
        tells: &[
            "mkdir: cannot create directory '/code/data/temp': Permission denied",
            "FileNotFoundError: [Errno 2] No such file or directory: './log/dh.log'",
            "FileNotFoundError: [Errno 2] No such file or directory: '/app/sdk/log/dh.log'",
            "PermissionError: [Errno 13] Permission denied: '/code/log/dh.log'",
            "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in <module>\n    with open('/srv/a.mp4', 'wb') as f:\nPermissionError: [Errno 13] Permission denied: '/srv/a.mp4'",
        ],
        silent: &["mkdir: cannot create directory '/run/x': Permission denied"],
        ..Cause::ROW
    },
    Cause {
        name: "windows-access",
        title: "Windows does not let the program use {}",
        chinese: "Windows 拒绝访问该文件，或文件正被占用",
        means: "another program has the file open (WinError 32), or the account may not change it (WinError 5): a virus scanner, a player, a second run of the same program, a directory of another user",
        remedy: "close what uses the file (Resource Monitor, CPU, Associated Handles, finds it by name); if nothing does, take another directory, one of your own",
        // Windows: system error codes
        rules: &[("[WinError 5] {_}: '{path}'", &[]), ("[WinError 32] {_}: '{path}'", &[])],
        tells: &[
            "PermissionError: [WinError 5] 拒绝访问。: 'D:\\\\heygem\\\\log\\\\dh.log'",
            "PermissionError: [WinError 32] The process cannot access the file because it is being used by another process: 'C:\\\\temp\\\\a.mp4'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-access",
        title: "the service may not read or write {}",
        chinese: "服务没有读写权限",
        means: "it, or a directory above it, belongs to another user and is closed to the one who runs the service",
        remedy: "run as the user whom it belongs to, or give it to this one: sudo chown -R USER on the directory that the service needs (namei -l {} shows who may what)",
        // path_resolution(7)
        rules: &[("Permission denied: '{path}'", &[Lacks(&["/dev/", "WinError"]), Raised])],
        tells: &["PermissionError: [Errno 13] Permission denied: '/srv/media/a.mp4'"],
        ..Cause::ROW
    },
    Cause {
        name: "lfs-pointer",
        title: "a file is a Git LFS pointer, and not the model itself",
        chinese: "文件只是 Git LFS 指针，不是模型本身",
        means: "the repository was cloned without git-lfs, or downloaded as a ZIP: such a file has three lines of text",
        remedy: "in the repository: git lfs install && git lfs pull; head -c 200 FILE then shows no text",
        // Git LFS: specification
        rules: &[
            ("invalid load key, 'v'", &[]),
            ("Unsupported operand 118", &[]),
            ("version https://git-lfs.github.com/spec/v1", &[]),
        ],
        tells: &["_pickle.UnpicklingError: invalid load key, 'v'."],
        ..Cause::ROW
    },
    Cause {
        name: "broken-library",
        title: "a library's file is empty, cut off or no library: {}",
        chinese: "动态库文件为空、不完整，或根本不是动态库",
        means: "its installation or copy was interrupted, or the disk was full; no model is broken",
        remedy: "ls -l on the file shows its size; install the package that it belongs to again: python -m pip install --force-reinstall --no-deps \
                 PACKAGE where pip brought it, apt-get install --reinstall where apt did (dpkg -S {} names it), or pull the image again",
        // glibc: the dynamic loader
        rules: &[("{library}: file too short", &[LIBRARY]), ("{library}: invalid ELF header", &[LIBRARY])],
        tells: &["ImportError: /usr/lib/x86_64-linux-gnu/libcudnn.so.8: file too short"],
        ..Cause::ROW
    },
    Cause {
        name: "broken-model",
        title: "a model or module file is missing, empty, incomplete, or of another kind",
        chinese: "模型或模块文件缺失、为空、不完整，或内容不对",
        means: "a download was interrupted, or saved an HTML page or a Git LFS pointer instead",
        remedy: "fetch it again (the SDK's download.sh); head -c 200 FILE shows what it is, git lfs pull replaces pointers",
        rules: &[
            ("Invalid magic number; corrupt file?", &[]),
            ("INVALID_PROTOBUF", &[]),
            ("nvalid protobuf", &[]),
            ("PytorchStreamReader failed", &[]),
            ("unexpected EOF, expected", &[]),
            ("invalid load key, ", &[]),
            ("Unsupported operand 60", &[Says(&["Unpickl", "eights only"])]),
            ("Ran out of input", &[LOADS]),
            ("pickle data was truncated", &[LOADS]),
            ("NO_SUCHFILE : Load model from {word} failed", &[]),
            ("NoSuchFile: [ONNXRuntimeError]", &[]),
            (
                "No such file or directory: '{path}'",
                &[EndsIn(&[".pt", ".pth", ".onnx", ".bin", ".safetensors", ".ckpt", ".pkl"])],
            ),
            ("rror while deserializing header: ", &[]),
            ("{object}: file too short", &[]),
            ("{object}: invalid ELF header", &[]),
        ],
        tells: &[
            "onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf: [ONNXRuntimeError] : 7 : INVALID_PROTOBUF : Load model from a.onnx failed:Protobuf parsing failed.",
            "RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory",
            "RuntimeError: unexpected EOF, expected 1042 more bytes. The file might be corrupted.",
            "_pickle.UnpicklingError: invalid load key, '<'.",
            "_pickle.UnpicklingError: invalid load key, '\\x0d'.",
            "ImportError: /sdk/service/trans_dh_service.cpython-38-x86_64-linux-gnu.so: file too short",
            "safetensors_rust.SafetensorError: Error while deserializing header: HeaderTooLarge",
            "Traceback (most recent call last):\n  File \"/x/torch/serialization.py\", line 1, in _legacy_load\n    magic_number = pickle_module.load(f, **pickle_load_args)\nEOFError: Ran out of input",
            "RuntimeError: Invalid magic number; corrupt file?",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "not-executable",
        title: NOT_EXECUTABLE,
        chinese: NOT_EXECUTABLE_ZH,
        means: "it lacks the x bit, or its file system is mounted noexec",
        remedy: "chmod +x {}; a Python script needs no bit in heygem-run script.py",
        rules: &[
            ("{word}: Permission denied$", &[SCRIPT]),
            ("exec: \"{path}\": permission denied", &[]),
            ("'{path}': Permission denied$", &[SCRIPT]),
        ],
        tells: &[
            "bash: ./run.sh: Permission denied",
            "bash: ./run.sh: 权限不够",
            "env: ‘./run.py’: Permission denied",
            "exec: \"/app/run\": permission denied: unknown",
        ],
        silent: &["ls: cannot open directory '/root': Permission denied"],
        ..Cause::ROW
    },
    Cause {
        name: "text-encoding",
        title: "a file's text is read in another encoding than it is written in",
        chinese: "读取文件所用的编码不对（GBK/UTF-8）",
        means: "Windows' Python reads files as GBK in China, and the file is UTF-8",
        remedy: "before the start, in the same prompt: set PYTHONUTF8=1 (PowerShell: $env:PYTHONUTF8=1)",
        // PEP 540
        rules: &[("'gbk' codec can't decode byte", &[])],
        tells: &[
            "UnicodeDecodeError: 'gbk' codec can't decode byte 0xad in position 12: illegal multibyte sequence",
        ],
        ..Cause::ROW
    },
];
