# Imports what the launch would import of what is installed and of the SDK, in its order; then the rest of the SDK. Before that
# it tells what each name means here, and what would have meant it.
from importlib import import_module


def judge_names():
    """Which files hide what: of the standard library, of installed packages that are asked for, and of the SDK."""
    standard = (set(getattr(sys, "stdlib_module_names", ())) or standard_names()) - MISSED_BY_NOBODY
    asked = READER.asked
    in_front = front_names()
    for name in sorted(in_front | asked | set(GIVEN["packages"]) | {"trans_dh_service"}):
        spec = find(name)
        file = spec and (spec.origin or next(iter(spec.submodule_search_locations or []), None))
        if not file:
            continue
        kind = kind_of(name, file)
        if name in GIVEN["packages"] or name == "trans_dh_service":
            if not is_of_sdk(file):
                emit("hides", name=name, file=file, of="sdk")
        elif name in standard and name not in sys.builtin_module_names and kind != "standard":
            if machinery.PathFinder.find_spec(name, standard_places()) is not None:
                emit("hides", name=name, file=file, of="standard")
        elif name in asked and kind == "own":
            other = machinery.PathFinder.find_spec(name, SITE_PACKAGES)
            if other is not None and other.origin and os.path.realpath(other.origin) != os.path.realpath(file):
                emit("hides", name=name, file=file, of="installed")


#: Nobody imports these from the standard library, or not any more.
MISSED_BY_NOBODY = {"test", "idlelib", "turtledemo", "parser", "symbol", "formatter", "binhex", "this", "antigravity"}


def standard_places():
    return [place for place in sys.path if kind_of("", os.path.join(place, "x")) == "standard"]


def standard_names():
    """Before 3.10 only the directories tell."""
    names = set(sys.builtin_module_names)
    for place in standard_places():
        try:
            names.update(name.split(".")[0] for name in os.listdir(place))
        except OSError:
            pass
    return names - {"site-packages", "__pycache__", "README"}


def front_names():
    """What could hide the standard library: importable names in the directories before it."""
    names = set()
    for entry in sys.path:
        if kind_of("", os.path.join(entry, "x")) in ("standard", "installed"):
            break
        try:
            listed = os.listdir(entry)
        except OSError:
            continue
        for name in listed[:20000]:
            stem, dot, suffix = name.partition(".")
            if stem.isidentifier() and (not dot or dot + suffix in machinery.all_suffixes()):
                names.add(stem)
    return names


def watch_loads():
    """Tells which compiled file is being loaded: one that kills the process has not told that it is."""
    create = machinery.ExtensionFileLoader.create_module
    execute = machinery.ExtensionFileLoader.exec_module

    def create_module(self, spec):
        emit("load", file=self.path)
        try:
            return create(self, spec)
        except BaseException:
            emit("loaded")
            raise

    def exec_module(self, module):
        try:
            return execute(self, module)
        finally:
            emit("loaded")

    machinery.ExtensionFileLoader.create_module = create_module
    machinery.ExtensionFileLoader.exec_module = exec_module


def take(name, names):
    module = import_module(name)
    for other in names:
        if hasattr(module, other):
            continue
        try:
            if hasattr(module, "__path__"):
                import_module(name + "." + other)
                continue
        except ModuleNotFoundError as error:
            if error.name != name + "." + other:
                raise
        file = getattr(module, "__file__", None)
        error = ImportError("cannot import name %r from %r" % (other, name), name=name, path=file)
        error.name_from = other  # as 3.12 has it
        error.near = next(iter(own_copy("difflib").get_close_matches(other, dir(module), 1)), "")
        raise error


#: Modules that no Linux has: who asks for one late asks on another system.
OF_OTHER_SYSTEMS = set(
    "winsound winreg msvcrt _winapi nt win32api win32con win32gui win32process win32event win32file win32com win32clipboard "
    "pythoncom pywintypes wmi comtypes AppKit Foundation Quartz objc".split()
)


def import_all():
    """In the launch's order, then what it may import later. `needed` tells whether the launch dies of a failure."""
    failed = set()

    def one(name, names, manner, needed, by, line):
        if name in GIVEN["skip"] or name.split(".")[0] in failed and name.split(".")[0] not in GIVEN["packages"]:
            return
        if manner == "late" and (locate(name) is not None or name.split(".")[0] in OF_OTHER_SYSTEMS):
            return
        if name.split(".")[0] in HIDDEN:
            return  # it is the app's, and that is told
        before = name in sys.modules
        emit("begin", step="import", module=name, needed=needed, by=by)
        try:
            take(name, names)
        except BaseException as error:
            if isinstance(error, ImportError) and manner == "optional" and not before:
                return
            failed.add(name.split(".")[0])
            fields = {"module": name, "needed": needed, "manner": manner, "by": by, "line": line, "error": describe(error)}
            emit("failure", step="import", **fields)

    for name, names, manner, by, line in READER.imports:
        one(name, names, manner, manner == "", by, line)
    if not GIVEN["is_sdk"]:
        return
    one("service.trans_dh_service", [], "", True, "", 0)
    for name in GIVEN["subpackages"]:
        one(name, [], "", False, "", 0)
    for name in GIVEN["names"] if GIVEN["bridged"] else ():
        one(name, [], "", name == "trans_dh_service", "", 0)


def judge_task():
    """The SDK's task may start processes as it is made: its code says so, where that can be seen."""
    task = getattr(sys.modules.get("service.trans_dh_service"), "TransDhTask", None)
    code = getattr(getattr(task, "__init__", None), "__code__", None)
    names = getattr(code, "co_names", ())
    if READER.makes and "start" in names and (STARTS | {"Process"}) & set(names):
        emit("main", **dict(READER.main, begins=READER.main["begins"] or READER.makes))


CONFIGURES = "instance", "get_instance", "getInstance"
LOGS = "get_logger", "getLogger", "create_logger", "make_logger", "init_logger", "setup_logger", "init_log"


def sdk_modules(last):
    """The SDK's modules of that name, imported where they can be."""
    for name in sorted(set(GIVEN["qualified"])):
        if name.rpartition(".")[2] == last and name not in GIVEN["skip"]:
            try:
                yield import_module(name)
            except BaseException:  # told already
                pass


def configure():
    """Makes the SDK's configuration and its logger, as its task does first of all."""
    for module in sdk_modules("config"):
        kind = getattr(module, "GlobalConfig", None)
        if kind is not None:
            makers = [getattr(kind, name) for name in CONFIGURES if callable(getattr(kind, name, None))]
            attempt("config", makers[0] if makers else kind)
    for module in sdk_modules("logger"):
        for name in LOGS:
            maker = getattr(module, name, None)
            if callable(maker) and getattr(maker, "__module__", "").rpartition(".")[2] == "logger":
                attempt("log", maker)
        attempt("log", lambda: open_handlers(getattr(module, "logger", None)))


def open_handlers(logger):
    """A handler may open its file with its first line."""
    for handler in list(getattr(logger, "handlers", None) or ()):
        if getattr(handler, "stream", True) is None and hasattr(handler, "_open"):
            handler._open().close()


attempt("names", judge_names)
attempt("watch", watch_loads)
import_all()
attempt("task", judge_task)
if GIVEN["configures"]:
    attempt("configure", configure)
