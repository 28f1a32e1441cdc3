"""A HeyGem app in miniature: one worker by each of Python's start methods.

    heygem-run fastapi_app.py     every worker answers
    python3 fastapi_app.py        spawn and forkserver workers die:
                                  No module named 'trans_dh_service'

Needs Python 3.8 or newer and nothing else. A real app would say
`app = FastAPI()` below the imports, and do main()'s work in its routes.
"""

import multiprocessing
import os
import sys

HEYGEM_DIR = os.path.join(
    os.path.dirname(os.path.realpath(__file__)), "HeyGem-Linux-Python-Hack"
)

# This is often recommended, and not enough. It lets every process
# import `service.trans_dh_service`, but the compiled SDK's functions claim to
# live in a module named `trans_dh_service`, and a spawned worker looks for
# them under that name. Under heygem-run these lines are harmless.
pythonpath_parts = [
    HEYGEM_DIR,
    os.path.dirname(HEYGEM_DIR),
    os.environ.get("PYTHONPATH", ""),
]
os.environ["PYTHONPATH"] = ":".join(p for p in pythonpath_parts if p.strip())
sys.path.insert(0, HEYGEM_DIR)
if os.path.dirname(HEYGEM_DIR) not in sys.path:
    sys.path.insert(0, os.path.dirname(HEYGEM_DIR))


def main():
    # Imported late, as an app does whose models take a minute to load. An
    # import at the top would run in every spawned worker too and hide the
    # fault, until the app is started by uvicorn, gunicorn or Celery.
    from h_utils.custom import CustomError
    from service.trans_dh_service import TransDhTask

    os.chdir(HEYGEM_DIR)  # the SDK looks for config/config.ini here
    failed = False
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            continue
        try:
            pid, video = TransDhTask(method).work(seconds=3)
            print(f"{method}: worker {pid} returned {video}", flush=True)
        except CustomError as error:
            failed = True
            print(f"{method}: {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
