//! What the dynamic loader says: libraries that are not found, do not fit, or are for another machine; and onnxruntime's CUDA part.

use super::cause::Condition::{Absolute, AnyLevel, Begins, EndsIn, Holds, Lacks, Raised, Says};
use super::cause::Source::{Catalogue, Program, Reports};
use super::cause::{Cause, Condition, Weight};

/// CUDA's own, and what is built for it; `libcurl` is none.
const CUDA: Condition = Begins(&[
    "libcudart",
    "libcublas",
    "libcudnn",
    "libcufft",
    "libcurand",
    "libcusolver",
    "libcusparse",
    "libcupti",
    "libcufile",
    "libnvrtc",
    "libnvToolsExt",
    "libnvJitLink",
    "libnvjpeg",
    "libnpp",
    "libnccl",
    "libonnxruntime_providers",
]);
/// torch's own.
const TORCH: Condition = Begins(&["libtorch", "libc10", "libshm.so"]);
/// TensorRT's, which is tried before CUDA and is seldom there.
const NO_TENSORRT: Condition = Lacks(&["tensorrt", "libnvinfer", "libnvonnxparser"]);
/// What a C++ compiler makes of torch's names.
const TORCH_SYMBOL: Condition = Begins(&[
    "_ZN3c10",
    "_ZNK3c10",
    "_ZN2at",
    "_ZNK2at",
    "_ZN5torch",
    "_ZNK5torch",
    "_ZTIN3c10",
    "_ZTVN5torch",
    "_ZTIN5torch",
    "THP",
]);
/// Whose symbols differ between versions of CUDA.
const CUDA_SYMBOL: Condition = Begins(&[
    "__nvJitLink",
    "nvJitLink",
    "nccl",
    "cublas",
    "cudnn",
    "cusparse",
    "cusolver",
    "cufft",
    "curand",
    "cuda",
]);

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "not-readable",
        title: "the service may not read {}",
        chinese: "服务没有读取权限",
        means: "the file, or a directory above it, is closed to the user who runs the service",
        remedy: "run as the user whom the SDK belongs to, or open it: chmod -R a+rX on its directory",
        rules: &[
            ("{object}: cannot open shared object file: Permission denied", &[]),
            (
                "Permission denied: '{path}'",
                &[EndsIn(&[".py", ".pyc", ".so", ".ini", ".pt", ".pth", ".onnx", ".bin", ".json", ".yaml"])],
            ),
        ],
        tells: &[
            "PermissionError: [Errno 13] Permission denied: '/app/sdk/service/__init__.py'",
            "ImportError: /app/sdk/h_utils/custom.so: cannot open shared object file: Permission denied",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "static-tls",
        title: "a library was loaded too late: {}",
        chinese: "库加载得太晚（静态 TLS 空间已用完）",
        means: "it needs static TLS, of which the loader has little, and libraries loaded earlier have used it; main memory is not the problem",
        remedy: "load it first, by its path in the message: LD_PRELOAD=PATH heygem-run …; or import its package before torch, cv2 and the others",
        source: Program("glibc: dlopen, the static TLS block"),
        rules: &[
            ("{object}: cannot allocate memory in static TLS block", &[]),
            ("cannot allocate memory in static TLS block", &[]),
        ],
        tells: &[
            "OSError: /opt/x/torch.libs/libgomp-d22c30c5.so.1: cannot allocate memory in static TLS block",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "executable-stack",
        title: "this system's C library does not load {}: it wants an executable stack",
        chinese: "新的 C 库拒绝加载需要可执行栈的模块",
        means: "glibc 2.41 and later refuse such libraries, and older builds of onnxruntime and others are marked so by mistake",
        remedy: "use a newer version of the package that it is in (python -m pip install -U onnxruntime-gpu), an image with an older system, or: patchelf --clear-execstack {}",
        source: Program("glibc 2.41: NEWS"),
        rules: &[("{object}: cannot enable executable stack as shared object requires", &[])],
        tells: &[
            "ImportError: /x/onnxruntime/capi/onnxruntime_pybind11_state.cpython-38-x86_64-linux-gnu.so: cannot enable executable stack as shared object requires: Invalid argument",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "other-architecture-module",
        title: "a module is for another processor architecture: {}",
        chinese: "模块是为另一种处理器架构编译的",
        means: "the file is there, but this machine's loader can't load it: x86_64 in its name means a PC's processor, aarch64 an ARM one",
        remedy: "run it on a machine of that architecture, or in an image of it (docker run --platform linux/amd64 … for x86_64); uname -m says which one runs",
        rules: &[
            (
                "{object}: cannot open shared object file: No such file or directory",
                &[Absolute, Holds(&[".cpython-", "_pybind11_state", "site-packages/"]), Raised],
            ),
            ("{object}: wrong ELF class", &[]),
            ("{object}: cannot open shared object file: Exec format error", &[]),
        ],
        tells: &[
            "ImportError: /app/service/trans_dh_service.cpython-38-x86_64-linux-gnu.so: cannot open shared object file: No such file or directory",
            "ImportError: /app/x.so: wrong ELF class: ELFCLASS32",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "python-library",
        title: "the loader does not find Python's own library {}",
        chinese: "找不到 Python 自己的动态库",
        means: "the program that needs it was built for that Python, which is not installed or not where the loader searches",
        remedy: "run with that Python, or show the loader its directory: heygem-run -L DIR …",
        source: Catalogue(&[32]),
        rules: &[("{library}: cannot open shared object file", &[Begins(&["libpython"])])],
        tells: &[
            "ImportError: libpython3.8.so.1.0: cannot open shared object file: No such file or directory",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "cuda-library",
        title: "the loader does not find {}",
        chinese: "动态加载器找不到 CUDA 或 cuDNN 的库",
        means: "onnxruntime or torch needs a different CUDA or cuDNN than the one installed, or the loader does not find it: LD_LIBRARY_PATH has an effect only when it is set before Python starts",
        remedy: "install the onnxruntime-gpu that fits the CUDA here, or show the directory that has it: heygem-run -L DIR … (find / -name '{}*' finds it)",
        chinese_remedy: "安装与现有 CUDA 匹配的 onnxruntime-gpu，或指明它所在的目录：heygem-run -L DIR …",
        source: Catalogue(&[10, 11, 12]),
        rules: &[
            ("{library}: cannot open shared object file", &[CUDA, NO_TENSORRT]),
            ("Could not load library {library}", &[CUDA, Lacks(&["undefined symbol"])]),
            ("Could not load dynamic library '{library}'", &[CUDA, AnyLevel]),
            ("Unable to load any of {{{library}", &[CUDA]),
            (
                "Could not locate {word}",
                &[Begins(&["cudnn", "cublas", "zlibwapi"]), EndsIn(&[".dll", ".dll."])],
            ),
            ("Could not locate {library}", &[CUDA]),
        ],
        tells: &[
            "ImportError: libcudnn.so.9: cannot open shared object file: No such file or directory",
            "OSError: libcublasLt.so.11: cannot open shared object file: No such file or directory",
            "Could not load library libcudnn_ops_infer.so.8. Error: libcudnn_ops_infer.so.8: cannot open shared object file",
            "Unable to load any of {libcudnn_ops.so.9.1.0, libcudnn_ops.so.9.1, libcudnn_ops.so.9, libcudnn_ops.so}",
            "[E:onnxruntime:Default, provider_bridge_ort.cc:1480 f] Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.11: cannot open shared object file: No such file or directory",
            "Could not locate cudnn_ops_infer64_8.dll. Please make sure it is in your library path!",
        ],
        silent: &[
            "[E:onnxruntime:Default, provider_bridge_ort.cc:1744 f] Failed to load library libonnxruntime_providers_tensorrt.so with error: libnvinfer.so.8: cannot open shared object file: No such file or directory",
            "2025-06-11 10:02:07.1: W tensorflow/x.cc:64] Could not load dynamic library 'libnvinfer.so.7'; dlerror: libnvinfer.so.7: cannot open shared object file",
            "ERROR: ld.so: object '/x/libnone.so' from LD_PRELOAD cannot be preloaded (cannot open shared object file): ignored.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "cudnn-symbol",
        weight: Weight::Follows,
        title: "the loader does not find all of cuDNN's libraries",
        chinese: "cuDNN 的库不全在加载器能找到的地方",
        means: "cuDNN is several libraries (libcudnn_ops, libcudnn_cnn …), and one of them was not found or is of another version",
        remedy: "show the loader the directory that has all of them, before Python starts: heygem-run -L DIR … (find / -name 'libcudnn*.so*' finds it)",
        rules: &[
            ("Invalid handle. Cannot load symbol {word}", &[Begins(&["cudnn"])]),
            ("Could not load symbol {word}", &[Begins(&["cudnn"])]),
        ],
        tells: &["Invalid handle. Cannot load symbol cudnnCreateTensorDescriptor"],
        follows: &["cuda-library"],
        ..Cause::ROW
    },
    Cause {
        name: "cudnn-mix",
        title: "another cuDNN is loaded before torch's own",
        chinese: "LD_LIBRARY_PATH 里的 cuDNN 挡在 torch 自带的前面",
        means: "torch brings the cuDNN that it was built with, and LD_LIBRARY_PATH, or a package that pip put in its place, has one of another version first",
        remedy: "take that directory out of LD_LIBRARY_PATH (env -u LD_LIBRARY_PATH heygem-run … starts without it; heygem-run -n -v … shows it)",
        source: Program("PyTorch: torch.backends.cudnn"),
        rules: &[
            ("cuDNN version incompatibility", &[]),
            ("CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH", &[]),
            ("Could not load library {library}", &[Begins(&["libcudnn"]), Says(&["undefined symbol"])]),
        ],
        tells: &[
            "RuntimeError: cuDNN version incompatibility: PyTorch was compiled  against (9, 10, 2) but found runtime version (9, 1, 0). Looks like your LD_LIBRARY_PATH contains incompatible version of cudnn.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "mkl",
        title: "mkl is newer than torch can use",
        chinese: "mkl 版本过新，torch 不能用",
        means: "mkl 2024.1 removed a function that older builds of torch call",
        remedy: "conda install 'mkl<2024.1', or where pip installed it: python -m pip install 'mkl<2024.1'",
        rules: &[("undefined symbol: iJIT_", &[])],
        tells: &[
            "ImportError: /x/torch/lib/libtorch_cpu.so: undefined symbol: iJIT_NotifyEvent",
            "ImportError: /x/torch/lib/libtorch_cpu.so: undefined symbol: iJIT_IsProfilingActive",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "cuda-mix",
        title: "libraries of two CUDA versions are mixed: {} is missing",
        chinese: "混用了两个版本的 CUDA 库",
        means: "LD_LIBRARY_PATH, or another package, puts an older library of that name before the one that torch brings",
        remedy: "take CUDA's directories out of LD_LIBRARY_PATH (env -u LD_LIBRARY_PATH heygem-run … starts without it; heygem-run -n -v … shows it)",
        rules: &[("undefined symbol: {word}", &[CUDA_SYMBOL])],
        tells: &[
            "ImportError: /x/libcusparse.so.12: undefined symbol: __nvJitLinkComplete_12_4, version libnvJitLink.so.12",
            "ImportError: /x/libtorch_cuda.so: undefined symbol: ncclCommRegister",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "other-torch",
        title: "a compiled extension was built for another torch: {}",
        chinese: "扩展模块是为另一个版本的 torch 编译的",
        means: "torch's own names differ from version to version; what is compiled against one does not load with another",
        remedy: "install the build of its package for the torch that is here (mmcv: mim install mmcv; torchvision and torchaudio: the versions that go with it), or build it again; python -c 'import torch; print(torch.__version__)' says which torch",
        rules: &[
            ("undefined symbol: {word}", &[TORCH_SYMBOL]),
            ("{library}: cannot open shared object file", &[TORCH, Raised]),
            ("operator torchvision::nms does not exist", &[]),
            ("Detected that PyTorch and torchvision were compiled with different CUDA", &[]),
        ],
        tells: &[
            "ImportError: /x/mmcv/_ext.cpython-37m-x86_64-linux-gnu.so: undefined symbol: _ZN3c105ErrorC2ENS_14SourceLocationE",
            "ImportError: libtorch_cuda_cu.so: cannot open shared object file: No such file or directory",
            "RuntimeError: operator torchvision::nms does not exist",
        ],
        silent: &[
            "/x/torchvision/io/image.py:13: UserWarning: Failed to load image Python extension: libtorch_cuda_cu.so: cannot open shared object file: No such file or directory",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "other-python",
        title: "a compiled module is for another Python, or not the module it is named as",
        chinese: "编译模块与当前 Python 不符",
        means: "it was renamed or loaded by hand, or it lies where another version's site-packages are read",
        remedy: "run with the matching Python: heygem-run --python python3.8 …",
        source: Catalogue(&[32]),
        rules: &[
            ("undefined symbol: {word}", &[Begins(&["Py", "_Py"])]),
            ("does not define module export function (PyInit", &[]),
            ("does not define init function (PyInit", &[]),
        ],
        tells: &[
            "ImportError: /sdk/x.so: undefined symbol: _PyThreadState_Current",
            "ImportError: dynamic module does not define module export function (PyInit_trans_dh_service)",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "library-mix",
        title: "two libraries do not fit each other: {} is missing",
        chinese: "两个库的版本不匹配",
        means: "one was built for another version of the other, or LD_LIBRARY_PATH puts another one of that name in front",
        remedy: "install versions that belong together; see with heygem-run -n -v … what LD_LIBRARY_PATH puts in front",
        rules: &[("undefined symbol: {word}", &[])],
        tells: &[
            "ImportError: /usr/lib/libp11-kit.so.0: undefined symbol: ffi_type_pointer, version LIBFFI_BASE_7.0",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "system-library",
        title: "the loader does not find {}",
        chinese: "找不到系统动态库",
        means: "a system package is not installed, or the loader does not look where the library is",
        remedy: "{deb}; or show the directory that has it: heygem-run -L DIR …",
        source: Catalogue(&[10]),
        rules: &[
            (
                "{object}: cannot open shared object file",
                &[Condition::Relative, NO_TENSORRT, TORCH_NOT, Lacks(&["LD_PRELOAD"])],
            ),
            ("error while loading shared libraries: {object}: cannot open", &[Condition::Relative]),
        ],
        tells: &[
            "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
            "ffmpeg: error while loading shared libraries: libx264.so.155: cannot open shared object file: No such file or directory",
            "ImportError: libcurl.so.4: cannot open shared object file: No such file or directory",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "sndfile",
        title: "the system's libsndfile is not installed",
        chinese: "系统没有安装 libsndfile",
        means: "soundfile and librosa read audio with it",
        remedy: "apt-get update && apt-get install -y libsndfile1",
        rules: &[("sndfile library not found", &[])],
        tells: &["OSError: sndfile library not found"],
        ..Cause::ROW
    },
    Cause {
        name: "portaudio",
        title: "the system's PortAudio is not installed",
        chinese: "系统没有安装 PortAudio",
        means: "sounddevice and pyaudio play and record with it",
        remedy: "apt-get update && apt-get install -y libportaudio2",
        source: Program("sounddevice: installation"),
        rules: &[("PortAudio library not found", &[])],
        tells: &["OSError: PortAudio library not found"],
        ..Cause::ROW
    },
    Cause {
        name: "old-system",
        title: "a binary was built on a newer system than this one: {}",
        chinese: "程序是在更新的系统上编译的",
        means: "the C library is older than what it was built with, or an old libstdc++ comes first",
        remedy: "use a newer image; for GLIBCXX and CXXABI put conda's libraries in front: heygem-run -L \"$CONDA_PREFIX/lib\" …",
        source: Catalogue(&[31]),
        rules: &[
            // Which of its versions are missing is no difference.
            ("version `GLIBC_{_}' not found", &[]),
            ("version `GLIBCXX_{_}' not found", &[]),
            ("version `CXXABI_{_}' not found", &[]),
            ("version `{word}' not found", &[]),
            ("version '{word}' not found (required by", &[]),
        ],
        tells: &[
            "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /usr/bin/x)",
            "/lib/libstdc++.so.6: version `GLIBCXX_3.4.29' not found",
            "x: /lib/libc.so.6: version `GLIBC_2.33' not found (required by /a.so)\nx: /lib/libc.so.6: version `GLIBC_2.34' not found (required by /a.so)",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "musl",
        title: "a binary for glibc runs on a system with musl (Alpine): {} is missing",
        chinese: "在 Alpine（musl）上运行了 glibc 程序",
        means: "the SDK's modules, torch and onnxruntime are built for glibc",
        remedy: "use an image with glibc: Debian, Ubuntu, or NVIDIA's CUDA images",
        source: Program("musl: the dynamic linker"),
        rules: &[("Error relocating {_}: {word}: symbol not found", &[])],
        tells: &["Error relocating /app/x.so: __memcpy_chk: symbol not found"],
        ..Cause::ROW
    },
    Cause {
        name: "dll",
        title: "Windows can't load a module, or a DLL that it needs",
        chinese: "Windows 加载不了模块或它依赖的 DLL",
        means: "most often Microsoft's Visual C++ runtime is missing or old, or CUDA or cuDNN of the version that the module wants is not on PATH",
        remedy: "install the newest Visual C++ redistributable (https://aka.ms/vs/17/release/vc_redist.x64.exe), for a CUDA part also CUDA and cuDNN of its version, and start again",
        source: Reports,
        rules: &[
            (
                "DLL load failed",
                &[Says(&[
                    "The specified module could not be found",
                    "initialization routine failed",
                    "procedure could not be found",
                ])],
            ),
            ("[WinError 126]", &[Says(&["Error loading", ".dll"])]),
            ("[WinError 1114]", &[]),
        ],
        tells: &[
            "ImportError: DLL load failed while importing onnxruntime_pybind11_state: 找不到指定的模块。",
            "OSError: [WinError 126] 找不到指定的模块。 Error loading \"D:\\x\\torch\\lib\\fbgemm.dll\" or one of its dependencies.",
        ],
        ..Cause::ROW
    },
];

/// Not torch's: those come with torch, and no system has them.
const TORCH_NOT: Condition = Lacks(&["libtorch", "libc10"]);
