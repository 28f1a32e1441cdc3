# What a spawn child does again when it imports the main script, read from the script's syntax tree.
STARTS = {"Pool", "ProcessPoolExecutor", "Manager"}
TASK = "TransDhTask"
SOURCES = "multiprocessing.", "torch.multiprocessing.", "concurrent.futures."
THREADS = "multiprocessing.dummy."
RUNTIME_ERRORS = {"RuntimeError", "Exception", "BaseException"}


class Names:
    """What the names of a module stand for, as far as its imports tell."""

    def __init__(self, tree):
        self.known = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.split(".")[0]
                    self.known[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    named = STARTS | {"Process", "get_context"} if alias.name == "*" else [alias.name]
                    self.known.update((alias.asname or name, node.module + "." + name) for name in named)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and self.is_context(node.value):
                self.known.update((name.id, "multiprocessing") for name in node.targets if isinstance(name, ast.Name))

    def full(self, expression):
        """The dotted name that an expression stands for; empty for any other."""
        if isinstance(expression, ast.Name):
            return self.known.get(expression.id, expression.id)
        if isinstance(expression, ast.Attribute):
            return self.full(expression.value) + "." + expression.attr
        return "multiprocessing" if self.is_context(expression) else ""

    def is_context(self, expression):
        return isinstance(expression, ast.Call) and self.full(expression.func).endswith(".get_context")

    def is_of(self, expression, wanted):
        """Whether it is one of these classes or functions of multiprocessing."""
        name = self.full(expression)
        return name.startswith(SOURCES) and not name.startswith(THREADS) and name.rpartition(".")[2] in wanted


def judge_main(tree):
    """The lines that do what a child dies of, as (sets the method, starts a process, makes the SDK's task, patches)."""
    calls, text = list(run_calls(tree)), ast.dump(tree)
    spawns = "'spawn'" in text or "'forkserver'" in text
    functions = {
        node.name: calls_in(node) for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    caught = excused(tree)
    sets = [call for call in calls if sets_method(call) and call not in caught]
    making = callers(functions, lambda call: called(call) == TASK)
    makes = [call for call in calls if called(call) == TASK or own_name(call) in making]
    patches = [call for call in calls_in(tree) if called(call) == "patch_all" and "'gevent'" in text]
    begins = starting(tree, functions, calls) if spawns else []
    return first(sets), first(begins), first(makes if spawns else []), first(patches)


def starting(tree, functions, calls):
    """Those of the calls that start a process, by themselves or through the script's own functions."""
    names = Names(tree)
    classes = {
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any(names.is_of(base, {"Process"}) for base in node.bases)
    }
    is_process = lambda call: names.is_of(call.func, {"Process"}) or own_name(call) in classes
    makers = callers(functions, is_process)
    makes = lambda call: is_process(call) or own_name(call) in makers
    # A process that is made is none that runs.
    runs = lambda calls: [call for call in calls if called(call) == "start"] if any(map(makes, calls)) else []
    running = {name for name, inner in functions.items() if runs(inner)}
    begins = lambda call: names.is_of(call.func, STARTS) or own_name(call) in running
    running |= callers(functions, begins)
    return [call for call in calls if begins(call)] + runs(calls)


def run_calls(node):
    """The calls that every import of the module does."""
    for child in ast.iter_child_nodes(node):
        is_guard = isinstance(child, ast.If) and "__name__" in ast.dump(child.test)
        if is_guard or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from run_calls(child)


def sets_method(call):
    words = [getattr(word, "value", getattr(word, "s", None)) for word in call.args]
    return called(call) == "set_start_method" and words[:1] != ["fork"] and not call.keywords and len(words) < 2


def excused(tree):
    """The calls that may fail by a RuntimeError, and those that ask for the start method first."""
    found = set()
    for node in ast.walk(tree):
        is_caught = isinstance(node, ast.Try) and any(catches(handler, RUNTIME_ERRORS) for handler in node.handlers)
        is_caught = is_caught or isinstance(node, ast.With) and any(
            suppresses(item.context_expr, RUNTIME_ERRORS) for item in node.items
        )
        if is_caught or isinstance(node, ast.If) and "'get_start_method'" in ast.dump(node.test):
            found.update(call for statement in node.body for call in calls_in(statement))
    return found


def callers(functions, is_it):
    """The functions that do such a call, by themselves or through others of them."""
    found = set()
    while True:
        does = lambda calls: any(is_it(call) or own_name(call) in found for call in calls)
        more = {name for name, calls in functions.items() if name not in found and does(calls)}
        if not more:
            return found
        found |= more


def calls_in(node):
    return [part for part in ast.walk(node) if isinstance(part, ast.Call)]


def called(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def own_name(call):
    return getattr(call.func, "id", None)


def first(calls):
    return min((call.lineno for call in calls), default=None)
