//! What people report, log by log: the one right answer, by its name and by the words that it must have or must not have.

use serde_json::Value;

use super::{causes, document};
use crate::support::place::Place;

/// A log, the cause, words of which the answer has all, words of which it has none.
type Report = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const GPU: &[Report] = &[
    (
        "Error response from daemon: unknown or invalid runtime name: nvidia",
        "no-nvidia-runtime",
        &["toolkit"],
        &[],
    ),
    (
        "ERROR: for tts  Cannot create container for service tts: Unknown runtime specified nvidia",
        "no-nvidia-runtime",
        &["toolkit"],
        &[],
    ),
    (
        "nvidia-container-cli: initialization error: WSL environment detected but no adapters were found: unknown",
        "wsl-no-gpu",
        &["wsl --update", "Windows"],
        &[],
    ),
    (
        "nvidia-container-cli: initialization error: nvml error: driver/library version mismatch: unknown\nFailed to initialize NVML: Driver/library version mismatch",
        "driver-mismatch",
        &["reboot"],
        &["update the"],
    ),
    (
        "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver to a newer version, or use an earlier cuda container: unknown",
        "old-driver",
        &["older", "host's driver"],
        &[],
    ),
    (
        "nvidia-container-cli: mount error: file creation failed: /var/lib/docker/overlay2/8e/merged/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1: file exists: unknown",
        "driver-in-image",
        &["image", "libnvidia-"],
        &[],
    ),
    (
        "RuntimeError: Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before calling NumCudaDevices() that might have already set an error? Error 500: named symbol not found",
        "cuda-unusable",
        &["update the NVIDIA driver", "restart"],
        &[],
    ),
    (
        "RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map your storages to the CPU.",
        "torch-no-gpu",
        &["--gpus", "driver", "CPU"],
        &["download"],
    ),
    (
        "ImportError: /usr/lib/x86_64-linux-gnu/libnvidia-ptxjitcompiler.so.1: file too short",
        "driver-stub",
        &["NVIDIA runtime", "--gpus"],
        &["download", "fetch"],
    ),
    (
        "2025-06-11 10:02:07.118: W tensorflow/stream_executor/platform/default/dso_loader.cc:64] Could not load dynamic library 'libcuda.so.1'; dlerror: libcuda.so.1: cannot open shared object file: No such file or directory\n2025-06-11 10:02:07.118: W tensorflow/stream_executor/cuda/cuda_driver.cc:269] failed call to cuInit: UNKNOWN ERROR (303)",
        "no-driver",
        &["driver", "--gpus"],
        &[],
    ),
    (
        "2025-06-11 10:02:07.118 [E:onnxruntime:Default, cuda_call.cc:116 CudaCall] CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=0 ; hostname=a ; expr=cudaSetDevice(info_.device_id);",
        "old-driver",
        &["older", "none", "--gpus"],
        &[],
    ),
    (
        "RuntimeError: CUDA error: no kernel image is available for execution on the device\nCUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be incorrect.",
        "gpu-too-new",
        &["RTX 50"],
        &[],
    ),
];

const LIBRARIES: &[Report] = &[
    (
        "2025-06-11 10:02:07.118 [E:onnxruntime:Default, provider_bridge_ort.cc:1862 TryGetProviderInfo_CUDA] LoadLibrary failed with error 126 \"\" when trying to load \"C:\\py\\Lib\\site-packages\\onnxruntime\\capi\\onnxruntime_providers_cuda.dll\"\nRuntimeError: CUDA_PATH is set but CUDA wasnt able to be loaded. Please install the correct version of CUDA and cuDNN as mentioned in the GPU requirements page",
        "cpu-fallback",
        &["CUDA or cuDNN"],
        &[],
    ),
    (
        "CUDNN failure 1: CUDNN_STATUS_NOT_INITIALIZED ; GPU=0 ; hostname=a",
        "cudnn-init",
        &["cuDNN", "memory"],
        &[],
    ),
    ("CUBLAS failure 1: CUBLAS_STATUS_NOT_INITIALIZED ; GPU=0", "cublas-init", &["CUDA", "memory"], &[]),
    ("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0", "gpu-memory", &["GPU's memory"], &[]),
    (
        "RuntimeError: cuDNN version incompatibility: PyTorch was compiled  against (9, 10, 2) but found runtime version (9, 1, 0). PyTorch already comes bundled with cuDNN. Looks like your LD_LIBRARY_PATH contains incompatible version of cudnn.",
        "cudnn-mix",
        &["LD_LIBRARY_PATH", "take"],
        &[],
    ),
    (
        "Unable to load any of {libcudnn_ops.so.9.1.0, libcudnn_ops.so.9.1, libcudnn_ops.so.9, libcudnn_ops.so}\nInvalid handle. Cannot load symbol cudnnCreateTensorDescriptor",
        "cuda-library",
        &["libcudnn_ops.so.9"],
        &[],
    ),
    (
        "ImportError: /x/torch/lib/libtorch_cpu.so: undefined symbol: iJIT_NotifyEvent",
        "mkl",
        &["mkl<2024.1"],
        &[],
    ),
    (
        "ImportError: /x/mmcv/_ext.cpython-37m-x86_64-linux-gnu.so: undefined symbol: _ZN3c105ErrorC2ENS_14SourceLocationE",
        "other-torch",
        &["another torch"],
        &[],
    ),
    (
        "OSError: /x/torch/lib/libgomp-d22c30c5.so.1: cannot allocate memory in static TLS block",
        "static-tls",
        &["LD_PRELOAD"],
        &["raise the limit"],
    ),
    (
        "ImportError: /x/onnxruntime/capi/onnxruntime_pybind11_state.cpython-38-x86_64-linux-gnu.so: cannot enable executable stack as shared object requires: Invalid argument",
        "executable-stack",
        &["2.41", "patchelf --clear-execstack", "newer"],
        &[],
    ),
    (
        "ImportError: /app/service/trans_dh_service.cpython-38-x86_64-linux-gnu.so: cannot open shared object file: No such file or directory",
        "other-architecture-module",
        &["architecture", "is there"],
        &["apt-get", "fetch"],
    ),
];

const CONTAINERS: &[Report] = &[
    (
        "WARNING: The requested image's platform (linux/arm64) does not match the detected host platform (linux/amd64/v3) and no specific platform was requested\nexec /opt/nvidia/nvidia_entrypoint.sh: exec format error",
        "other-architecture",
        &["architecture", "--platform linux/amd64"],
        &[],
    ),
    ("python3: No module named tools.api", "image-version", &["compose", "pull"], &["pip install"]),
    (
        "heygem-tts Pulling\n31f9 Downloading [==>    ]  10MB/300MB\nunexpected EOF\nunable to get image 'x': error during connect: Get \"http://%2F%2F.%2Fpipe%2FdockerDesktopLinuxEngine/v1.48/images/x/json\": open //./pipe/dockerDesktopLinuxEngine: The system cannot find the file specified.",
        "docker-down",
        &["does not run", "not pulled to its end"],
        &[],
    ),
    (
        "Error response from daemon: Ports are not available: exposing port TCP 0.0.0.0:8383 -> 0.0.0.0:0: listen tcp 0.0.0.0:8383: bind: An attempt was made to access a socket in a way forbidden by its access permissions.",
        "port-reserved",
        &["another port", "net stop winnat"],
        &[],
    ),
    ("exec /entrypoint.sh: no such file or directory", "line-ends", &["dos2unix", "sed -i 's/\\r$//'"], &[]),
    (
        "/bin/sh: /scripts/start.sh: /bin/bash^M: bad interpreter: No such file or directory",
        "line-ends",
        &["dos2unix"],
        &[],
    ),
    ("heygem-1 exited with code 137", "container-killed", &["memory"], &[]),
    (
        "Jun 11 10:02:07 h systemd[1]: heygem.service: State 'stop-sigterm' timed out. Killing.\nJun 11 10:02:07 h systemd[1]: heygem.service: Killing process 77 (python3) with signal SIGKILL.\nJun 11 10:02:07 h systemd[1]: heygem.service: Main process exited, code=killed, status=9/KILL\nJun 11 10:02:07 h systemd[1]: heygem.service: Failed with result 'timeout'.",
        "stop-timeout",
        &["TimeoutStopSec"],
        &["--memory"],
    ),
    ("OSError: [Errno 24] Too many open files", "open-files", &["ulimit -n", "file_system"], &[]),
];

const SERVERS: &[Report] = &[
    (
        "[2025-06-11 10:02:07 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:7)",
        "gunicorn-timeout",
        &["--timeout"],
        &["--memory"],
    ),
    (
        "[2025-06-11 10:02:07 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:7)\n[2025-06-11 10:02:08 +0000] [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?\n[2025-06-11 10:02:08 +0000] [9] [INFO] Booting worker with pid: 9",
        "gunicorn-timeout",
        &["--timeout"],
        &["--memory"],
    ),
    (
        "[2025-06-11 10:02:07 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:421)\n[2025-06-11 10:02:08 +0000] [1] [ERROR] Worker (pid:421) was sent code 134!",
        "gunicorn-timeout",
        &["--timeout"],
        &["--memory", "crash"],
    ),
    (
        "Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\n  File \"/usr/lib/python3.8/multiprocessing/spawn.py\", line 116, in spawn_main\n    exitcode = _main(fd, parent_sentinel)\n  File \"/usr/lib/python3.8/multiprocessing/spawn.py\", line 126, in _main\n    self = reduction.pickle.load(from_parent)\nEOFError: Ran out of input",
        "no-work",
        &["parent"],
        &["download.sh"],
    ),
    (
        "AttributeError: Can't get attribute 'f' on <module '__main__' (built-in)>",
        "main-not-importable",
        &["main script", "module"],
        &[],
    ),
    (
        "TypeError: can't pickle onnxruntime.capi.onnxruntime_pybind11_state.InferenceSession objects",
        "not-picklable",
        &["build it in the child"],
        &[],
    ),
];

const PACKAGES: &[Report] = &[
    ("ModuleNotFoundError: No module named 'mmcv._ext'", "mmcv-ops", &["mim install mmcv", "compiled"], &[]),
    ("ModuleNotFoundError: No module named 'mmcv.runner'", "mmcv-2", &["mmcv-full<2", "removed"], &[]),
    (
        "ImportError: cannot import name 'Mapping' from 'collections' (/usr/lib/python3.10/collections/__init__.py)",
        "old-name",
        &["3.10", "older Python", "newer version of the package"],
        &[],
    ),
    (
        "ModuleNotFoundError: No module named 'distutils.msvccompiler'",
        "distutils-compiler",
        &["'setuptools<74'"],
        &[],
    ),
    ("ModuleNotFoundError: No module named 'moviepy.editor'", "moviepy", &["moviepy==1.0.3"], &[]),
    ("ModuleNotFoundError: No module named 'pkg_resources'", "pkg-resources", &["'setuptools<81'"], &[]),
    ("ModuleNotFoundError: No module named 'distutils'", "distutils", &["3.12", "setuptools"], &[]),
    (
        "TypeError: mel() takes 0 positional arguments but 2 positional arguments (and 3 keyword-only arguments) were given",
        "librosa",
        &["librosa==0.9.1"],
        &[],
    ),
    ("AttributeError: module 'numpy' has no attribute 'complex'.", "numpy", &["'numpy<1.24'"], &[]),
    (
        "Traceback (most recent call last):\n  File \"/x/site-packages/gradio/routes.py\", line 1, in api_info\n    return app.get_blocks().get_api_info()\n  File \"/x/site-packages/gradio_client/utils.py\", line 863, in get_type\n    if \"const\" in schema:\nTypeError: argument of type 'bool' is not iterable\nTraceback (most recent call last):\n  File \"/app/app.py\", line 9, in <module>\n    demo.launch()\n  File \"/x/site-packages/gradio/blocks.py\", line 2465, in launch\n    raise ValueError(\nValueError: When localhost is not accessible, a shareable link must be created. Please set share=True or check your proxy settings to allow access to localhost.",
        "pydantic-gradio",
        &["pydantic==2.10.6"],
        &["no_proxy"],
    ),
    (
        "2025-06-11 10:02:07 got exception: No module named 'numexpr'\nTraceback (most recent call last):\n  File \"/usr/lib/python3.8/multiprocessing/queues.py\", line 108, in get\n    raise Empty\n_queue.Empty",
        "missing-package",
        &["pip install numexpr"],
        &[],
    ),
    ("ModuleNotFoundError: No module named 'zhconv'", "missing-package", &["pip install zhconv"], &[]),
    ("ModuleNotFoundError: No module named 'cv2'", "missing-package", &["opencv-python-headless"], &[]),
    ("_pickle.UnpicklingError: invalid load key, 'v'.", "lfs-pointer", &["git lfs pull"], &[]),
    ("_pickle.UnpicklingError: invalid load key, '\\x0d'.", "broken-model", &["fetch it again"], &[]),
];

const MEDIA: &[Report] = &[
    (
        "{'code': 10004, 'data': {}, 'msg': '任务不存在', 'success': True}\n[2025-06-11 10:02:07,118] [run.py[line:12] [ERROR] -> 三次获取音频时长失败",
        "input-files",
        &["/code/data", "mounted"],
        &[],
    ),
    (
        "/code/data/temp/a.mp4: No such file or directory\nTraceback (most recent call last):\n  File \"service/trans_dh_service.py\", line 9, in work\nException: format video error",
        "input-missing",
        &["/code/data/temp/a.mp4", "not at that path"],
        &[],
    ),
    (
        "[ERROR:0@7.1] global cap.cpp:166 open VIDEOIO(CV_IMAGES): raised OpenCV exception:\n\nOpenCV(4.9.0) /io/opencv/modules/videoio/src/cap_images.cpp:274: error: (-215:Assertion failed) number < max_number in function 'icvExtractPattern'\n\nException: format video error",
        "video-unreadable",
        &["video", "missing or broken"],
        &[],
    ),
    (
        "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55d0] moov atom not found\nx.mp4: Invalid data found when processing input",
        "broken-media",
        &["broken", "uploaded to its end"],
        &[],
    ),
    ("Unknown encoder 'libx264'", "ffmpeg-build", &["another ffmpeg", "libx264", "is installed"], &[]),
    (
        "requests.exceptions.ConnectionError: HTTPConnectionPool(host='heygem-tts', port=8080): Max retries exceeded with url: /v1/invoke (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused'))",
        "service-down",
        &["heygem-tts", "does not run", "restarts"],
        &[],
    ),
    (
        "Traceback (most recent call last):\n  File \"/usr/lib/python3.8/urllib/request.py\", line 1354, in do_open\n    h.request(req.get_method(), req.selector, req.data, headers,\n  File \"/usr/lib/python3.8/http/client.py\", line 950, in connect\n    self.sock = self._create_connection(\nConnectionRefusedError: [Errno 111] Connection refused\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"/app/a.py\", line 9, in <module>\n    urllib.request.urlopen(url)\n  File \"/usr/lib/python3.8/urllib/request.py\", line 1357, in do_open\n    raise URLError(err)\nurllib.error.URLError: <urlopen error [Errno 111] Connection refused>",
        "service-down",
        &["does not run"],
        &[],
    ),
    ("AxiosError: Request failed with status code 502", "bad-gateway", &["proxy", "down"], &[]),
    ("AxiosError: timeout of 180000ms exceeded", "client-timeout", &["gave up", "CPU", "stuck"], &[]),
    (
        "ValueError: When localhost is not accessible, a shareable link must be created. Please set share=True or check your proxy settings to allow access to localhost.",
        "localhost-proxy",
        &["no_proxy=localhost,127.0.0.1"],
        &["pydantic"],
    ),
];

const SHELLS: &[Report] = &[
    ("zsh:1: command not found: ffmpeg", "no-ffmpeg", &["ffmpeg is not installed"], &["'1'", "'zsh'"]),
    ("zsh: command not found: gunicorn", "no-command", &["no command 'gunicorn'"], &["'1'", "'zsh'"]),
    ("[1]+  Killed                  nohup python app.py", "out-of-memory", &["memory"], &[]),
    ("/bin/sh: 1: nvidia-smi: not found", "no-driver", &["driver"], &["install nvidia-smi"]),
    (
        "Jun 11 10:02:07 h kernel: python3[77]: segfault at 0 ip 00007f6a sp 00007ffd error 4 in libonnxruntime.so.1.16.0[7f6a0+1000]",
        "crashed",
        &["native code crashed"],
        &[],
    ),
    (
        "FileNotFoundError: [Errno 2] 没有那个文件或目录: 'config/config.ini'",
        "wrong-directory",
        &["relative path", "working directory"],
        &[],
    ),
    ("OSError: [Errno 28] 设备上没有空间", "disk-full", &["disk is full"], &[]),
];

/// Logs of several processes, and all that is told of them.
const SEVERAL: &[(&str, &[&str])] = &[
    (
        "[2024-05-01 10:00:00 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:7)\n[2024-05-01 10:00:01 +0000] [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?\n[2024-05-01 11:00:01 +0000] [1] [ERROR] Worker (pid:55) was sent SIGKILL! Perhaps out of memory?",
        &["gunicorn-timeout", "worker-killed"],
    ),
    (
        "worker-1  | [2024-05-01 10:00:00 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:7)\nworker-2  | [2024-05-01 10:00:01 +0000] [1] [ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?",
        &["gunicorn-timeout", "worker-killed"],
    ),
    (
        "heygem-tts-1  | RuntimeError: Found no NVIDIA driver on your system.\nheygem-tts-1 exited with code 1\nheygem-f2f-1  | requests.exceptions.ConnectionError: HTTPConnectionPool(host='heygem-tts', port=8080): Max retries exceeded with url: / (Caused by NewConnectionError('<x>: [Errno 111] Connection refused'))",
        &["no-driver"],
    ),
    (
        "heygem-f2f  | RuntimeError: Found no NVIDIA driver on your system.\nheygem-f2f  | requests.exceptions.ConnectionError: HTTPConnectionPool(host='heygem-tts', port=8080): Max retries exceeded with url: / (Caused by NewConnectionError('<x>: [Errno 111] Connection refused'))",
        &["no-driver", "service-down"],
    ),
    (
        "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.\nINFO Connected to amqp://rabbit:5672/",
        &["service-down"],
    ),
];

/// A log among what a service says besides.
fn in_context(log: &str) -> String {
    format!("INFO:     Started server process [7]\n{log}\nINFO:     Waiting for connections\n")
}

#[test]
fn each_report_has_its_one_right_answer() {
    let place = Place::new();
    let mut wrong = Vec::new();
    for (log, cause, has, lacks) in [GPU, LIBRARIES, CONTAINERS, SERVERS, PACKAGES, MEDIA, SHELLS].concat() {
        let document = document(&place, in_context(log).as_bytes());
        let causes = document["causes"].as_array().cloned().unwrap_or_default();
        let names: Vec<&str> = causes.iter().filter_map(|cause| cause["name"].as_str()).collect();
        let said: String = causes.iter().map(answer).collect();
        let is_right = names == [cause]
            && has.iter().all(|word| said.contains(word))
            && !lacks.iter().any(|word| said.contains(word));
        if !is_right {
            wrong.push(format!("{log}\n  is {cause} ({has:?}, not {lacks:?}), but {names:?}: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_several_processes_suffer_from_is_told_apart() {
    let place = Place::new();
    for (log, expected) in SEVERAL {
        assert_eq!(causes(&place, in_context(log).as_bytes()), *expected, "{log}");
    }
}

/// All that an answer says.
fn answer(cause: &Value) -> String {
    ["title", "means", "remedy"].map(|part| cause[part].as_str().unwrap_or_default()).join("; ")
}
