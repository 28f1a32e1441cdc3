//! What multiprocessing says: of its children, and of what is handed to them.

use super::cause::Condition::{
    AnyLevel, EndsIn, Frames, Is, Lacks, Last, NotPip, Raised, Says, Through, Top,
};
use super::cause::{Cause, Condition, Weight};

/// What unpickling looks like, in Python's and its libraries' own source.
const UNPICKLING: Condition =
    Last(&["pickle.load", "Pickler.loads", "cloudpickle.loads", "_ForkingPickler.loads"]);
/// A child of multiprocessing's, at its start or at work.
const CHILD: Condition = Frames(&[
    "from_parent",
    "multiprocessing/",
    "multiprocessing\\",
    "concurrent/futures",
    "concurrent\\futures",
]);

/// Whoever pickles what another process gets, where the log says who pickles; `copy.deepcopy` and caches pickle, too.
const HANDS_OVER: Condition = Through(&[
    "multiprocess",
    "reduction.py",
    "ForkingPickler",
    "concurrent/futures",
    "concurrent\\futures",
    "billiard",
    "loky",
    "joblib",
    "celery",
    "ray/",
]);

pub const CAUSES: &[Cause] = &[
    Cause {
        name: "bare-name",
        title: "a process can't import '{}' under its bare name",
        chinese: "子进程按裸名找不到模块",
        means: "HeyGem's modules are compiled under bare names; what a spawn or forkserver child, or a worker, unpickles asks \
                for '{}', and nothing on its path is called that",
        remedy: "start the service with heygem-run, whose bridge has that name: heygem-run app.py, heygem-run -m uvicorn …",
        chinese_remedy: "用 heygem-run 启动服务，由桥提供裸名：heygem-run app.py、heygem-run -m uvicorn …",
        rules: &[
            ("No module named '{module}'", &[Is(&["trans_dh_service"])]),
            ("No module named {module}$", &[Is(&["trans_dh_service"])]),
            ("No module named '{module}'", &[NotPip, UNPICKLING]),
            ("import of module '{module}' failed", &[NotPip]),
        ],
        tells: &[
            "ModuleNotFoundError: No module named 'trans_dh_service'",
            "/usr/bin/python3: No module named trans_dh_service",
            "_pickle.PicklingError: Can't pickle <function f at 0x7f>: import of module 'trans_dh_service' failed",
            "Traceback (most recent call last):\n  File \"/usr/lib/python3.8/multiprocessing/spawn.py\", line 126, in _main\n    \
             self = reduction.pickle.load(from_parent)\nModuleNotFoundError: No module named 'my_bare'",
            "Traceback (most recent call last):\n  File \"/x/ray/_private/serialization.py\", line 1, in f\n    obj = \
             pickle.loads(in_band)\nModuleNotFoundError: No module named 'landmark'",
        ],
        silent: &["INFO trans_dh_service started"],
        ..Cause::ROW
    },
    Cause {
        name: "package-directory",
        title: "a module of a package was imported without its package",
        chinese: "包内模块被当成独立模块导入",
        means: "the package's own directory, such as <root>/service, is on PYTHONPATH, or a file of it is run as a script",
        remedy: "take that directory off PYTHONPATH and start with heygem-run, whose bridge serves the bare names",
        chinese_remedy: "把那个目录从 PYTHONPATH 里去掉，用 heygem-run 启动，由桥提供裸名",
        rules: &[("attempted relative import with no known parent package", &[])],
        tells: &["ImportError: attempted relative import with no known parent package"],
        ..Cause::ROW
    },
    Cause {
        name: "no-work",
        weight: Weight::Follows,
        title: "a spawn child got no work from its parent",
        chinese: "spawn 子进程没有从父进程收到任务",
        means: "the parent ended before the child had read it, or could not pickle it: the parent's own error, further up, says \
                which; no file is broken",
        remedy: "look for the parent's own error above: a traceback in Process.start(), a signal, or its end",
        rules: &[
            ("No such file or directory", &[Raised, Frames(&["SemLock._rebuild"])]),
            ("Ran out of input", &[Frames(&["from_parent", "from_child"])]),
            ("pickle data was truncated", &[Frames(&["from_parent"])]),
            ("_rebuild_pipe_connection", &[Raised]),
        ],
        tells: &[
            "Traceback (most recent call last):\n  File \"/usr/lib/python3.8/multiprocessing/spawn.py\", line 126, in _main\n    \
             self = reduction.pickle.load(from_parent)\nEOFError: Ran out of input",
            "    self = reduction.pickle.load(from_parent)\n  File \"/opt/conda/lib/python3.8/multiprocessing/synchronize.py\", line 110, in __setstate__\n    self._semlock = _multiprocessing.SemLock._rebuild(*state)\nFileNotFoundError: [Errno 2] No such file or directory",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "main-not-importable",
        title: "a child does not find '{}' in the main script",
        chinese: "子进程在主脚本里找不到所需的名字",
        means: "a spawn child imports the main script again; what was started by python -c, from stdin or in a REPL or notebook \
                can't be imported, and what is defined below the script's guard is not there",
        remedy: "put what the child runs into a module, in a file of its own, and import it from there",
        // CPython: multiprocessing, the programming guidelines for spawn
        rules: &[
            ("Can't get attribute '{word}' on <module '__main__' (built-in)>", &[]),
            ("Can't get attribute '{word}' on <module '__main__'", &[CHILD]),
            ("Can't get attribute '{word}' on <module '__mp_main__'", &[]),
            ("No such file or directory: '{path}'", &[EndsIn(&["<stdin>", "<string>"])]),
        ],
        tells: &[
            "AttributeError: Can't get attribute 'f' on <module '__main__' (built-in)>",
            "AttributeError: Can't get attribute 'work' on <module '__mp_main__' from '/app/app.py'>",
            "FileNotFoundError: [Errno 2] No such file or directory: '/app/<stdin>'",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "pickled-class",
        title: "a file was pickled with a class that the main script does not have: '{}'",
        chinese: "模型文件里的类不在当前主脚本中",
        means: "torch.save and pickle store a class by its module's name; it was saved from a main script that defined the class",
        remedy: "import that class into the script that loads the file, or have the file saved again as a state_dict",
        // torch: torch.save, the notes on serialization
        rules: &[("Can't get attribute '{word}' on <module '__main__'", &[Raised])],
        tells: &["AttributeError: Can't get attribute 'Net' on <module '__main__' from '/usr/bin/gunicorn'>"],
        ..Cause::ROW
    },
    Cause {
        name: "not-same-object",
        title: "the object passed to a child process is not the one that its name refers to: {}",
        chinese: "传给子进程的对象与其名字所指的不是同一个",
        means: "its module was imported twice or reloaded, or a decorator stands in its place: pickle finds another object \
                under that name",
        remedy: "import the module once and under one name, reload nothing, and hand over the function that its name stands for",
        // CPython: pickle
        rules: &[
            ("it's not the same object as {module}", &[]),
            ("not the same object as {module}", &[Says(&["pickle"])]),
        ],
        tells: &[
            "_pickle.PicklingError: Can't pickle <function f at 0x7f12>: it's not the same object as app.work.f",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "not-picklable",
        title: "an object passed to a spawn child can't be pickled: {}",
        chinese: "对象无法用 pickle 序列化，不能传给 spawn 子进程",
        means: "a child by spawn gets what it works with as a pickle; a session, a model on the GPU, a lock, a connection, an open \
                file, a lambda or a function inside another can't be in one",
        remedy: "build it in the child (in the target function, or a Pool's initializer), and hand over only paths and plain values",
        // CPython: pickle, what can be pickled
        rules: &[
            ("an't pickle {module} objects", &[HANDS_OVER]),
            ("annot pickle '{module}' object", &[HANDS_OVER]),
            ("annot pickle {module} object", &[HANDS_OVER]),
            ("Can't pickle local object '{_}'", &[HANDS_OVER]),
            ("Can't get local object '{_}'", &[HANDS_OVER]),
            ("Can't pickle <{word} <lambda>", &[HANDS_OVER]),
            ("Can't pickle {_}: attribute lookup {_} failed", &[HANDS_OVER]),
            ("no default __reduce__ due to non-trivial __cinit__", &[HANDS_OVER]),
            ("objects should only be shared between processes through inheritance", &[]),
        ],
        tells: &[
            "TypeError: can't pickle onnxruntime.capi.onnxruntime_pybind11_state.InferenceSession objects",
            "TypeError: cannot pickle '_thread.lock' object",
            "TypeError: cannot pickle 'onnxruntime.capi.onnxruntime_pybind11_state.InferenceSession' object",
            "AttributeError: Can't pickle local object 'main.<locals>.work'",
            "AttributeError: Can't get local object 'main.<locals>.work'",
            "_pickle.PicklingError: Can't pickle <function <lambda> at 0x7f12>: attribute lookup <lambda> on __main__ failed",
            "RuntimeError: Queue objects should only be shared between processes through inheritance",
        ],
        silent: &[
            "Traceback (most recent call last):\n  File \"/code/app.py\", line 12, in <module>\n    cfg2 = copy.deepcopy(cfg)\n  File \"/usr/lib/python3.8/copy.py\", line 161, in deepcopy\n    rv = reductor(4)\nTypeError: cannot pickle '_thread.lock' object",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "main-guard",
        title: "the app starts its service while a child imports it",
        chinese: "子进程导入应用时又启动了服务",
        means: "spawn children import the main script again, and it has no guard",
        remedy: "put what starts the service below: if __name__ == \"__main__\":",
        rules: &[("attempt has been made to start a new process before", &[Raised])],
        tells: &[
            "RuntimeError: \n        An attempt has been made to start a new process before the\n        current process has finished",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "start-method",
        title: "the start method of multiprocessing was set twice",
        chinese: "multiprocessing 的启动方式被设置了两次",
        means: "the app or a library sets it without force after the SDK has set spawn",
        remedy: "remove the app's own set_start_method, or pass force=True",
        rules: &[("context has already been set", &[])],
        tells: &["RuntimeError: context has already been set"],
        silent: &["    raise RuntimeError('context has already been set')"],
        ..Cause::ROW
    },
    Cause {
        name: "daemonic",
        title: "a daemonic process may start no children",
        chinese: "守护进程不能再创建子进程",
        means: "the SDK starts processes of its own, and Celery's prefork workers, hypercorn's workers and multiprocessing's pools are \
                daemonic",
        remedy: "run it where it may start children: celery … --pool=solo or --pool=threads; a Process with daemon=False instead of a Pool",
        // CPython: multiprocessing.Process.daemon
        rules: &[("daemonic processes are not allowed to have children", &[])],
        tells: &["AssertionError: daemonic processes are not allowed to have children"],
        ..Cause::ROW
    },
    Cause {
        name: "cuda-after-fork",
        title: "CUDA was used before the process forked",
        chinese: "fork 之前已经用过 CUDA",
        means: "a forked child can't use its parent's CUDA; gunicorn's preload does that",
        remedy: "leave out --preload, and use one worker; load the models in the worker",
        rules: &[("Cannot re-initialize CUDA in forked subprocess", &[])],
        tells: &[
            "RuntimeError: Cannot re-initialize CUDA in forked subprocess. To use CUDA with multiprocessing, you must use the 'spawn' start method",
        ],
        ..Cause::ROW
    },
    Cause {
        name: "child-arguments",
        title: "a program was given arguments that it does not know",
        chinese: "程序收到了它不认识的参数",
        means: "spawn children inherit sys.argv, and the SDK parses it: the app's own options kill them",
        remedy: "start it with heygem-run (heygem-run -- uvicorn …), which keeps the server's options from the SDK; or in the app, set sys.argv = sys.argv[:1] before the SDK is used",
        chinese_remedy: "用 heygem-run 启动（heygem-run -- uvicorn …），这样服务器的选项就不会传到 SDK；或者在应用里，使用 SDK 之前先执行 sys.argv = sys.argv[:1]",
        rules: &[("error: unrecognized arguments: ", &[Lacks(&["pip", "ffmpeg", "docker"])])],
        tells: &["app.py: error: unrecognized arguments: --port 8383"],
        silent: &["pip: error: unrecognized arguments: --x"],
        ..Cause::ROW
    },
    Cause {
        name: "child-died",
        weight: Weight::Follows,
        title: "the service waited for a child process that had died",
        chinese: "服务在等一个已经死掉的子进程",
        means: "a child process died earlier; its own traceback is further up in the log",
        remedy: "look further up in the log, at the first child's traceback: it shows the cause",
        chinese_remedy: "往上看日志，找到第一个子进程的 traceback，原因就在那里",
        rules: &[
            ("^_queue.Empty$", &[]),
            ("^queue.Empty$", &[]),
            ("^_queue.Empty: {_}$", &[]),
            ("Exception: _queue.Empty$", &[]),
            ("process in the process pool was terminated abruptly", &[]),
            ("child process terminated abruptly, the process pool is not usable", &[]),
            ("DataLoader worker (pid(s) {_}) exited unexpectedly", &[]),
        ],
        tells: &[
            "_queue.Empty",
            "queue.Empty",
            "concurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated abruptly",
            "RuntimeError: DataLoader worker (pid(s) 123) exited unexpectedly",
        ],
        silent: &["[DEBUG] frame 137 of 1370, code 0, queue.Empty is handled"],
        ..Cause::ROW
    },
    Cause {
        name: "queue-full",
        weight: Weight::Follows,
        title: "the SDK's queue of frames is full: what should empty it is slow or dead",
        chinese: "SDK 的帧队列已满：消费者太慢或已退出",
        means: "a child died earlier, or onnxruntime works on the CPU",
        remedy: "fix what the log says before: the first child's traceback, or a CUDA library that was not loaded",
        rules: &[("队列满，严重阻塞", &[AnyLevel])],
        tells: &["任务视频驱动队列满，严重阻塞，下游队列异常"],
        ..Cause::ROW
    },
    Cause {
        name: "import-swallowed",
        weight: Weight::Follows,
        title: "the app continued without the SDK: '{}' is missing",
        chinese: "应用吞掉了 SDK 的导入错误",
        means: "the app caught the error of its import of the SDK and went on with None or nothing",
        remedy: "fix the first error that it logged, or let it show it: heygem-run -- python -c 'import service.trans_dh_service'",
        rules: &[
            ("'NoneType' object has no attribute '{module}'", &[SDK_NAME]),
            ("name '{module}' is not defined", &[SDK_NAME]),
        ],
        tells: &[
            "AttributeError: 'NoneType' object has no attribute 'TransDhTask'",
            "NameError: name 'TransDhTask' is not defined",
        ],
        silent: &["AttributeError: 'NoneType' object has no attribute 'shape'"],
        ..Cause::ROW
    },
    Cause {
        name: "numpy-pickle",
        title: "a file was pickled with a newer numpy than the one installed",
        chinese: "文件是用更高版本的 numpy 序列化的",
        means: "numpy 2 keeps its classes in numpy._core, which numpy before 1.26 does not have",
        remedy: "save the file again with this numpy, or load it with numpy 1.26 or later, where this Python has it (3.9): python -m pip \
                 install 'numpy>=1.26'",
        rules: &[("No module named '{module}'", &[Top(&["numpy"]), Says(&["'numpy._core"])])],
        tells: &[
            "Traceback (most recent call last):\n  File \"/app/a.py\", line 1, in f\n    x = pickle.load(f)\nModuleNotFoundError: No module named 'numpy._core'",
        ],
        ..Cause::ROW
    },
];

/// What a module of the SDK defines and an app uses.
const SDK_NAME: Condition = Is(&[
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
