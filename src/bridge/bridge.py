"""Bare names for the compiled modules of a HeyGem SDK. Made by heygem-run; edits are lost.

The SDK's modules are compiled under their bare names (`trans_dh_service`) and installed in packages
(`service.trans_dh_service`). What they pickle therefore asks for the bare name, which no directory on sys.path has: a spawn
child dies of ModuleNotFoundError. Beside this file lies one alias for each such name.

An alias gives way: the name means what it would have meant without this directory, wherever it meant something. Only
else does it mean the SDK's module, which is then one object under both names.
"""

import importlib
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
    elif spec is not None and name in importlib._RELOADING:
        # The alias was loaded into the module that is to be reloaded: what it set is set anew, or never was.
        for attribute in "__file__", "__cached__":
            alias.pop(attribute, None)
        _bootstrap._exec(spec, sys.modules[name])
    else:
        # Whoever imports the name meanwhile must not get the alias: a thread waits, a circular import gets the module.
        sys.modules.pop(name, None)
        module = import_module(QUALIFIED[name]) if spec is None else _bootstrap._load_unlocked(spec)
        sys.modules[name] = module
        alias.update(getattr(module, "__dict__", {}))  # for a thread that was quicker, and holds the alias


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
    try:
        names = os.listdir(directory)
    except NotADirectoryError:
        return True  # the inside of a zip, whose names say nothing here
    except OSError:
        return False
    for name in names:
        path = os.path.join(directory, name)
        stem, dot, suffix = name.partition(".")
        if not stem.isidentifier() or stem == "__pycache__":
            continue
        if dot + suffix in all_suffixes() and os.path.isfile(path):
            return True
        if not dot and depth < _DEEPEST and os.path.isdir(path) and _has_modules(path, depth + 1):
            return True
    return False


def _run(main, name, spec):
    """Run a module, or a package's __main__, in the namespace of a program that started as an alias."""
    import runpy

    if spec is not None and spec.submodule_search_locations is not None:
        import_module(name)  # from here on runpy finds the package, and no alias
        _, spec, code = runpy._get_module_details(name)
    else:
        code = spec and spec.loader.get_code(name)
        if not code:
            raise ImportError("No code object available for " + name, name=name)
    sys.argv[0] = spec.origin
    runpy._run_code(code, main, None, main["__name__"], spec)
