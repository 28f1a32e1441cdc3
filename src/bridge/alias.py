# A bare name of the SDK. Made by heygem-run: see _heygem_run_bridge.py.
__import__("_heygem_run_bridge").resolve(globals())
