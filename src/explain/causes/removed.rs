//! Names that packages and Pythons removed, or that an older one has not yet.

use super::cause::Cause;
use super::cause::Condition::Raised;

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "older-python",
        title: "the code is for a newer Python than the one that runs",
        chinese: "代码需要比当前更新的 Python",
        means: "list[int] as a type needs Python 3.9, int | None needs 3.10; a newer Python is no way out, since it does not load the SDK's compiled modules",
        remedy: "write the type with the names of typing (List, Dict, Optional, Union), or install the version of the package, whose file is the last above the error, that is for this Python",
        // PEP 585, PEP 604
        rules: &[
            ("'type' object is not subscriptable", &[Raised]),
            ("'ABCMeta' object is not subscriptable", &[Raised]),
            ("unsupported operand type(s) for |: 'type' and 'NoneType'", &[Raised]),
            ("unsupported operand type(s) for |: 'type' and 'type'", &[Raised]),
            ("unsupported operand type(s) for |: '_GenericAlias' and 'NoneType'", &[Raised]),
        ],
        tells: &[
            "TypeError: 'type' object is not subscriptable",
            "TypeError: unsupported operand type(s) for |: 'type' and 'NoneType'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "flask",
        title: "flask is newer than the code that uses it: it has no 'before_first_request'",
        chinese: "flask 版本过新",
        means: "flask 2.3 removed it",
        remedy: "python -m pip install 'flask<2.3' 'werkzeug<2.3'",
        // flask: changes
        rules: &[("object has no attribute 'before_first_request'", &[Raised])],
        tells: &["AttributeError: 'Flask' object has no attribute 'before_first_request'"],
        ..Cause::ROW
    },
    Cause {
        name: "gradio",
        title: "gradio is newer than the code that uses it",
        chinese: "gradio 版本过新",
        means: "gradio 4 renamed or removed arguments that the code gives",
        remedy: "python -m pip install 'gradio<4'",
        // gradio: changelog
        rules: &[
            ("got an unexpected keyword argument 'concurrency_count'", &[Raised]),
            ("got an unexpected keyword argument 'enable_queue'", &[Raised]),
        ],
        tells: &["TypeError: queue() got an unexpected keyword argument 'concurrency_count'"],
        ..Cause::ROW
    },
    Cause {
        name: "pydantic",
        title: "pydantic 2 is installed, and the code that uses it was made for pydantic 1",
        chinese: "pydantic 2 与代码不兼容",
        means: "pydantic 2 wants a type for every field of a model, and removed some of what pydantic 1 had",
        remedy: "python -m pip install 'pydantic<2'",
        // pydantic: migration
        rules: &[("A non-annotated attribute was detected", &[Raised])],
        tells: &[
            "pydantic.errors.PydanticUserError: A non-annotated attribute was detected: `dtype = <class 'float'>`.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "opencv-mixed",
        title: "two packages of OpenCV are mixed in one directory",
        chinese: "多个 OpenCV 包混装",
        means: "opencv-python, opencv-contrib-python and opencv-python-headless all write into cv2: of two versions, parts of each are left",
        remedy: "python -m pip uninstall -y opencv-python opencv-contrib-python opencv-python-headless opencv-contrib-python-headless && python -m pip install opencv-python-headless",
        // opencv-python: installation
        rules: &[
            ("partially initialized module 'cv2' has no attribute", &[]),
            ("module 'cv2.dnn' has no attribute 'DictValue'", &[]),
        ],
        tells: &[
            "AttributeError: partially initialized module 'cv2' has no attribute '_registerMatType' (most likely due to a circular import)",
            "AttributeError: module 'cv2.dnn' has no attribute 'DictValue'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "numba-numpy",
        title: "numba and numpy do not fit each other",
        chinese: "numba 与 numpy 版本不匹配",
        means: "each numba works with numpy up to one version, and was built for a range of them",
        remedy: "python -m pip install -U numba: pip takes the numpy that goes with it",
        // numba: compatibility
        rules: &[("initialization of _internal failed without raising an exception", &[])],
        tells: &["SystemError: initialization of _internal failed without raising an exception"],
        ..Cause::ROW
    },
    Cause {
        name: "numba-cache",
        title: "numba finds no directory for what it compiles",
        chinese: "numba 没有可写的缓存目录",
        means: "neither the package's directory nor the user's cache can be written to, as in a container with another user or without a HOME",
        remedy: "export NUMBA_CACHE_DIR=/tmp/numba before the start (docker run -e NUMBA_CACHE_DIR=/tmp/numba …)",
        // numba: NUMBA_CACHE_DIR
        rules: &[("no locator available for file '", &[Raised])],
        tells: &[
            "RuntimeError: cannot cache function '__shear_dense': no locator available for file '/usr/lib/python3.8/site-packages/librosa/util/utils.py'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "no-stream",
        title: "a media file does not have the stream that is asked for: {}",
        chinese: "音视频文件里没有所需的流（例如没有音轨）",
        means: "ffmpeg was told to take a stream (0:a is sound, 0:v is pictures) that this file does not have",
        remedy: "ffprobe FILE lists its streams: give a video with sound, or write the map with a ? behind it (-map 0:a?) where it may be missing",
        // ffmpeg
        rules: &[("Failed to set value '{host}' for option 'map'", &[])],
        tells: &["Failed to set value '0:a' for option 'map': Invalid argument"],
        ..Cause::ROW
    },
    Cause {
        name: "no-decoder",
        title: "this ffmpeg or OpenCV can't decode the video's codec",
        chinese: "当前 ffmpeg/OpenCV 无法解码该视频的编码",
        means: "the file is whole, and of a codec (AV1, HEVC) that this build was made without",
        remedy: "ffprobe FILE names the codec; make an H.264 of it with another ffmpeg: ffmpeg -i IN -c:v libx264 -c:a aac OUT.mp4",
        // ffmpeg, OpenCV: cap_ffmpeg
        rules: &[
            ("Decoder (codec {word}) not found for input stream", &[]),
            ("Could not find decoder for codec_id=", &[]),
            ("Your platform doesn't support hardware accelerated AV1 decoding", &[]),
        ],
        tells: &[
            "Decoder (codec av1) not found for input stream #0:0",
            "[ERROR:0@3.122] global cap_ffmpeg_impl.hpp:1273 open Could not find decoder for codec_id=225",
        ],
        ..Cause::ROW
    },
];
