# Made by heygem-run. It runs at each start of any Python, so it is short: the rest is in _heygem_run_bridge.py.
import sys

NAMES = ""
BRIDGE = __file__.rpartition("/")[0]
LOADED = {}
MODERN = sys.version_info >= (3, 8)


class HeygemRun(object):
    names = ()

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            try:
                find = load("_heygem_run_bridge").find
            except Exception as error:
                self.names = ()
                return warn(error)
            return find(self, name, path, target)

    def find_module(self, name, path=None):
        return None  # what Python 2 asks


def load(name):
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
                module.load, module.start = load, start
                exec(SourceFileLoader(name, module.__file__).get_code(name), module.__dict__)
                sys.modules[name] = module
            LOADED[name] = module
        finally:
            _imp.release_lock()
    return module


def start():
    if MODERN and not [finder for finder in sys.meta_path if type(finder).__name__ == "HeygemRun"]:
        finder = HeygemRun()
        finder.names = set(NAMES.split())
        if not (sys.executable or "").rpartition("/")[2].startswith("python"):
            finder.names.add("multiprocessing")
        sys.meta_path.insert(0, finder)
    sys.path_importer_cache[BRIDGE] = HeygemRun()  # the import system finds no file here any more


def warn(error):
    try:
        sys.stderr.write("heygem-run: warning: %s does not work: %r\n" % (BRIDGE, error))
    except Exception:
        pass


def hand_on(name):
    from _frozen_importlib import _load, module_from_spec
    from _frozen_importlib_external import PathFinder
    behind = sys.path[sys.path.index(BRIDGE) + 1:] if BRIDGE in sys.path else []
    for finder in sys.meta_path[sys.meta_path.index(PathFinder):]:
        find = getattr(finder, "find_spec", None)
        spec = find and find(name, behind if finder is PathFinder else None)
        if spec:
            if vars(sys.modules.get(name, sys)) is globals():
                return _load(spec)
            return spec.loader.exec_module(module_from_spec(spec))  # as this was run: without a name
    raise ImportError("No module named %r" % name, name=name)


try:
    start()
except Exception as error:
    warn(error)
if sys.version_info < (3,):
    exec(open(BRIDGE + "/_heygem_run_python2.py").read())
elif __name__ == "sitecustomize":
    hand_on(__name__)
