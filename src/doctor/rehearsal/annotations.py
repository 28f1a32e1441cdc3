# Annotations that only a later Python can evaluate: parsed without an error, and fatal as the module is imported.
GENERIC = {"list", "dict", "tuple", "set", "frozenset", "type"}
BUILT_IN = GENERIC | {"int", "float", "complex", "str", "bytes", "bool", "object"}


def evaluated_annotations(statements):
    """Those that are evaluated as the module is imported."""
    for node in statements:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            every = node.args.args + node.args.kwonlyargs + [node.args.vararg, node.args.kwarg]
            every += getattr(node.args, "posonlyargs", [])
            yield from (argument.annotation for argument in every if argument and argument.annotation)
            if node.returns:
                yield node.returns
        elif isinstance(node, ast.AnnAssign):
            yield node.annotation
        elif isinstance(node, ast.ClassDef):
            yield from evaluated_annotations(node.body)


def newer_type(node):
    """What Python says of an expression that only later versions take for a type; None of any other."""
    is_built_in = lambda part, names: isinstance(part, ast.Name) and part.id in names
    is_none = lambda part: getattr(part, "value", part) is None
    if sys.version_info < (3, 9) and isinstance(node, ast.Subscript) and is_built_in(node.value, GENERIC):
        return "'type' object is not subscriptable"
    if sys.version_info < (3, 10) and isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        if any(is_none(part) or is_built_in(part, BUILT_IN) for part in (node.left, node.right)):
            return "unsupported operand type(s) for |"
    return None


def report_newer_types(tree, file, is_main):
    """The first annotation that this Python is too old to evaluate."""
    names = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    bound = {part.id for part in ast.walk(tree) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    if "annotations" in names or bound & BUILT_IN:
        return
    for annotation in evaluated_annotations(tree.body):
        for part in ast.walk(annotation):
            text = newer_type(part)
            if text is not None:
                error = TypeError(text)
                error.lineno = part.lineno
                emit("unparsed", file=file, main=is_main, manner="", error=describe(error))
                return
