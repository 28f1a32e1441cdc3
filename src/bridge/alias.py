# A bare name of the SDK. Made by heygem-run: see _heygem_run_bridge.py.
from _heygem_run_bridge import resolve

resolve(globals())
