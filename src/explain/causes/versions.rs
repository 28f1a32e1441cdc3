//! Packages that are newer or older than what uses them.

use super::cause::Condition::{AnyLevel, Class, Frames, Is, Lacks, Pip, Raised, Says, Uncaught};
use super::cause::{Cause, Condition, Weight};

/// What numpy 1.24 dropped.
const NUMPY_ALIAS: Condition = Is(&[
    "bool", "int", "float", "complex", "object", "str", "long", "unicode", "typeDict", "bool8", "object0",
    "int0",
]);
/// A message of the package that is imported, and no file of the app's.
const INSTALLED: Condition = Says(&["site-packages", "dist-packages", "/usr/lib/", "/conda"]);

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "typeguard",
        title: "typeguard is newer than the SDK can use: it has no '{}'",
        chinese: "typeguard 版本过新",
        means: "the SDK was built with typeguard 2.13.3; later versions have a different interface",
        remedy: "python -m pip install typeguard==2.13.3",
        rules: &[
            ("cannot import name '{module}' from 'typeguard", &[]),
            ("module 'typeguard' has no attribute '{module}'", &[]),
        ],
        tells: &[
            "ImportError: cannot import name 'check_argument_types' from 'typeguard' (/usr/lib/typeguard/__init__.py)",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "numpy",
        title: "numpy is newer than the code that uses it: np.{} was removed",
        chinese: "numpy 版本过新（1.24 删除了旧别名）",
        means: "numpy 1.24 removed np.bool, np.int, np.float, np.complex, np.object and np.str",
        remedy: "python -m pip install 'numpy<1.24'",
        // numpy 1.24: release notes
        rules: &[("module 'numpy' has no attribute '{module}'", &[NUMPY_ALIAS])],
        tells: &[
            "AttributeError: module 'numpy' has no attribute 'bool'.",
            "AttributeError: module 'numpy' has no attribute 'complex'.",
        ],
        silent: &[
            "FutureWarning: In the future `np.bool` will be defined as the corresponding NumPy scalar.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "numpy-2",
        title: "numpy 2 is installed, and the code that uses it was made for numpy 1",
        chinese: "装了 numpy 2，而其他包是为 numpy 1 编译的",
        means: "numpy 2 has a different binary interface, and removed names such as np.float_ and np.Inf",
        remedy: "python -m pip install 'numpy<2'",
        // numpy 2.0: migration guide
        rules: &[
            ("Failed to initialize NumPy: _ARRAY_API not found", &[AnyLevel]),
            ("Numpy is not available", &[Raised]),
            ("compiled using NumPy 1.x cannot be run in", &[]),
            ("was removed in the NumPy 2.0 release", &[AnyLevel, Raised]),
            ("_ARRAY_API not found", &[]),
            (
                "numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88",
                &[],
            ),
            ("compiled against ABI version 0x1000009 but this version of numpy is 0x2000000", &[]),
        ],
        tells: &[
            "A module that was compiled using NumPy 1.x cannot be run in",
            "AttributeError: `np.float_` was removed in the NumPy 2.0 release. Use `np.float64` instead.",
            "ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject",
            "RuntimeError: Numpy is not available",
            "UserWarning: Failed to initialize NumPy: _ARRAY_API not found (Triggered internally at ../torch/csrc/utils/tensor_numpy.cpp:84.)",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "numpy-old",
        title: "numpy is older than the one that a module was built with",
        chinese: "numpy 比模块编译时用的版本旧",
        means: "a package was built for a newer numpy than is here",
        remedy: "python -m pip install -U 'numpy<2'; if another package forbids that, an older version of the one whose import fails",
        // numpy: troubleshooting ImportError
        rules: &[
            ("module compiled against API version 0x", &[]),
            ("numpy.ndarray size changed, may indicate binary incompatibility", &[]),
        ],
        tells: &[
            "RuntimeError: module compiled against API version 0x10 but this version of numpy is 0xf",
            "ValueError: numpy.ndarray size changed, may indicate binary incompatibility. Expected 88 from C header, got 80 from PyObject",
        ],
        silent: &[
            "RuntimeWarning: numpy.ndarray size changed, may indicate binary incompatibility. Expected 16 from C header, got 88",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "numpy-broken",
        weight: Weight::Hampers,
        title: "numpy and a module that uses it do not fit, or numpy itself is broken",
        chinese: "numpy 与使用它的模块不匹配，或 numpy 本身已损坏",
        means: "its compiled part can't be imported: numpy was updated under a module that was built for another one, or is installed twice",
        remedy: "python -m pip install --force-reinstall 'numpy<2'",
        // numpy: troubleshooting ImportError
        follows: &["numpy-2", "numpy-old"],
        rules: &[
            ("numpy.core.multiarray failed to import", &[]),
            ("numpy._core.multiarray failed to import", &[]),
            ("Importing the numpy C-extensions failed", &[]),
            ("Error importing numpy: you should not try to import numpy from", &[]),
            ("No module named 'numpy.core._multiarray_umath'", &[]),
        ],
        tells: &["ImportError: numpy.core.multiarray failed to import"],
        ..Cause::ROW
    },
    Cause {
        name: "numba",
        title: "numpy is newer than numba can use",
        chinese: "numpy 版本过新，numba 不支持",
        means: "each numba works with numpy up to one version",
        remedy: "python -m pip install 'numpy<={}.99'",
        // numba: compatibility
        rules: &[("Numba needs NumPy {word} or less", &[])],
        tells: &["ImportError: Numba needs NumPy 2.0 or less. Got NumPy 2.2."],
        ..Cause::ROW
    },
    Cause {
        name: "librosa",
        title: "librosa is newer than the code that uses it expects",
        chinese: "librosa 版本过新",
        means: "librosa 0.10 takes these arguments by name only",
        remedy: "python -m pip install librosa==0.9.1",
        // librosa 0.10: changelog
        rules: &[
            ("mel() takes 0 positional arguments but", &[]),
            ("resample() takes 1 positional argument but", &[]),
            ("melspectrogram() takes 0 positional arguments but", &[]),
            ("melspectrogram() takes 1 positional argument but", &[]),
            ("mfcc() takes 0 positional arguments but", &[]),
            ("get_duration() takes 0 positional arguments but", &[]),
            ("stft() takes 1 positional argument but", &[Frames(&["librosa"])]),
        ],
        tells: &[
            "TypeError: mel() takes 0 positional arguments but 2 positional arguments (and 3 keyword-only arguments) were given",
            "TypeError: resample() takes 1 positional argument but 3 were given",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "librosa-output",
        title: "librosa no longer writes files: librosa.output was removed",
        chinese: "librosa 0.8 删除了 librosa.output",
        means: "librosa 0.8 removed it",
        remedy: "in the code, write with soundfile: soundfile.write(path, samples, rate)",
        // librosa 0.8: changelog
        rules: &[("module 'librosa' has no attribute 'output'", &[])],
        tells: &["AttributeError: module 'librosa' has no attribute 'output'"],
        ..Cause::ROW
    },
    Cause {
        name: "scipy",
        title: "scipy is newer than the code that uses it expects: '{}' was removed",
        chinese: "scipy 版本过新",
        means: "scipy 1.13 removed the windows from scipy.signal, 1.14 the old names of scipy.integrate and scipy.interpolate",
        remedy: "python -m pip install 'scipy<1.13'",
        // scipy 1.13, 1.14: release notes
        rules: &[
            ("module 'scipy.signal' has no attribute '{module}'", &[]),
            ("module 'scipy.integrate' has no attribute '{module}'", &[]),
            ("cannot import name '{module}' from 'scipy.signal'", &[]),
            ("cannot import name '{module}' from 'scipy.integrate'", &[]),
        ],
        tells: &["AttributeError: module 'scipy.signal' has no attribute 'hann'"],
        ..Cause::ROW
    },
    Cause {
        name: "pillow",
        title: "pillow is newer than the code that uses it expects",
        chinese: "pillow 版本过新",
        means: "pillow 10 removed Image.ANTIALIAS, getsize and textsize",
        remedy: "python -m pip install 'pillow<10'",
        // pillow 10: deprecations and removals
        rules: &[
            ("module 'PIL.Image' has no attribute 'ANTIALIAS'", &[]),
            ("module 'PIL.Image' has no attribute 'LINEAR'", &[]),
            ("cannot import name 'ANTIALIAS' from", &[]),
            ("'FreeTypeFont' object has no attribute 'getsize'", &[]),
            ("'ImageDraw' object has no attribute 'textsize'", &[]),
        ],
        tells: &["AttributeError: module 'PIL.Image' has no attribute 'ANTIALIAS'"],
        ..Cause::ROW
    },
    Cause {
        name: "protobuf",
        title: "protobuf is newer than the code that uses it",
        chinese: "protobuf 版本过新",
        means: "code generated for protobuf 3 does not load with protobuf 4 and later",
        remedy: "python -m pip install 'protobuf<3.21'",
        // protobuf: the news of 2022-05-06
        rules: &[
            // Its own slip of the pen, and what later versions made of it.
            ("Descriptors cannot not be created directly", &[]),
            ("Descriptors cannot be created directly", &[]),
        ],
        tells: &[
            "TypeError: Descriptors cannot not be created directly.",
            "TypeError: Descriptors cannot be created directly.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "protobuf-old",
        title: "protobuf is older than the code that uses it",
        chinese: "protobuf 版本过旧",
        means: "code generated for a newer protobuf does not load with this one",
        remedy: "python -m pip install 'protobuf>=3.20,<3.21'; if that is not new enough: python -m pip install -U protobuf",
        rules: &[("cannot import name 'builder' from 'google.protobuf.internal'", &[])],
        tells: &[
            "ImportError: cannot import name 'builder' from 'google.protobuf.internal' (/x/__init__.py)",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "pydantic-gradio",
        title: "pydantic is newer than gradio can use",
        chinese: "pydantic 版本过新，gradio 不能用",
        means: "pydantic 2.11 describes the app in a form that this gradio does not understand; the message about localhost is a consequence",
        remedy: "python -m pip install pydantic==2.10.6",
        rules: &[
            ("argument of type 'bool' is not iterable", &[Frames(&["gradio_client", "gradio"])]),
            ("Unable to generate pydantic-core schema for <class 'starlette.requests.Request'>", &[]),
        ],
        tells: &[
            "Traceback (most recent call last):\n  File \"/x/site-packages/gradio_client/utils.py\", line 863, in get_type\n    if \"const\" in schema:\nTypeError: argument of type 'bool' is not iterable",
            "  File \"/x/lib/python3.11/site-packages/gradio_client/utils.py\", line 863, in get_type\n    if \"const\" in schema:\n       ^^^^^^^^^^^^^^^^^\nTypeError: argument of type 'bool' is not iterable",
        ],
        silent: &[
            "Traceback (most recent call last):\n  File \"/app/x.py\", line 863, in f\n    if \"const\" in schema:\nTypeError: argument of type 'bool' is not iterable",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "pydantic-settings",
        title: "pydantic 2 has moved BaseSettings into a package of its own",
        chinese: "pydantic 2 把 BaseSettings 移到了单独的包",
        means: "the code was written for pydantic 1",
        remedy: "python -m pip install 'pydantic<2'",
        // pydantic 2: migration guide
        rules: &[
            ("`BaseSettings` has been moved to the `pydantic-settings` package", &[]),
            ("has been removed in V2", &[Class(&["PydanticImportError", "PydanticUserError"])]),
        ],
        tells: &[
            "pydantic.errors.PydanticImportError: `BaseSettings` has been moved to the `pydantic-settings` package.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "huggingface-hub",
        title: "huggingface_hub is newer than the code that uses it expects: '{}' was removed",
        chinese: "huggingface_hub 版本过新",
        means: "huggingface_hub 0.26 removed cached_download, and 1.0 HfFolder",
        remedy: "python -m pip install 'huggingface_hub<0.26'",
        // huggingface_hub: release notes
        rules: &[(
            "cannot import name '{module}' from 'huggingface_hub",
            &[Is(&["cached_download", "HfFolder", "hf_cache_home"])],
        )],
        tells: &["ImportError: cannot import name 'cached_download' from 'huggingface_hub' (/x/__init__.py)"],
        ..Cause::ROW
    },
    Cause {
        name: "moviepy",
        title: "moviepy is newer than the code that uses it expects: it has no moviepy.editor",
        chinese: "moviepy 版本过新，没有 moviepy.editor",
        means: "moviepy 2 removed it",
        remedy: "python -m pip install moviepy==1.0.3",
        // moviepy 2: migration guide
        rules: &[("No module named 'moviepy.editor'", &[Uncaught])],
        tells: &["ModuleNotFoundError: No module named 'moviepy.editor'"],
        ..Cause::ROW
    },
    Cause {
        name: "torchvision",
        title: "torchvision is newer than basicsr and its like can use",
        chinese: "torchvision 版本过新，basicsr 不能用",
        means: "torchvision 0.17 removed transforms.functional_tensor",
        remedy: "install torchvision 0.16 with the torch that goes with it: python -m pip install torch==2.1.2 torchvision==0.16.2",
        rules: &[("No module named 'torchvision.transforms.functional_tensor'", &[Uncaught])],
        tells: &["ModuleNotFoundError: No module named 'torchvision.transforms.functional_tensor'"],
        ..Cause::ROW
    },
    Cause {
        name: "torchcodec",
        title: "this torchaudio reads and writes audio by torchcodec, which is missing",
        chinese: "这个 torchaudio 需要 torchcodec",
        means: "torchaudio 2.9 uses it for all files, and it needs ffmpeg's libraries",
        remedy: "python -m pip install torchcodec, with ffmpeg installed; or torch and torchaudio before 2.9",
        // torchaudio 2.9: release notes
        rules: &[("TorchCodec is required for", &[]), ("torchcodec is required", &[])],
        tells: &[
            "ImportError: TorchCodec is required for load_with_torchcodec. Please install torchcodec to use this function.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "torchaudio-backend",
        title: "torchaudio has no backend that reads audio files",
        chinese: "torchaudio 没有可用的音频后端",
        means: "it uses soundfile, sox or ffmpeg to read them, and finds none of these",
        remedy: "python -m pip install soundfile",
        // torchaudio: backends
        rules: &[
            ("Couldn't find appropriate backend to handle uri", &[]),
            ("No audio I/O backend is available", &[AnyLevel, Raised]),
        ],
        tells: &["RuntimeError: Couldn't find appropriate backend to handle uri a.wav and format None."],
        ..Cause::ROW
    },
    Cause {
        name: "no-display",
        title: "a window is to be shown, and there is no display",
        chinese: "程序要显示窗口，但没有可用的图形显示",
        means: "a container or a server has none; opencv-python brings Qt for windows, which ends the process",
        remedy: "python -m pip uninstall -y opencv-python && python -m pip install opencv-python-headless; or without windows: QT_QPA_PLATFORM=offscreen heygem-run …",
        // Qt for X11; opencv-python: README
        rules: &[
            ("ould not load the Qt platform plugin \"xcb\"", &[AnyLevel]),
            ("qt.qpa.xcb: could not connect to display", &[]),
            ("no display name and no $DISPLAY environment variable", &[]),
            ("Can't initialize GTK backend in function", &[]),
        ],
        tells: &[
            "qt.qpa.xcb: could not connect to display ",
            "qt.qpa.plugin: Could not load the Qt platform plugin \"xcb\" in \"/opt/cv2/qt/plugins\" even though it was found.",
            "_tkinter.TclError: no display name and no $DISPLAY environment variable",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "opencv-headless",
        title: "this OpenCV was built without windows",
        chinese: "这个 OpenCV 不带窗口功能",
        means: "opencv-python-headless has no imshow, and a container has no display",
        remedy: "take cv2.imshow and cv2.waitKey out of the code; on a desktop: python -m pip install opencv-python",
        // opencv-python: README
        rules: &[("The function is not implemented. Rebuild the library with Windows, GTK+", &[])],
        tells: &[
            "cv2.error: OpenCV(4.9.0) window.cpp:1272: error: (-2:Unspecified error) The function is not implemented. Rebuild the library with Windows, GTK+ 2.x or Cocoa support.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "package-version",
        title: "'{}' has a different version than the code that imports it expects",
        chinese: "包的版本与导入它的代码所需的不同",
        means: "the imported package lacks a name that an older or newer version has; or one of the app's own files has the package's name",
        remedy: "install the version that the SDK's requirements name; python -m pip show {pip} says which one is here",
        rules: &[
            ("cannot import name '{_}' from '{module}' (", &[Lacks(&["circular import"]), INSTALLED]),
            ("cannot import name '{_}' from '{module}' (", &[Lacks(&["circular import"]), Pip]),
            (
                "AttributeError: module '{module}' has no attribute '",
                &[Pip, Lacks(&["partially initialized"]), Raised],
            ),
        ],
        tells: &[
            "ImportError: cannot import name 'resample' from 'librosa.core' (/usr/lib/librosa/core/__init__.py)",
            "AttributeError: module 'torch' has no attribute 'xpu'",
        ],
        silent: &[
            "ImportError: cannot import name 'a' from partially initialized module 'b' (most likely due to a circular import) (/b.py)",
            "ImportError: cannot import name 'a' from 'utils' (/app/utils.py)",
        ],
        ..Cause::ROW
    },
];
