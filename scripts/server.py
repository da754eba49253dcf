"""Gunicorn's settings for `make run`: one process on the loopback address, and the worker that sends mails."""

import os
import socket
import subprocess
import sys
from typing import Any

PORT = os.environ.get("PORT", "8000")

bind = f"127.0.0.1:{PORT}"
worker_class = "gthread"
threads = 8
loglevel = "warning"
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Ends with one sentence when the port is taken, before gunicorn tries five times."""
    if not PORT.isdecimal() or not 0 < int(PORT) < 65536:
        sys.exit(f"{PORT} is not a port: use a number from 1 to 65535, for example 'make run PORT=8001'.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(PORT)))
        except OSError as error:
            sys.exit(f"Port {PORT} cannot be used ({error.strerror}): try 'make run PORT=8001'.")


def when_ready(server: Any) -> None:
    server.cairn_worker = subprocess.Popen([sys.executable, "manage.py", "db_worker"])
    print(
        f"""
Cairn is at http://localhost:{PORT}/ (Ctrl-C stops it)

  learner@demo.test   a learner, in the middle of a month
  mentor@demo.test    a mentor, with work waiting
  admin@demo.test     an admin
  The password of each is: demo
""",
        flush=True,
    )


def on_exit(server: Any) -> None:
    """The worker ends with the server."""
    worker = getattr(server, "cairn_worker", None)
    if worker is not None:
        worker.terminate()
        worker.wait(30)
