//! Libraries of the system that are missing, or do not fit the program.

use super::cause::Cause;
use super::cause::Condition::{self, Lacks, Says};
use super::libraries::NO_TENSORRT;

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "ffmpeg-broken",
        title: "this ffmpeg does not start: its library {} is missing",
        chinese: "这个 ffmpeg 缺少自己的库，无法启动",
        means: "it was installed with other versions of its libraries than are there now, as conda's often is; the library alone can seldom be had",
        remedy: "put another ffmpeg first on PATH (apt-get update && apt-get install -y ffmpeg, then /usr/bin/ffmpeg), or install conda's build: conda install -c conda-forge ffmpeg; which -a ffmpeg lists those that are there",
        rules: &[
            ("ffmpeg: error while loading shared libraries: {object}: cannot open", &[Condition::Relative]),
            ("ffprobe: error while loading shared libraries: {object}: cannot open", &[Condition::Relative]),
        ],
        tells: &[
            "ffmpeg: error while loading shared libraries: libopenh264.so.5: cannot open shared object file: No such file or directory",
            "ffmpeg: error while loading shared libraries: libx264.so.155: cannot open shared object file: No such file or directory",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "system-library",
        title: "the loader does not find {}",
        chinese: "找不到系统动态库",
        means: "a system package is not installed, or the loader does not look where the library is",
        remedy: "{deb}; or show the directory that has it: heygem-run -L DIR …",
        rules: &[
            (
                "{object}: cannot open shared object file",
                &[Condition::Relative, NO_TENSORRT, TORCH_NOT, Lacks(&["LD_PRELOAD"])],
            ),
            ("error while loading shared libraries: {object}: cannot open", &[Condition::Relative]),
        ],
        tells: &[
            "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
            "python3: error while loading shared libraries: libcrypt.so.1: cannot open shared object file: No such file or directory",
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
        // sounddevice: installation
        rules: &[("PortAudio library not found", &[])],
        tells: &["OSError: PortAudio library not found"],
        ..Cause::ROW
    },
    Cause {
        name: "old-system",
        title: "a binary was built on a newer system than this one: {}",
        chinese: "程序是在比本机更新的系统上编译的",
        means: "the C library is older than what it was built with, or an old libstdc++ comes first",
        remedy: "use a newer image; for GLIBCXX and CXXABI put conda's libraries in front: heygem-run -L \"$CONDA_PREFIX/lib\" …",
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
        // musl: the dynamic linker
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
