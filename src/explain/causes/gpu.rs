//! The GPU that a container is not given, and the driver that is not there.

use super::cause::Condition::{AnyLevel, Begins, Is, Says};
use super::cause::{Cause, Condition};

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
        // NVIDIA container toolkit: installing
        rules: &[
            ("exec: \"nvidia-container-runtime{word}\": executable file not found", &[]),
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
            "exec: \"nvidia-container-runtime.exe\": executable file not found in $PATH: unknown",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-cdi-device",
        title: "the container engine has no description of the GPU: {}",
        chinese: "容器引擎没有 GPU 的 CDI 描述",
        means: "podman, and Docker with CDI, know GPUs by a file that the NVIDIA container toolkit writes",
        remedy: "on the host: sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml, again after each update of the driver",
        // NVIDIA container toolkit: CDI
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
        // NVIDIA: CUDA on WSL
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
        // NVIDIA: NVML, NVML_ERROR_LIB_RM_VERSION_MISMATCH
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
        // NVIDIA: the Linux driver's manual
        rules: &[
            ("initialization error: cannot open shared object file", &[]),
            ("NVMLError_DriverNotLoaded", &[]),
            ("couldn't communicate with the NVIDIA driver", &[]),
            ("nvml error: driver not loaded", &[]),
            ("Failed to initialize NVML: Driver Not Loaded", &[]),
            ("load library failed: libnvidia-ml.so.1: cannot open shared object file", &[]),
        ],
        tells: &[
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
            "nvidia-container-cli: initialization error: nvml error: driver not loaded: unknown",
            "nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory: unknown",
            "nvidia-container-cli: initialization error: cannot open shared object file: no such file or directory: unknown",
            "pynvml.NVMLError_DriverNotLoaded: Driver Not Loaded",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "driver-no-answer",
        title: "the host's NVIDIA driver does not answer the container toolkit",
        chinese: "宿主机显卡驱动没有响应容器工具包",
        means: "the driver is in a bad state or takes too long to start; with WSL, Windows' driver or WSL is too old, or Docker Desktop was started before them",
        remedy: "on the host, nvidia-smi has to work first: restart the host, and where it is only slow: sudo nvidia-smi -pm 1; with WSL, in Windows: wsl --update, the newest NVIDIA driver for Windows, wsl --shutdown, and start Docker Desktop again",
        rules: &[
            ("initialization error: driver error: failed to process request", &[]),
            ("initialization error: driver rpc error: ", &[]),
        ],
        tells: &[
            "nvidia-container-cli: initialization error: driver error: failed to process request: unknown",
            "nvidia-container-cli: initialization error: driver rpc error: timed out: unknown.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "driver-root",
        title: "the container toolkit looks for the driver in a directory that is not there",
        chinese: "容器工具包配置的驱动目录不存在",
        means: "root= in its configuration names a directory, such as /run/nvidia/driver of the GPU operator, which does not exist or is empty: the driver's container does not run, or the driver is the host's own",
        remedy: "on the host, take root = out of /etc/nvidia-container-runtime/config.toml where the host has the driver itself (nvidia-smi works), then: sudo systemctl restart docker; with the GPU operator: its driver's pod has to run, or driver.enabled=false",
        rules: &[("initialization error: change root failed", &[])],
        tells: &[
            "nvidia-container-cli.real: initialization error: change root failed: no such file or directory: unknown",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "toolkit-devices",
        title: "the NVIDIA container toolkit can't give the GPU's devices to the container",
        chinese: "NVIDIA 容器工具包无法把 GPU 设备交给容器（版本过旧，或是 rootless 模式）",
        means: "a toolkit that is too old for this kernel's cgroups (v2), or a Docker that runs without root, which may not change them",
        remedy: "on the host: sudo apt-get update && sudo apt-get install -y nvidia-container-toolkit && sudo systemctl restart docker; where Docker runs without root: sudo nvidia-ctk config --set nvidia-container-cli.no-cgroups --in-place",
        // NVIDIA container toolkit: rootless mode
        rules: &[
            ("failed to get device cgroup mount path", &[]),
            ("mount error: failed to add device rules", &[]),
            ("bpf_prog_query(BPF_CGROUP_DEVICE) failed", &[]),
        ],
        tells: &[
            "nvidia-container-cli: container error: failed to get device cgroup mount path: no cgroup filesystem mounted in mountinfo file",
            "nvidia-container-cli: mount error: failed to add device rules: unable to find any existing device filters attached to the cgroup: bpf_prog_query(BPF_CGROUP_DEVICE) failed: operation not permitted: unknown.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "gpu-lost",
        title: "the container has lost its GPU",
        chinese: "容器运行中失去了 GPU",
        means: "systemd reloaded its units on the host, and took away the devices that the container had been given",
        remedy: "restart the container; to keep it from happening: in /etc/docker/daemon.json \"exec-opts\": [\"native.cgroupdriver=cgroupfs\"], then sudo systemctl restart docker",
        // NVIDIA container toolkit: troubleshooting
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
        chinese: "容器里没有显卡驱动的视频编解码库",
        means: "NVENC and NVDEC are given only to containers that ask for the capability video",
        remedy: "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all … (Compose: environment)",
        // NVIDIA container toolkit: driver capabilities
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
        // NVIDIA: CUDA on WSL, known limitations
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
        rules: &[
            ("NVIDIA-SMI couldn't find libnvidia-ml.so", &[]),
            ("NVMLError_LibraryNotFound", &[]),
            ("exec: \\\"{word}\\\": executable file not found", &[SMI]),
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
            "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system.",
            "pynvml.nvml.NVMLError_LibraryNotFound: NVML Shared Library Not Found",
            "container_linux.go:349: starting container process caused \"exec: \\\"nvidia-smi\\\": executable file not found in $PATH\": unknown",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "fabric-manager",
        title: "the GPUs need NVIDIA's fabric manager, which is not running",
        chinese: "NVIDIA Fabric Manager 没有运行",
        means: "machines with NVSwitch need this service, in the driver's own version",
        remedy: "on the host, install nvidia-fabricmanager of the driver's own version, then: sudo systemctl enable --now nvidia-fabricmanager",
        // NVIDIA: fabric manager user guide
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
        name: "saved-on-gpu",
        title: "a model was saved on a GPU with a number that this machine does not have",
        chinese: "模型保存时所在的 GPU 编号在本机不存在",
        means: "torch loads each tensor back to the GPU that it was saved from; this machine or container has fewer GPUs; the file is not broken",
        remedy: "in the code: torch.load(…, map_location='cuda:0'), or show the program all GPUs: docker run --gpus all …, unset CUDA_VISIBLE_DEVICES",
        // PyTorch: torch.load, map_location
        rules: &[("Attempting to deserialize object on CUDA device {n} but torch.cuda.device_count()", &[])],
        tells: &[
            "RuntimeError: Attempting to deserialize object on CUDA device 1 but torch.cuda.device_count() is 1. Please use torch.load with map_location to map your storages to an existing device.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "gpu-busy",
        title: "the GPU is held by another process, or in a bad state",
        chinese: "显卡被别的进程独占，或处于异常状态",
        means: "its compute mode lets one process at a time use it (exclusive), or an earlier program left it unusable",
        remedy: "nvidia-smi shows the processes on it: end the other one; nvidia-smi -q -d COMPUTE says Default or Exclusive: sudo nvidia-smi -c 0 lets all use it; if no other process is there, restart the host",
        // CUDA: cudaErrorDevicesUnavailable
        rules: &[
            ("all CUDA-capable devices are busy or unavailable", &[]),
            ("CUDA-capable device(s) is/are busy or unavailable", &[]),
        ],
        tells: &[
            "RuntimeError: CUDA error: all CUDA-capable devices are busy or unavailable",
            "RuntimeError: CUDA error: CUDA-capable device(s) is/are busy or unavailable",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-such-gpu",
        title: "the program asks for a GPU number that does not exist",
        chinese: "指定的 GPU 编号不存在",
        means: "CUDA_VISIBLE_DEVICES, the container or the app names a GPU that this machine or container does not have; the first is 0",
        remedy: "nvidia-smi -L lists them; correct the number, or unset CUDA_VISIBLE_DEVICES",
        // CUDA: cudaErrorInvalidDevice
        rules: &[("invalid device ordinal", &[]), ("device error: {word}: unknown device", &[])],
        tells: &[
            "RuntimeError: CUDA error: invalid device ordinal",
            "nvidia-container-cli: device error: 1: unknown device: unknown",
        ],
        ..Cause::ROW
    },
];

const SMI: Condition = Is(&["nvidia-smi"]);
