# Starts a child by each start method and has it do what the SDK's children do: unpickle what is the SDK's by its bare name, and
# import the SDK. What travels goes through a real lock and a real queue; then a pool and a manager.

# Run in the child. `exec` is pickled by name, so the child needs nothing of this file.
CHILD = HELPERS + """
import pickle
failures = []
def attempt_here(step, function):
    try:
        return function()
    except BaseException as error:
        failures.append({"step": step, "error": describe(error)})
def take_bare_name():
    try:
        pickle.loads(b"ctrans_dh_service\\nTransDhTask\\n.")
    except AttributeError:
        pass  # the module is there, and has no such class
def take_module():
    import service.trans_dh_service as module
    bare = sys.modules.get("trans_dh_service", module)  # told before, where there is none
    if bare is not module:
        raise ImportError("trans_dh_service is another module than service.trans_dh_service: %r, %r" % (bare, module))
def use_lock():
    with lock:
        pass
attempt_here("bare name", take_bare_name)
attempt_here("module", take_module)
for label, pickled in attempt_here("queue", lambda: queue.get(True, seconds)) or ():
    attempt_here("object " + label, lambda: pickle.loads(pickled))
attempt_here("lock", use_lock)
sender.send_bytes(encode(failures).encode("ascii"))
"""


def sdk_objects():
    """A class and a function of each module of the SDK that is loaded, pickled by name."""
    import pickle

    objects = []
    for name in GIVEN["names"]:
        module = sys.modules.get(name)
        for value in list(vars(module).values()) if module is not None else ():
            if callable(value) and getattr(value, "__module__", None) == name and hasattr(value, "__qualname__"):
                pickled = attempt("pickle", lambda: pickle.dumps(value), module=name)
                if pickled is not None:
                    objects.append(("%s.%s" % (name, value.__qualname__), pickled))
                break
    return objects


def start_child(method, objects):
    """A child at work, as (method, process, pipe, queue, lock); None where it can't be started."""
    context = multiprocessing.get_context(method)
    emit("begin", step="children", method=method)
    lock = attempt("lock", context.Lock, method=method)
    queue = lock and attempt("queue", context.Queue, method=method)
    if queue is None:
        return None

    def start():
        receiver, sender = context.Pipe(False)
        given = {"lock": lock, "queue": queue, "sender": sender, "seconds": GIVEN["seconds"]}
        process = context.Process(target=exec, args=(CHILD, given))
        process.start()
        sender.close()
        queue.put(objects)
        return method, process, receiver, queue, lock

    return attempt("start", start, method=method)


def end_child(method, process, receiver, queue, lock):
    """Waits for what the child has to say."""
    emit("wait", method=method)
    failures = None
    if receiver.poll(max(DEADLINE - time.monotonic(), 0)):
        try:
            failures = Encoded(receiver.recv_bytes().decode("ascii"))
        except EOFError:
            pass
        process.join(2)
        emit("child", method=method, failures=failures, code=process.exitcode)
    else:
        process.kill() if hasattr(process, "kill") else process.terminate()
        emit("child", method=method, failures=None, hung=True)
    queue.cancel_join_thread()
    queue.close()


def children():
    """By all methods at once; one after another where few processes are allowed."""
    import resource

    objects = sdk_objects()
    methods = [name for name in ("fork", "spawn", "forkserver") if name in multiprocessing.get_all_start_methods()]
    limit = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    is_narrow = os.getuid() != 0 and limit != resource.RLIM_INFINITY and limit < 200
    is_narrow = is_narrow or files != resource.RLIM_INFINITY and files < 64
    if is_narrow:
        for method in methods:
            child = start_child(method, objects)
            if child is not None:
                end_child(*child)
        return
    # A fork comes before a thread (that of a queue) is started, and a spawn child starts while the server of forks does.
    started = [start_child(method, objects) for method in methods]
    for child in started:
        if child is not None:
            end_child(*child)
    # They take about as long as all before: where there is less time left, nothing is learnt from them.
    has_time = DEADLINE - time.monotonic() > time.monotonic() - STARTED
    if has_time and all(child is not None for child in started):
        attempt("pool", lambda: use_pool(objects))
        attempt("manager", use_manager)


def judge_starts():
    """What hides the standard library from a child alone: one is started by `-c`, whose path begins where it stands."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if "." in name or not isinstance(file, str) or kind_of(name, file) != "standard":
            continue
        spec = machinery.PathFinder.find_spec(name, [os.getcwd()])
        if spec is not None and spec.origin and not os.path.samefile(spec.origin, file):
            emit("hides", name=name, file=spec.origin, of="child")


def use_pool(objects):
    import pickle

    with multiprocessing.get_context("fork").Pool(1) as pool:
        for label, pickled in objects[:8]:
            pool.apply_async(type, (pickle.loads(pickled),)).get(GIVEN["seconds"])


def use_manager():
    with multiprocessing.get_context("fork").Manager() as manager:
        shared = manager.list([1])
        shared.append(2)


def make_temporary():
    """Makes multiprocessing's directory. It is told of before it is there, since whoever kills this Python removes it."""
    import tempfile

    def told(suffix=None, prefix=None, dir=None):
        path = tempfile.mktemp(prefix=prefix, dir=dir)
        emit("temporary", path=path)
        os.mkdir(path, 0o700)
        return path

    made, tempfile.mkdtemp = tempfile.mkdtemp, told
    try:
        multiprocessing.util.get_temp_dir()
    except OSError:
        pass  # what needs it tells of it
    finally:
        tempfile.mkdtemp = made


def rehearse_children():
    global multiprocessing, DEADLINE
    import multiprocessing
    import multiprocessing.connection
    import multiprocessing.util

    DEADLINE = STARTED + GIVEN["seconds"] - 1
    make_temporary()
    emit("methods", methods=multiprocessing.get_all_start_methods())
    children()


if GIVEN["is_sdk"] and not GIVEN["skip"] and not HIDDEN & {"service", "trans_dh_service"}:
    attempt("multiprocessing", rehearse_children)
    attempt("starts", judge_starts)
if "multiprocessing.util" in sys.modules:
    attempt("limits", sys.modules["multiprocessing.util"]._run_finalizers)
emit("end")
# What is left of threads, queues and exit handlers of others is not waited for.
sys.stdout.flush()
sys.stderr.flush()
os._exit(0)
