//! What Python says when an import fails.

use super::cause::Condition::{
    AnyLevel, Dotted, Holds, Is, Lacks, Last, Not, NotPip, Pip, Raised, Top, Uncaught,
};
use super::cause::{Cause, Condition, Weight};

/// What is in every tree, and is nobody else's by that name.
const SDK_PACKAGE: Condition = Top(&[
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
const NO_FILE: Condition = Lacks(&["is not a package", ".__main__"]);
/// A server that imports the app whose name it was given.
const APP: Condition = Last(&[
    "import_app",
    "load_app",
    "import_from_string",
    "_import_module",
    "import_module(module_str)",
    "find_app",
]);

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "python-2",
        title: "Python 2 runs the script",
        chinese: "脚本是由 Python 2 运行的",
        means: "the command python is Python 2 here, which can't read source with characters beyond ASCII",
        remedy: "heygem-run SCRIPT.py chooses a Python by itself; or name it: heygem-run --python python3.8 SCRIPT.py",
        // CPython 2.7
        rules: &[
            ("^ImportError: No module named {module}$", &[Lacks(&["'"]), Not(&APP)]),
            ("SyntaxError: Non-ASCII character", &[]),
        ],
        tells: &["ImportError: No module named requests"],
        ..Cause::ROW
    },
    Cause {
        name: "shadowed",
        title: "a file hides a package: '{}' is not found in it",
        chinese: "一个文件挡住了同名的包",
        means: "a module of the package's name comes first on sys.path, most likely beside the app",
        remedy: "rename the app's own, or start from elsewhere; heygem-run -v says what it runs",
        rules: &[("No module named '{module}'; '{_}' is not a package", &[])],
        tells: &[
            "ModuleNotFoundError: No module named 'service.trans_dh_service'; 'service' is not a package",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "sdk-circular",
        title: "'{}' is imported while it is still being imported: a circle of imports, or the app's own package of that name hides the SDK's",
        chinese: "循环导入，或应用自己的同名包挡住了 SDK 的包",
        means: "two modules import each other, and the second finds the first half done; the path at the end of the message says whose \
                package it is: the app's own, or the SDK's",
        remedy: "if the path is the app's, rename that package; else import the SDK inside the function that uses it, and not at the head of a module that the SDK imports",
        // CPython: import
        rules: &[
            ("cannot import name '{_}' from partially initialized module '{module}'", &[SDK_PACKAGE]),
            ("partially initialized module '{module}' has no attribute '", &[SDK_PACKAGE]),
        ],
        tells: &[
            "ImportError: cannot import name 'TransDhTask' from partially initialized module 'service' (most likely due to a circular import) (/code/service/__init__.py)",
            "AttributeError: partially initialized module 'service' has no attribute 'trans_dh_service' (most likely due to a circular import)",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "sdk-module",
        title: "this Python does not find '{}' in the package that it has",
        chinese: "在现有的包里找不到 SDK 的模块",
        means: "either the compiled modules are for another Python (cpython-38 in a file's name means 3.8) or system, or a package \
                of the same name, such as the app's own, comes first",
        remedy: "run with the matching Python: heygem-run --python python3.8 …; if it matches, rename the app's own package",
        chinese_remedy: "用版本匹配的 Python：heygem-run --python python3.8 …；如果版本已经匹配，就给应用自己的包改名",
        rules: &[
            ("No module named '{module}'", &[SDK_PACKAGE, Dotted, NO_FILE]),
            ("cannot import name '{module}' from 'service'", &[]),
            ("cannot import name '{module}'", &[Is(&["TransDhTask"]), Lacks(&["partially initialized"])]),
        ],
        tells: &[
            "ModuleNotFoundError: No module named 'service.trans_dh_service'",
            "ModuleNotFoundError: No module named 'h_utils.custom'",
            "ImportError: cannot import name 'trans_dh_service' from 'service' (/app/service/__init__.py)",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "sdk-not-on-path",
        title: "the SDK is not on the path: there is no '{}'",
        chinese: "SDK 不在模块搜索路径上",
        means: "PYTHONPATH does not have the root: Python runs with -E or -I, or the process did not come through the launcher \
                (docker exec and sudo do not pass the variables on)",
        remedy: "start it with heygem-run, without -E and -I: docker exec … heygem-run -- python …, sudo heygem-run …",
        chinese_remedy: "用 heygem-run 启动，不加 -E 和 -I：docker exec … heygem-run -- python …，sudo heygem-run …",
        rules: &[
            ("No module named '{module}'", &[SDK_PACKAGE, NO_FILE]),
            ("No module named {module}$", &[SDK_PACKAGE]),
        ],
        tells: &[
            "ModuleNotFoundError: No module named 'service'",
            "ModuleNotFoundError: No module named 'landmark2face_wy'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "image-version",
        title: "the image has no module '{}': the image and the compose file, which names it, are not of one version",
        chinese: "镜像与 compose 文件版本不一致",
        means: "the command in the compose file is for a newer or older image than the one that was pulled; no package has that module",
        remedy: "take the compose file of the image's own release, then: docker compose pull && docker compose up -d",
        rules: &[
            ("No module named {module}$", &[Top(&["tools"]), Dotted]),
            (
                "No module named '{module}'",
                &[
                    Top(&["tools"]),
                    Holds(&["tools.api", "tools.llama", "tools.server", "tools.webui", "tools.run_webui"]),
                ],
            ),
            ("can't open file '{path}': [Errno 2] No such file or directory", &[Holds(&["/tools/api"])]),
        ],
        tells: &[
            "python3: No module named tools.api",
            "/opt/conda/bin/python3: No module named tools.api_server",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "app-not-found",
        title: "the server does not find the app '{}'",
        chinese: "服务器找不到应用模块",
        means: "the app's directory is neither the working directory nor on the path, or the name is wrong",
        remedy: "heygem-run -m uvicorn …, with the app beside the SDK or in it; else say where it is: uvicorn --app-dir DIR, gunicorn --chdir DIR, celery --workdir DIR",
        rules: &[
            ("Error loading ASGI app. Could not import module \"{module}\"", &[]),
            ("No module named '{module}'", &[NotPip, APP]),
            ("^ImportError: No module named {module}$", &[NotPip, APP]),
            ("Error: Could not import '{module}'", &[]),
            ("^The module {module} was not found", &[]),
            ("Cannot load application from '{module}", &[]),
        ],
        tells: &[
            "ERROR:    Error loading ASGI app. Could not import module \"fastapi_app\".",
            "Traceback (most recent call last):\n  File \"/x/gunicorn/util.py\", line 371, in import_app\n    mod = importlib.import_module(module)\n  File \"/usr/lib/python3.8/importlib/__init__.py\", line 127, in import_module\n    return _bootstrap._gcd_import(name[level:], package, level)\n  File \"<frozen importlib._bootstrap>\", line 973, in _find_and_load_unlocked\nModuleNotFoundError: No module named 'main'",
            "Traceback (most recent call last):\n  File \"/x/python2.7/site-packages/gunicorn/util.py\", line 366, in import_app\n    __import__(module)\nImportError: No module named myapp",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "app-attribute",
        title: "the module that the server imported has no app '{}'",
        chinese: "服务器导入的模块里没有这个应用对象",
        means: "the app has a different name in the module, or another file of that name was found first",
        remedy: "name it as the file does (uvicorn FILE:NAME); heygem-run -- python -c 'import MODULE; print(MODULE.__file__)' says which file is found",
        // uvicorn, gunicorn: MODULE:NAME
        rules: &[
            ("Error loading ASGI app. Attribute \"{module}\" not found in module", &[]),
            ("Failed to find attribute '{module}' in", &[]),
        ],
        tells: &[
            "ERROR:    Error loading ASGI app. Attribute \"app\" not found in module \"main\".",
            "[ERROR] Failed to find attribute 'app' in 'main'.",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "package-part",
        title: "the package '{top}' is installed, and has no '{}'",
        chinese: "包已安装，但没有这个子模块",
        means: "it is of another version than its user expects, its compiled part was left out or is for another Python, or a directory \
                or file of the app's own has its name",
        remedy: "python -c 'import {top}; print({top})' says which one is found; rename the app's own, or install the version that the requirements name",
        rules: &[(
            "No module named '{module}'",
            &[
                Dotted,
                Pip,
                NO_FILE,
                Uncaught,
                Lacks(&["'google.", "'nvidia.", "'mpl_toolkits.", "'azure.", "'ruamel."]),
            ],
        )],
        tells: &[
            "ModuleNotFoundError: No module named 'torch._C'",
            "ModuleNotFoundError: No module named 'cv2.gapi'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "missing-package",
        title: "this Python has no module '{}'",
        chinese: "这个 Python 没有安装该模块",
        means: "its package is not installed for the interpreter that runs, or a different interpreter runs than you expect",
        remedy: "python -m pip install {pip}; heygem-run -n -v … says which Python runs",
        rules: &[
            ("No module named '{module}'", &[Pip, NO_FILE, Uncaught]),
            ("No module named {module}$", &[Pip, NO_FILE, Lacks(&["'"])]),
            ("Form data requires \"{word}\" to be installed", &[]),
        ],
        tells: &[
            "ModuleNotFoundError: No module named 'einops'",
            "/usr/bin/python3: No module named uvicorn",
            "ModuleNotFoundError: No module named 'zhconv'",
            "got exception: No module named 'numexpr'",
            "RuntimeError: Form data requires \"python-multipart\" to be installed.",
            "ModuleNotFoundError: No module named 'decord'",
            "ModuleNotFoundError: No module named 'pynini'",
            "ModuleNotFoundError: No module named 'tn'",
        ],
        silent: &[
            "WARNING:root:xFormers not available: No module named 'xformers'",
            "Error caught was: No module named 'triton'",
            "INFO tensorboard is not used: No module named 'tensorboard'",
            "DEBUG:apex: No module named 'apex', fall back to torch",
            "SKIPPED [1] t.py:10: could not import 'tensorrt': No module named 'tensorrt'",
            "INFO:     127.0.0.1:5000 - \"GET /q?text=No module named 'einops' HTTP/1.1\" 200 OK",
            "Could not import flash_attn: No module named 'flash_attn'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "missing-module",
        title: "this Python has no module '{}'",
        chinese: "这个 Python 找不到该模块",
        means: "it is a file of the app's own whose directory is not on the path, or of a package that is not installed for the interpreter that runs",
        remedy: "a file of the app's own: PYTHONPATH=its directory heygem-run …; a package: python -m pip install -r requirements.txt, where the app has one; heygem-run -n -v … says which Python runs",
        rules: &[
            ("No module named '{module}'", &[NO_FILE, Uncaught]),
            ("No module named {module}$", &[NO_FILE, Lacks(&["'"])]),
        ],
        tells: &["ModuleNotFoundError: No module named 'my_settings'"],
        silent: &["python: No module named a.__main__; 'a' is a package and cannot be directly executed"],
        ..Cause::ROW
    },
    Cause {
        name: "workers-fail",
        weight: Weight::Follows,
        title: "the server's workers fail at their start",
        chinese: "服务器的工作进程启动失败",
        means: "each worker fails while it imports the app: its own traceback, further up, gives the reason",
        remedy: "look at the first traceback above this line",
        rules: &[
            ("Worker failed to boot", &[AnyLevel]),
            ("no python application found, check your startup logs for errors", &[AnyLevel]),
            ("HaltServer", &[Raised]),
        ],
        tells: &["gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>"],
        ..Cause::ROW
    },
];
