"""Gunicorn's settings for a real site, shared by the systemd unit and the compose file.

Threads, because a slow upload holds one of 32 and not a whole process.
"""

import os

bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "4"))
threads = int(os.environ.get("WEB_THREADS", "8"))
# Seconds: for a process that hangs, for requests that are under way at a restart, for a quiet proxy's connection.
timeout = 60
graceful_timeout = 45
keepalive = 75
accesslog = None  # the proxy writes one
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "info").lower()
control_socket_disable = True
