# The rest of sitecustomize.py for Python 2: runs the one that would have run without it. Made by heygem-run.
is_loaded = "imp" in sys.modules
imp = __import__("imp")
if not is_loaded:
    del sys.modules["imp"]
imp.load_module("sitecustomize", *imp.find_module("sitecustomize", sys.path[sys.path.index(BRIDGE) + 1 :]))
