//! Whole reports, in each of the wrappings in which logs arrive: each has its one cause, and what works has none.

use heygem_run::explain::judge_output;

/// What the log of a failure says, and the cause.
const REPORTS: &[(&str, &str)] = &[
    (
        "shm-full",
        "ERROR: Unexpected bus error encountered in worker. This might be caused by insufficient shared memory (shm).\nTraceback (most recent call last):\n  File \"/code/app.py\", line 31, in <module>\n    main()\nRuntimeError: DataLoader worker (pid 1234) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory. Please try to raise your shared memory limit.",
    ),
    (
        "gpu-memory",
        "Traceback (most recent call last):\n  File \"/opt/torch/nn/modules/conv.py\", line 460, in _conv_forward\n    return F.conv2d(input, weight, bias)\ntorch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 6.00 GiB total capacity; 5.12 GiB already allocated; 0 bytes free)",
    ),
    (
        "no-gpu-node",
        "Warning  FailedScheduling  12s  default-scheduler  0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
    ),
    (
        "out-of-memory",
        "    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137",
    ),
    (
        "registry-unreachable",
        "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
    ),
    (
        "port-in-use",
        "Error response from daemon: Ports are not available: exposing port TCP 0.0.0.0:8383 -> 0.0.0.0:0: listen tcp 0.0.0.0:8383: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted.",
    ),
    (
        "system-library",
        "Traceback (most recent call last):\n  File \"/code/face.py\", line 3, in <module>\n    import cv2\nImportError: libGL.so.1: cannot open shared object file: No such file or directory",
    ),
    (
        "service-down",
        "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.",
    ),
    (
        "out-of-memory",
        "Process 'ForkPoolWorker-1' pid:77 exited with 'signal 9 (SIGKILL)'\nTask handler raised error: WorkerLostError('Worker exited prematurely: signal 9 (SIGKILL) Job: 0.')\nTraceback (most recent call last):\n  File \"/opt/billiard/pool.py\", line 1265, in mark_as_worker_lost\n    raise WorkerLostError(\nbilliard.exceptions.WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL) Job: 0.",
    ),
    (
        "missing-package",
        "Exception in worker process\nTraceback (most recent call last):\n  File \"/opt/gunicorn/arbiter.py\", line 609, in spawn_worker\n    worker.init_process()\n  File \"/code/app.py\", line 4, in <module>\n    from flask_cors import CORS\nModuleNotFoundError: No module named 'flask_cors'\nWorker exiting (pid: 9)\nReason: Worker failed to boot.",
    ),
    (
        "odd-size",
        "[libx264 @ 0x55d0b2c3a0c0] height not divisible by 2 (1079x1921)\nError initializing output stream 0:0 -- Error while opening encoder for output stream #0:0 - maybe incorrect parameters such as bit_rate, rate, width or height\nConversion failed!",
    ),
    (
        "wrong-directory",
        "onnxruntime.capi.onnxruntime_pybind11_state.NoSuchFile: [ONNXRuntimeError] : 3 : NO_SUCHFILE : Load model from ./pretrain_models/face_detect.onnx failed:Load model ./pretrain_models/face_detect.onnx failed. File doesn't exist",
    ),
    (
        "onnx-version",
        "onnxruntime.capi.onnxruntime_pybind11_state.Fail: [ONNXRuntimeError] : 1 : FAIL : Load model from m.onnx failed:/onnxruntime_src/onnxruntime/core/graph/model.cc:146 onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::logging::Logger&) Unsupported model IR version: 10, max supported IR version: 9",
    ),
    (
        "weights-only",
        "Traceback (most recent call last):\n  File \"/code/app.py\", line 31, in <module>\n    main()\n_pickle.UnpicklingError: Weights only load failed. This file can still be loaded, to do so you have two options, do those steps only if you trust the source of the checkpoint.\n\t(1) In PyTorch 2.6, we changed the default value of the `weights_only` argument in `torch.load` from `False` to `True`.",
    ),
    (
        "numpy-2",
        "A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.0.1 as it may crash.\n\nTraceback (most recent call last):\n  File \"/code/app.py\", line 31, in <module>\n    main()\nRuntimeError: Numpy is not available",
    ),
    (
        "cuda-mix",
        "ImportError: /opt/torch/lib/../../nvidia/cusparse/lib/libcusparse.so.12: undefined symbol: __nvJitLinkComplete_12_4, version libnvJitLink.so.12",
    ),
    (
        "proxy",
        "requests.exceptions.ProxyError: HTTPSConnectionPool(host='huggingface.co', port=443): Max retries exceeded with url: /api/models/x (Caused by ProxyError('Cannot connect to proxy.', FileNotFoundError(2, 'No such file or directory')))",
    ),
    (
        "certificate",
        "requests.exceptions.SSLError: HTTPSConnectionPool(host='cdn-lfs.huggingface.co', port=443): Max retries exceeded with url: /a (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain (_ssl.c:1007)')))",
    ),
    (
        "read-only",
        "Traceback (most recent call last):\n  File \"/usr/lib/python3.8/pathlib.py\", line 1288, in mkdir\n    self._accessor.mkdir(self, mode)\nOSError: [Errno 30] Read-only file system: '/code/result'",
    ),
    (
        "gpu-fault",
        "terminate called after throwing an instance of 'c10::Error'\n  what():  CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be incorrect.",
    ),
    (
        "no-display",
        "qt.qpa.xcb: could not connect to display \nqt.qpa.plugin: Could not load the Qt platform plugin \"xcb\" in \"/opt/cv2/qt/plugins\" even though it was found.\nThis application failed to start because no Qt platform plugin could be initialized.",
    ),
    (
        "mount-source",
        "Error response from daemon: error while creating mount source path '/run/desktop/mnt/host/d/duix_avatar_data/face2face': mkdir /run/desktop/mnt/host/d: file exists",
    ),
    (
        "main-guard",
        "Traceback (most recent call last):\n  File \"/usr/lib/python3.8/multiprocessing/spawn.py\", line 136, in _check_not_importing_main\n    raise RuntimeError('''\nRuntimeError: \n        An attempt has been made to start a new process before the\n        current process has finished its bootstrapping phase.\n\n        This probably means that you are not using fork to start your\n        child processes and you have forgotten to use the proper idiom\n        in the main module:",
    ),
    (
        "no-compiler",
        "      error: command 'gcc' failed: No such file or directory\n      [end of output]\n  note: This error originates from a subprocess, and is likely not a problem with pip.\n  ERROR: Failed building wheel for webrtcvad",
    ),
    (
        "old-build-tools",
        "  error: subprocess-exited-with-error\n  × Getting requirements to build wheel did not run successfully.\n  │ exit code: 1\n      AttributeError: module 'pkgutil' has no attribute 'ImpImporter'. Did you mean: 'zipimporter'?",
    ),
    (
        "libcuda-name",
        "Could not load library libcudnn_cnn_infer.so.8. Error: libcuda.so: cannot open shared object file: No such file or directory\nAborted (core dumped)",
    ),
    (
        "unknown-host",
        "requests.exceptions.ConnectionError: HTTPConnectionPool(host='heygem-gen-video', port=8383): Max retries exceeded with url: /easy/query (Caused by NameResolutionError(\"<urllib3.connection.HTTPConnection object at 0x7f>: Failed to resolve 'heygem-gen-video' ([Errno -2] Name or service not known)\"))",
    ),
    (
        "gpu-failed",
        "NVRM: Xid (PCI:0000:01:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.",
    ),
    (
        "pydantic-gradio",
        "Traceback (most recent call last):\n  File \"/opt/gradio_client/utils.py\", line 863, in get_type\n    if \"const\" in schema:\nTypeError: argument of type 'bool' is not iterable",
    ),
    (
        "missing-package",
        "Form data requires \"python-multipart\" to be installed. \nYou can install \"python-multipart\" with: \n\npip install python-multipart\n\nTraceback (most recent call last):\n  File \"/code/app.py\", line 31, in <module>\n    main()\nRuntimeError: Form data requires \"python-multipart\" to be installed. ",
    ),
];

/// What works, or fails at something else.
const HEALTHY: &[&str] = &[
    "INFO:     10.0.0.7:1024 - \"POST /easy/submit?error=CUDA%20out%20of%20memory HTTP/1.1\" 500 Internal Server Error\nERROR:    Exception in ASGI application\nTraceback (most recent call last):\n  File \"/code/app.py\", line 31, in <module>\n    main()\nValueError: bad speed: must not be negative",
    "consumer: Connection to broker lost. Trying to re-establish the connection...\nTask tasks.render[5f] retry: Retry in 3s: ConnectionError('Connection refused')\nTask tasks.render[5f] succeeded in 1.2s: None",
    "ACPI BIOS Error (bug): Could not resolve symbol [\\_SB.PC00.LPCB.EC0], AE_NOT_FOUND (20220331/psargs-330)\nusb 1-3: device descriptor read/64, error -71\nr8169 0000:03:00.0: Unable to load firmware rtl_nic/rtl8168h-2.fw (-2)\nNVRM: loading NVIDIA UNIX x86_64 Kernel Module  535.154.05\nnvidia: module license 'NVIDIA' taints kernel.",
    "open() \"/usr/share/nginx/html/favicon.ico\" failed (2: No such file or directory), client: 172.18.0.1, server: localhost, request: \"GET /favicon.ico HTTP/1.1\", host: \"localhost:8080\"",
    "try:\n    import torch\nexcept ImportError as error:\n    raise RuntimeError(\"No module named 'torch': pip install torch\") from error\nif code == 137:\n    print(\"container was killed: exited with code 137\")\nlogger.error(\"CUDA out of memory. Tried to allocate %s\", size)\nprintf(\"Segmentation fault (core dumped)\\n\");\nERRORS = {\n    \"port\": \"[Errno 98] Address already in use\",\n    'lib': \"libcudnn.so.8: cannot open shared object file: No such file or directory\",\n}\n    console.write(\"\\nMemoryError\\n\")",
    "sshd[812]: Failed password for invalid user admin from 1.2.3.4 port 51234 ssh2\nsystemd[1]: heygem.service: Main process exited, code=exited, status=143/n/a\nsystemd[1]: Stopped HeyGem.",
    "checking for pthread_create in -lpthread... no\nconfigure: WARNING: cannot find libsndfile, building without\nconftest.c:12:10: fatal error: Python.h: No such file or directory\nconfig.status: creating Makefile",
    "Warning  Unhealthy  40s (x2 over 50s)  kubelet  Readiness probe failed: Get \"http://10.0.0.7:8383/\": dial tcp 10.0.0.7:8383: connect: connection refused\nNormal  Started  59s  kubelet  Started container app",
    "LOG:  database system is ready to accept connections\nERROR:  duplicate key value violates unique constraint \"x_pkey\"\nFATAL:  terminating connection due to administrator command\nLOG:  could not receive data from client: Connection reset by peer",
    "java.net.ConnectException: Connection refused (Connection refused)\n\tat java.net.PlainSocketImpl.socketConnect(Native Method)\nStarted App in 3.2 seconds",
    "任务:1002 开始处理\nface not detected in frame 12, use last\n{'code': 10000, 'data': {'code': '1002', 'msg': '任务完成', 'progress': 100, 'result': '/1002-r.mp4', 'status': 2}, 'msg': '', 'success': True}",
];

/// What is put around each line.
const WRAPPINGS: &[fn(&str) -> String] = &[
    |line| format!("{line}\n"),
    |line| format!("\u{1b}[31m{line}\u{1b}[0m\r\n"),
    |line| format!("heygem-gen-video  | {line}\n"),
    |line| format!("heygem-gen-video-1  | 2025-06-11T10:02:07.118123456Z {line}\n"),
    |line| format!("[pod/heygem-6b5/app] {line}\n"),
    |line| format!("2025-06-11T10:02:07.118123456Z stderr F {line}\n"),
    |line| format!("Jun 11 10:02:07 gpu01 heygem[77]: {line}\n"),
    |line| format!("2025-06-11 10:02:07,118 DEBG 'heygem' stderr output:\n{line}\n"),
    |line| format!("(Actor pid=77, ip=10.0.0.1) {line}\n"),
    |line| {
        format!("a  | {line}\nb  | INFO:     10.0.0.7:80 - \"GET /health HTTP/1.1\" 200 OK\nc  | {line}\n")
    },
    |line| {
        let text = serde_json::Value::from(format!("{line}\n"));
        format!("{{\"log\":{text},\"stream\":\"stderr\",\"time\":\"2025-06-11T10:02:07.118Z\"}}\n")
    },
];

/// What is not as expected, in any of the wrappings.
fn wrong(text: &str, expected: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for wrap in WRAPPINGS {
        let log: String = text.lines().map(wrap).collect();
        let names: Vec<_> = judge_output(log.as_bytes()).iter().map(|known| known.name).collect();
        if names != expected {
            wrong.push(format!("{expected:?}, but {names:?}:\n{log}"));
        }
    }
    wrong
}

#[test]
fn a_report_has_its_cause_in_any_wrapping() {
    let wrong: Vec<_> = REPORTS.iter().flat_map(|(name, text)| wrong(text, &[name])).collect();
    assert!(wrong.is_empty(), "{} wrong: {}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_works_has_no_cause_in_any_wrapping() {
    let wrong: Vec<_> = HEALTHY.iter().flat_map(|text| wrong(text, &[])).collect();
    assert!(wrong.is_empty(), "{} wrong: {}", wrong.len(), wrong.join("\n"));
}
