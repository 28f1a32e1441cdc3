//! What means nothing: logs of programs that work, and messages that say themselves that they may be passed over.

use super::causes;
use crate::support::place::Place;

const HEALTHY: &[&str] = &[
    "WARNING:root:xFormers not available: No module named 'xformers'",
    "A matching Triton is not available, some optimizations will not be enabled.\nError caught was: No module named 'triton'",
    "INFO tensorboard is not used: No module named 'tensorboard'",
    "DEBUG:apex: No module named 'apex', fall back to torch",
    "===================== test session starts ======================\ncollected 2 items\n\nt.py s.                                                   [100%]\n\n==================== PASSES ====================\n____ test_retry ____\n------ Captured log call ------\nWARNING  app:t.py:7 simulated: CUDA out of memory, will retry\nERROR    app:t.py:8 CUDA out of memory\n=========== short test summary info ============\nSKIPPED [1] t.py:10: could not import 'tensorrt': No module named 'tensorrt'\n============ 1 passed, 1 skipped in 0.12s ============",
    "2025-06-11 10:02:07.118 [E:onnxruntime:Default, provider_bridge_ort.cc:1744 TryGetProviderInfo_TensorRT] /onnxruntime_src/provider_bridge_ort.cc:1426 onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library libonnxruntime_providers_tensorrt.so with error: libnvinfer.so.8: cannot open shared object file: No such file or directory\n\n*************** EP Error ***************\nEP Error Please install TensorRT libraries when using ['TensorrtExecutionProvider', 'CUDAExecutionProvider', 'CPUExecutionProvider']\nFalling back to ['CUDAExecutionProvider', 'CPUExecutionProvider'] and retrying.\n****************************************\nApplied providers: ['CUDAExecutionProvider', 'CPUExecutionProvider'], with options: {}",
    "2025-06-11 10:02:07.118: W tensorflow/stream_executor/platform/default/dso_loader.cc:64] Could not load dynamic library 'libnvinfer.so.7'; dlerror: libnvinfer.so.7: cannot open shared object file: No such file or directory\n2025-06-11 10:02:07.118: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1532] Created device /job:localhost/replica:0/task:0/device:GPU:0 with 22000 MB memory",
    "2025-06-11 10:02:07.118: W tensorflow/stream_executor/platform/default/dso_loader.cc:64] Could not load dynamic library 'libcudart.so.11.0'; dlerror: libcudart.so.11.0: cannot open shared object file: No such file or directory\n2025-06-11 10:02:07.118: I tensorflow/stream_executor/cuda/cudart_stub.cc:29] Ignore above cudart dlerror if you do not have a GPU set up on your machine.",
    "/x/torchvision/io/image.py:13: UserWarning: Failed to load image Python extension: libtorch_cuda_cu.so: cannot open shared object file: No such file or directory\n  warn(f\"Failed to load image Python extension: {e}\")",
    "+ grep -c 'CUDA out of memory' x.log\n+ trap 'echo Killed; exit 137' TERM\n++ command -v ffmpeg",
    "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\n    assert free > need, \"CUDA out of memory\" if strict else \"small batch\"\nAssertionError: small batch",
    "INFO  port 8383: address already in use, using 8384 instead",
    "INFO:     127.0.0.1:1370 - \"GET /q?e=No module named 'einops' HTTP/1.1\" 200 OK\n127.0.0.1 - - [11/Jun/2025:10:02:07 +0000] \"GET /x?e=Killed: No space left on device HTTP/1.1\" 200 12 \"-\" \"curl\"",
    "[2025-06-11 10:02:07 +0000] [1] [INFO] Starting gunicorn 20.1.0\n[2025-06-11 10:02:07 +0000] [1] [INFO] Listening at: http://0.0.0.0:8383 (1)\n[2025-06-11 10:02:07 +0000] [7] [INFO] Booting worker with pid: 137\n[2025-06-11 10:02:09 +0000] [1] [INFO] Handling signal: term\n[2025-06-11 10:02:09 +0000] [7] [INFO] Worker exiting (pid: 137)\n[2025-06-11 10:02:39 +0000] [1] [ERROR] Worker (pid:137) was sent SIGKILL! Perhaps out of memory?\n[2025-06-11 10:02:39 +0000] [1] [INFO] Shutting down: Master",
    "^CGracefully Stopping... press Ctrl+C again to force\n Container heygem-tts  Stopping\nheygem-tts exited with code 137",
    "^CProcess SpawnPoolWorker-1:\nTraceback (most recent call last):\n  File \"/usr/lib/python3.8/multiprocessing/process.py\", line 315, in _bootstrap\n    self.run()\n  File \"/usr/lib/python3.8/multiprocessing/pool.py\", line 114, in worker\n    task = get()\nKeyboardInterrupt\nTraceback (most recent call last):\n  File \"app.py\", line 9, in <module>\n    pool.join()\nKeyboardInterrupt",
    "Exception ignored in: <function Pool.__del__ at 0x7f>\nTraceback (most recent call last):\n  File \"/usr/lib/python3.8/multiprocessing/pool.py\", line 268, in __del__\nModuleNotFoundError: No module named 'einops'",
    "WARNING:app:the optional enhancer failed to load\nTraceback (most recent call last):\n  File \"app.py\", line 3, in load\n    import gfpgan\nModuleNotFoundError: No module named 'gfpgan'\nINFO:app:goes on without it",
    "Traceback (most recent call last):\n  File \"/x/a.py\", line 3, in <module>\n    import tomllib\nModuleNotFoundError: No module named 'tomllib'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"/x/a.py\", line 5, in <module>\n    value = table['x']\nKeyError: 'x'",
    "  Running command python setup.py bdist_wheel\n  gcc -pthread -Wno-unused-result -c _configtest.c -o _configtest.o\n  _configtest.c:1:10: fatal error: mkl_cblas.h: No such file or directory\n  compilation terminated.\n  failure.\n  removing: _configtest.c _configtest.o\n  libraries mkl_rt not found in ['/usr/local/lib', '/usr/lib']\n  NOT AVAILABLE\n  Could not locate executable g77\n  building 'ext' extension\nSuccessfully built numpy",
    "debconf: delaying package configuration, since apt-utils is not installed\ninvoke-rc.d: could not determine current runlevel\ninvoke-rc.d: policy-rc.d denied execution of start.\nFailed to connect to bus: No such file or directory\nldconfig: /usr/lib/wsl/lib/libcuda.so.1 is not a symbolic link\nlocale: Cannot set LC_ALL to default locale: No such file or directory",
    "ffmpeg version 4.4.2 Copyright (c) 2000-2021\n[mp3float @ 0x55d0] Header missing\nError while decoding stream #0:0: Invalid data found when processing input\n[h264 @ 0x55d0] error while decoding MB 5 4, bytestream -7\nframe= 2500 fps=250 q=-1.0 Lsize=   10240kB time=00:01:40.00 bitrate= 838.9kbits/s speed=10x\nvideo:9000kB audio:1000kB",
    "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/einops/\nCollecting einops\nSuccessfully installed einops-0.6.1",
    "UserWarning: pkg_resources is deprecated as an API.\nFutureWarning: You are using `torch.load` with `weights_only=False`",
    "\"State\": {\"OOMKilled\": false, \"ExitCode\": 0}\nuser 'ann' not found\nfile not found: /tmp/x\nGPU 0: NVIDIA driver 550.54, CUDA 12.4\nls: cannot open directory '/root': Permission denied",
    "2024-05-05 10:00:00,137 [DEBUG] frame 137 of 1370, code 0, queue.Empty is handled\n2024-05-05 10:00:00,138 [INFO] Killed 3 stale tasks\n2024-05-05 10:00:00,138 [INFO] task 12 was Killed by its user\nProcess finished with exit code 0",
    "    raise RuntimeError('context has already been set')\nImportError: cannot import name 'a' from partially initialized module 'b' (most likely due to a circular import) (/b.py)\nAttributeError: 'NoneType' object has no attribute 'shape'\npython: No module named a.__main__; 'a' is a package and cannot be directly executed",
    "ERROR: ld.so: object '/x/libnone.so' from LD_PRELOAD cannot be preloaded (cannot open shared object file): ignored.",
    "heygem-run: warning: no bridge can be built (/x: no): child processes started by spawn will fail with No module named 'trans_dh_service'",
    "__CURSOR=s=1\n_CMDLINE=python -c raise ModuleNotFoundError: No module named 'einops'\nMESSAGE=fine\n\n",
    "Jun 11 10:02:07 h systemd[1]: heygem.service: Sent signal SIGKILL to main process 4242 (python3) on client request.\nJun 11 10:02:07 h systemd[1]: heygem.service: Main process exited, code=killed, status=9/KILL\nJun 11 10:02:07 h systemd[1]: heygem.service: Failed with result 'signal'.",
    "Killing heygem-f2f ... done\nheygem-f2f exited with code 137",
    " Container heygem-f2f  Killing\n Container heygem-f2f  Killed\nheygem-f2f exited with code 137",
    "[2024-05-01 10:00:30,123: ERROR/MainProcess] consumer: Cannot connect to redis://redis:6379/0: Error 111 connecting to redis:6379. Connection refused..\nTrying again in 2.00 seconds... (1/100)\n\n[2024-05-01 10:00:32,200: INFO/MainProcess] Connected to redis://redis:6379/0\n[2024-05-01 10:00:33,300: INFO/MainProcess] celery@heygem ready.",
    "tests/test_model.py::test_invalid_load_key XFAIL (UnpicklingError: invalid load key, 'v'.) [ 25%]\ntests/test_gpu.py::test_cuda SKIPPED (CUDA driver version is insufficient for CUDA runtime version) [ 33%]",
    "test_port (tests.test_net.TestNet) ... ok\ntest_pickle (tests.test_p.TestP) ... ERROR:root:_pickle.UnpicklingError: invalid load key, 'v'.\nERROR:root:CUDA out of memory\nok\ntest_more (tests.test_p.TestP) ... ERROR:root:Killed\nskipped 'no GPU'\n----------------------------------------------------------------------\nRan 3 tests in 0.120s\n\nOK (skipped=1)",
    "Error in sitecustomize; set PYTHONVERBOSE for traceback:\nModuleNotFoundError: No module named 'apport_python_hook'\nHello",
    "Error processing line 1 of /x/site-packages/a.pth:\n\n  Traceback (most recent call last):\n    File \"/usr/lib/python3.8/site.py\", line 169, in addpackage\n      exec(line)\n  ModuleNotFoundError: No module named 'einops'\n\nRemainder of file ignored",
    "*** Error loading script: wav2lip.py\n    Traceback (most recent call last):\n      File \"/x/modules/scripts.py\", line 527, in load_scripts\n        script_module = script_loading.load_module(scriptfile.path)\n    ModuleNotFoundError: No module named 'dlib'\n\n---\nRunning on local URL:  http://127.0.0.1:7860",
    "Traceback (most recent call last):\n  File \"/app/fetch.py\", line 10, in fetch\n    r = requests.get(url, timeout=3)\nrequests.exceptions.ConnectionError: HTTPConnectionPool(host='10.0.0.5', port=80): Max retries exceeded with url: / (Caused by NewConnectionError('<x>: Failed to establish a new connection: [Errno 111] Connection refused'))\nWARNING fetch failed, using the cached copy\nINFO served from cache in 0.2s",
    "Warning: caught exception 'Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU', memory monitor disabled\nLoading weights",
    "Traceback (most recent call last):\n  File \"/code/app.py\", line 12, in <module>\n    cfg2 = copy.deepcopy(cfg)\n  File \"/usr/lib/python3.8/copy.py\", line 161, in deepcopy\n    rv = reductor(4)\nTypeError: cannot pickle '_thread.lock' object",
];

#[test]
fn healthy_logs_have_no_cause() {
    let place = Place::new();
    let wrong: Vec<String> = HEALTHY
        .iter()
        .map(|log| (log, causes(&place, format!("{log}\n").as_bytes())))
        .filter(|(_, causes)| !causes.is_empty())
        .map(|(log, causes)| format!("{causes:?}: {log}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
