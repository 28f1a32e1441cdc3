# Runs what `site` does at the start, and tells which file ends it: of several, the one that `site` itself began with.
import os
import sys

LIBRARY = os.path.dirname(os.__file__)


def begun_by(frame):
    """The file that `site` runs, and that leads to this frame; None where it runs none."""
    file = None
    while frame is not None:
        name, code = frame.f_code.co_filename, frame.f_code.co_name
        if os.path.basename(name) in ("site.py", "<frozen site>"):  # frozen from 3.11 on
            pth = frame.f_locals.get("fullname") if code == "addpackage" else None
            return pth or file
        is_library = name.startswith(LIBRARY) and "-packages" not in name
        if not is_library and name[:1] != "<" and "/heygem-bridge-" not in name:
            file = name
        frame = frame.f_back
    return None


def told(file, error):
    os.write(1, ("heygem-run:" + file + "\0" + error + "\n").encode("utf-8", "surrogateescape"))


def watch(frame, event, argument):
    """Before whatever may end the process, the file is told."""
    file = begun_by(frame)
    if file and file != LAST[0]:
        LAST[0] = file
        told(file, "")


LAST = [None]
try:
    import site

    sys.setprofile(watch)
    site.main()
    sys.setprofile(None)
    told("", "")
except BaseException as error:
    sys.setprofile(None)
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    told(begun_by(trace.tb_frame) or "", type(error).__name__ + ": " + " ".join(str(error).split()))
