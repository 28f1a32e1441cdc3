# What the launch would import: read from the syntax trees of the entry and of the app's own modules, none of which is run.
import importlib
from importlib import machinery


def own_copy(name):
    """A module of the standard library, whatever hides it from the launch: then a copy that is not loaded for the launch."""
    spec = find(name)
    if spec is not None and str(spec.origin).startswith(STANDARD_LIBRARY):
        return importlib.import_module(name)
    path, before = sys.path[:], set(sys.modules)
    sys.path[:] = [entry for entry in path if entry.startswith(STANDARD_LIBRARY)] or path
    try:
        return importlib.import_module(name)
    finally:
        sys.path[:] = path
        for new in set(sys.modules) - before:
            del sys.modules[new]


ast = own_copy("ast")

MOST_FILES = 2000
IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
SITE_PACKAGES = [os.path.realpath(place) for place in site_packages()]
SDK = set(GIVEN["packages"]) | set(GIVEN["names"])
ROOT = os.path.realpath(os.fsdecode(GIVEN["root"]))


def kind_of(name, file):
    """Whose a module is: the standard library's, the SDK's, an installed package's, or the app's own."""
    if file in (None, "built-in", "frozen"):
        return "standard"
    real = os.path.realpath(file)
    inside = lambda place: real.startswith(place.rstrip("/") + "/")
    if any(map(inside, SITE_PACKAGES)) or "/site-packages/" in real or "/dist-packages/" in real:
        return "installed"
    if inside(os.path.realpath(STANDARD_LIBRARY)):
        return "standard"
    return "sdk" if name in SDK and is_of_sdk(file) else "own"


def is_of_sdk(file):
    """Whether a file is the SDK's, or the bridge's for it."""
    is_qualified_name = "/" not in file and "." in file  # what the bridge's hook gives for a bare name
    return is_qualified_name or os.path.realpath(file).startswith(ROOT + "/") or "/heygem-bridge-" in file


def is_other(name):
    """Whether something else than the SDK's own stands for a name of the SDK."""
    spec = find(name)
    file = spec and (spec.origin or next(iter(spec.submodule_search_locations or []), None))
    return bool(file) and not is_of_sdk(file)


# Judged before anything is imported: a compiled module registers itself under its bare name.
HIDDEN = {name for name in SDK if is_other(name)}


def find_in(name, places):
    """(file, places of submodules) of a dotted name whose parents' places are known; None where it is nowhere."""
    try:
        spec = machinery.PathFinder.find_spec(name, places)
        return spec and (spec.origin, spec.submodule_search_locations)
    except KeyError:  # a namespace asks for its parent, which is not imported
        inside = [os.path.join(place, name.rpartition(".")[2]) for place in places]
        return None, [place for place in inside if os.path.isdir(place)]


def locate(name):
    """(kind, file, places of submodules) of a dotted name, without importing its parents; None where it is nowhere."""
    top = name.split(".")[0]
    spec = find(top)
    if spec is None:
        return None
    origin, places = spec.origin, spec.submodule_search_locations
    kind = kind_of(top, origin or next(iter(places or []), None))
    for end in range(2, name.count(".") + 2):
        if kind != "own":
            break
        found = places and find_in(".".join(name.split(".")[:end]), places)
        if not found:
            return None
        origin, places = found
    return kind, origin, places


def report_absent(name, manner, by, line):
    """A module that is not in a package of the app's."""
    if manner == "optional":
        return
    top = name.split(".")[0]
    _, origin, places = locate(top)
    error = describe(ModuleNotFoundError("No module named %r" % name, name=name))
    error["found"] = {top: origin or next(iter(places or []), "")}
    emit("failure", step="absent", module=name, needed=manner == "", manner=manner, by=by, line=line, error=error)


class Reader:
    """Reads modules of the app, each once, and gathers in order what they import of others."""

    def __init__(self):
        self.imports = []  # (dotted name, names out of it, manner, file, line); manner: "" or "late" or "optional"
        self.read_files = set()
        self.is_certain = True
        self.main, self.makes = None, None  # what is known of the main script; the line that makes the SDK's task, unguarded
        self.asked = set()  # top-level names that are imported, whosever they are

    def read(self, file, package, is_main, manner="", source=None):
        """Read a file; `package` is the dotted name that its relative imports start at."""
        if file in self.read_files or len(self.read_files) >= MOST_FILES or not (is_main or file.endswith(".py")):
            return
        self.read_files.add(file)
        source = read_source(file) if source is None else source
        if source is None:
            return
        try:
            if is_main and isinstance(source, bytes):
                check_text(source, file)
            tree = compile(source, file, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            emit("unparsed", file=file, main=is_main, manner=manner, error=describe(error))
            return
        if manner == "":
            report_newer_types(tree, file, is_main)
        self.file, self.package, self.known = file, package, {"__file__": file, "os": os, "sys": sys}
        if is_main:
            sets, begins, self.makes, patches = judge_main(tree)
            self.main = {"file": file, "sets": sets, "begins": begins, "patches": patches}
            emit("main", **self.main)
        mine = []
        self.visit(tree.body, manner, is_main, mine)
        for name, names, how, line in mine:
            self.follow(name, names, how, file, line)

    def read_module(self, name):
        """Read a module that a command names (`-m MODULE`, `uvicorn MODULE:app`), or have it imported where it is installed."""
        place = locate(name)
        if place is None and self.is_own_parent(name):
            report_absent(name, "", "", 0)
            return
        if place is None or place[0] != "own":
            self.imports.append((name, [], "", "", 0))
            return
        _, origin, places = place
        main = places is not None and find_in(name + ".__main__", places)
        if places is not None and not main and name == GIVEN["module"]:
            report_absent(name + ".__main__", "", "", 0)
        origin = main[0] if main else origin
        if origin:
            self.read(origin, name if places is not None else name.rpartition(".")[0], False)

    def is_own_parent(self, name):
        """Whether a dotted name begins with a package of the app's: to import it would run that."""
        place = "." in name and locate(name.split(".")[0])
        return bool(place) and place[0] == "own" and self.is_certain

    def follow(self, name, names, manner, file, line):
        self.asked.add(name.split(".")[0])
        place = locate(name)
        if place is None and self.is_own_parent(name):
            report_absent(name, manner, file, line)
            return
        if place is None or place[0] != "own":
            self.imports.append((name, names, manner, file, line))
            return
        _, origin, places = place
        if origin and origin.endswith(".py"):
            package = name if places is not None else name.rpartition(".")[0]
            self.read(origin, package, False, manner)
        for other in names if places is not None else []:
            if locate(name + "." + other) is not None:
                self.follow(name + "." + other, [], manner, file, line)

    def visit(self, statements, manner, is_main, mine):
        for node in statements:
            if isinstance(node, ast.Import):
                mine.extend((alias.name, [], manner, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                self.visit_from(node, manner, mine)
            elif isinstance(node, ast.If):
                self.visit_if(node, manner, is_main, mine)
            elif isinstance(node, ast.Try):
                inner = "optional" if any(catches(handler, IMPORT_ERRORS) for handler in node.handlers) else manner
                self.visit(node.body, inner, is_main, mine)
                for handler in node.handlers:
                    self.visit(handler.body, "optional", is_main, mine)
                self.visit(node.orelse, inner, is_main, mine)
                self.visit(node.finalbody, manner, is_main, mine)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.visit(node.body, manner or "late", is_main, mine)
            elif isinstance(node, ast.ClassDef):
                self.visit(node.body, manner, is_main, mine)
            elif isinstance(node, (ast.With, ast.AsyncWith)):
                inner = "optional" if any(suppresses(item.context_expr, IMPORT_ERRORS) for item in node.items) else manner
                self.visit(node.body, inner, is_main, mine)
            elif isinstance(node, (ast.For, ast.While)):
                self.visit(node.body, manner, is_main, mine)
            else:
                self.watch_path(node, manner)

    def visit_from(self, node, manner, mine):
        base = node.module or ""
        if node.level and not self.package and manner != "optional":
            error = ImportError("attempted relative import with no known parent package")
            fields = {"by": self.file, "line": node.lineno, "needed": manner == "", "error": describe(error)}
            emit("failure", step="relative", **fields)
            return
        if node.level:
            parts = self.package.split(".") if self.package else []
            parts = parts[: len(parts) - node.level + 1]
            base = ".".join(parts + ([base] if base else []))
        if base and base != "__future__":
            mine.append((base, [alias.name for alias in node.names if alias.name != "*"], manner, node.lineno))

    def visit_if(self, node, manner, is_main, mine):
        names = {part.id for part in ast.walk(node.test) if isinstance(part, ast.Name)}
        names |= {part.attr for part in ast.walk(node.test) if isinstance(part, ast.Attribute)}
        if "TYPE_CHECKING" in names:
            return
        if "__name__" in names:
            if is_main:
                self.visit(node.body, manner, is_main, mine)
            return
        self.visit(node.body, "optional", is_main, mine)
        self.visit(node.orelse, "optional", is_main, mine)

    def watch_path(self, node, manner):
        """What the module puts on sys.path itself, as far as that can be told without running it."""
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            self.known[node.targets[0].id] = self.value_of(node.value)
        for call in (part for part in ast.walk(node) if isinstance(part, ast.Call)):
            called = ast.dump(call.func)
            if "'addsitedir'" in called:
                self.is_certain = False
            if "attr='path'" in called and "id='sys'" in called and isinstance(call.func, ast.Attribute):
                entry = self.value_of(call.args[-1]) if call.args else None
                if isinstance(entry, str) and call.func.attr in ("insert", "append"):
                    at = 0 if call.func.attr == "insert" else len(sys.path)
                    if entry not in sys.path:
                        sys.path.insert(at, os.path.abspath(entry))
                elif call.func.attr != "remove":
                    self.is_certain = False
        target = getattr(node, "target", None) or (getattr(node, "targets", None) or [None])[0]
        if target is not None and isinstance(node, (ast.Assign, ast.AugAssign)):
            if "attr='path'" in ast.dump(target) and "id='sys'" in ast.dump(target):
                self.is_certain = False

    def value_of(self, expression):
        """The value of an expression over paths; None for any other."""
        safe = {"path", "join", "dirname", "abspath", "realpath", "normpath", "getcwd", "parent", "resolve", "parents", "pardir"}
        for part in ast.walk(expression):
            if isinstance(part, ast.Attribute) and part.attr not in safe:
                return None
            if isinstance(part, ast.Name) and self.known.get(part.id) is None and part.id not in ("str", "Path"):
                return None
            if isinstance(part, (ast.Pow, ast.Mult, ast.LShift, ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
                return None
        names = dict(self.known, str=str, __builtins__={})
        if any(isinstance(part, ast.Name) and part.id == "Path" for part in ast.walk(expression)):
            from pathlib import Path

            names["Path"] = Path
        try:
            return eval(compile(ast.Expression(expression), self.file, "eval"), names)
        except Exception:  # not as simple as it looks
            return None


def read_source(file):
    """The text of a module, which may be in an archive; None where it is in something else that is no directory."""
    try:
        with open(file, "rb") as stream:
            return stream.read(4 << 20)
    except NotADirectoryError:
        archive = file
        while not os.path.exists(archive):
            archive = os.path.dirname(archive)
    try:
        return importlib.import_module("zipimport").zipimporter(archive).get_data(file)
    except (ImportError, OSError):
        return None


def check_text(source, file):
    """Python reads a script line by line and so sees bytes that are no text, in comments, too."""
    if source.startswith(b"\xef\xbb\xbf") or b"coding" in b"".join(source.split(b"\n")[:2]):
        return
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        text = "Non-UTF-8 code starting with '\\x%02x'" % source[error.start]
        raise SyntaxError(text, (file, line, None, None))


def catches(handler, errors):
    return handler.type is None or names_any(handler.type, errors)


def names_any(expression, names):
    return any(getattr(part, "id", getattr(part, "attr", None)) in names for part in ast.walk(expression))


def suppresses(expression, errors):
    """Whether it is `contextlib.suppress(ImportError)`, with such an error."""
    called = getattr(expression, "func", None)
    is_it = getattr(called, "attr", getattr(called, "id", None)) == "suppress"
    return is_it and any(names_any(error, errors) for error in expression.args)


def script_file(path):
    """The file that is run for a script: of a directory, its `__main__.py`; None where it can't be read as text."""
    if os.path.isdir(path):
        path = os.path.join(path, "__main__.py")
    with open(path, "rb") as stream:
        head = stream.read(4)
    magic = importlib.import_module("importlib.util").MAGIC_NUMBER
    if head.startswith(b"PK"):
        attempt_archive(path)
        return None
    # As Python tells it: by the name, or by the first half of the number.
    if path.endswith(".pyc") or head[:2] == magic[:2]:
        if head != magic:
            report_unrunnable(path, RuntimeError("Bad magic number in .pyc file"))
        return None
    return path


def attempt_archive(path):
    zipimport = importlib.import_module("zipimport")
    try:
        zipimport.zipimporter(path).is_package("__main__")
    except zipimport.ZipImportError:
        report_unrunnable(path, ImportError("can't find '__main__' module"))


def report_unrunnable(path, error):
    emit("unparsed", file=path, main=True, manner="", error=describe(error))


def read_entry():
    script = GIVEN["script"]
    if script is not None:
        file = script_file(os.fsdecode(script))
        if file is not None:
            READER.read(os.path.abspath(file), "", True)
    if GIVEN["code"] is not None:
        READER.read("-c", "", True, "", os.fsdecode(GIVEN["code"]))
    for name in GIVEN["modules"]:
        READER.read_module(name)


READER = Reader()
attempt("entry", read_entry)
emit("certain", certain=READER.is_certain)
