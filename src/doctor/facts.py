# What the interpreter says of itself, in one line of JSON. It must run under any Python from 3.6 on.
import importlib.util
import json
import os
import platform
import site
import sys
import sysconfig
from importlib import machinery
from multiprocessing import get_all_start_methods

try:
    from importlib import metadata
except ImportError:  # before 3.8
    metadata = None


def version(name):
    try:
        return metadata and metadata.version(name)
    except Exception:  # not installed, or a broken record of it
        return None


def libc():
    try:
        return os.confstr("CS_GNU_LIBC_VERSION")  # the one that runs; libc_ver of old reads it off the executable
    except (ValueError, OSError):
        return " ".join(platform.libc_ver()).strip()


def is_absent(name):
    try:
        return importlib.util.find_spec(name) is None
    except Exception:  # what only an import can tell
        return False


packages = [getattr(site, "getsitepackages", list)(), [site.getusersitepackages()] if site.ENABLE_USER_SITE else []]
answers = {
    "executable": sys.executable,
    "version": platform.python_version(),
    "tag": (sysconfig.get_config_var("EXT_SUFFIX") or ""),
    "suffixes": machinery.EXTENSION_SUFFIXES,
    "machine": platform.machine(),
    "libc": libc(),
    "methods": get_all_start_methods(),
    "ignores": bool(sys.flags.ignore_environment),
    "site_packages": sum(packages, []),
    "packages": {name: version(name) for name in PACKAGES},
    "absent": [name for name in MODULES if is_absent(name)],
}
# A path may be no text, and whatever can be printed must not stop the answer.
line = "heygem-run:" + json.dumps(answers, ensure_ascii=False) + "\n"
sys.stdout.buffer.write(line.encode("utf-8", "surrogatepass"))
sys.stdout.buffer.flush()
