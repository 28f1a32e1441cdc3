# Made by heygem-run. It runs at each start of any Python, so it is short: what is seldom needed is in _heygem_run_start.py.
import sys

NAMES = ""
BRIDGE = __file__.rpartition("/")[0]
ARGUMENTS = len(getattr(sys, "argv", ""))  # the program may change them


class HeygemRun(object):
    names = ()

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            try:
                find = more("load")("_heygem_run_bridge").find
            except Exception as error:
                self.names = ()
                return warn(error)
            return find(self, name, path, target)

    def find_module(self, name, path=None):
        return None  # what Python 2 asks


def more(name):
    if name not in globals():
        with open(BRIDGE + "/_heygem_run_start.py", "rb") as file:
            exec(file.read(), globals())
    return globals()[name]


def warn(error):
    try:
        sys.stderr.write("heygem-run: warning: %s does not work: %r\n" % (BRIDGE, error))
    except Exception:
        pass


def program():
    import posix
    try:
        return posix.readlink("/proc/self/exe")  # under `uwsgi -H`, sys.executable is a Python's until later
    except OSError:
        return sys.executable or ""


def start():
    if sys.version_info >= (3, 8) and not [1 for finder in sys.meta_path if type(finder).__name__ == "HeygemRun"]:
        finder = HeygemRun()
        finder.names = set(NAMES.split())
        if [1 for path in (sys.executable or "", program()) if not path.rpartition("/")[2].startswith("python")]:
            finder.names.add("multiprocessing")
        sys.meta_path.insert(0, finder)
        if "HEYGEM_RUN_LEFT" in sys.modules["os"].environ:
            more("go_back")()
    sys.path_importer_cache[BRIDGE] = HeygemRun()  # the import system finds no file here any more


def hand_on(name, behind):
    if sys.version_info < (3,):
        return more("hand_on_in_python2")(name, behind)
    from _frozen_importlib import _load, module_from_spec
    from _frozen_importlib_external import PathFinder
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
if __name__ == "sitecustomize":
    hand_on(__name__, sys.path[sys.path.index(BRIDGE) + 1:] if BRIDGE in sys.path else [])
