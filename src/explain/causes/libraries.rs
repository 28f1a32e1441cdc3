//! What the dynamic loader says: libraries that are not found, do not fit, or are for another machine; and onnxruntime's CUDA part.

use super::cause::Condition::{Absolute, AnyLevel, Begins, EndsIn, Holds, Lacks, Raised, Says};
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
/// The same in Windows.
const DLL: Condition = Begins(&["cudnn", "cublas", "cudart", "cufft", "zlibwapi"]);
const DLL_END: Condition = EndsIn(&[".dll", ".dll."]);
/// torch's own.
const TORCH: Condition = Begins(&["libtorch", "libc10", "libshm.so"]);
/// TensorRT's, which is tried before CUDA and is seldom there.
pub const NO_TENSORRT: Condition = Lacks(&["tensorrt", "libnvinfer", "libnvonnxparser"]);
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
        // glibc: dlopen, the static TLS block
        rules: &[("{object}: cannot allocate memory in static TLS block", &[])],
        tells: &[
            "OSError: /opt/x/torch.libs/libgomp-d22c30c5.so.1: cannot allocate memory in static TLS block",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "static-tls",
        title: "a library was loaded too late",
        chinese: "库加载得太晚（静态 TLS 空间已用完）",
        means: "it needs static TLS, of which the loader has little, and libraries loaded earlier have used it; main memory is not the problem",
        remedy: "in the app, import the package whose import fails first, before torch, cv2 and the others",
        // glibc: dlopen, the static TLS block
        rules: &[
            ("cannot load any more object with static TLS", &[]),
            ("cannot allocate memory in static TLS block", &[]),
        ],
        tells: &["ImportError: dlopen: cannot load any more object with static TLS"],
        ..Cause::ROW
    },
    Cause {
        name: "executable-stack",
        title: "this system's C library does not load {}: it wants an executable stack",
        chinese: "新的 C 库拒绝加载需要可执行栈的模块",
        means: "glibc 2.41 and later refuse such libraries, and older builds of onnxruntime and others are marked so by mistake",
        remedy: "use a newer version of the package that it is in (python -m pip install -U onnxruntime-gpu), an image with an older system, or: patchelf --clear-execstack {}",
        // glibc 2.41: NEWS
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
        rules: &[("{library}: cannot open shared object file", &[Begins(&["libpython"])])],
        tells: &[
            "ImportError: libpython3.8.so.1.0: cannot open shared object file: No such file or directory",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "cudnn-dll",
        title: "Windows does not find the library {}",
        chinese: "Windows 找不到 CUDA/cuDNN 的 DLL",
        means: "it belongs to cuDNN or CUDA (zlibwapi.dll is what cuDNN 8 needs besides), and its directory is not on PATH, or what is there is of another version",
        remedy: "where /r C:\\ {where} shows whether it is there: put that directory on PATH in the prompt that starts the program (set PATH=C:\\…\\bin;%PATH%), cuDNN's bin or torch\\lib in site-packages; if it is not there, install the cuDNN of the version in its name",
        // NVIDIA: installing cuDNN on Windows
        rules: &[
            ("Could not locate {word}", &[DLL, DLL_END]),
            ("Could not load library {word}. Error code ", &[DLL]),
        ],
        tells: &[
            "Could not locate cudnn_ops_infer64_8.dll. Please make sure it is in your library path!",
            "Could not load library cudnn_ops_infer64_8.dll. Error code 126",
            "Could not locate zlibwapi.dll. Please make sure it is in your library path!",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "cuda-library",
        title: "the loader does not find {}",
        chinese: "动态加载器找不到这个库",
        means: "onnxruntime or torch needs a different CUDA or cuDNN than the one installed, or the loader does not find it: LD_LIBRARY_PATH has an effect only when it is set before Python starts",
        remedy: "install the onnxruntime-gpu that fits the CUDA here, or show the directory that has it: heygem-run -L DIR … (find / -name '{}*' finds it)",
        chinese_remedy: "安装与现有 CUDA 匹配的 onnxruntime-gpu，或指明这个库所在的目录：heygem-run -L DIR …（可用 find / -name 'libcudnn.so.9*' 查找）",
        rules: &[
            ("Unable to load any of {{{_}, {_}, {library}, lib", &[CUDA]),
            ("{library}: cannot open shared object file", &[CUDA, NO_TENSORRT]),
            ("Could not load library {library}", &[CUDA, Lacks(&["undefined symbol"])]),
            ("Could not load dynamic library '{library}'", &[CUDA, AnyLevel]),
            ("Unable to load any of {{{library}", &[CUDA]),
            ("Could not locate {library}", &[CUDA]),
        ],
        tells: &[
            "ImportError: libcudnn.so.9: cannot open shared object file: No such file or directory",
            "OSError: libcublasLt.so.11: cannot open shared object file: No such file or directory",
            "Could not load library libcudnn_ops_infer.so.8. Error: libcudnn_ops_infer.so.8: cannot open shared object file",
            "Unable to load any of {libcudnn_ops.so.9.1.0, libcudnn_ops.so.9.1, libcudnn_ops.so.9, libcudnn_ops.so}",
            "[E:onnxruntime:Default, provider_bridge_ort.cc:1480 f] Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.11: cannot open shared object file: No such file or directory",
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
        chinese: "加载器只找得到一部分 cuDNN 库",
        means: "cuDNN is several libraries (libcudnn_ops, libcudnn_cnn …), and one of them was not found or is of another version",
        remedy: "show the loader the directory that has all of them, before Python starts: heygem-run -L DIR … (find / -name 'libcudnn*.so*' finds it)",
        rules: &[
            ("Invalid handle. Cannot load symbol {word}", &[Begins(&["cudnn"])]),
            ("Could not load symbol {word}", &[Begins(&["cudnn"])]),
        ],
        tells: &["Invalid handle. Cannot load symbol cudnnCreateTensorDescriptor"],
        follows: &["cuda-library", "cudnn-dll"],
        ..Cause::ROW
    },
    Cause {
        name: "cudnn-mix",
        title: "another cuDNN is loaded before torch's own",
        chinese: "LD_LIBRARY_PATH 里的 cuDNN 抢在 torch 自带的之前被加载",
        means: "torch brings the cuDNN that it was built with, and LD_LIBRARY_PATH, or a package that pip put in its place, has one of another version first",
        remedy: "take that directory out of LD_LIBRARY_PATH (env -u LD_LIBRARY_PATH heygem-run … starts without it; heygem-run -n -v … shows it)",
        // PyTorch: torch.backends.cudnn
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
        name: "cudnn-older",
        title: "the cuDNN that is loaded is older than the one TensorFlow was built with",
        chinese: "加载的 cuDNN 比 TensorFlow 编译时用的旧",
        means: "TensorFlow needs a cuDNN of the same major version, and at least as new: the message names both",
        remedy: "python -m pip install 'nvidia-cudnn-cu11=={}.*' (for CUDA 12: nvidia-cudnn-cu12), and take the directory of the older one out of LD_LIBRARY_PATH (heygem-run -n -v … shows it)",
        // TensorFlow: cuda_dnn.cc
        rules: &[("oaded runtime CuDNN library: {_} but source was compiled with: {word}", &[])],
        tells: &[
            "E0000 00:00:1721 cuda_dnn.cc:522] Loaded runtime CuDNN library: 8.2.1 but source was compiled with: 8.6.0.  CuDNN library needs to have matching major version and equal or higher minor version.",
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
        title: "libraries of two CUDA versions are mixed: {} is missing or of another version",
        chinese: "混用了两个版本的 CUDA 库",
        means: "LD_LIBRARY_PATH, or another package, puts an older library of that name before the one that torch brings",
        remedy: "take CUDA's directories out of LD_LIBRARY_PATH (env -u LD_LIBRARY_PATH heygem-run … starts without it; heygem-run -n -v … shows it)",
        rules: &[
            ("symbol {_} version {_} not defined in file {library} with link time reference", &[CUDA]),
            ("undefined symbol: {word}", &[CUDA_SYMBOL]),
        ],
        tells: &[
            "ImportError: /x/libcusparse.so.12: undefined symbol: __nvJitLinkComplete_12_4, version libnvJitLink.so.12",
            "ImportError: /x/libtorch_cuda.so: undefined symbol: ncclCommRegister",
            "OSError: /x/lib/python3.7/lib-dynload/../../libcublas.so.11: symbol free_gemm_select version libcublasLt.so.11 not defined in file libcublasLt.so.11 with link time reference",
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
        chinese: "编译好的模块与当前 Python 不符",
        means: "it was renamed or loaded by hand, or it lies where another version's site-packages are read",
        remedy: "run with the matching Python: heygem-run --python python3.8 …",
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
        rules: &[
            ("symbol {word} version {_} not defined in file {_} with link time reference", &[]),
            ("symbol {word}, version {_} not defined in file {_} with link time reference", &[]),
            ("undefined symbol: {word}", &[]),
        ],
        tells: &[
            "ImportError: /usr/lib/libp11-kit.so.0: undefined symbol: ffi_type_pointer, version LIBFFI_BASE_7.0",
            "ImportError: /usr/lib/libssh.so.4: symbol EVP_KDF_CTX_new_id version OPENSSL_1_1_1b not defined in file libcrypto.so.1.1 with link time reference",
        ],
        ..Cause::ROW
    },
];
