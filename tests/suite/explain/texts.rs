//! What others' logs say, row by row of the catalogue of failures, in whatever a log wraps it; and what means nothing.

use std::collections::BTreeSet;

use super::causes;
use crate::support::place::Place;

/// Rows of the catalogue, which no log shows: LD_LIBRARY_PATH set too late; docker exec and sudo, which look like row 6.
const INVISIBLE: [u8; 3] = [12, 34, 35];
const ROWS: u8 = 35;

/// Row (0: in no catalogue), text, cause.
const TEXTS: &[(u8, &str, &str)] = &[
    (1, "ModuleNotFoundError: No module named 'trans_dh_service'", "bare-name"),
    (
        1,
        "_pickle.PicklingError: Can't pickle <function f at 0x7f>: import of module 'trans_dh_service' failed",
        "bare-name",
    ),
    (2, "ImportError: attempted relative import with no known parent package", "package-directory"),
    (3, "_queue.Empty", "child-died"),
    (
        3,
        "concurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated abruptly",
        "child-died",
    ),
    (4, "ModuleNotFoundError: No module named 'service.trans_dh_service'", "sdk-module"),
    (4, "ModuleNotFoundError: No module named 'h_utils.custom'", "sdk-module"),
    (
        5,
        "ImportError: cannot import name 'trans_dh_service' from 'service' (/app/service/__init__.py)",
        "sdk-module",
    ),
    (
        5,
        "ModuleNotFoundError: No module named 'service.trans_dh_service'; 'service' is not a package",
        "shadowed",
    ),
    (6, "ModuleNotFoundError: No module named 'service'", "sdk-not-on-path"),
    (6, "ModuleNotFoundError: No module named 'landmark2face_wy'", "sdk-not-on-path"),
    (7, "AttributeError: 'NoneType' object has no attribute 'TransDhTask'", "import-swallowed"),
    (7, "NameError: name 'TransDhTask' is not defined", "import-swallowed"),
    (
        8,
        "ImportError: cannot import name 'check_argument_types' from 'typeguard' (/usr/lib/typeguard/__init__.py)",
        "typeguard",
    ),
    (
        0,
        "ImportError: cannot import name 'resample' from 'librosa.core' (/usr/lib/librosa/core/__init__.py)",
        "package-version",
    ),
    (1, "/usr/bin/python3: No module named trans_dh_service", "bare-name"),
    (0, "PermissionError: [Errno 13] Permission denied: '/app/sdk/service/__init__.py'", "not-readable"),
    (
        0,
        "ImportError: /app/sdk/h_utils/custom.so: cannot open shared object file: Permission denied",
        "not-readable",
    ),
    (0, "AttributeError: module 'numpy' has no attribute 'bool'.", "numpy"),
    (0, "A module that was compiled using NumPy 1.x cannot be run in", "numpy"),
    (0, "ImportError: numpy.core.multiarray failed to import", "numpy"),
    (
        0,
        "ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject",
        "numpy",
    ),
    (0, "TypeError: Descriptors cannot not be created directly.", "protobuf"),
    (0, "TypeError: Descriptors cannot be created directly.", "protobuf"),
    (0, "RuntimeError: CUDA error: out of memory", "gpu-memory"),
    (
        0,
        "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "gpu-memory",
    ),
    (
        0,
        "BFCArena::AllocateRawInternal(size_t, bool) Failed to allocate memory for requested buffer of size 6291456",
        "gpu-memory",
    ),
    (0, "start.sh: line 3:    33 Segmentation fault      (core dumped) python app.py", "crashed"),
    (0, "Fatal Python error: Segmentation fault", "crashed"),
    (0, "service exited with code 139", "crashed"),
    (0, "[ERROR] Worker (pid:12) was sent SIGSEGV!", "crashed"),
    (0, "svc.service: Main process exited, code=dumped, status=11/SEGV", "crashed"),
    (9, "ModuleNotFoundError: No module named 'einops'", "missing-package"),
    (9, "ModuleNotFoundError: No module named 'torch._C'", "missing-package"),
    (9, "/usr/bin/python3: No module named uvicorn", "missing-package"),
    (0, "ERROR:    Error loading ASGI app. Could not import module \"fastapi_app\".", "app-not-found"),
    (
        10,
        "ImportError: libcudnn.so.9: cannot open shared object file: No such file or directory",
        "cuda-library",
    ),
    (
        10,
        "OSError: libcublasLt.so.11: cannot open shared object file: No such file or directory",
        "cuda-library",
    ),
    (
        10,
        "Could not load library libcudnn_ops_infer.so.8. Error: libcudnn_ops_infer.so.8: cannot open shared object file",
        "cuda-library",
    ),
    (
        10,
        "Unable to load any of {libcudnn_ops.so.9.1.0, libcudnn_ops.so.9.1, libcudnn_ops.so.9, libcudnn_ops.so}",
        "cuda-library",
    ),
    (
        10,
        "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
        "system-library",
    ),
    (13, "ImportError: libcuda.so.1: cannot open shared object file: No such file or directory", "no-driver"),
    (
        11,
        "[E:onnxruntime:Default, provider_bridge_ort.cc:1480] Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.11: cannot open shared object file: No such file or directory",
        "cuda-library",
    ),
    (11, "Failed to load library libonnxruntime_providers_cuda.so", "cpu-fallback"),
    (
        11,
        "[W:onnxruntime:Default, onnxruntime_pybind_state.cc:747] Failed to create CUDAExecutionProvider. Please reference https://onnxruntime.ai",
        "cpu-fallback",
    ),
    (
        13,
        "RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU",
        "no-driver",
    ),
    (
        13,
        "docker: Error response from daemon: could not select device driver \"\" with capabilities: [[gpu]].",
        "no-driver",
    ),
    (13, "run.sh: line 2: nvidia-smi: command not found", "no-driver"),
    (
        14,
        "RuntimeError: CUDA error: CUDA driver version is insufficient for CUDA runtime version",
        "old-driver",
    ),
    (15, "RuntimeError: CUDA error: no kernel image is available for execution on the device", "gpu-too-new"),
    (
        15,
        "NVIDIA GeForce RTX 5090 with CUDA capability sm_120 is not compatible with the current PyTorch installation.",
        "gpu-too-new",
    ),
    (16, "sh: 1: ffmpeg: not found", "no-ffmpeg"),
    (16, "bash: ffmpeg: command not found", "no-ffmpeg"),
    (16, "FileNotFoundError: [Errno 2] No such file or directory: 'ffprobe'", "no-ffmpeg"),
    (17, "Exception: format video error", "video-format"),
    (18, "FileNotFoundError: [Errno 2] No such file or directory: 'config/config.ini'", "wrong-directory"),
    (
        18,
        "FileNotFoundError: [Errno 2] No such file or directory: 'wenet/examples/aishell/aidata/exp/conformer/wenetmodel.pt'",
        "wrong-directory",
    ),
    (18, "configparser.NoSectionError: No section: 'http_server'", "wrong-directory"),
    (19, "FileNotFoundError: [Errno 2] No such file or directory: './log/dh.log'", "not-writable"),
    (19, "FileNotFoundError: [Errno 2] No such file or directory: '/app/sdk/log/dh.log'", "not-writable"),
    (19, "PermissionError: [Errno 13] Permission denied: '/code/log/dh.log'", "not-writable"),
    (
        20,
        "onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf: [ONNXRuntimeError] : 7 : INVALID_PROTOBUF : Load model from a.onnx failed:Protobuf parsing failed.",
        "broken-model",
    ),
    (
        20,
        "RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory",
        "broken-model",
    ),
    (
        20,
        "RuntimeError: unexpected EOF, expected 1042 more bytes. The file might be corrupted.",
        "broken-model",
    ),
    (20, "_pickle.UnpicklingError: invalid load key, '<'.", "broken-model"),
    (
        20,
        "ImportError: /sdk/service/trans_dh_service.cpython-38-x86_64-linux-gnu.so: file too short",
        "broken-model",
    ),
    (21, "FileNotFoundError: [Errno 2] No such file or directory: '/code'", "container-path"),
    (22, "app.py: error: unrecognized arguments: --port 8383", "child-arguments"),
    (
        23,
        "RuntimeError: Cannot re-initialize CUDA in forked subprocess. To use CUDA with multiprocessing, you must use the 'spawn' start method",
        "cuda-after-fork",
    ),
    (24, "run.sh: line 3: gunicorn: command not found", "no-command"),
    (24, "/entry.sh: 3: celery: not found", "no-command"),
    (24, "exec: \"gunicorn\": executable file not found in $PATH: unknown", "no-command"),
    (
        25,
        "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8383): address already in use",
        "port-in-use",
    ),
    (25, "[ERROR] Connection in use: ('0.0.0.0', 8000)", "port-in-use"),
    (25, "listen tcp4 0.0.0.0:8383: bind: address already in use", "port-in-use"),
    (25, "Bind for 0.0.0.0:8383 failed: port is already allocated.", "port-in-use"),
    (26, "bash: ./run.sh: Permission denied", "not-executable"),
    (26, "env: ‘./run.py’: Permission denied", "not-executable"),
    (26, "exec: \"/app/run\": permission denied: unknown", "not-executable"),
    (27, "OSError: [Errno 28] No space left on device: '/dev/shm/sem.mp-abc'", "shm-full"),
    (
        27,
        "RuntimeError: DataLoader worker (pid 7) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory.",
        "shm-full",
    ),
    (27, "Bus error (core dumped)", "shm-full"),
    (0, "OSError: [Errno 28] No space left on device", "disk-full"),
    (28, "任务视频驱动队列满，严重阻塞，下游队列异常", "queue-full"),
    (29, "RuntimeError: context has already been set", "start-method"),
    (30, "An attempt has been made to start a new process before the", "main-guard"),
    (
        31,
        "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /usr/bin/x)",
        "old-system",
    ),
    (31, "/lib/libstdc++.so.6: version `GLIBCXX_3.4.29' not found", "old-system"),
    (32, "ImportError: /sdk/x.so: undefined symbol: _PyThreadState_Current", "other-python"),
    (
        32,
        "ImportError: dynamic module does not define module export function (PyInit_trans_dh_service)",
        "other-python",
    ),
    (
        32,
        "ImportError: libpython3.8.so.1.0: cannot open shared object file: No such file or directory",
        "python-library",
    ),
    (0, "ImportError: /x/fused.so: undefined symbol: _ZN3c104impl8GPUTraceE", "library-mix"),
    (33, "Killed", "out-of-memory"),
    (33, "run.sh: line 4:    12 Killed                  python app.py", "out-of-memory"),
    (33, "svc-1 exited with code 137", "out-of-memory"),
    (33, "[ERROR] Worker (pid:12) was sent SIGKILL! Perhaps out of memory?", "out-of-memory"),
    (0, "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB", "gpu-memory"),
];

/// How logs wrap a line.
const WRAPS: &[(&str, &str)] = &[
    ("", "\n"),
    ("", ""),
    ("svc-1  | ", "\r\n"),
    ("2024-05-05T10:00:00.123456789Z ", "\n"),
    ("Nov 24 07:38:00 host run.sh[123]: ", "\n"),
    ("\x1b[1;31m", "\x1b[0m\n"),
    ("    | ", "\n"),
    ("  50%|█████     | 5/10\r", "\r\n"),
    ("{\"log\":\"", "\\n\",\"stream\":\"stderr\",\"time\":\"2024-05-05T10:00:00Z\"}\n"),
    ("\u{feff}", " \n"),
];

#[test]
fn every_text_has_its_cause_and_no_other() {
    let place = Place::new();
    for (row, text, cause) in TEXTS {
        assert_eq!(
            causes(&place, format!("INFO: start\n{text}\n").as_bytes()),
            [*cause],
            "row {row}: {text}"
        );
    }
}

#[test]
fn whatever_a_log_puts_around_a_line_its_cause_is_found() {
    let place = Place::new();
    let all: BTreeSet<&str> = TEXTS.iter().map(|(_, _, cause)| *cause).collect();
    for (before, after) in WRAPS {
        let log: String = TEXTS.iter().map(|(_, text, _)| format!("{before}{text}{after}\n")).collect();
        let found = causes(&place, log.as_bytes());
        let found: BTreeSet<&str> = found.iter().map(|name| &**name).collect();
        assert_eq!(found, all, "{before:?} {after:?}");
    }
}

#[test]
fn every_row_that_a_log_can_show_has_a_text_and_a_pattern() {
    let texts: BTreeSet<u8> = TEXTS.iter().map(|(row, ..)| *row).filter(|row| *row > 0).collect();
    let visible: BTreeSet<u8> = (1..=ROWS).filter(|row| !INVISIBLE.contains(row)).collect();
    assert_eq!(texts, visible);
    let known = heygem_run::doctor::patterns::causes().flat_map(|cause| cause.rows).copied();
    assert_eq!(known.collect::<BTreeSet<u8>>(), (1..=ROWS).collect());
}

#[test]
fn every_cause_has_a_text() {
    let texts: BTreeSet<&str> = TEXTS.iter().map(|(_, _, cause)| *cause).collect();
    let causes: BTreeSet<&str> = heygem_run::doctor::patterns::causes().map(|cause| cause.name).collect();
    assert_eq!(texts, causes);
}

#[test]
fn a_healthy_log_has_no_cause() {
    let place = Place::new();
    let log = "\
INFO:     Started server process [7]
INFO:     Waiting for application startup.
INFO:     Application startup complete.
INFO:     Uvicorn running on http://0.0.0.0:8383 (Press CTRL+C to quit)
INFO:     127.0.0.1:1370 - \"GET /not found HTTP/1.1\" 404 Not Found
INFO:     127.0.0.1:137 - \"GET /missing HTTP/1.1\" 200 OK
[2024-05-05 10:00:00 +0000] [7] [INFO] Booting worker with pid: 137
2024-05-05 10:00:00,137 [DEBUG] frame 137 of 1370, code 0, queue.Empty is handled
2024-05-05 10:00:00,138 [INFO] Killed 3 stale tasks
2024-05-05 10:00:00,138 [INFO] task 12 was Killed by its user
Process finished with exit code 0
GPU 0: NVIDIA driver 550.54, CUDA 12.4
user 'ann' not found
file not found: /tmp/x
INFO: the face could not be found in frame 12; cannot find a face
    raise RuntimeError('context has already been set')
ERROR: ld.so: object '/x/libnone.so' from LD_PRELOAD cannot be preloaded (cannot open shared object file): ignored.
ImportError: cannot import name 'a' from partially initialized module 'b' (most likely due to a circular import) (/b.py)
AttributeError: 'NoneType' object has no attribute 'shape'
python: No module named a.__main__; 'a' is a package and cannot be directly executed
\"State\": {\"OOMKilled\": false, \"ExitCode\": 0}
ls: cannot open directory '/root': Permission denied
heygem-run: warning: no bridge can be built (/x: no): children started by spawn will die of No module named 'trans_dh_service'
";
    assert_eq!(causes(&place, log.as_bytes()), [""; 0]);
}
