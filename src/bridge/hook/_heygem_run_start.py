# The rest of sitecustomize.py, in whose globals it is executed when it is needed. Made by heygem-run.

LOADED = {}  # A racing thread may define it anew. sys.modules still has what was loaded.


def hand_on_in_python2(name, behind):
    is_loaded = "imp" in sys.modules
    imp = __import__("imp")
    if not is_loaded:
        del sys.modules["imp"]
    return imp.load_module(name, *imp.find_module(name, behind))


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
                module.load, module.start = load, start
                exec(SourceFileLoader(name, module.__file__).get_code(name), module.__dict__)
                sys.modules[name] = module
            LOADED[name] = module
        finally:
            _imp.release_lock()
    return module
