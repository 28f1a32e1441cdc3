# What the interpreter says of itself.
import time

STARTED = time.monotonic()
STANDARD_LIBRARY = os.path.dirname(os.__file__)

# Parts of the standard library that a build may lack, and that torch, numpy, zip imports or multiprocessing ask for.
PARTS = "zlib _ctypes _ssl _socket _struct _hashlib _multiprocessing _queue _pickle _random binascii fcntl math mmap select unicodedata"


def limits():
    """Nothing of this may eat the machine that a service runs on: memory that is not there is refused, no core is dumped."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = GIVEN["memory"]
    if wanted and all(limit == resource.RLIM_INFINITY or limit > wanted for limit in (soft, hard)):
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


def end_with_doctor():
    """Should the doctor be killed, nobody else would end what hangs."""
    import signal

    signal.signal(signal.SIGALRM, lambda *_: os.killpg(os.getpgrp(), signal.SIGKILL))
    signal.alarm(GIVEN["seconds"] + 5)


def site_packages():
    """Where packages are."""
    site = sys.modules.get("site")
    if site is None:
        return []
    places = list(getattr(site, "getsitepackages", list)())
    if getattr(site, "ENABLE_USER_SITE", False):
        places = places + [site.getusersitepackages()]
    return [place for place in places if os.path.isdir(place)]


def find(name):
    """The spec of a top-level name, as an import would find it; nothing is imported."""
    # As importlib.util would: that needs other modules, which a file of the app may hide.
    if name in sys.modules:
        return getattr(sys.modules[name], "__spec__", None)
    for finder in sys.meta_path:
        try:
            spec = finder.find_spec(name, None)
        except (ImportError, AttributeError, ValueError):  # a finder of somebody's
            continue
        if spec is not None:
            return spec
    return None


def libc():
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        return ""


def first_entry():
    """What Python puts in front of the path: the directory of the script, its links resolved; else where it starts."""
    if GIVEN["script"] is None:
        return os.getcwd()
    script = os.path.realpath(os.fsdecode(GIVEN["script"]))
    if os.path.isdir(script):
        return script
    try:
        with open(script, "rb") as stream:
            return script if stream.read(2) == b"PK" else os.path.dirname(script)
    except OSError:  # told when it is read
        return os.path.dirname(script)


def facts():
    from importlib import machinery

    if sys.path[:1] == [""]:
        del sys.path[0]
    if not getattr(sys.flags, "safe_path", False) and not sys.flags.isolated:
        sys.path.insert(0, first_entry())
    for directory in GIVEN["added"]:
        sys.path.insert(0, os.path.abspath(os.fsdecode(directory)))
    sys.argv = [os.fsdecode(word) for word in GIVEN["argv"]]
    emit(
        "facts",
        version="%d.%d.%d" % sys.version_info[:3],
        executable=sys.executable or "",
        tag=machinery.EXTENSION_SUFFIXES[0],
        suffixes=machinery.EXTENSION_SUFFIXES,
        machine=os.uname().machine,
        libc=libc(),
        ignores=bool(sys.flags.ignore_environment),
        warns=bool(sys.warnoptions),
        path=[entry for entry in sys.path if isinstance(entry, str)],
        site_packages=site_packages(),
        user_site=getattr(sys.modules.get("site"), "USER_SITE", None) or "",
        standard_library=STANDARD_LIBRARY,
        lacks=[name for name in PARTS.split() if find(name) is None and sys.version_info >= (3, 8)],
    )


attempt("limits", limits)
attempt("alarm", end_with_doctor)
attempt("facts", facts)
