//! What Python says when an import fails.

use super::When::{Above, Dotted, Ends, EndsIn, Is, Lacks, Top};
use super::{Cause, Weight, When};

/// What unpickling looks like, in Python's and its libraries' own source.
const UNPICKLING: When = Above(&["pickle.load", "Pickler.loads", "cloudpickle.loads"]);
/// What is in every tree, and is nobody else's by that name.
const SDK_PACKAGE: When = Top(&[
    "service",
    "h_utils",
    "y_utils",
    "landmark2face_wy",
    "wenet",
    "face_lib",
    "face_attr_detect",
    "face_detect_utils",
    "model_lib",
    "preprocess_audio_and_3dmm",
]);
/// Neither a file in the place of a package, nor a package that is run as if it were a program.
const NO_FILE: When = Lacks(&["is not a package", ".__main__"]);
/// What a module of the SDK defines and an app uses.
const SDK_NAME: When = Is(&[
    "TransDhTask",
    "trans_dh_service",
    "write_video",
    "init_wh",
    "init_wh_process",
    "drivered_video",
    "audio_transfer",
    "get_aud_feat1",
    "task_dic",
]);

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "not-readable",
        weight: Weight::Stops,
        rows: &[],
        title: "the service may not read {}",
        means: "the file, or a directory above it, is closed to the user who runs the service",
        remedy: "run as the user whom the SDK belongs to, or open it: chmod -R a+rX on its directory",
        patterns: &[
            ("{library}: cannot open shared object file: Permission denied", &[]),
            (
                "Permission denied: '{path}'",
                &[EndsIn(&[".py", ".pyc", ".so", ".ini", ".pt", ".pth", ".onnx", ".bin"])],
            ),
        ],
    },
    Cause {
        name: "shadowed",
        weight: Weight::Stops,
        rows: &[5],
        title: "a file hides a package: '{}' is not found in it",
        means: "a module of the package's name comes first on sys.path, most likely beside the app",
        remedy: "rename the app's own, or start from elsewhere; heygem-run -v says what it runs",
        patterns: &[("No module named '{module}'; '{_}' is not a package", &[])],
    },
    Cause {
        name: "sdk-module",
        weight: Weight::Stops,
        rows: &[4, 5],
        title: "this Python does not find '{}' in the package that it has",
        means: "either the compiled modules are for another Python (cpython-38 in a file's name means 3.8) or system, or a package \
                of the same name, such as the app's own, comes first",
        remedy: "run with the matching Python: heygem-run --python python3.8 …; if it matches, rename the app's own package",
        patterns: &[
            ("No module named '{module}'", &[SDK_PACKAGE, Dotted, NO_FILE]),
            ("cannot import name '{module}' from 'service'", &[]),
            ("cannot import name 'TransDhTask'", &[]),
        ],
    },
    Cause {
        name: "sdk-not-on-path",
        weight: Weight::Stops,
        rows: &[6, 34, 35],
        title: "the SDK is not on the path: there is no '{}'",
        means: "PYTHONPATH does not have the root: Python runs with -E or -I, or the process did not come through the launcher \
                (docker exec and sudo do not pass the variables on)",
        remedy: "start it with heygem-run, without -E and -I: docker exec … heygem-run -- python …, sudo heygem-run …",
        patterns: &[
            ("No module named '{module}'", &[SDK_PACKAGE, NO_FILE]),
            ("No module named {module}", &[SDK_PACKAGE, Ends]),
        ],
    },
    Cause {
        name: "bare-name",
        weight: Weight::Stops,
        rows: &[1],
        title: "a process can't import '{}' under its bare name",
        means: "HeyGem's modules are compiled under bare names; what a spawn or forkserver child, or a worker, unpickles asks \
                for '{}', and nothing on its path is called that",
        remedy: "start the service with heygem-run, whose bridge has that name: heygem-run app.py, heygem-run -m uvicorn …",
        patterns: &[
            ("No module named '{module}'", &[Is(&["trans_dh_service"])]),
            ("No module named {module}", &[Is(&["trans_dh_service"]), Ends]),
            ("No module named '{module}'", &[UNPICKLING]),
            ("import of module '{module}' failed", &[]),
        ],
    },
    Cause {
        name: "package-directory",
        weight: Weight::Stops,
        rows: &[2],
        title: "a module of a package was imported without its package",
        means: "the package's own directory, such as <root>/service, is on PYTHONPATH, or a file of it is run as a script",
        remedy: "take that directory off PYTHONPATH and start with heygem-run, whose bridge serves the bare names",
        patterns: &[("attempted relative import with no known parent package", &[])],
    },
    Cause {
        name: "typeguard",
        weight: Weight::Stops,
        rows: &[8],
        title: "typeguard is newer than the SDK can use: it has no '{}'",
        means: "the SDK was built with typeguard 2.13.3; later ones have another interface",
        remedy: "python -m pip install typeguard==2.13.3",
        patterns: &[
            ("cannot import name '{module}' from 'typeguard", &[]),
            ("module 'typeguard' has no attribute '{module}'", &[]),
        ],
    },
    Cause {
        name: "numpy",
        weight: Weight::Stops,
        rows: &[],
        title: "numpy is of another time than what uses it",
        means: "1.24 dropped np.bool and its like, and 2 the binary interface that modules built with 1 expect",
        remedy: "python -m pip install 'numpy<1.24'",
        patterns: &[
            ("module 'numpy' has no attribute '{module}'", &[]),
            ("compiled using NumPy 1.x cannot be run in", &[]),
            ("numpy.core.multiarray failed to import", &[]),
            ("numpy.dtype size changed, may indicate binary incompatibility", &[]),
        ],
    },
    Cause {
        name: "protobuf",
        weight: Weight::Stops,
        rows: &[],
        title: "protobuf is newer than what uses it",
        means: "code that was generated for protobuf 3 does not load under 4 and later",
        remedy: "python -m pip install 'protobuf<3.21'",
        patterns: &[
            // Its own slip of the pen, and what later versions made of it.
            ("Descriptors cannot not be created directly", &[]),
            ("Descriptors cannot be created directly", &[]),
        ],
    },
    Cause {
        name: "package-version",
        weight: Weight::Stops,
        rows: &[],
        title: "'{}' has another version than its user expects",
        means: "it was imported, and lacks a name that an older or newer version has; or a file of the app's has its name",
        remedy: "install the version that the SDK's requirements name: python -m pip install '{pip}==…'",
        patterns: &[("cannot import name '{_}' from '{module}' (", &[Lacks(&["circular import"])])],
    },
    Cause {
        name: "missing-package",
        weight: Weight::Stops,
        rows: &[9],
        title: "this Python has no module '{}'",
        means: "it is not installed for the interpreter that runs, or another interpreter runs than is thought; a file of the app's \
                own is not found where its directory is not on the path",
        remedy: "a package: python -m pip install {pip}; a file of the app's own: PYTHONPATH=its directory; heygem-run -n -v … says which Python runs",
        patterns: &[
            ("No module named '{module}'", &[NO_FILE]),
            ("No module named {module}", &[Ends, NO_FILE]),
        ],
    },
    Cause {
        name: "app-not-found",
        weight: Weight::Stops,
        rows: &[],
        title: "uvicorn does not find the app's module '{}'",
        means: "the directory of the app is neither the working directory nor on the path",
        remedy: "heygem-run -m uvicorn …, with the app beside the SDK or in it; else uvicorn's --app-dir DIR",
        patterns: &[("Error loading ASGI app. Could not import module \"{module}\"", &[])],
    },
    Cause {
        name: "import-swallowed",
        weight: Weight::Follows,
        rows: &[7],
        title: "the app goes on without the SDK: '{}' is missing",
        means: "the app caught the error of its import of the SDK and went on with None or nothing",
        remedy: "mend the first error that it logged, or let it show it: heygem-run -- python -c 'import service.trans_dh_service'",
        patterns: &[
            ("'NoneType' object has no attribute '{module}'", &[SDK_NAME]),
            ("name '{module}' is not defined", &[SDK_NAME]),
        ],
    },
];
