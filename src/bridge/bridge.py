"""Bare names for the compiled modules of a HeyGem SDK. Made by heygem-run; edits are lost.

The SDK's modules are compiled under their bare names (`trans_dh_service`) and installed in packages
(`service.trans_dh_service`). What they pickle therefore asks for the bare name, which no directory on sys.path has: a spawn
child dies of ModuleNotFoundError. Beside this file lies one alias for each such name.

An alias gives way: the name means what it would have meant without this directory, wherever it meant something. Only
else does it mean the SDK's module, which is then one object under both names.
"""

import importlib.util
import os
import sys
from importlib import _bootstrap, import_module
from importlib.machinery import PathFinder, all_suffixes

#: Bare name to qualified name.
QUALIFIED = {}

_DIRECTORY_PREFIX = "heygem-bridge-"

#: How far a namespace directory is searched for something to import.
_DEEPEST = 8


def resolve(alias):
    """Make the alias (its globals) stand for the module that its name means."""
    name = alias["__spec__"].name
    spec = _find_elsewhere(name)
    if alias["__name__"] != name:
        _run(alias, name, spec)  # as __main__: `python -m name`, and __mp_main__ in its spawn children
    elif spec is not None:
        # What the import system itself does once it has found a module; it leaves the module in sys.modules.
        _bootstrap._load_unlocked(spec)
    else:
        sys.modules[name] = import_module(QUALIFIED[name])


def _find_elsewhere(name):
    """Find what the name means without any bridge; None if nothing."""
    path = [entry for entry in sys.path if not _is_bridge(entry)]
    for finder in sys.meta_path:
        if not hasattr(finder, "find_spec"):
            continue
        spec = finder.find_spec(name, path if finder is PathFinder else None)
        if spec is None or _is_bridge(os.path.dirname(spec.origin or "")):
            continue
        if spec.loader is None and not any(map(_has_modules, spec.submodule_search_locations)):
            continue  # a directory of data, like the SDK's own config/
        return spec
    return None


def _is_bridge(entry):
    return isinstance(entry, str) and os.path.basename(entry.rstrip("/")).startswith(_DIRECTORY_PREFIX)


def _has_modules(directory, depth=0):
    """Whether a directory without __init__.py has something in it that can be imported."""
    suffixes = tuple(all_suffixes())
    try:
        with os.scandir(directory) as entries:
            subdirectories = []
            for entry in entries:
                if entry.is_dir():
                    subdirectories.append(entry)
                elif entry.name.endswith(suffixes) and entry.name.split(".")[0].isidentifier():
                    return True
    except OSError:
        return False
    return depth < _DEEPEST and any(
        _has_modules(entry.path, depth + 1)
        for entry in subdirectories
        if entry.name.isidentifier() and entry.name != "__pycache__"
    )


def _run(main, name, spec):
    """Run a module, or a package's __main__, in the namespace of a program that started as an alias."""
    if spec is not None and spec.submodule_search_locations is not None:
        name += ".__main__"
        spec = importlib.util.find_spec(name)
    code = spec and hasattr(spec.loader, "get_code") and spec.loader.get_code(name)
    if not code:
        raise ImportError("No code object available for " + name, name=name)
    main.update(
        __spec__=spec,
        __file__=spec.origin,
        __cached__=spec.cached,
        __loader__=spec.loader,
        __package__=spec.parent,
        __doc__=None,
    )
    del main["resolve"]
    sys.argv[0] = spec.origin
    exec(code, main)
