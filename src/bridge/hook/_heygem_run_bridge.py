"""The names of a HeyGem SDK, for every Python process. Made by heygem-run; edits are lost.

The SDK's modules are compiled under their bare names (`trans_dh_service`) and installed in packages
(`service.trans_dh_service`). What they pickle asks for the bare name, which no directory on sys.path has: a spawn child
dies of ModuleNotFoundError. Here both names mean one module, unless the bare name is somebody else's.

`sitecustomize.py`, beside this file, puts a finder on sys.meta_path, which asks `find` about the names that the SDK has a
part in. What is to be done when a module of the SDK is executed is in `_heygem_run_process.py`. Nothing here imports what
Python has not loaded by then, and what fails here is one warning, never somebody's import.
"""

import sys

if sys.version_info < (3, 8):
    raise ImportError("this Python is older than any that HeyGem's SDK is compiled for")

import _frozen_importlib as _bootstrap
import _imp
import _thread
import posix
import time
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import PathFinder, SourceFileLoader

#: What is known of the SDK; written by heygem-run.
#:
#: bare    bare name: qualified name
#: sdk     the packages and modules at the root's top level that are the SDK's, or have something of the SDK's in them
#: source  those whose every module is the SDK's, compiled or not
#: loose   what may be a lone source file there
#: root    the root as bytes; None where this file lies in it
#: moves   whether a process goes to the root
DATA = {}

BRIDGE = __file__.rpartition("/")[0]

#: How far a namespace directory is searched for something to import.
_DEEPEST = 8

if "load" not in globals():  # sitecustomize.py did not run, and an alias file asks
    _hook = {"__name__": "_heygem_run_start", "__file__": BRIDGE + "/sitecustomize.py"}
    exec(SourceFileLoader("sitecustomize", _hook["__file__"]).get_code("sitecustomize"), _hook)
    load, start = _hook["more"]("load"), _hook["start"]

_process = load("_heygem_run_process")
_process.configure(DATA, BRIDGE)
_guarded, _names_of = _process.guarded, _process.names_of

#: What is done to modules that are not the SDK's, once they are executed.
_WATCHED = {
    "multiprocessing.spawn": _process.set_executable,
    "gunicorn.app.base": _process.attend,
    "uvicorn.config": _process.attend_reload,
}


# What a name means ##############################################################################################


def find(finder, name, path, target):
    """Answer `finder.find_spec(name, path, target)` for a name that the SDK has a part in."""
    others = _others(finder)
    if path is None and name in DATA["loose"]:
        return _ask(others, name, target, _without_root())
    if path is None and name in DATA["bare"]:
        start()  # whoever emptied sys.path_importer_cache made the alias files visible again
        return _ask(others, name, target, None) or _bare_spec(name)
    first = name.partition(".")[0]
    if first in DATA["sdk"] or name in _WATCHED:
        for find_spec in others:
            spec = find_spec(name, path, target)
            if spec is not None:
                _watch(spec)
                return spec
    return None


def _others(finder):
    """The find_spec of each finder of others that is asked after this one; of all where it is not there."""
    finders = list(sys.meta_path)
    places = [place for place, other in enumerate(finders) if other is finder]
    return [_find_spec(other) for other in finders[max(places or [-1]) + 1 :] if type(other).__name__ != "HeygemRun"]


def _find_spec(finder):
    try:
        return finder.find_spec
    except AttributeError:
        old = getattr(_bootstrap, "_find_spec_legacy", None)  # until 3.11, a finder could be without find_spec
        return lambda name, path, target: old and old(finder, name, path)


def _ask(others, name, target, path):
    """The first module that is really one: a namespace directory counts if there is something in it to import."""
    for find_spec in others:
        is_path_finder = getattr(find_spec, "__self__", None) is PathFinder
        spec = find_spec(name, path if is_path_finder else None, target)
        if spec is None:
            continue
        if spec.loader is None and _is_data(spec):
            continue
        return spec
    return None


@_guarded
def _is_data(spec):
    """Whether a namespace package has nothing in it, like the SDK's own config/."""
    return not any(map(_has_modules, spec.submodule_search_locations or ()))


def _has_modules(directory, depth=0):
    """Whether a directory without __init__.py has something in it that can be imported."""
    try:
        names = posix.listdir(directory)
    except NotADirectoryError:
        return True  # the inside of a zip, whose names say nothing here
    except OSError:
        return False
    suffixes = [".py", ".pyc"] + _imp.extension_suffixes()
    for name in names:
        path = "%s/%s" % (directory, name)
        stem, dot, suffix = name.partition(".")
        if not stem.isidentifier() or stem == "__pycache__":
            continue
        kind = _process.kind(path)
        if dot + suffix in suffixes and kind == 0o100000:
            return True
        if not dot and depth < _DEEPEST and kind == 0o040000 and _has_modules(path, depth + 1):
            return True
    return False


def _without_root():
    """sys.path without PYTHONPATH's entry for the root, and what repeats it later.

    An entry before it was put there by Python (for a script in the root), by a server or by the app: then the root's own
    files are meant. The bridge tells which one is PYTHONPATH's: it stands behind it, or right before it.
    """
    root = _process.identity(_process.State.root)
    path = [entry for entry in sys.path if isinstance(entry, str)]
    places = [place for place, entry in enumerate(path) if _process.identity(entry or ".") == root is not None]
    bridge = path.index(BRIDGE) if BRIDGE in path else len(path)
    own = bridge + 1 if bridge + 1 in places else max([place for place in places if place < bridge] or [-1])
    return [entry for place, entry in enumerate(path) if place < own or place not in places]


# Modules of the SDK #############################################################################################


@_guarded
def _watch(spec):
    """Be called when the module is executed, if it is one of the SDK's. What is only looked for is left alone."""
    if spec.name in _WATCHED:
        _surround(spec, "exec_module", _execute_other)
    elif _is_sdks(spec):
        _surround(spec, "exec_module", _execute)
        if spec.origin.endswith(".so"):
            _surround(spec, "create_module", _create)
        else:
            _surround(spec, "get_code", _get_code)


def _is_sdks(spec):
    """A compiled module in the root or in a package of it; in a source tree, a module of the known packages."""
    origin = spec.origin
    if not spec.has_location or type(origin) is not str:
        return False
    if not (origin.endswith(".so") or spec.name.partition(".")[0] in DATA["source"]):
        return False
    below = _below_root(origin)
    return below is not None and below.startswith(spec.name.replace(".", "/"))


def _below_root(path):
    from os.path import abspath, realpath

    real = realpath(_process.State.root)
    for path, root in (abspath(path), _process.State.root), (abspath(path), real), (realpath(path), real):
        if path.startswith(root + "/"):
            return path[len(root) + 1 :]
    return None


def _surround(spec, method, function):
    """Have a function called with the method of the spec's loader, and its argument, in the method's place.

    The loader stays of its class. One that loads several modules is left as it is for the others.
    """
    loader = spec.loader
    inner = getattr(loader, method, None)
    if inner is None or isinstance(loader, type):
        return

    def surrounding(argument):
        if _name_of(argument) != spec.name:
            return inner(argument)
        if method == "exec_module" and vars(loader).get(method) is surrounding:
            for surrounded in "exec_module", "create_module", "get_code":
                vars(loader).pop(surrounded, None)
        return function(inner, argument, loader)

    setattr(loader, method, surrounding)


def _name_of(argument):
    """The name of the module that a loader's method is called for: by its name, with its spec or with the module."""
    if isinstance(argument, str):
        return argument
    spec = argument if type(argument) is ModuleSpec else _names_of(argument).get("__spec__")
    return getattr(spec, "name", None)


def _create(create, spec, loader):
    # Some compilers' modules are executed here. For a lazy loader this only makes an empty module.
    if spec.loader is loader:
        _process.go()
    return create(spec)


def _get_code(get_code, name, loader):
    # `python -m service.NAME`: who asks is about to run the code as __main__, without exec_module.
    if sys._getframe(2).f_globals.get("__name__") == "runpy":
        _process.go()
    return get_code(name)


def _execute(execute, module, loader):
    _process.go()
    lock = _hold(_name_of(module))
    try:
        is_placed = lock and _place(lock.name, module)
        try:
            execute(module)
        except BaseException:
            if is_placed and sys.modules.get(lock.name) is module:
                del sys.modules[lock.name]
            raise
    finally:
        if lock:
            lock.release()
    _process.stand_in(module)


def _execute_other(execute, module, loader):
    execute(module)
    _WATCHED[_name_of(module)](module)


# Bare names #####################################################################################################


_BARE = {qualified: bare for bare, qualified in DATA["bare"].items()}


def _hold(qualified):
    """Take the lock of the module's bare name: whoever imports that name waits until the module is executed."""
    bare = _BARE.get(qualified)
    if bare is None:
        return None
    try:
        lock = _bootstrap._get_module_lock(bare)
        lock.acquire()
        return lock
    except Exception:
        return None  # a deadlock with somebody's import hook: both names still lead to one module


@_guarded
def _place(bare, module):
    """Put the module under its bare name, unless that is a real module's. True if it is to be removed on failure."""
    there = sys.modules.get(bare)
    if there is None:
        if _ask(_others(None), bare, None, None) is None:
            sys.modules[bare] = module
        return True
    if there is not module and _name_of(there) == DATA["bare"][bare]:
        sys.modules[bare] = module  # the one before this was removed from sys.modules
    return False


def _bare_spec(name):
    qualified = DATA["bare"][name]
    return ModuleSpec(name, _Bare(qualified), origin=qualified)


class _Bare(object):
    """Loads the SDK's module of a bare name: the very object that the qualified name means."""

    def __init__(self, qualified):
        self.qualified = qualified
        self.spec = None

    def create_module(self, spec):
        # While this thread waits for the module, it must not hold the bare name: who executes the module takes it.
        lock = _bootstrap._get_module_lock(spec.name)
        held = _release(lock)
        try:
            __import__(self.qualified)
            module = sys.modules[self.qualified]
        finally:
            _take(lock, held)
        self.spec = _names_of(module).get("__spec__")
        return module

    def exec_module(self, module):
        module.__spec__ = self.spec  # the import system has put the bare name's into its place

    def get_code(self, name):
        return None

    def is_package(self, name):
        return False


def _release(lock):
    """Release a lock as often as this thread holds it, and say how often."""
    held = 0
    while getattr(lock, "owner", None) == _thread.get_ident():
        lock.release()
        held += 1
    return held


def _take(lock, times):
    """Take a lock again. Who else holds it is only looking for the module: a deadlock passes."""
    tries = 0
    while times:
        try:
            lock.acquire()
            times -= 1
        except Exception:
            tries += 1
            if tries > 1000:
                raise
            time.sleep(0.01)


def resolve(alias):
    """Make an alias file (its globals) stand for what its name means: the fallback where `sitecustomize.py` did not run."""
    import os  # noqa: F401: used below, where nothing may be imported

    name = alias["__spec__"].name
    start()
    if alias["__name__"] != name:
        return _run(alias, name)  # as __main__: `python -m name`, and __mp_main__ in its spawn children
    sys.modules.pop(name, None)
    __import__(name)
    alias.update(_names_of(sys.modules[name]))  # for a thread that was quicker, and holds the alias


def _run(main, name):
    """Run a module, or a package's __main__, in the namespace of a program that started as an alias."""
    import runpy

    _, spec, code = runpy._get_module_details(name)
    sys.argv[0] = spec.origin
    runpy._run_code(code, main, None, main["__name__"], spec)
