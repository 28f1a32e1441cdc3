//! mmcv, whose versions 1 and 2 are two packages in all but name.

use super::cause::Cause;
use super::cause::Condition::{Begins, Is, Uncaught};

/// What mmcv 2 moved into mmengine.
const MOVED: &[&str] = &[
    "Config",
    "ConfigDict",
    "DictAction",
    "ProgressBar",
    "Registry",
    "build_from_cfg",
    "check_file_exist",
    "collect_env",
    "dump",
    "get_logger",
    "is_list_of",
    "is_seq_of",
    "is_str",
    "list_from_file",
    "load",
    "load_checkpoint",
    "mkdir_or_exist",
    "print_log",
    "runner",
    "parallel",
    "scandir",
    "track_iter_progress",
    "track_parallel_progress",
    "track_progress",
];

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "mmcv-ops",
        title: "mmcv is installed without its compiled part",
        chinese: "mmcv 缺少编译好的算子",
        means: "mmcv-lite, or an mmcv that found no build for this torch and CUDA, was installed",
        remedy: "python -m pip install -U openmim && python -m pip uninstall -y mmcv mmcv-lite && mim install mmcv (the version that the app's requirements name), which takes the build for this torch and CUDA",
        rules: &[("No module named 'mmcv._ext'", &[Uncaught]), ("No module named 'mmcv.ops'", &[Uncaught])],
        tells: &["ModuleNotFoundError: No module named 'mmcv._ext'"],
        ..Cause::ROW
    },
    Cause {
        name: "mmcv-2",
        title: "mmcv 2 is installed, and the code needs mmcv 1: '{}' was removed",
        chinese: "装了 mmcv 2，而代码需要 mmcv 1",
        means: "mmcv 2 moved its runner, parallel, engine, fileio and config parts into another package, mmengine",
        remedy: "python -m pip uninstall -y mmcv && python -m pip install -U openmim && mim install 'mmcv-full<2', or versions of mmdet, mmpose and the like that are for mmcv 2",
        // mmcv 2: compatibility, the migration guide
        rules: &[
            (
                "No module named '{module}'",
                &[
                    Begins(&[
                        "mmcv.runner",
                        "mmcv.parallel",
                        "mmcv.engine",
                        "mmcv.fileio",
                        "mmcv.onnx",
                        "mmcv.tensorrt",
                        "mmcv.device",
                        "mmcv.utils.config",
                        "mmcv.utils.registry",
                        "mmcv.utils.logging",
                    ]),
                    Uncaught,
                ],
            ),
            ("cannot import name '{module}' from 'mmcv' (", &[Is(MOVED)]),
            ("cannot import name '{module}' from 'mmcv.utils' (", &[Is(MOVED)]),
            ("module 'mmcv' has no attribute '{module}'", &[Is(MOVED)]),
        ],
        tells: &[
            "ModuleNotFoundError: No module named 'mmcv.runner'",
            "ModuleNotFoundError: No module named 'mmcv.parallel'",
            "ImportError: cannot import name 'Config' from 'mmcv' (/x/site-packages/mmcv/__init__.py)",
            "AttributeError: module 'mmcv' has no attribute 'Config'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "mmcv-version",
        title: "the mmcv that is installed is not of a version that the code can use: it wants {}",
        chinese: "mmcv 版本与代码要求不符",
        means: "mmdet, mmpose and the like check at their import that mmcv, and each other, is of the range that they were made for",
        remedy: "python -m pip install -U openmim && mim install '{}'",
        // mmdet, mmpose: __init__.py
        rules: &[("is used but incompatible. Please install {path}", &[Begins(&["mm"])])],
        tells: &[
            "AssertionError: MMCV==1.7.1 is used but incompatible. Please install mmcv>=2.0.0rc4, <2.1.0.",
        ],
        ..Cause::ROW
    },
];
