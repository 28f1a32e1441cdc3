__import__("_heygem_run_bridge").resolve(globals())  # A bare name of the SDK. Made by heygem-run.
