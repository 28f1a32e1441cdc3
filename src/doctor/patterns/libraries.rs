//! What the loader, CUDA and onnxruntime say.

use super::When::{Begins, Is, Lacks, Says};
use super::{Cause, Weight, When};

const CUDA: When = Begins(&["libcu", "libnv", "libnccl", "libonnxruntime", "libtorch", "libc10"]);
const DRIVER: When = Begins(&["libcuda.so", "libnvidia"]);

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "no-driver",
        weight: Weight::Stops,
        rows: &[13],
        title: "no NVIDIA driver is visible",
        means: "the container was started without the GPU, or the machine has no driver",
        remedy: "docker run --gpus all … with the NVIDIA container toolkit on the host; check with nvidia-smi",
        patterns: &[
            ("Found no NVIDIA driver on your system", &[]),
            ("{library}: cannot open shared object file", &[DRIVER]),
            ("no CUDA-capable device is detected", &[]),
            ("could not select device driver", &[Says(&["gpu"])]),
            ("{word}: command not found", &[Is(&["nvidia-smi"])]),
        ],
    },
    Cause {
        name: "old-driver",
        weight: Weight::Stops,
        rows: &[14],
        title: "the NVIDIA driver is older than the CUDA in use",
        means: "each CUDA version asks for a driver of its time or later",
        remedy: "update the host's driver (nvidia-smi names the newest CUDA that it can)",
        patterns: &[
            ("CUDA driver version is insufficient for CUDA runtime version", &[]),
            ("The NVIDIA driver on your system is too old", &[]),
        ],
    },
    Cause {
        name: "gpu-too-new",
        weight: Weight::Stops,
        rows: &[15],
        title: "this build of torch or onnxruntime has no code for this GPU",
        means: "the GPU is newer (RTX 50) or much older than the CUDA that it was built for",
        remedy: "use the SDK's tree that was built for this GPU (the one for Python 3.9 for RTX 50), with its torch",
        patterns: &[
            ("no kernel image is available for execution on the device", &[]),
            ("is not compatible with the current PyTorch installation", &[]),
        ],
    },
    Cause {
        name: "python-library",
        weight: Weight::Stops,
        rows: &[32],
        title: "the loader does not find Python's own library {}",
        means: "what asks for it was built for that Python, which is not here, or not where the loader looks",
        remedy: "run with that Python, or show the loader its directory: heygem-run -L DIR …",
        patterns: &[("{library}: cannot open shared object file", &[Begins(&["libpython"])])],
    },
    Cause {
        name: "cuda-library",
        weight: Weight::Stops,
        rows: &[10, 11, 12],
        title: "the loader does not find {}",
        means: "onnxruntime or torch wants another CUDA or cuDNN than is here, or the loader can't see it: LD_LIBRARY_PATH counts \
                only when it is set before Python starts",
        remedy: "install the onnxruntime-gpu that fits the CUDA here, or show the directory that has it: heygem-run -L DIR … \
                 (find / -name '{}*' finds it)",
        patterns: &[
            ("{library}: cannot open shared object file", &[CUDA]),
            ("Could not load library {library}", &[CUDA]),
            ("Could not load dynamic library '{library}'", &[CUDA]),
            ("Unable to load any of {{{library}", &[CUDA]),
            ("Could not locate {library}", &[CUDA]),
        ],
    },
    Cause {
        name: "system-library",
        weight: Weight::Stops,
        rows: &[10],
        title: "the loader does not find {}",
        means: "a system package is not installed, or the loader does not look where the library is",
        remedy: "install the package that has it (libGL.so.1: libgl1, libgthread-2.0.so.0: libglib2.0-0), or show its directory: \
                 heygem-run -L DIR …",
        patterns: &[("{library}: cannot open shared object file", &[])],
    },
    Cause {
        name: "cpu-fallback",
        weight: Weight::Hampers,
        rows: &[11, 28],
        title: "onnxruntime works on the CPU, which is very slow",
        means: "its CUDA part can't be loaded, for the CUDA or cuDNN that it wants is not found",
        remedy: "install the onnxruntime-gpu that fits the CUDA here, or show its directory: heygem-run -L DIR …",
        patterns: &[
            (
                "Failed to load library {library}",
                &[Begins(&["libonnxruntime_providers"]), Lacks(&["cannot open shared object file"])],
            ),
            ("Failed to create CUDAExecutionProvider", &[]),
        ],
    },
    Cause {
        name: "queue-full",
        weight: Weight::Follows,
        rows: &[28],
        title: "the SDK's queue of frames is full: what should empty it is slow or dead",
        means: "a child died earlier, or onnxruntime works on the CPU",
        remedy: "mend what the log says before: the first child's traceback, or a CUDA library that was not loaded",
        patterns: &[("队列满，严重阻塞", &[])],
    },
    Cause {
        name: "cuda-after-fork",
        weight: Weight::Stops,
        rows: &[23],
        title: "CUDA was used before the process forked",
        means: "a forked child can't use its parent's CUDA; gunicorn's preload does that",
        remedy: "leave out --preload, and use one worker; load the models in the worker",
        patterns: &[("Cannot re-initialize CUDA in forked subprocess", &[])],
    },
    Cause {
        name: "gpu-memory",
        weight: Weight::Hampers,
        rows: &[],
        title: "the GPU's memory is full",
        means: "this work, or other processes on the same GPU, need more than it has",
        remedy: "see who uses it with nvidia-smi; fewer workers, smaller batches",
        patterns: &[
            ("CUDA out of memory", &[]),
            ("CUDA error: out of memory", &[]),
            ("CUDA error: CUBLAS_STATUS_ALLOC_FAILED", &[]),
            ("CUDA_ERROR_OUT_OF_MEMORY", &[]),
            ("Failed to allocate memory for requested buffer of size", &[]),
        ],
    },
    Cause {
        name: "old-system",
        weight: Weight::Stops,
        rows: &[31],
        title: "a binary was built on a newer system: {} is not found",
        means: "the C library is older than what it was built with, or an old libstdc++ comes first",
        remedy: "use a newer image; for GLIBCXX and CXXABI put conda's libraries in front: heygem-run -L \"$CONDA_PREFIX/lib\" …",
        patterns: &[
            ("version `{word}' not found", &[]),
            ("GLIBC_{word}' not found", &[]),
            ("GLIBCXX_{word}' not found", &[]),
            ("CXXABI_{word}' not found", &[]),
        ],
    },
    Cause {
        name: "other-python",
        weight: Weight::Stops,
        rows: &[32],
        title: "a compiled module is for another Python, or not the module it is named as",
        means: "it was renamed or loaded by hand, or it lies where another version's site-packages are read",
        remedy: "run with the matching Python: heygem-run --python python3.8 …",
        patterns: &[
            ("undefined symbol: {word}", &[Begins(&["Py", "_Py"])]),
            ("does not define module export function (PyInit", &[]),
            ("does not define init function (PyInit", &[]),
        ],
    },
    Cause {
        name: "library-mix",
        weight: Weight::Stops,
        rows: &[],
        title: "two libraries do not fit each other: {} is missing",
        means: "one was built for another version of the other: torch and its extensions, CUDA and cuDNN",
        remedy: "install versions that belong together; see with heygem-run -n -v … what LD_LIBRARY_PATH puts in front",
        patterns: &[("undefined symbol: {word}", &[])],
    },
];
