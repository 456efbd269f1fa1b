"""How the image serves pages. WEB_PROCESSES and WEB_THREADS change how many at once."""

import os

bind = "0.0.0.0:8000"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))  # a slow upload or a PDF holds up nobody
worker_class = "gthread"
worker_tmp_dir = "/dev/shm"  # its heartbeat is a file: never on a disk that may be slow
control_socket_disable = True
timeout = 60
graceful_timeout = 30  # a rolling restart lets each request end
max_requests, max_requests_jitter = 10_000, 1_000
