# The rest of sitecustomize.py, in whose globals it is executed when it is needed. Made by heygem-run.

LOADED = {}  # A racing thread may define it anew. sys.modules still has what was loaded.


def hand_on_in_python2(name, behind):
    is_loaded = "imp" in sys.modules
    imp = __import__("imp")
    if not is_loaded:
        del sys.modules["imp"]
    return imp.load_module(name, *imp.find_module(name, behind))


def command_line():
    with open("/proc/self/cmdline", "rb") as file:
        return file.read().split(b"\0")[:-1]


def words_of_start():
    return command_line()[-ARGUMENTS:]  # the script or the module, and its arguments


def mark(words):
    value = 0
    for byte in bytearray(b"\0".join(words)):
        value = (value * 31 + byte) % 4294967291
    return str(value)


def go_back():
    """A process that left for the root and starts itself again begins where it began: its words mean what they meant there."""
    import posix

    os = sys.modules["os"]
    try:
        pid, place, marks, left = os.environ["HEYGEM_RUN_LEFT"].split(" ", 3)
        here = posix.stat(".")
        is_of_it = int(pid) in (posix.getpid(), posix.getppid()) and place == "%d:%d" % (here.st_dev, here.st_ino)
        if is_of_it:
            words = words_of_start()
            named = os.fsencode(os.path.normpath(os.path.join(left, os.fsdecode(words[0]))))
            if {mark(words), mark([named] + words[1:])} & set(marks.split(":")):
                posix.chdir(left)
                read_words_again()
    except (IndexError, OSError, ValueError):
        pass  # it was set by somebody else, or that directory is gone


def read_words_again():
    """From 3.9 on, Python makes the path of a script absolute before this is run: it starts once more."""
    script = sys.argv[0] if sys.version_info >= (3, 9) else "/"
    if not script.startswith(("/", "-")) and program().rpartition("/")[2].startswith("python"):
        import posix

        python = sys.executable or program()
        posix.execv(python, [python] + command_line()[1:])


def load(name):
    """Load a helper, as the import system would, which no longer sees it."""
    module = LOADED.get(name)
    if module is None:
        import _imp
        from _frozen_importlib_external import SourceFileLoader

        _imp.acquire_lock()  # a fork takes it, too: no child has half a module
        try:
            module = LOADED.get(name) or sys.modules.get(name)
            if module is None:
                module = type(sys)(name)
                module.__file__ = "%s/%s.py" % (BRIDGE, name)
                module.load, module.start, module.mark, module.words_of_start = load, start, mark, words_of_start
                exec(SourceFileLoader(name, module.__file__).get_code(name), module.__dict__)
                sys.modules[name] = module
            LOADED[name] = module
        finally:
            _imp.release_lock()
    return module
