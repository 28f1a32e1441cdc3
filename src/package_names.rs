//! What things are called elsewhere: a module by pip, a library or a command by Debian.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Modules that pip knows by another name.
const PIP_NAMES: &[(&str, &str)] = &[
    ("cv2", "opencv-python-headless"),
    ("PIL", "pillow"),
    ("yaml", "pyyaml"),
    ("sklearn", "scikit-learn"),
    ("skimage", "scikit-image"),
    ("onnxruntime", "onnxruntime-gpu"),
    ("google", "protobuf"),
    ("git", "gitpython"),
    ("grpc", "grpcio"),
    ("opentelemetry", "opentelemetry-api"),
    ("dotenv", "python-dotenv"),
    ("multipart", "python-multipart"),
    ("bs4", "beautifulsoup4"),
    ("Crypto", "pycryptodome"),
    ("Cryptodome", "pycryptodomex"),
    ("OpenSSL", "pyopenssl"),
    ("attr", "attrs"),
    ("dateutil", "python-dateutil"),
    ("docx", "python-docx"),
    ("fitz", "pymupdf"),
    ("ffmpeg", "ffmpeg-python"),
    ("jwt", "pyjwt"),
    ("jose", "python-jose"),
    ("magic", "python-magic"),
    ("MySQLdb", "mysqlclient"),
    ("psycopg2", "psycopg2-binary"),
    ("pynvml", "nvidia-ml-py"),
    ("serial", "pyserial"),
    ("socks", "pysocks"),
    ("socketio", "python-socketio"),
    ("engineio", "python-engineio"),
    ("speech_recognition", "SpeechRecognition"),
    ("usb", "pyusb"),
    ("websocket", "websocket-client"),
    ("whisper", "openai-whisper"),
    ("zmq", "pyzmq"),
    ("pkg_resources", "setuptools"),
    ("ruamel", "ruamel.yaml"),
    ("umap", "umap-learn"),
    ("opencc", "opencc-python-reimplemented"),
    ("absl", "absl-py"),
    ("pywt", "PyWavelets"),
    ("hydra", "hydra-core"),
    ("parselmouth", "praat-parselmouth"),
    ("paddle", "paddlepaddle"),
    ("faiss", "faiss-cpu"),
    ("cupy", "cupy-cuda12x"),
    ("tn", "WeTextProcessing"),
    ("itn", "WeTextProcessing"),
    ("mim", "openmim"),
    ("torchrun", "torch"),
    ("waitress-serve", "waitress"),
];

/// Modules whose package has their name, with hyphens. To have anything else installed by the name that a log or an app has would
/// be reckless.
const PIP_SAME: &str = "accelerate addict aiofiles aiohttp albumentations alembic anyio apscheduler arrow asgiref \
    audioread av babel basicsr bitsandbytes bleach boto3 cachetools celery certifi cffi chardet charset_normalizer \
    click cn2an colorama colorlog conformer cryptography cython daphne dask datasets ddsp decord deepface deepspeed \
    diffusers django dlib easydict edge_tts einops email_validator encodec et_xmlfile face_alignment facexlib \
    fake_useragent fastapi faster_whisper ffmpy filelock filetype fire flask flask_cors flask_restful flatbuffers \
    fsspec ftfy funasr fvcore g2p_en gdown gevent gfpgan gradio gradio_client greenlet gunicorn h11 h5py httpcore \
    httptools httpx huggingface_hub hypercorn idna imageio imageio_ffmpeg imgaug inflect insightface iopath jieba \
    jieba_fast jinja2 joblib jsonschema kaldi_native_fbank kaldiio kornia langdetect librosa lightning \
    lightning_fabric llvmlite lmdb loguru lpips lxml markdown markupsafe matplotlib mediapipe mmdet mmengine mmpose \
    modelscope moviepy msgpack natsort ncnn networkx nltk numba numexpr numpy omegaconf onnx onnxconverter_common \
    onnxsim openai openpyxl orjson packaging paddleocr pandas paramiko peewee peft pexpect phonemizer pika \
    pillow_heif platformdirs plotly polars pooch portalocker prometheus_client protobuf psutil py_cpuinfo pyarrow \
    pyaudio pyclipper pycocotools pycparser pycuda pydantic pydantic_core pydantic_settings pydub pygments \
    pyloudnorm pymongo pymysql pynini pyparsing pypinyin pyrubberband pysrt pystoi pytest python_multipart \
    python_speech_features pytorch_lightning pytz pyworld qrcode quart ray redis regex requests resampy rich \
    rotary_embedding_torch s3fs safetensors sanic scipy seaborn segment_anything sentencepiece sentry_sdk \
    setproctitle setuptools shapely shortuuid silero_vad simplejson six smart_open sniffio soundfile soxr spacy \
    sqlalchemy starlette streamlit sympy tabulate tenacity tensorboard tensorboardX tensorflow tensorrt termcolor \
    tflite_runtime thop threadpoolctl tifffile tiktoken timm tokenizers toml tomli torch torchaudio torchcodec \
    torchdiffeq torchmetrics torchvision tornado tqdm transformers trimesh triton typeguard typer typing_extensions \
    ujson unidecode urllib3 uvicorn uvloop vector_quantize_pytorch waitress wandb watchdog watchfiles webdataset \
    webrtcvad websockets werkzeug wetext wget wheel wrapt xformers xmltodict xxhash yacs yapf yarl zarr zhconv zipp \
    zstandard";

/// Libraries and commands, and Debian's package.
const DEBIAN: &[(&str, &str)] = &[
    ("libGL.so.1", "libgl1"),
    ("libEGL.so.1", "libegl1"),
    ("libGLU.so.1", "libglu1-mesa"),
    ("libOpenGL.so.0", "libopengl0"),
    ("libglib-2.0.so.0", "libglib2.0-0"),
    ("libgthread-2.0.so.0", "libglib2.0-0"),
    ("libgobject-2.0.so.0", "libglib2.0-0"),
    ("libSM.so.6", "libsm6"),
    ("libICE.so.6", "libice6"),
    ("libXext.so.6", "libxext6"),
    ("libXrender.so.1", "libxrender1"),
    ("libX11.so.6", "libx11-6"),
    ("libxcb.so.1", "libxcb1"),
    ("libgomp.so.1", "libgomp1"),
    ("libsndfile.so.1", "libsndfile1"),
    ("libportaudio.so.2", "libportaudio2"),
    ("libsox.so", "libsox-dev"),
    ("libsox.so.3", "libsox3"),
    ("libstdc++.so.6", "libstdc++6"),
    ("libgcc_s.so.1", "libgcc-s1"),
    ("libquadmath.so.0", "libquadmath0"),
    ("libgfortran.so.5", "libgfortran5"),
    ("libopenblas.so.0", "libopenblas0"),
    ("libnuma.so.1", "libnuma1"),
    ("libaio.so.1", "libaio1"),
    ("libcurl.so.4", "libcurl4"),
    ("libffi.so.8", "libffi8"),
    ("libz.so.1", "zlib1g"),
    ("libbz2.so.1.0", "libbz2-1.0"),
    ("liblzma.so.5", "liblzma5"),
    ("libatomic.so.1", "libatomic1"),
    ("libpq.so.5", "libpq5"),
    ("libmysqlclient.so.21", "libmysqlclient21"),
    ("libtk8.6.so", "libtk8.6"),
    ("libspeexdsp.so.1", "libspeexdsp1"),
    ("libasound.so.2", "libasound2"),
    ("libespeak-ng.so.1", "libespeak-ng1"),
    ("python", "python-is-python3"),
    ("python3", "python3"),
    ("wget", "wget"),
    ("curl", "curl"),
    ("git", "git"),
    ("git-lfs", "git-lfs"),
    ("unzip", "unzip"),
    ("zip", "zip"),
    ("dos2unix", "dos2unix"),
    ("gcc", "build-essential"),
    ("g++", "build-essential"),
    ("make", "build-essential"),
    ("cc", "build-essential"),
    ("cmake", "cmake"),
    ("ninja", "ninja-build"),
    ("sox", "sox"),
    ("aria2c", "aria2"),
    ("ps", "procps"),
    ("pkill", "procps"),
    ("free", "procps"),
    ("lsof", "lsof"),
    ("netstat", "net-tools"),
    ("ifconfig", "net-tools"),
    ("ss", "iproute2"),
    ("ip", "iproute2"),
    ("ping", "iputils-ping"),
    ("vim", "vim"),
    ("nano", "nano"),
    ("sudo", "sudo"),
    ("screen", "screen"),
    ("tmux", "tmux"),
    ("nginx", "nginx"),
    ("redis-server", "redis-server"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("jq", "jq"),
    ("rsync", "rsync"),
    ("xz", "xz-utils"),
    ("bzip2", "bzip2"),
    ("tar", "tar"),
    ("file", "file"),
    ("espeak-ng", "espeak-ng"),
    ("mediainfo", "mediainfo"),
    ("convert", "imagemagick"),
    ("supervisorctl", "supervisor"),
    ("supervisord", "supervisor"),
    ("docker", "docker.io"),
];

/// All modules that pip knows, by their names.
static PIP: LazyLock<BTreeMap<&str, Cow<str>>> = LazyLock::new(|| {
    let same = PIP_SAME.split_ascii_whitespace().map(|name| (name, Cow::Owned(name.replace('_', "-"))));
    same.chain(PIP_NAMES.iter().map(|(module, name)| (*module, Cow::Borrowed(*name)))).collect()
});

/// What pip calls the package of a module, where that is known.
pub fn pip_name(module: &str) -> Option<&'static str> {
    PIP.get(module).map(AsRef::as_ref)
}

/// What Debian calls the package of a library or command.
pub fn debian_name(file: &str) -> Option<&'static str> {
    DEBIAN.iter().find(|(known, _)| *known == file).map(|(_, package)| *package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whole() {
        assert_eq!(pip_name("cv2"), Some("opencv-python-headless"));
        assert_eq!(pip_name("einops"), Some("einops"));
        assert_eq!(pip_name("flask_cors"), Some("flask-cors"));
        assert_eq!(pip_name("grpc"), Some("grpcio"));
        assert_eq!((pip_name("my_utils"), pip_name("ein"), pip_name("mx")), (None, None, None));
        assert_eq!(debian_name("libGL.so.1"), Some("libgl1"));
    }

    #[test]
    fn a_module_has_one_name() {
        let same = PIP_SAME.split_ascii_whitespace();
        let mut all: Vec<&str> = same.chain(PIP_NAMES.iter().map(|(module, _)| *module)).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
