"""What a process needs that executes a HeyGem SDK: its directory, its arguments, its children's interpreter.

Made by heygem-run; edits are lost. `_heygem_run_bridge.py` calls this when a module of the SDK is executed.
"""

import _imp
import posix
import sys
from _frozen_importlib import ModuleSpec

_ModuleType = type(sys)


class State(object):
    """Of this process."""

    root = None
    bridge = None
    is_there = False
    before = None  # the directory that it left for the root, if it was another one
    is_warned = False
    is_begun = False


def configure(data, bridge):
    """Say what is known of the SDK, and where the bridge is."""
    root = data["root"]
    if root is None:
        State.root = bridge.rpartition("/")[0].rpartition("/")[0] or "/"
    else:
        State.root = root.decode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
    State.bridge = bridge
    State.is_there = not data["moves"]


def warn(text):
    """Say what does not work, the first time."""
    if not State.is_warned:
        State.is_warned = True
        try:
            sys.stderr.write("heygem-run: warning: %s\n" % text)
            sys.stderr.flush()
        except Exception:
            pass


def guarded(function):
    """Never fail: what goes wrong is a warning, and the answer None."""

    def guarded_function(*args):
        try:
            return function(*args)
        except Exception as error:
            warn("%s: %s failed: %r" % (State.bridge, function.__name__.strip("_"), error))

    return guarded_function


# The working directory ##########################################################################################


def go():
    """Go to the root, once in the life of a process.

    Other threads' imports wait, and a fork finds it done or not begun: both need this lock. Nothing is imported under it.
    """
    if not State.is_begun:
        State.is_begun = True
        _forget_piped_program()
    if State.is_there:
        return
    import os  # noqa: F401: loaded before the lock is taken

    failures = []
    _imp.acquire_lock()
    try:
        if not State.is_there:
            _move(failures)
            State.is_there = True
    except Exception as error:
        failures.append("the SDK's directory can't be gone to: %r" % error)
    finally:
        _imp.release_lock()
    for failure in failures:
        warn(failure)
    _leave_word()


def _move(failures):
    from os import strerror

    State.before = here = None
    if identity(".") == identity(State.root) is not None:
        return
    try:
        here = posix.getcwd()
        _make_absolute(here)
    except OSError as error:
        failures.append("the working directory is gone: %s" % strerror(error.errno))
    except Exception as error:
        failures.append("relative paths can't be made absolute: %r" % error)
    try:
        posix.chdir(State.root)
        State.before = here
    except OSError as error:
        failures.append("can't change directory to %s: %s" % (State.root, strerror(error.errno)))


@guarded
def _leave_word():
    """Let a process that starts itself again by a module's name or a relative path go back first (`go_back`)."""
    if State.before is None or not State.is_there:
        return
    import os

    words = words_of_start()
    main = names_of(sys.modules.get("__main__")).get("__file__")
    marks = [mark(words)]
    if type(main) is str:  # a script, or what is in a directory or an archive
        main = os.path.normpath(main)
        names = main, main.rpartition("/")[0]
        marks.extend(mark([os.fsencode(name)] + words[1:]) for name in names)
    root = posix.stat(".")
    os.environ["HEYGEM_RUN_LEFT"] = "%d %d:%d %s %s" % (
        posix.getpid(), root.st_dev, root.st_ino, ":".join(marks), State.before
    )


def _make_absolute(here):
    """What is relative to the working directory, and is looked at later."""
    from os.path import normpath

    def absolute(path):
        return normpath(path if path.startswith("/") else "%s/%s" % (here, path))

    def absolute_all(paths):
        paths[:] = [path if not isinstance(path, str) or path.startswith("/") else absolute(path) for path in paths]

    absolute_all(sys.path)
    for module in list(sys.modules.values()):
        own = names_of(module)
        file = own.get("__file__")
        if type(file) is str and not file.startswith("/") and kind(file) is not None:
            own["__file__"] = absolute(file)
            _make_spec_absolute(own.get("__spec__"), absolute)
        path = own.get("__path__")
        if type(path) is list:
            absolute_all(path)
    _make_script_absolute(absolute)


def _make_spec_absolute(spec, absolute):
    if type(spec) is ModuleSpec:
        if type(spec.origin) is str:
            spec.origin = absolute(spec.origin)
        if type(spec.loader).__module__ == "_frozen_importlib_external":
            spec.loader.path = absolute(spec.loader.path)


def _make_script_absolute(absolute):
    """A server that starts itself again does so by these words."""
    script = sys.argv[0] if sys.argv else ""
    main = names_of(sys.modules.get("__main__")).get("__file__")
    if not script or script.startswith("/") or type(main) is not str:
        return
    full = absolute(script)
    if full in (absolute(main), absolute(main).rpartition("/")[0]):
        words = getattr(sys, "orig_argv", [])
        place = len(words) - len(sys.argv)
        if place > 0 and words[place] == script:
            words[place] = full
        sys.argv[0] = full


@guarded
def _forget_piped_program():
    """A program that came through a pipe (`python - <app.py`, `python <(cat app.py)`) is in no file: a child that runs the file of
    the main program again, as spawn children do, would die. Without one, it goes on, as under `python -c`.
    """
    main = names_of(sys.modules.get("__main__"))
    file = main.get("__file__")
    if main.get("__spec__") is None and type(file) is str:
        if kind(file) == 0o010000 or (file == "<stdin>" and kind(file) is None):
            main.pop("__file__", None)


_MODULE_DICT = _ModuleType.__dict__["__dict__"]


def names_of(module):
    """A module's names, without a word to the module: looking at an attribute of a lazy one loads it."""
    return _MODULE_DICT.__get__(module) or {} if issubclass(type(module), _ModuleType) else {}


# gunicorn #######################################################################################################

# Its master makes sockets and pidfiles, looks for its configuration and starts itself again, all that where it was
# started. So it is in the root only while it runs what may import the SDK: a configuration, a hook, an app under
# --preload. Its workers are there from the start if the SDK is loaded by then.

_OF_MASTER = "on_starting on_reload when_ready pre_fork child_exit pre_exec nworkers_changed on_exit".split()
_OF_WORKER = "post_fork", "dirty_post_fork"
_FILES_OF_WORKER = "certfile", "keyfile", "ca_certs"


@guarded
def attend(base):
    """Have gunicorn's master return from the root, and its workers go there. Whoever changes directory himself is left alone."""
    for owner in names_of(base)["Application"], names_of(base)["Arbiter"]:
        for name in "get_config_from_filename", "get_config_from_module_name", "setup":
            if name in vars(owner):
                setattr(owner, name, _returning(vars(owner)[name]))
    for setting in names_of(sys.modules["gunicorn.config"])["KNOWN_SETTINGS"]:
        if setting.name in _OF_MASTER:
            setting.get = lambda setting: _returning(setting.value)
        elif setting.name in _OF_WORKER:
            setting.get = lambda setting: _following(setting.value)
        elif setting.name in _FILES_OF_WORKER:
            setting.get = _file_of


def _returning(function):
    def returning(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        finally:
            _return()

    return returning


@guarded
def _return():
    if State.is_there and State.before is not None and identity(".") == identity(State.root):
        posix.chdir(State.before)
        State.is_there = False


def _following(hook):
    def following(arbiter, *args):
        _follow(arbiter)
        return hook(arbiter, *args)

    return following


@guarded
def _follow(arbiter):
    is_back = State.before is not None and not State.is_there
    if is_back and identity(".") in (identity(State.before), identity(arbiter.cfg.chdir)):
        go()


def _file_of(setting):
    path = setting.value
    try:
        is_relative = type(path) is str and path and not path.startswith("/")
        return "%s/%s" % (State.before or posix.getcwd(), path) if is_relative else path
    except OSError:
        return path


# uvicorn ########################################################################################################


@guarded
def attend_reload(config):
    """Have uvicorn's first process return from the root where it only watches, and starts others: it watches where it stands."""
    owner = names_of(config)["Config"]
    initialize = owner.__init__

    def __init__(self, app, *args, **kwargs):
        if kwargs.get("reload") and isinstance(app, str):
            _return()
        initialize(self, app, *args, **kwargs)

    __init__.__wrapped__ = initialize
    owner.__init__ = __init__


# Arguments ######################################################################################################


class _QuietType(type):
    """An instance of the real class is one of the quiet class, too: a module of the SDK can ask for no other."""

    def __instancecheck__(cls, instance):
        return isinstance(instance, cls.__dict__.get("_real", ())) or type.__instancecheck__(cls, instance)

    def __subclasscheck__(cls, other):
        return issubclass(other, cls.__dict__.get("_real", ())) or type.__subclasscheck__(cls, other)


def _method(name):
    def parse(self, args=None, namespace=None):
        return getattr(super(self._quiet, self), name)([] if args is None else args, namespace)

    return parse


@guarded
def _quiet(real):
    """The parser class, but no arguments mean none, and not those of the program."""
    if real not in _QUIET:
        kind = "known_", "intermixed_", "known_intermixed_", ""
        names = {"parse_%sargs" % part: _method("parse_%sargs" % part) for part in kind}
        _QUIET[real] = _QuietType("ArgumentParser", (real,), dict(names, _real=real, __module__=real.__module__))
        _QUIET[real]._quiet = _QUIET[real]
    return _QUIET[real]


_QUIET = {}


def _quiet_argparse(argparse):
    """What a module of the SDK sees as the module argparse."""

    class Argparse(_ModuleType):
        def __getattribute__(self, name):
            value = getattr(argparse, name)
            return _quiet(value) or value if name == "ArgumentParser" else value

        def __setattr__(self, name, value):
            setattr(argparse, name, value)

        def __delattr__(self, name):
            delattr(argparse, name)

        def __dir__(self):
            return dir(argparse)

    return Argparse("argparse")


@guarded
def stand_in(module):
    """Give a module of the SDK parsers of its own, since the program's arguments are a server's."""
    argparse = sys.modules.get("argparse")
    own = names_of(module)
    real = names_of(argparse).get("ArgumentParser")
    for name, value in list(own.items()):
        if value is argparse and value is not None:
            own[name] = _quiet_argparse(argparse)
        elif value is real and value is not None:
            own[name] = _quiet(real) or real


# Children's interpreter #########################################################################################


@guarded
def set_executable(spawn):
    """In uWSGI or mod_wsgi, sys.executable is no Python, or none."""
    name = (sys.executable or "").rpartition("/")[2]
    is_embedder = name.startswith(("uwsgi", "httpd", "apache")) or "uwsgi" in sys.modules or "mod_wsgi" in sys.modules
    if name and (name.startswith("python") or not is_embedder):
        return
    python = _own_python()
    if python:
        spawn.set_executable(python)


def _own_python():
    from os.path import realpath

    version = "python%d.%d" % sys.version_info[:2]
    for prefix in sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix:
        for name in version, "python3", "python":
            path = "%s/bin/%s" % (prefix, name)
            is_own = name == version or realpath(path).endswith(version) or kind(prefix + "/pyvenv.cfg")
            if is_own and kind(path) == 0o100000 and posix.access(path, posix.X_OK):
                return path
    return None


def kind(path):
    try:
        return posix.stat(path).st_mode & 0o170000
    except OSError:
        return None


def identity(path):
    try:
        found = posix.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
