//! What CUDA and torch say of the GPU: the driver that can't be used, a GPU that does not fit, and memory on the GPU.

use super::cause::Condition::{AnyLevel, Lacks, Says};
use super::cause::{Cause, Weight};

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "cuda-unusable",
        title: "CUDA can't use the NVIDIA driver that is there",
        chinese: "CUDA 无法使用现有的显卡驱动",
        means: "the driver does not match this CUDA, or is in a bad state after an update or standby; an old WSL or Docker Desktop has the same effect",
        remedy: "update the NVIDIA driver of the host (with WSL: that of Windows, and wsl --update, then wsl --shutdown), and restart the machine",
        rules: &[
            ("cuInit: CUDA_ERROR_UNKNOWN", &[]),
            ("CUDA error: unknown error", &[]),
            ("CUDA failure 999: unknown error", &[]),
            ("cuda runtime error (999)", &[]),
            ("cuda runtime error (30) : unknown error", &[]),
            ("cudaErrorUnknown", &[]),
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
            "failed call to cuInit: CUDA_ERROR_UNKNOWN: unknown error",
            "RuntimeError: CUDA error: unknown error",
            "RuntimeError: cuda runtime error (999) : unknown error at /opt/conda/conda-bld/pytorch_1591914855613/work/aten/src/THC/THCGeneral.cpp:47",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "old-driver",
        title: "the NVIDIA driver is older than the CUDA in use, or the container has none",
        chinese: "显卡驱动比所用的 CUDA 旧，或容器里没有驱动",
        means: "each CUDA version needs a driver of its time or later; a container without the GPU gives the same message",
        remedy: "update the host's driver (the head of nvidia-smi names the newest CUDA that it can), or use an image of an older CUDA; docker run --gpus all … gives the driver to a container",
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
        rules: &[
            ("CUDNN_STATUS_ARCH_MISMATCH", &[]),
            ("CUBLAS_STATUS_ARCH_MISMATCH", &[]),
            ("no kernel image is available for execution on the device", &[]),
            ("is not compatible with the current PyTorch installation", &[AnyLevel]),
            ("nvrtc: error: invalid value for --gpu-architecture", &[]),
            ("cudaErrorNoKernelImageForDevice", &[]),
        ],
        tells: &[
            "RuntimeError: CUDA error: no kernel image is available for execution on the device",
            "NVIDIA GeForce RTX 5090 with CUDA capability sm_120 is not compatible with the current PyTorch installation.",
            "CUDA failure 209: no kernel image is available for execution on the device ; GPU=0",
            "RuntimeError: CUDA error: CUBLAS_STATUS_ARCH_MISMATCH when calling `cublasCreate(handle)`",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "gpu-failed",
        title: "a GPU has failed, or the driver has lost it",
        chinese: "显卡掉线或硬件出错",
        means: "the card, its power or its slot failed, or its memory has errors; no program can use it until it is reset",
        remedy: "restart the host; if it comes back: dmesg | grep Xid, the card's seat, power and heat, and the driver's version",
        // NVIDIA: Xid errors
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
        // PyTorch: get started
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
        follows: &["cuda-unusable"],
        rules: &[
            ("CUDA driver initialization failed, you might not have a CUDA gpu", &[]),
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
            "RuntimeError: CUDA driver initialization failed, you might not have a CUDA gpu.",
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
        rules: &[
            ("is smaller than requested bytes of {n}", &[Says(&["BFCArena"])]),
            ("cuda runtime error (2) : out of memory", &[]),
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
            "bfc_arena.cc:342 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool) Available memory of 0 is smaller than requested bytes of 268435456",
            "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB",
            "RuntimeError: CUDA error: out of memory",
            "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
            "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=a ; expr=cublasCreate(&cublas_handle_);",
            "BFCArena::AllocateRawInternal(size_t, bool) Failed to allocate memory for requested buffer of size 6291456",
            "[AVHWDeviceContext @ 0x55] cu->cuMemAlloc() failed -> CUDA_ERROR_OUT_OF_MEMORY: out of memory",
            "RuntimeError: cuda runtime error (2) : out of memory at /pytorch/aten/src/THC/generic/THCStorage.cu:58",
        ],
        silent: &[
            "WARNING  app:t.py:7 simulated: CUDA out of memory, will retry",
            "+ grep -c 'CUDA out of memory' x.log",
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    assert free > need, \"CUDA out of memory\" if strict else \"small batch\"\nAssertionError: small batch",
        ],
        ..Cause::ROW
    },
];
