"""A server that dies when it is told to, for test_upload_kill.py: `python -m tests.submissions.mortal`.

It prints its port, then serves one request for each order on its standard input, a line of JSON, in a process
of its own that kills itself before the step so numbered. A line comes back for each: the steps that were taken,
or null when the process was killed on the way.
"""

import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 (these read the settings)
from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer  # noqa: E402
from django.core.signals import request_finished, request_started  # noqa: E402
from django.db import (  # noqa: E402
    DEFAULT_DB_ALIAS,
    close_old_connections,
    connection,
    connections,
    transaction,
)
from django.template.loader import get_template  # noqa: E402
from django.urls import reverse  # noqa: E402

from config.wsgi import application  # noqa: E402
from submissions import store  # noqa: E402
from submissions.models import File, Version  # noqa: E402
from submissions.models.file import FileQuerySet  # noqa: E402
from submissions.store import Received  # noqa: E402

WRITES = ("INSERT", "UPDATE", "DELETE")
RENAME = os.rename


def put(owner: Any, name: str, call: Callable[..., Any]) -> None:
    """Another `call` in the place of the owner's, in this process."""
    setattr(owner, name, call)


class Steps:
    """The steps of one upload, in their order, and the death before the one numbered `last`, from 1.

    `power`: it dies by a power cut, which takes with it what was not synced: the bytes of a file, and the names
    that a folder got. What was written to the database and committed stays.
    """

    def __init__(self, last: int, *, power: bool) -> None:
        self.last, self.power = last, power
        self.taken: list[str] = []
        self.unsynced: set[Path] = set()
        self.renamed: list[tuple[Path, Path]] = []
        self.made: list[Path] = []

    def take(self, name: str) -> None:
        self.taken.append(name)
        if len(self.taken) == self.last:
            if self.power:
                self.lose()
            os.kill(os.getpid(), signal.SIGKILL)

    def lose(self) -> None:
        """Puts the disk into the state that a power cut may leave."""
        for path in self.unsynced:
            os.truncate(path, 0)
        for source, target in reversed(self.renamed):
            RENAME(target, source)
        for folder in reversed(self.made):
            shutil.rmtree(folder)

    def synced(self, path: Path) -> None:
        self.unsynced.discard(path)
        self.renamed = [(source, target) for source, target in self.renamed if target.parent != path]
        self.made = [folder for folder in self.made if folder.parent != path]

    def watch(self) -> None:
        """Counts every step from now on: on the disk, in the database, and of the answer."""
        for name in ("mkdir", "fsync", "rename", "unlink"):
            put(os, name, self.on_disk(name, getattr(os, name)))
        for name in ("write", "finish"):
            put(store.Arriving, name, self.before("receive", getattr(store.Arriving, name)))
        engine: Any = type(connections[DEFAULT_DB_ALIAS])
        put(engine, "_commit", self.before("commit", engine._commit))
        connection.execute_wrappers.append(self.in_database)
        put(socket.socket, "sendall", self.before("answer", socket.socket.sendall))

    def before(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            self.take(name)
            return call(*args, **options)

        return counted

    def in_database(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        word = sql.split(maxsplit=1)[0]
        if word in WRITES:
            self.take(word.lower())
        return execute(sql, params, many, context)

    def on_disk(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(subject: Any, *rest: Any, **options: Any) -> Any:
            path = Path(f"/proc/self/fd/{subject}").readlink() if isinstance(subject, int) else Path(subject)
            if not path.is_relative_to(settings.MEDIA_ROOT):
                return call(subject, *rest, **options)
            self.take(f"{name} folder" if path.is_dir() else name)
            result = call(subject, *rest, **options)
            self.remember(name, path, *rest)
            return result

        return counted

    def remember(self, name: str, path: Path, *rest: Any) -> None:
        """What a power cut would take after this step, and what it would not take any more."""
        if name == "mkdir":
            self.made.append(path)
        elif name == "fsync":
            self.synced(path)
        elif name == "rename":
            target = Path(rest[0])
            self.renamed.append((path, target))
            if path in self.unsynced:
                self.unsynced.symmetric_difference_update({path, target})
        elif name == "unlink":
            self.unsynced.discard(path)


class Wrong:
    """Uploads that are made in a wrong way: each is to be found by the test that finds nothing in ours."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps

    def row_first(self) -> None:
        """The row is committed before the bytes are in their place."""
        keep, add_file = store.keep, Version.add_file

        def late(version: Version, name: str, received: Received) -> File:
            discard = store.discard
            put(store, "keep", lambda received: received.sha256)
            put(store, "holds", lambda sha256: True)
            put(store, "discard", lambda received: None)
            file = add_file(version, name, received)
            put(store, "discard", discard)
            keep(received)
            return file

        put(Version, "add_file", late)

    def in_place(self) -> None:
        """The bytes are written where they are looked for."""

        def keep(received: Received) -> str:
            target = store.path_of(received.sha256)
            target.parent.mkdir(parents=True, exist_ok=True)
            with received.path.open("rb") as source, target.open("wb", buffering=0) as out:
                while piece := source.read(50_000):
                    self.steps.take("write")
                    out.write(piece)
            return received.sha256

        put(store, "keep", keep)

    def answer_first(self) -> None:
        """The answer is given while the rows are not committed."""
        handle = WSGIServer.process_request
        for signal_of in (request_started, request_finished):
            signal_of.disconnect(close_old_connections)  # it would end the transaction

        def early(server: Any, request: Any, address: Any) -> None:
            with transaction.atomic():
                handle(server, request, address)

        put(WSGIServer, "process_request", early)

    def beside(self) -> None:
        """A file of the same name is put beside the one that is there."""
        put(FileQuerySet, "delete", lambda rows: (0, {}))

    def no_sync_of_files(self) -> None:
        sync = os.fsync
        put(os, "fsync", lambda handle: None if self._is_file(handle) else sync(handle))

    def no_sync_of_folders(self) -> None:
        sync = os.fsync
        put(os, "fsync", lambda handle: sync(handle) if self._is_file(handle) else None)

    def _is_file(self, handle: Any) -> bool:
        return Path(f"/proc/self/fd/{handle}").readlink().is_file()


class Quiet(WSGIRequestHandler):
    """Says nothing of each request; what goes wrong in it is logged all the same."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name is Django's)
        pass


def serve(server: WSGIServer, order: dict[str, Any]) -> None:
    """One request, in the way that is ordered."""
    settings.MEDIA_ROOT = Path(order["media"])
    steps = Steps(order["step"], power=order["power"])
    steps.watch()
    received = store.Arriving.finish

    def unsynced(arriving: store.Arriving) -> Received:
        found = received(arriving)
        steps.unsynced.add(found.path)
        return found

    put(store.Arriving, "finish", unsynced)
    if order["way"]:
        getattr(Wrong(steps), order["way"])()
    server.handle_request()
    print(json.dumps(steps.taken), flush=True)


def main() -> None:
    server = WSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(application)
    # What every process would load by itself otherwise.
    reverse("progress:home")
    get_template("submissions/_draft_files.html")
    print(server.server_port, flush=True)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            serve(server, json.loads(line))
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status):
            print("null", flush=True)


if __name__ == "__main__":
    main()
