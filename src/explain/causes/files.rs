//! What is said of files: the SDK's, its models, and who may read, write and execute them.

use super::cause::Condition::{EndsIn, Frames, Holds, Is, Lacks, Last, Raised, Relative, Says, Top};
use super::cause::Source::{Catalogue, Program};
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

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "container-path",
        title: "a script changes to {}, which does not exist here",
        chinese: "脚本里写死了别人容器的路径",
        means: "the script contains the path of another container",
        remedy: "mount the SDK there (docker run -v …:{}), or edit the script",
        source: Catalogue(&[21]),
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
        chinese: "按相对路径找不到 SDK 的文件（工作目录不对）",
        means: "the working directory is not the SDK's root, or the file was never fetched",
        remedy: "start with heygem-run, which changes to the root; if the file is not there either, run the SDK's download.sh",
        chinese_remedy: "用 heygem-run 启动，它会切换到根目录；文件也不在那里，就运行 SDK 的 download.sh",
        source: Catalogue(&[18]),
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
        source: Program("Docker: docker run --read-only, volumes"),
        rules: &[("Read-only file system: '{path}'", &[])],
        tells: &["OSError: [Errno 30] Read-only file system: '/code/result/a.mp4'"],
        ..Cause::ROW
    },
    Cause {
        name: "not-writable",
        title: "the service can't write {}",
        chinese: "服务写不了文件",
        means: "its directory is missing, belongs to another user, or is read-only",
        remedy: "start with heygem-run, which changes to the root, and create it there (mkdir -p log result temp), writable by the user \
                 who runs the service",
        source: Catalogue(&[19]),
        rules: &[
            ("No such file or directory: '{path}'", &[WRITTEN_DIRECTORY]),
            ("No such file or directory: '{path}'", &[Holds(&["/log/", "/logs/", "/result/", "/temp/"])]),
            ("No such file or directory: '{path}'", &[EndsIn(&[".log"])]),
            ("Permission denied: '{path}'", &[Lacks(&["/dev/", "WinError"]), Raised]),
        ],
        tells: &[
            "FileNotFoundError: [Errno 2] No such file or directory: './log/dh.log'",
            "FileNotFoundError: [Errno 2] No such file or directory: '/app/sdk/log/dh.log'",
            "PermissionError: [Errno 13] Permission denied: '/code/log/dh.log'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "lfs-pointer",
        title: "a file is a Git LFS pointer, and not the model itself",
        chinese: "文件只是 Git LFS 指针，不是模型本身",
        means: "the repository was cloned without git-lfs, or downloaded as a ZIP: such a file has three lines of text",
        remedy: "in the repository: git lfs install && git lfs pull; head -c 200 FILE then shows no text",
        source: Program("Git LFS: specification"),
        rules: &[
            ("invalid load key, 'v'", &[]),
            ("Unsupported operand 118", &[]),
            ("version https://git-lfs.github.com/spec/v1", &[]),
        ],
        tells: &["_pickle.UnpicklingError: invalid load key, 'v'."],
        ..Cause::ROW
    },
    Cause {
        name: "broken-model",
        title: "a model or module file is missing, empty, incomplete, or of another kind",
        chinese: "模型或模块文件缺失、为空、不完整或不是它该是的内容",
        means: "a download was interrupted, or saved an HTML page or a Git LFS pointer instead",
        remedy: "fetch it again (the SDK's download.sh); head -c 200 FILE shows what it is, git lfs pull replaces pointers",
        source: Catalogue(&[20]),
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
        title: "{} may not be executed",
        chinese: "文件没有执行权限",
        means: "it lacks the x bit, or its file system is mounted noexec",
        remedy: "chmod +x {}; a Python script needs no bit in heygem-run script.py",
        source: Catalogue(&[26]),
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
        chinese: "文件编码不符（GBK/UTF-8）",
        means: "Windows' Python reads files as GBK in China, and the file is UTF-8",
        remedy: "before the start, in the same prompt: set PYTHONUTF8=1 (PowerShell: $env:PYTHONUTF8=1)",
        source: Program("PEP 540"),
        rules: &[("'gbk' codec can't decode byte", &[])],
        tells: &[
            "UnicodeDecodeError: 'gbk' codec can't decode byte 0xad in position 12: illegal multibyte sequence",
        ],
        ..Cause::ROW
    },
];
