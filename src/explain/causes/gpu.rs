//! The GPU that a container is not given, the driver that can't be used, and memory on the GPU.

use super::cause::Condition::{AnyLevel, Begins, Is, Lacks, Says};
use super::cause::Source::{Catalogue, Program, Reports};
use super::cause::{Cause, Condition, Weight};

/// What belongs to the driver, and no image has.
const DRIVER: Condition = Begins(&["libcuda.so", "libnvidia", "libnvcuvid"]);
const RUN_WITH_GPU: &str = "docker run --gpus all … (Compose: deploy.resources.reservations.devices) with the NVIDIA container toolkit \
    on the host; nvidia-smi, on the host and in the container, says what each sees";

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "no-nvidia-runtime",
        title: "Docker has no NVIDIA runtime, so it can't give the GPU to a container",
        chinese: "Docker 没有 NVIDIA 运行时",
        means: "the NVIDIA container toolkit is not installed on the host, or Docker was not told of it, or not restarted since",
        remedy: "on the host, install the package nvidia-container-toolkit (from NVIDIA's repository); then: sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker",
        source: Program("NVIDIA container toolkit: installing"),
        rules: &[
            ("nknown or invalid runtime name: nvidia", &[]),
            ("nknown runtime specified nvidia", &[]),
            ("could not select device driver", &[Says(&["gpu", "nvidia"])]),
            ("nvidia-container-runtime\": executable file not found", &[]),
            ("nvidia-container-runtime-hook\": executable file not found", &[]),
            ("nvidia-container-runtime: no such file or directory", &[]),
            ("failed to discover GPU vendor from CDI", &[]),
        ],
        tells: &[
            "Error response from daemon: unknown or invalid runtime name: nvidia",
            "ERROR: for tts  Cannot create container for service tts: Unknown runtime specified nvidia",
            "docker: Error response from daemon: could not select device driver \"\" with capabilities: [[gpu]].",
            "Error response from daemon: could not select device driver \"nvidia\" with capabilities: [[gpu]]",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-cdi-device",
        title: "the container engine has no description of the GPU: {}",
        chinese: "容器引擎没有 GPU 的 CDI 描述",
        means: "podman, and Docker with CDI, know GPUs by a file that the NVIDIA container toolkit writes",
        remedy: "on the host: sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml, again after each update of the driver",
        source: Program("NVIDIA container toolkit: CDI"),
        rules: &[("unresolvable CDI devices {word}", &[])],
        tells: &["Error: setting up CDI devices: unresolvable CDI devices nvidia.com/gpu=all"],
        ..Cause::ROW
    },
    Cause {
        name: "wsl-no-gpu",
        title: "WSL shows no GPU",
        chinese: "WSL 看不到显卡",
        means: "WSL2 or the Windows driver is too old, or Windows itself sees no NVIDIA GPU",
        remedy: "in Windows: wsl --update, install the newest NVIDIA driver for Windows (none inside WSL), wsl --shutdown, and start Docker Desktop again",
        source: Program("NVIDIA: CUDA on WSL"),
        rules: &[
            ("WSL environment detected but no adapters were found", &[]),
            ("GPU access blocked by the operating system", &[]),
        ],
        tells: &[
            "nvidia-container-cli: initialization error: WSL environment detected but no adapters were found: unknown",
            "Failed to initialize NVML: GPU access blocked by the operating system",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "driver-mismatch",
        title: "the host's NVIDIA driver was updated but not reloaded",
        chinese: "宿主机显卡驱动更新后没有重新加载",
        means: "the kernel still runs the old driver module, and the libraries are already the new ones",
        remedy: "restart the host (sudo reboot)",
        source: Program("NVIDIA: NVML, NVML_ERROR_LIB_RM_VERSION_MISMATCH"),
        rules: &[("river/library version mismatch", &[])],
        tells: &[
            "nvidia-container-cli: initialization error: nvml error: driver/library version mismatch: unknown",
            "Failed to initialize NVML: Driver/library version mismatch",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "driver-not-loaded",
        title: "the host's NVIDIA driver is not loaded",
        chinese: "宿主机没有加载 NVIDIA 驱动",
        means: "it is not installed, or the kernel was updated and the driver's module was not built for it, or Secure Boot refuses it",
        remedy: "on the host: nvidia-smi has to work first; install the driver for the kernel that runs, and restart the host",
        source: Program("NVIDIA: the Linux driver's manual"),
        rules: &[
            ("couldn't communicate with the NVIDIA driver", &[]),
            ("nvml error: driver not loaded", &[]),
            ("Failed to initialize NVML: Driver Not Loaded", &[]),
            ("load library failed: libnvidia-ml.so.1: cannot open shared object file", &[]),
        ],
        tells: &[
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
            "nvidia-container-cli: initialization error: nvml error: driver not loaded: unknown",
            "nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory: unknown",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "gpu-lost",
        title: "the container has lost its GPU",
        chinese: "容器运行中失去了 GPU",
        means: "systemd reloaded its units on the host, and took away the devices that the container had been given",
        remedy: "restart the container; to keep it from happening: in /etc/docker/daemon.json \"exec-opts\": [\"native.cgroupdriver=cgroupfs\"], then sudo systemctl restart docker",
        source: Program("NVIDIA container toolkit: troubleshooting"),
        rules: &[("Failed to initialize NVML: Unknown Error", &[])],
        tells: &["Failed to initialize NVML: Unknown Error"],
        ..Cause::ROW
    },
    Cause {
        name: "driver-in-image",
        title: "the image has the NVIDIA driver's own libraries in it: {}",
        chinese: "镜像里带有显卡驱动自己的库",
        means: "it was committed from a running container; the runtime mounts the host's files at the same paths and finds them taken",
        remedy: "build the image without them, in a Dockerfile FROM it: RUN rm -f /usr/lib/x86_64-linux-gnu/libnvidia-*.so* /usr/lib/x86_64-linux-gnu/libcuda.so* /usr/lib/x86_64-linux-gnu/libnvcuvid.so*",
        source: Reports,
        rules: &[
            ("mount error: file creation failed: {object}: file exists", &[]),
            ("mount error: file creation failed: {path}: file exists", &[]),
        ],
        tells: &[
            "nvidia-container-cli: mount error: file creation failed: /var/lib/docker/overlay2/ab/merged/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1: file exists: unknown",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "driver-stub",
        title: "the container was started without the NVIDIA runtime, and has an empty placeholder in place of the driver's library: {}",
        chinese: "容器没有用 NVIDIA 运行时启动，驱动库只是空文件",
        means: "the driver's libraries come from the host when the container starts; the files of that name in the image are empty",
        remedy: RUN_WITH_GPU,
        source: Reports,
        rules: &[("{library}: file too short", &[DRIVER]), ("CUDA driver is a stub library", &[])],
        tells: &[
            "ImportError: /usr/lib/x86_64-linux-gnu/libnvidia-ptxjitcompiler.so.1: file too short",
            "OSError: /usr/lib/x86_64-linux-gnu/libcuda.so.1: file too short",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "video-capability",
        title: "the container has no access to the driver's video libraries: {}",
        chinese: "容器没有显卡驱动的视频编解码部分",
        means: "NVENC and NVDEC are given only to containers that ask for the capability video",
        remedy: "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all … (Compose: environment)",
        source: Program("NVIDIA container toolkit: driver capabilities"),
        rules: &[
            (
                "Cannot load {library}",
                &[Is(&["libnvidia-encode.so.1", "libnvcuvid.so.1", "libnvidia-encode.so"])],
            ),
            ("{library}: cannot open shared object file", &[Begins(&["libnvidia-encode", "libnvcuvid"])]),
        ],
        tells: &["[h264_nvenc @ 0x55d0] Cannot load libnvidia-encode.so.1"],
        ..Cause::ROW
    },
    Cause {
        name: "libcuda-name",
        title: "the driver's library is not found by the name libcuda.so",
        chinese: "找不到 libcuda.so（驱动只提供 libcuda.so.1）",
        means: "cuDNN asks for that name, and the driver has it as libcuda.so.1, in WSL in a directory of its own",
        remedy: "in WSL: heygem-run -L /usr/lib/wsl/lib …; elsewhere: ldconfig -p | grep libcuda names its directory, and there: sudo ln -s libcuda.so.1 libcuda.so; where it names none: docker run --gpus all …",
        source: Program("NVIDIA: CUDA on WSL, known limitations"),
        rules: &[("Error: {library}: cannot open shared object file", &[Is(&["libcuda.so"])])],
        tells: &[
            "Could not load library libcudnn_cnn_infer.so.8. Error: libcuda.so: cannot open shared object file: No such file or directory",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-driver",
        title: "no NVIDIA driver is visible",
        chinese: "看不到 NVIDIA 驱动",
        means: "the container was started without the GPU, or the machine has no driver; libcuda.so.1 belongs to the driver, and no CUDA package contains it",
        remedy: RUN_WITH_GPU,
        source: Catalogue(&[13]),
        rules: &[
            ("Found no NVIDIA driver on your system", &[AnyLevel]),
            ("{library}: cannot open shared object file", &[DRIVER]),
            ("Could not load dynamic library '{library}'", &[DRIVER, AnyLevel]),
            ("Could not load library {library}", &[DRIVER]),
            ("Cannot load {library}", &[DRIVER]),
            ("failed call to cuInit: UNKNOWN ERROR (303)", &[AnyLevel]),
            ("{word}: command not found$", &[SMI]),
            ("command not found: {word}$", &[SMI]),
            ("{n}: {word}: not found$", &[SMI]),
            ("sh: {word}: not found$", &[SMI]),
            ("exec: \"{word}\": executable file not found", &[SMI]),
            ("No such file or directory: '{path}'", &[SMI]),
            ("'{word}' is not recognized as an internal or external command", &[SMI]),
        ],
        tells: &[
            "RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU",
            "/x/torch/cuda/__init__.py:107: UserWarning: CUDA initialization: Found no NVIDIA driver on your system.",
            "ImportError: libcuda.so.1: cannot open shared object file: No such file or directory",
            "2025-06-11 10:02:07.118: W tensorflow/stream_executor/platform/default/dso_loader.cc:64] Could not load dynamic library 'libcuda.so.1'; dlerror: libcuda.so.1: cannot open shared object file: No such file or directory",
            "run.sh: line 2: nvidia-smi: command not found",
            "/bin/sh: 1: nvidia-smi: not found",
            "zsh: command not found: nvidia-smi",
            "exec: \"nvidia-smi\": executable file not found in $PATH: unknown",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "fabric-manager",
        title: "the GPUs need NVIDIA's fabric manager, which is not running",
        chinese: "缺少 NVIDIA Fabric Manager",
        means: "machines with NVSwitch need this service, in the driver's own version",
        remedy: "on the host, install nvidia-fabricmanager of the driver's own version, then: sudo systemctl enable --now nvidia-fabricmanager",
        source: Program("NVIDIA: fabric manager user guide"),
        rules: &[
            ("Error 802: system not yet initialized", &[AnyLevel]),
            ("CUDA error: system not yet initialized", &[]),
        ],
        tells: &[
            "RuntimeError: Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before calling NumCudaDevices() that might have already set an error? Error 802: system not yet initialized",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-such-gpu",
        title: "the program asks for a GPU number that does not exist",
        chinese: "指定的 GPU 编号不存在",
        means: "CUDA_VISIBLE_DEVICES, the container or the app names a GPU that this machine or container does not have; the first is 0",
        remedy: "nvidia-smi -L lists them; correct the number, or unset CUDA_VISIBLE_DEVICES",
        source: Program("CUDA: cudaErrorInvalidDevice"),
        rules: &[("invalid device ordinal", &[]), ("device error: {word}: unknown device", &[])],
        tells: &[
            "RuntimeError: CUDA error: invalid device ordinal",
            "nvidia-container-cli: device error: 1: unknown device: unknown",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "cuda-unusable",
        title: "CUDA can't use the NVIDIA driver that is there",
        chinese: "CUDA 无法使用现有的显卡驱动",
        means: "the driver does not match this CUDA, or is in a bad state after an update or standby; an old WSL or Docker Desktop has the same effect",
        remedy: "update the NVIDIA driver of the host (with WSL: that of Windows, and wsl --update, then wsl --shutdown), and restart the machine",
        source: Reports,
        rules: &[
            (
                "Unexpected error from cudaGetDeviceCount()",
                &[AnyLevel, Lacks(&["Error 2:", "out of memory", "Error 35:", "Error 100:"])],
            ),
            ("CUDA unknown error - this may be due to", &[AnyLevel]),
            ("forward compatibility was attempted on non supported HW", &[]),
            ("system has unsupported display driver / cuda driver combination", &[]),
            ("CUDA error: named symbol not found", &[]),
            ("CUDA failure 500: named symbol not found", &[]),
        ],
        tells: &[
            "RuntimeError: Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before calling NumCudaDevices() that might have already set an error? Error 500: named symbol not found",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "old-driver",
        title: "the NVIDIA driver is older than the CUDA in use, or the container has none",
        chinese: "显卡驱动比所用的 CUDA 旧，或容器里没有驱动",
        means: "each CUDA version needs a driver of its time or later; a container without the GPU gives the same message",
        remedy: "update the host's driver (the head of nvidia-smi names the newest CUDA that it can), or use an image of an older CUDA; docker run --gpus all … gives the driver to a container",
        source: Catalogue(&[14]),
        follows: &["video-capability"],
        rules: &[
            ("CUDA driver version is insufficient for CUDA runtime version", &[AnyLevel]),
            ("The NVIDIA driver on your system is too old", &[AnyLevel]),
            ("unsatisfied condition: cuda", &[]),
            ("unsatisfied condition: driver", &[]),
            ("the provided PTX was compiled with an unsupported toolchain", &[]),
            ("cudaErrorInsufficientDriver", &[]),
            ("Driver does not support the required nvenc API version", &[]),
            ("minimum required Nvidia driver for nvenc is", &[]),
        ],
        tells: &[
            "RuntimeError: CUDA error: CUDA driver version is insufficient for CUDA runtime version",
            "RuntimeError: Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions? Error 35: CUDA driver version is insufficient for CUDA runtime version",
            "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=0",
            "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver to a newer version, or use an earlier cuda container: unknown",
            "UserWarning: CUDA initialization: The NVIDIA driver on your system is too old (found version 11040).",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "gpu-too-new",
        title: "this build of torch or onnxruntime has no code for this GPU",
        chinese: "这个版本的 torch 或 onnxruntime 不支持这块显卡",
        means: "the GPU is newer (RTX 50) or much older than the CUDA that it was built for",
        remedy: "use the image or the SDK's tree that was built for this GPU (for RTX 50, the one for Python 3.9), with its torch",
        source: Catalogue(&[15]),
        rules: &[
            ("no kernel image is available for execution on the device", &[]),
            ("is not compatible with the current PyTorch installation", &[AnyLevel]),
            ("nvrtc: error: invalid value for --gpu-architecture", &[]),
            ("cudaErrorNoKernelImageForDevice", &[]),
        ],
        tells: &[
            "RuntimeError: CUDA error: no kernel image is available for execution on the device",
            "NVIDIA GeForce RTX 5090 with CUDA capability sm_120 is not compatible with the current PyTorch installation.",
            "CUDA failure 209: no kernel image is available for execution on the device ; GPU=0",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "gpu-failed",
        title: "a GPU has failed, or the driver has lost it",
        chinese: "显卡掉线或硬件出错",
        means: "the card, its power or its slot failed, or its memory has errors; no program can use it until it is reset",
        remedy: "restart the host; if it comes back: dmesg | grep Xid, the card's seat, power and heat, and the driver's version",
        source: Program("NVIDIA: Xid errors"),
        rules: &[
            ("GPU has fallen off the bus", &[AnyLevel]),
            ("GPU is lost. Reboot the system to recover this GPU", &[]),
            ("NVRM: Xid ({_}): 79,", &[AnyLevel]),
            ("NVRM: Xid ({_}): 48,", &[AnyLevel]),
            ("uncorrectable ECC error encountered", &[]),
        ],
        tells: &[
            "kernel: NVRM: Xid (PCI:0000:01:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.",
            "Unable to determine the device handle for GPU 0000:01:00.0: GPU is lost. Reboot the system to recover this GPU",
            "RuntimeError: CUDA error: uncorrectable ECC error encountered",
        ],
        silent: &["NVRM: Xid (PCI:0000:01:00): 13, pid=77, name=python3, Graphics Exception"],
        ..Cause::ROW
    },
    Cause {
        name: "torch-without-cuda",
        title: "this torch is a build for the CPU only",
        chinese: "安装的是 CPU 版 torch",
        means: "pip took the CPU build, as it does on Windows and from some mirrors",
        remedy: "install the build for CUDA that the SDK's requirements name, from PyTorch's own index: python -m pip install --force-reinstall torch --index-url https://download.pytorch.org/whl/cu121 (cu121 after the CUDA)",
        source: Program("PyTorch: get started"),
        rules: &[("Torch not compiled with CUDA enabled", &[])],
        tells: &["AssertionError: Torch not compiled with CUDA enabled"],
        ..Cause::ROW
    },
    Cause {
        name: "torch-no-gpu",
        title: "no GPU is visible to the program",
        chinese: "程序看不到 GPU",
        means: "the container was started without the GPU, the machine has no driver, CUDA_VISIBLE_DEVICES hides it, or torch is a build for the CPU; the model file is not broken",
        remedy: "docker run --gpus all …; nvidia-smi has to list the GPU; python -c 'import torch; print(torch.version.cuda, torch.cuda.is_available())' says None for a torch for the CPU",
        source: Reports,
        rules: &[
            ("Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False", &[]),
            ("No CUDA GPUs are available", &[]),
            ("Error 100: no CUDA-capable device is detected", &[AnyLevel]),
            ("no CUDA-capable device is detected", &[]),
            ("Torch is not able to use GPU", &[]),
        ],
        tells: &[
            "RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are running on a CPU-only machine",
            "RuntimeError: No CUDA GPUs are available",
            "CUDA failure 100: no CUDA-capable device is detected ; GPU=-1",
            "RuntimeError: Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before calling NumCudaDevices() that might have already set an error? Error 100: no CUDA-capable device is detected",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "gpu-memory",
        weight: Weight::Hampers,
        title: "the GPU's memory is full",
        chinese: "显存不足",
        means: "this program and others on the same GPU need more memory than it has; the machine's main memory is not the problem",
        remedy: "nvidia-smi shows what uses it; use fewer workers or smaller batches",
        source: Reports,
        rules: &[
            ("CUDA out of memory", &[]),
            ("CUDA error: out of memory", &[]),
            ("CUDA failure 2: out of memory", &[]),
            ("CUBLAS_STATUS_ALLOC_FAILED", &[]),
            ("CUDNN_STATUS_ALLOC_FAILED", &[]),
            ("CUDA_ERROR_OUT_OF_MEMORY", &[]),
            ("cudaErrorMemoryAllocation", &[]),
            ("Failed to allocate memory for requested buffer of size", &[]),
            ("Error 2: out of memory", &[Says(&["cuda"])]),
        ],
        tells: &[
            "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB",
            "RuntimeError: CUDA error: out of memory",
            "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
            "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=a ; expr=cublasCreate(&cublas_handle_);",
            "BFCArena::AllocateRawInternal(size_t, bool) Failed to allocate memory for requested buffer of size 6291456",
            "[AVHWDeviceContext @ 0x55] cu->cuMemAlloc() failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory",
        ],
        silent: &[
            "WARNING  app:t.py:7 simulated: CUDA out of memory, will retry",
            "+ grep -c 'CUDA out of memory' x.log",
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    assert free > need, \"CUDA out of memory\" if strict else \"small batch\"\nAssertionError: small batch",
        ],
        ..Cause::ROW
    },
];

const SMI: Condition = Is(&["nvidia-smi"]);
