//! What things are called elsewhere: a module by pip, a library or a command by Debian; and modules that programs do without.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Modules that pip knows by another name.
const PIP_NAMES: &[(&str, &str)] = &[
    ("cv2", "opencv-python"),
    ("PIL", "pillow"),
    ("yaml", "pyyaml"),
    ("sklearn", "scikit-learn"),
    ("skimage", "scikit-image"),
    ("onnxruntime", "onnxruntime-gpu"),
    ("google", "protobuf"),
    ("git", "gitpython"),
    ("dotenv", "python-dotenv"),
    ("multipart", "python-multipart"),
    ("python_multipart", "python-multipart"),
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
    ("pydantic_core", "pydantic-core"),
    ("fake_useragent", "fake-useragent"),
    ("pytorch_lightning", "pytorch-lightning"),
    ("lightning_fabric", "lightning-fabric"),
    ("edge_tts", "edge-tts"),
    ("face_alignment", "face-alignment"),
    ("faster_whisper", "faster-whisper"),
    ("kaldi_native_fbank", "kaldi-native-fbank"),
    ("ruamel", "ruamel.yaml"),
    ("imageio_ffmpeg", "imageio-ffmpeg"),
    ("prometheus_client", "prometheus-client"),
    ("umap", "umap-learn"),
    ("vector_quantize_pytorch", "vector-quantize-pytorch"),
    ("opencc", "opencc-python-reimplemented"),
    ("jieba_fast", "jieba-fast"),
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

/// Modules whose package has their name.
const PIP_SAME: &str = " accelerate addict aiofiles aiohttp alembic anyio asgiref audioread av basicsr bitsandbytes boto3 certifi cffi \
 chardet charset_normalizer click cn2an colorama colorlog conformer cryptography cython dask datasets decord deepspeed \
 diffusers dlib easydict einops email_validator encodec et_xmlfile facexlib fastapi filelock filetype fire flask flask_cors \
 fsspec ftfy funasr fvcore g2p_en gdown gevent gfpgan gradio gradio_client greenlet grpc gunicorn h11 h5py httpcore httptools httpx \
 hypercorn idna imageio imgaug inflect insightface iopath jieba jinja2 joblib jsonschema kaldiio kornia langdetect \
 librosa lightning llvmlite lmdb loguru lpips lxml markdown markupsafe matplotlib mediapipe mmdet mmengine mmpose modelscope \
 moviepy msgpack natsort networkx nltk numba numexpr numpy omegaconf onnx onnxconverter_common onnxruntime onnxsim openai openpyxl \
 orjson packaging paddleocr pandas paramiko peft pexpect phonemizer pika pillow_heif platformdirs plotly polars \
 pooch portalocker protobuf psutil py_cpuinfo pyarrow pycocotools pyclipper pycparser pycuda pydantic pydantic_settings pydub \
 pygments pyloudnorm pymongo pymysql pynini pyparsing pypinyin pyrubberband pysrt pystoi pytest pytz pyworld qrcode ray \
 redis regex requests rich rotary_embedding_torch s3fs safetensors scipy seaborn segment_anything sentencepiece sentry_sdk \
 setproctitle setuptools shapely shortuuid silero_vad simplejson six smart_open sniffio soundfile soxr spacy sqlalchemy \
 starlette streamlit sympy tabulate tenacity tensorboard tensorrt termcolor tflite_runtime thop threadpoolctl tifffile \
 tiktoken timm tokenizers tomli toml torch torchaudio torchcodec torchdiffeq torchmetrics torchvision tornado tqdm \
 transformers triton typeguard typer ujson unidecode uvicorn uvloop waitress wandb watchdog watchfiles webdataset websockets wetext \
 wget wheel xformers xxhash yacs yapf yarl zarr zipp zstandard huggingface_hub python_speech_features resampy tensorflow typing_extensions pyaudio webrtcvad zhconv ncnn tensorboardX \
    albumentations apscheduler arrow babel bleach celery cachetools \
 deepface ddsp ffmpy flatbuffers ";

/// Modules that programs try, and do without.
const OPTIONAL: &str = " xformers triton apex tensorboard tensorboardx flash_attn sageattention bitsandbytes deepspeed tensorrt \
    tensorrt_libs torch_tensorrt onnxsim pynvml nvidia_smi pycuda cupy wandb comet_ml clearml mlflow neptune thop pycocotools nvidia faiss \
    boto3 IPython ipywidgets matplotlib seaborn torch_npu torch_xla torch_directml torch_mlu intel_extension_for_pytorch habana_frameworks \
    openvino ncnn coremltools paddle jax jaxlib flax tensorflow keras tf2onnx ninja simplejson ujson orjson rapidjson cPickle brotli \
    brotlicffi zstandard uvloop httptools watchfiles watchdog colorama rich readline gnureadline pyreadline colorlog sentry_sdk \
    opentelemetry prometheus_client ddtrace spconv mamba_ssm causal_conv1d natten diff_gaussian_rasterization pytorch3d kaolin tinycudann \
    nvdiffrast hydra sklearnex cchardet charset_normalizer socks win32api pywintypes winreg msvcrt _winreg fcntl pwd lmdb petrel_client \
    mc memcache tcs_client optree tomllib tomli torchcodec torchtext amp_C fused_layer_norm_cuda exllama_kernels optimum auto_gptq awq \
    quanto gguf liger_kernel unsloth vllm sglang ttsfrd whisper openai_whisper detectron2 dali turbojpeg accimage \
    jpeg4py av pyav ";

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
static PIP: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let same = PIP_SAME.split_ascii_whitespace().map(|name| (name, name));
    same.chain(PIP_NAMES.iter().copied()).collect()
});
static OPTIONALS: LazyLock<HashSet<&str>> = LazyLock::new(|| OPTIONAL.split_ascii_whitespace().collect());

/// What pip calls the package of a module, where that is known.
pub fn pip_name(module: &str) -> Option<&'static str> {
    PIP.get(module).copied()
}

/// Whether it does.
pub fn is_known_by_pip(module: &[u8]) -> bool {
    std::str::from_utf8(module).is_ok_and(|module| pip_name(module).is_some())
}

/// Whether programs do without a module.
pub fn is_optional(module: &[u8]) -> bool {
    std::str::from_utf8(module).is_ok_and(|module| OPTIONALS.contains(module))
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
        assert_eq!(pip_name("cv2"), Some("opencv-python"));
        assert_eq!(pip_name("einops"), Some("einops"));
        assert_eq!(pip_name("my_utils"), None);
        assert_eq!(pip_name("ein"), None);
        assert!(is_optional(b"apex") && !is_optional(b"") && !is_optional(b"einops"));
        assert_eq!(debian_name("libGL.so.1"), Some("libgl1"));
    }
}
