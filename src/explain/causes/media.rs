//! The files that HeyGem is given, and what ffmpeg and OpenCV say of them.

use super::cause::Condition::{AnyLevel, EndsIn, Is, Lacks, Raised, Says};
use super::cause::{Cause, Condition, Weight};

const MEDIA: Condition = EndsIn(&[
    ".mp4", ".mov", ".avi", ".mkv", ".webm", ".flv", ".m4v", ".ts", ".wav", ".mp3", ".m4a", ".aac", ".flac",
    ".ogg", ".jpg", ".jpeg", ".png", ".MP4", ".MOV", ".WAV", ".MP3",
]);

const OTHER_FFMPEG: &str = "put another ffmpeg first on PATH: Debian's and Ubuntu's has most (apt-get update && apt-get install -y ffmpeg, then /usr/bin/ffmpeg), or conda install -c conda-forge ffmpeg; which -a ffmpeg lists those that are there";

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "input-files",
        title: "HeyGem does not find the input files: they are not where the container looks",
        chinese: "输入文件不在容器能看到的目录里",
        means: "the paths in a request are the container's own: below /code/data, where a directory of the host is mounted; and a task whose files are not there is unknown, as is each after the service has started anew",
        remedy: "put the audio and the video into the host's directory that is mounted at /code/data (docker inspect shows it under Mounts), and name them in the request as the container sees them: /code/data/…, or by names relative to it as the client does",
        rules: &[
            ("任务不存在", &[AnyLevel]),
            ("次获取音频时长失败", &[AnyLevel]),
            ("获取音频时长失败", &[AnyLevel]),
            ("获取视频时长失败", &[AnyLevel]),
            ("音频文件不存在", &[AnyLevel]),
            ("视频文件不存在", &[AnyLevel]),
        ],
        tells: &[
            "{'code': 10004, 'data': {}, 'msg': '任务不存在', 'success': True}",
            "[ERROR] -> 三次获取音频时长失败",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "input-missing",
        title: "a video or audio file is not at that path: {}",
        chinese: "音视频文件不在这个路径上",
        means: "the path is not the container's (below /code/data), the file was not written there, or has another name",
        remedy: "ls -l the path where the service runs (docker exec CONTAINER ls -l …); put the file into the directory that is mounted at /code/data",
        rules: &[
            (
                "^{path}: No such file or directory$",
                &[MEDIA, Lacks(&["cannot access", "cat: ", "cp: ", "mv: ", "rm: "])],
            ),
            ("Error opening input file {path}", &[MEDIA_OR_DOT]),
            ("No such file or directory: '{path}'", &[MEDIA]),
            ("Error opening '{path}': System error", &[MEDIA]),
            ("Error opening input: No such file or directory", &[]),
        ],
        follows: &["input-files"],
        tells: &[
            "/code/data/temp/a.mp4: No such file or directory",
            "[in#0 @ 0x55d0] Error opening input: No such file or directory",
            "FileNotFoundError: [Errno 2] No such file or directory: '/code/data/temp/a.wav'",
            "soundfile.LibsndfileError: Error opening '/code/data/a.wav': System error.",
        ],
        silent: &["ls: cannot access 'a.mp4': No such file or directory"],
        ..Cause::ROW
    },
    Cause {
        name: "broken-media",
        title: "a video or audio file is broken, or was not written or uploaded to its end",
        chinese: "音视频文件损坏，或没有写完、没有上传完",
        means: "its index or header is missing: an upload or a recording was interrupted, or the file is not of the type that its name says",
        remedy: "ffprobe FILE says whether it can be read; make or upload it again",
        // ffmpeg
        follows: &["input-missing", "disk-full", "quota"],
        rules: &[
            ("failed to read the duration of file", &[Raised]),
            ("failed to read the first frame of video file", &[]),
            ("CouldntDecodeError", &[Raised]),
            ("Decoding failed. ffmpeg returned error code", &[]),
            ("moov atom not found", &[]),
            ("^{path}: Invalid data found when processing input$", &[MEDIA]),
            ("Error opening input: Invalid data found when processing input", &[]),
            ("Error opening '{path}': Format not recognised", &[]),
            ("Error opening '{path}': File contains data in an unknown format", &[]),
            ("file does not start with RIFF id", &[Raised]),
            ("EBML header parsing failed", &[]),
        ],
        tells: &[
            "OSError: MoviePy error: failed to read the duration of file a.mp4.",
            "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55d0] moov atom not found",
            "x.mp4: Invalid data found when processing input",
            "wave.Error: file does not start with RIFF id",
            "OSError: MoviePy error: failed to read the first frame of video file x.mp4. That might mean that the file is corrupted.",
            "pydub.exceptions.CouldntDecodeError: Decoding failed. ffmpeg returned error code: 1",
        ],
        silent: &["Error while decoding stream #0:0: Invalid data found when processing input"],
        ..Cause::ROW
    },
    Cause {
        name: "video-unreadable",
        title: "OpenCV can't open a video: it is missing or broken",
        chinese: "OpenCV 打不开视频：文件不存在或已损坏",
        means: "none of OpenCV's readers could open it, so OpenCV took its name for an image sequence",
        remedy: "ls -l and ffprobe on the file, where the service runs; put or make it there again",
        follows: &["input-missing", "broken-media", "input-files"],
        rules: &[
            ("Couldn't read video stream from file", &[AnyLevel]),
            ("!filename_pattern.empty() in function", &[AnyLevel]),
            ("in function 'icvExtractPattern'", &[AnyLevel]),
            ("CAP_IMAGES: can't find starting number", &[AnyLevel]),
            ("CAP_IMAGES: error, expected '0?[1-9][du]' pattern", &[AnyLevel]),
        ],
        tells: &[
            "OpenCV(4.9.0) /io/opencv/modules/videoio/src/cap_images.cpp:274: error: (-215:Assertion failed) number < max_number in function 'icvExtractPattern'",
            "OpenCV: Couldn't read video stream from file \"/code/data/temp/a.mp4\"",
            "OpenCV(4.8.1) /io/opencv/modules/videoio/src/cap_images.cpp:430: error: (-215:Assertion failed) !filename_pattern.empty() in function 'open'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "image-empty",
        title: "OpenCV was given an empty image",
        chinese: "传给 OpenCV 的图像是空的",
        means: "cv2.imread or a video's reader found no file, or could not read it, and said nothing; the next step fails",
        remedy: "check the path that is read before this line: it has to be there, as seen from the working directory; on Windows, without letters beyond ASCII",
        // OpenCV: imread
        follows: &["input-missing", "broken-media", "video-unreadable", "input-files"],
        rules: &[
            ("(-215:Assertion failed) !_src.empty() in function", &[]),
            ("(-215:Assertion failed) !ssize.empty() in function", &[]),
            ("(-215:Assertion failed) !_img.empty() in function", &[]),
            ("(-215:Assertion failed) size.width>0 && size.height>0 in function", &[]),
        ],
        tells: &[
            "cv2.error: OpenCV(4.9.0) /io/opencv/modules/imgproc/src/color.cpp:196: error: (-215:Assertion failed) !_src.empty() in function 'cvtColor'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "ffmpeg-build",
        title: "this ffmpeg was built without libx264, the encoder for H.264",
        chinese: "这个 ffmpeg 编译时没有包含 libx264",
        means: "ffmpeg is installed, and this build of it (conda's own and small static ones are such) has no encoder that knows the option or the format",
        remedy: OTHER_FFMPEG,
        // ffmpeg, x264
        rules: &[
            ("Unrecognized option '{word}'", &[Is(&["crf", "preset", "tune", "x264-params", "x264opts"])]),
            ("(codec h264) is probably disabled", &[AnyLevel]),
        ],
        tells: &[
            "Unrecognized option 'crf'.",
            "Automatic encoder selection failed for output stream #0:0. Default encoder for format mp4 (codec h264) is probably disabled. Please choose an encoder manually.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "ffmpeg-build",
        title: "this ffmpeg was built without what is asked of it: {}",
        chinese: "这个 ffmpeg 编译时没有包含所需的编码器或滤镜",
        means: "ffmpeg is installed, and this build of it (conda's own and small static ones are such) lacks what is asked for",
        remedy: OTHER_FFMPEG,
        // ffmpeg
        rules: &[
            ("(codec {word}) is probably disabled", &[AnyLevel]),
            ("Unknown encoder '{word}'", &[]),
            ("Unknown decoder '{word}'", &[]),
            ("Encoder {word} not found$", &[]),
            ("No such filter: '{word}'", &[]),
            ("Unrecognized hwaccel: {word}", &[]),
            ("Encoder not found$", &[Says(&["Error selecting an encoder", "Error opening output"])]),
        ],
        tells: &["Unknown encoder 'libx264'", "[AVFilterGraph @ 0x55] No such filter: 'subtitles'"],
        ..Cause::ROW
    },
    Cause {
        name: "odd-size",
        title: "a video's width or height is odd, and the encoder takes only even ones",
        chinese: "视频宽或高是奇数，编码器不支持",
        means: "H.264 and H.265 in yuv420p store one colour for each block of two by two pixels",
        remedy: "make it even: ffmpeg -i IN -vf 'scale=trunc(iw/2)*2:trunc(ih/2)*2' OUT",
        // ffmpeg, x264
        rules: &[("height not divisible by 2", &[]), ("width not divisible by 2", &[])],
        tells: &["[libx264 @ 0x55d0] height not divisible by 2 (1079x1921)"],
        ..Cause::ROW
    },
    Cause {
        name: "muxing-queue",
        title: "ffmpeg's queue between audio and video is full",
        chinese: "ffmpeg 的封装队列已满",
        means: "one stream has many packets before the other one's first, for example when the sound starts late",
        remedy: "give ffmpeg the option -max_muxing_queue_size 4096, before the output's name",
        // ffmpeg: max_muxing_queue_size
        rules: &[("Too many packets buffered for output stream", &[])],
        tells: &["Too many packets buffered for output stream 0:1."],
        ..Cause::ROW
    },
    Cause {
        name: "nvenc-sessions",
        title: "the GPU encodes as many videos as it may, or has no memory for one more",
        chinese: "NVENC 编码会话数已达上限或显存不足",
        means: "consumer GPUs allow a few sessions at once",
        remedy: "encode fewer at once, or by the processor: -c:v libx264",
        // NVIDIA: NVENC session limits
        rules: &[("OpenEncodeSessionEx failed: ", &[])],
        tells: &["[h264_nvenc @ 0x55d0] OpenEncodeSessionEx failed: out of memory (10): (no details)"],
        ..Cause::ROW
    },
    Cause {
        name: "no-audio-reader",
        title: "librosa has no backend that reads this audio file",
        chinese: "librosa 没有能读取该音频的后端",
        means: "for mp3, m4a and the like it needs ffmpeg, and finds none; or the file is no audio",
        remedy: "apt-get update && apt-get install -y ffmpeg; ffprobe FILE says whether it is audio",
        // audioread
        rules: &[("NoBackendError", &[Raised])],
        tells: &["audioread.exceptions.NoBackendError"],
        ..Cause::ROW
    },
    Cause {
        name: "video-format",
        weight: Weight::Hampers,
        title: "the SDK could not read a video or audio",
        chinese: "SDK 无法读取视频或音频",
        means: "ffmpeg is missing, a file is not where the request says, or audio and video are swapped",
        remedy: "try ffmpeg -version, and ffprobe on both files, from the SDK's directory",
        follows: &[
            "input-missing",
            "input-files",
            "broken-media",
            "video-unreadable",
            "no-ffmpeg",
            "ffmpeg-build",
            "image-empty",
            "system-library",
            "ffmpeg-broken",
        ],
        rules: &[("format video error", &[AnyLevel]), ("format audio error", &[AnyLevel])],
        tells: &["Exception: format video error"],
        ..Cause::ROW
    },
];

/// ffmpeg ends its sentence behind the path.
const MEDIA_OR_DOT: Condition = EndsIn(&[".mp4.", ".mov.", ".wav.", ".mp3.", ".avi.", ".m4a.", ".mkv."]);
