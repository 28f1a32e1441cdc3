# Runs first, under whatever Python the launch starts, 2.7 too. It imports nothing that is not there already, so that a broken
# standard library is reported like any other fault. `GIVEN` comes before this text.
import os
import sys


class Encoded:
    """JSON that is there already."""

    def __init__(self, text):
        self.text = text


def encode(value):
    """JSON. A byte of a path that is no text becomes a character of U+F780 to U+F7FF."""
    if isinstance(value, Encoded):
        return value.text
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return "[" + ",".join(map(encode, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join([encode(key) + ":" + encode(value[key]) for key in value]) + "}"
    characters = []
    for character in value if isinstance(value, (type(""), type(u""))) else repr(value):
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:
            code += 0xF780 - 0xDC80
        elif 0xD800 <= code <= 0xDFFF:
            code = 0xFFFD
        if code > 0xFFFF:
            code -= 0x10000
            characters.append("\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF)))
        elif code < 0x20 or code > 0x7E or character in '"\\':
            characters.append("\\u%04x" % code)
        else:
            characters.append(character)
    return '"' + "".join(characters) + '"'


def found(name):
    """The files of the modules that lead to that name, as far as they are loaded."""
    files = {}
    parts = name.split(".")
    for end in range(len(parts)):
        module = sys.modules.get(".".join(parts[: end + 1]))
        file = getattr(module, "__file__", None)
        if isinstance(file, str):
            files[".".join(parts[: end + 1])] = file
    return files


def describe(error, depth=0):
    """An exception as data."""
    frames = []
    trace = getattr(error, "__traceback__", None)
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file not in ("<string>", "<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>"):
            frames.append([file, trace.tb_lineno, trace.tb_frame.f_globals.get("__name__") or ""])
        trace = trace.tb_next
    try:
        text = str(error)
    except Exception:  # its own business
        text = ""
    told = {"classes": [kind.__name__ for kind in type(error).__mro__], "text": text[:4000], "frames": frames[-40:]}
    attributes = {}
    for name in "name", "path", "errno", "filename", "lineno", "code", "section", "option", "reference", "encoding", "name_from", "near":
        value = getattr(error, name, None)
        if isinstance(value, bytes):
            value = os.fsdecode(value)
        if isinstance(value, (int, str)):
            attributes[name] = value
    told["attributes"] = attributes
    told["found"] = found(attributes["name"]) if isinstance(attributes.get("name"), str) else {}
    cause = getattr(error, "__cause__", None)
    if cause is None and not getattr(error, "__suppress_context__", True):
        cause = getattr(error, "__context__", None)
    if cause is not None and depth < 4:
        told["cause"] = describe(cause, depth + 1)
    return told


def open_report():
    """The doctor's own pipe; stdout where a wrapper has closed it."""
    try:
        if os.fstat(GIVEN["pipe"]).st_ino == GIVEN["pipe_inode"]:
            if hasattr(os, "set_inheritable"):
                os.set_inheritable(GIVEN["pipe"], False)
            return GIVEN["pipe"]
    except OSError:
        pass
    return 1


REPORT = open_report()


def emit(record, **fields):
    """One line, one record."""
    fields["record"] = record
    line = ("heygem-run:" + encode(fields) + "\n").encode("ascii")
    while line:
        line = line[os.write(REPORT, line):]


def attempt(step, function, **fields):
    """What the function returns. Its failure is reported, and the rehearsal goes on."""
    emit("begin", step=step, **fields)
    try:
        return function()
    except BaseException as error:
        emit("failure", step=step, error=describe(error), **fields)
    return None


def run_parts(parts):
    """One after another; each builds on the one before."""
    for name, text in parts:
        emit("begin", step=name)
        try:
            exec(text, globals())
        except BaseException as error:
            emit("failure", step=name, error=describe(error))
            return


emit("start", version=list(sys.version_info[:3]), executable=sys.executable or "", standard_library=os.path.dirname(os.__file__))
if sys.version_info < (3, 6):
    os._exit(0)
