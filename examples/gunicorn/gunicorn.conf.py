"""gunicorn for a HeyGem service.

    pip install gunicorn uvicorn-worker
    cd /app && heygem-run -m gunicorn -c gunicorn.conf.py fastapi_app:app

To change: the directory above and the address below.
"""

bind = "127.0.0.1:8000"

# FastAPI is ASGI; gunicorn's own workers speak WSGI. (`uvicorn.workers` is deprecated.)
worker_class = "uvicorn_worker.UvicornWorker"

# Each loads the models into the GPU's memory for itself.
workers = 1

# Never before the fork: CUDA can't be used in a child of a process that has used it, and SIGHUP would not load the app anew.
preload_app = False

# A worker that loads its models gives no sign of life; the 30 seconds of the default end it halfway.
timeout = 300

# At SIGTERM and SIGHUP: as long as the longest request may take. Docker's and systemd's own patience has to be longer.
graceful_timeout = 60

# The sign of life is a file that is touched: on a disk that stalls, a healthy worker looks dead.
worker_tmp_dir = "/dev/shm"

# To stdout, where a supervisor or `docker logs` looks.
accesslog = "-"
