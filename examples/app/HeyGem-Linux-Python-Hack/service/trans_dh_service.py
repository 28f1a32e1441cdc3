"""Starts the workers. Compiled by Cython in the real SDK, under a bare name.

The next two statements do what that build does: this module is registered as
`trans_dh_service`, and that is the `__module__` of all that is defined here.
"""

import sys

sys.modules.setdefault("trans_dh_service", sys.modules[__name__])
__name__ = "trans_dh_service"

import multiprocessing  # noqa: E402
from typing import NamedTuple  # noqa: E402

from h_utils.custom import CustomError  # noqa: E402

from .server import count_frames  # noqa: E402


class Video(NamedTuple):
    """What a worker sends back: an object of the SDK's own."""

    seconds: int
    frames: int


def write_video(connection, seconds):
    """The worker's target, which its process must find by its module name."""
    with connection:
        connection.send(Video(seconds, count_frames(seconds)))


class TransDhTask:
    """One job in one worker process. (The real one always takes spawn.)"""

    def __init__(self, start_method="spawn"):
        self.context = multiprocessing.get_context(start_method)

    def work(self, seconds, timeout=60):
        """Returns the worker's pid and its Video."""
        receiver, sender = self.context.Pipe(duplex=False)
        worker = self.context.Process(
            target=write_video, args=(sender, seconds), daemon=True
        )
        with receiver:
            with sender:  # closed here, so that a worker's death is an EOF
                worker.start()
            try:
                if receiver.poll(timeout):
                    return worker.pid, receiver.recv()
                worker.kill()
                raise CustomError(f"no answer in {timeout} seconds")
            except EOFError:
                worker.join()
                raise CustomError(
                    f"worker died (exit code {worker.exitcode}): "
                    "its traceback is above"
                ) from None
            finally:
                worker.join()
