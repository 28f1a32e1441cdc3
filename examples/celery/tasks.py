"""HeyGem jobs as Celery tasks, in a prefork pool.

    heygem-run --root ../app/HeyGem-Linux-Python-Hack -m celery -A tasks worker --pool prefork --concurrency 2
    python tasks.py jobs.jsonl

A line of jobs.jsonl has the arguments of TransDhTask.work for one job; without a file, there are eight for the SDK of
examples/app. Paths in it are absolute: a worker goes to the SDK's directory when it first imports the SDK.
"""

import json
import multiprocessing
import os
import sys

from celery import Celery
from celery.signals import worker_process_init

# Files, so that one machine needs nothing else. More machines share a broker: broker_url="redis://…", likewise the results.
SPOOL = os.environ.get("HEYGEM_SPOOL", "/var/tmp/heygem-spool")
for name in ("queue", "control", "results"):
    os.makedirs(os.path.join(SPOOL, name), exist_ok=True)

app = Celery("tasks", broker_url="filesystem://", result_backend=f"file://{SPOOL}/results")
app.conf.broker_transport_options = {
    "data_folder_in": f"{SPOOL}/queue",
    "data_folder_out": f"{SPOOL}/queue",
    "control_folder": f"{SPOOL}/control",
}
# A job whose process is killed goes back into the queue: what it writes has to bear being written twice.
app.conf.task_acks_late = True
app.conf.task_reject_on_worker_lost = True
app.conf.worker_prefetch_multiplier = 1

# What multiprocessing takes this process for: a main one.
MAIN = multiprocessing.current_process()


@worker_process_init.connect
def let_the_pool_have_children(**_):
    # A process of the pool is daemonic, and billiard, which made it, has multiprocessing believe so, too. Then multiprocessing
    # refuses it children ("daemonic processes are not allowed to have children"), and could not pickle billiard's key for them.
    # So multiprocessing gets back the process object from before the fork. There is no public function for that. What works
    # otherwise: billiard's own processes, which the SDK does not use; a program started by subprocess for each job,
    # which loads the models each time; --pool solo, which ends with a job that is killed.
    multiprocessing.process._current_process = MAIN


@app.task
def render(job):
    from service.trans_dh_service import TransDhTask

    return repr(TransDhTask().work(**job))


def main(path=None):
    if path is None:
        jobs = [{"seconds": seconds} for seconds in range(1, 9)]
    else:
        with open(path, encoding="utf-8") as lines:
            jobs = [json.loads(line) for line in lines if line.strip()]
    failed = False
    for job, result in [(job, render.delay(job)) for job in jobs]:
        value = result.get(propagate=False)
        failed = failed or result.failed()
        print(f"{json.dumps(job)}: {value}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
