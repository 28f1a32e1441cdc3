"""HeyGem jobs on a Ray cluster. Ray keeps the machines, the queue and the retries; heygem-run starts its workers.

On the first machine, on each of the others, and wherever the jobs are:

    HEYGEM_DIR=/app/HeyGem-Linux-Python-Hack ray start --head
    HEYGEM_DIR=/app/HeyGem-Linux-Python-Hack ray start --address FIRST:6379
    python render.py jobs.jsonl

Each machine needs heygem-run and `python` on PATH, and the SDK, which may lie elsewhere on each. A line of jobs.jsonl
has the arguments of TransDhTask.work for one job; without a file, there are eight for the SDK of examples/app.

The Ray that still runs on Python 3.8 (2.10 is the last) does not know `py_executable`. There, start Ray itself through
heygem-run, and its workers inherit what they need:

    heygem-run -- ray start --head
    python render.py --worker '' jobs.jsonl
"""

import argparse
import json
import sys

import ray
from ray.exceptions import RayError
from ray.util import ActorPool

# A shell on the machine of the worker reads it, so a path with a blank takes quotes.
WORKER = "heygem-run -- python"


# Takes a CPU; for the real SDK say num_gpus=1. A worker that dies is started again, on another machine if its own is
# gone and another has room, and does its job again: what a job writes has to bear that.
@ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=-1, scheduling_strategy="SPREAD")
class Renderer:
    def __init__(self):
        # Not at the top: the driver may run where there is no SDK.
        from service.trans_dh_service import TransDhTask

        self.task = TransDhTask()

    def render(self, job):
        # Only text goes back: the driver may have no SDK, and could not unpickle the SDK's objects and exceptions.
        try:
            result = repr(self.task.work(**job))
        except Exception as error:
            raise RuntimeError(f"{type(error).__name__}: {error}") from None
        return f"{json.dumps(job)}: {result} on {ray.util.get_node_ip_address()}"


def read_jobs(path):
    if path is None:
        return [{"seconds": seconds} for seconds in range(1, 9)]
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("jobs", nargs="?", help="one JSON object a line")
    parser.add_argument("--worker", default=WORKER, help="how a worker's Python is started (%(default)s)")
    parser.add_argument("--actors", type=int, help="how many work at once (one for each machine)")
    args = parser.parse_args()
    jobs = read_jobs(args.jobs)

    ray.init(address="auto")
    environment = {"py_executable": args.worker} if args.worker else {}
    renderer = Renderer.options(runtime_env=environment)
    pool = ActorPool([renderer.remote() for _ in range(args.actors or len(ray.nodes()))])
    for job in jobs:
        pool.submit(lambda actor, job: actor.render.remote(job), job)
    failed = False
    while pool.has_next():
        try:
            print(pool.get_next_unordered(), flush=True)
        except RayError as error:
            failed = True
            print(error, file=sys.stderr, flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
