//! What is said of programs, files and ports.

use super::When::{Above, Alone, Begins, Ends, EndsIn, Holds, Is, Relative, Top};
use super::{Cause, Weight, When};

/// Directories that the SDK opens by relative paths.
const SDK_DIRECTORY: When = Top(&[
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
const WRITTEN_DIRECTORY: When = Top(&["log", "logs", "result", "results", "temp", "tmp"]);
const FFMPEG: When = Is(&["ffmpeg", "ffprobe"]);
const SCRIPT: When = EndsIn(&[".sh", ".py"]);

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "no-ffmpeg",
        weight: Weight::Stops,
        rows: &[16],
        title: "{} is not installed, or not on PATH",
        means: "the SDK reads and writes all video with it",
        remedy: "apt-get install ffmpeg, or put its directory on PATH",
        patterns: &[
            ("{word}: command not found", &[FFMPEG]),
            ("{word}: not found", &[FFMPEG, Ends]),
            ("No such file or directory: '{path}'", &[FFMPEG]),
            ("exec: \"{path}\": executable file not found", &[FFMPEG]),
        ],
    },
    Cause {
        name: "video-format",
        weight: Weight::Hampers,
        rows: &[16, 17],
        title: "the SDK could not read a video or audio",
        means: "ffmpeg is missing, a file is not where the request says, or audio and video are swapped",
        remedy: "try ffmpeg -version, and ffprobe on both files, from the SDK's directory",
        patterns: &[("format video error", &[])],
    },
    Cause {
        name: "no-command",
        weight: Weight::Stops,
        rows: &[24],
        title: "there is no command '{}' on PATH",
        means: "it is not installed, or in another environment's bin directory (exit code 127)",
        remedy: "for what a Python package brings: heygem-run -m {} …; else install it, or name its path",
        patterns: &[
            ("{word}: command not found", &[]),
            (": {n}: {word}: not found", &[Ends]),
            ("sh: {word}: not found", &[Ends]),
            ("command not found: {word}", &[Ends]),
            ("exec: \"{path}\": executable file not found", &[]),
        ],
    },
    Cause {
        name: "container-path",
        weight: Weight::Stops,
        rows: &[21],
        title: "a script wants to change to {}, which is not here",
        means: "a fork's script has the path of somebody else's container in it",
        remedy: "mount the SDK there (docker run -v …:{}), or edit the script",
        patterns: &[
            ("No such file or directory: '{path}'", &[Above(&["chdir"])]),
            ("No such file or directory: '{path}'", &[Is(&["/code", "/code/"])]),
        ],
    },
    Cause {
        name: "wrong-directory",
        weight: Weight::Stops,
        rows: &[18],
        title: "a file of the SDK's is not found by its relative path: {}",
        means: "the working directory is not the SDK's root, or the file was never fetched",
        remedy: "start with heygem-run, which changes to the root; if the file is not there either, run the SDK's download.sh",
        patterns: &[
            ("No such file or directory: '{path}'", &[Relative, SDK_DIRECTORY]),
            ("NO_SUCHFILE : Load model from {word} failed", &[Relative]),
            ("No section: '{word}'", &[]),
        ],
    },
    Cause {
        name: "not-writable",
        weight: Weight::Stops,
        rows: &[19],
        title: "the service can't write {}",
        means: "its directory is missing, belongs to somebody else, or is read-only",
        remedy: "start with heygem-run, which changes to the root, and create it there (mkdir -p log result temp), writable by the user \
                 who runs the service",
        patterns: &[
            ("No such file or directory: '{path}'", &[WRITTEN_DIRECTORY]),
            ("No such file or directory: '{path}'", &[Holds(&["/log/", "/logs/", "/result/", "/temp/"])]),
            ("No such file or directory: '{path}'", &[EndsIn(&[".log"])]),
            ("Permission denied: '{path}'", &[]),
            ("Read-only file system: '{path}'", &[]),
        ],
    },
    Cause {
        name: "broken-model",
        weight: Weight::Stops,
        rows: &[20],
        title: "a model or module file is missing, empty, partial, or something else",
        means: "a download broke off, or left an HTML page or a Git LFS pointer in its place",
        remedy: "fetch it again (the SDK's download.sh); head -c 200 FILE shows what it is, git lfs pull mends pointers",
        patterns: &[
            ("INVALID_PROTOBUF", &[]),
            ("nvalid protobuf", &[]),
            ("PytorchStreamReader failed", &[]),
            ("unexpected EOF, expected", &[]),
            ("invalid load key, ", &[]),
            ("Ran out of input", &[Above(&["torch", "pickle_module", "load(f"])]),
            ("NO_SUCHFILE : Load model from {word} failed", &[]),
            (
                "No such file or directory: '{path}'",
                &[EndsIn(&[".pt", ".pth", ".onnx", ".bin", ".safetensors"])],
            ),
            ("file too short", &[]),
            ("invalid ELF header", &[]),
        ],
    },
    Cause {
        name: "child-arguments",
        weight: Weight::Stops,
        rows: &[22],
        title: "a program was given arguments that it does not know",
        means: "spawn children inherit sys.argv, and the SDK parses it: the app's own options kill them",
        remedy: "in the app, set sys.argv = sys.argv[:1] once they are parsed, before the SDK is used",
        patterns: &[("unrecognized arguments: ", &[])],
    },
    Cause {
        name: "port-in-use",
        weight: Weight::Stops,
        rows: &[25],
        title: "the port is taken: {}",
        means: "another service listens there, or an earlier one of this has not ended",
        remedy: "stop it (ss -ltnp names it), or set another port in config/config.ini or by the server's option",
        patterns: &[
            ("('{_}', {port}): address already in use", &[]),
            ("Connection in use: ('{_}', {port})", &[]),
            (":{port}: bind: address already in use", &[]),
            ("Cannot find empty port in range: {port}", &[]),
            ("ddress already in use", &[]),
            ("port is already allocated", &[]),
        ],
    },
    Cause {
        name: "not-executable",
        weight: Weight::Stops,
        rows: &[26],
        title: "{} may not be executed",
        means: "it lacks the x bit, or its file system is mounted noexec",
        remedy: "chmod +x {}; a Python script needs no bit in heygem-run script.py",
        patterns: &[
            ("{word}: Permission denied", &[Ends, SCRIPT]),
            ("exec: \"{path}\": permission denied", &[]),
            ("'{path}': Permission denied", &[Ends, SCRIPT]),
        ],
    },
    Cause {
        name: "shm-full",
        weight: Weight::Stops,
        rows: &[27],
        title: "/dev/shm is too small",
        means: "large frames go through shared memory, of which Docker gives 64 MB",
        remedy: "docker run --shm-size 8g … (Compose: shm_size: 8gb; Kubernetes: an emptyDir of medium Memory on /dev/shm)",
        patterns: &[
            ("No space left on device: '{path}'", &[Begins(&["/dev/shm", "/psm_", "/torch_", "/pym-"])]),
            ("unable to write to file </torch_", &[]),
            ("is killed by signal: Bus error", &[]),
            ("unable to open shared memory object", &[]),
            ("Fatal Python error: Bus error", &[]),
            ("Bus error", &[Alone]),
        ],
    },
    Cause {
        name: "disk-full",
        weight: Weight::Stops,
        rows: &[],
        title: "a disk is full",
        means: "results, logs and temporary files have filled it",
        remedy: "df -h says which; remove old files below result, temp and log",
        patterns: &[("No space left on device", &[])],
    },
];
