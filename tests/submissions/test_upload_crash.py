"""Uploads by several learners to a whole site that is killed at random moments: what was acknowledged is there."""

import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as site
from django.test import Client

from submissions import store
from submissions.models import Blob, File, Submission
from tests.cast import make_cast, month_text
from tests.factories import MembershipFactory
from tests.processes import address_of_database
from tests.submissions.test_upload_kill import status_of_upload

CYCLES, LEARNERS = 40, 4
chance = random.SystemRandom()


class Uploader(threading.Thread):
    """A learner who uploads one file after the other, each until it is acknowledged."""

    def __init__(self, port: int, learner: Client, works: list[Submission]) -> None:
        super().__init__(daemon=True)
        self.port, self.learner, self.works = port, learner, works
        self.stop = threading.Event()
        self.cycle = self.broken = 0
        self.acknowledged: list[tuple[Submission, str, str]] = []
        self.refused: list[int] = []

    def run(self) -> None:
        for number in range(1_000_000):
            if self.stop.is_set():
                return
            work, name = self.works[self.cycle], f"{number}.md"
            content = os.urandom(chance.randint(1, 200_000)).hex().encode()
            while (status := status_of_upload(self.port, self.learner, work, name, content)) == 0:
                self.broken += 1
            if status == 200:
                self.acknowledged.append((work, name, hashlib.sha256(content).hexdigest()))
            else:
                self.refused.append(status)


class Site:
    """The site as it runs for people, on a socket of ours: who comes while it is down waits until it is up."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self.socket.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        number = self.socket.fileno()
        serving = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"fd://{number}"]
        self.process = subprocess.Popen(
            [
                *serving,
                "--worker-class",
                "gthread",
                "--workers",
                "2",
                "--threads",
                "4",
                "--log-level",
                "error",
            ],
            cwd=site.BASE_DIR,
            env=os.environ
            | {"DATABASE_URL": address_of_database(), "MEDIA_ROOT": str(site.MEDIA_ROOT), "DEMO": "yes"},
            pass_fds=[number],
            start_new_session=True,
        )

    def kill(self) -> None:
        """All its processes at once, as kill -9 does."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def running() -> Iterator[Site]:
    running = Site()
    try:
        yield running
    finally:
        running.kill()
        running.socket.close()


def faults(media: Path, acknowledged: list[tuple[Submission, str, str]]) -> Iterator[str]:
    for path in media.rglob("blobs/**/*"):
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
            yield f"{path.name} is half a file"
    for blob in Blob.objects.all():
        if not store.path_of(blob.sha256).exists():
            yield f"{blob} has a row and no bytes"
    for work, name, digest in acknowledged:
        there = list(File.objects.filter(version__submission=work, name=name).values_list("blob__sha256"))
        if there != [(digest,)]:
            yield f"{name} was acknowledged and is there {len(there)} times"


@pytest.mark.prove
@pytest.mark.django_db(transaction=True)
def test_uploads_survive_kills_at_random_moments(running: Site, media: Path) -> None:
    cast = make_cast(month_text(works=CYCLES))
    works = list(cast.month.deliverables.all())
    uploaders = []
    for _number in range(LEARNERS):
        learner, client = MembershipFactory.create(cohort=cast.cohort), Client()
        client.force_login(learner.user)
        own = [Submission.objects.create(learner=learner, deliverable=work) for work in works]
        uploaders.append(Uploader(running.port, client, own))
    for uploader in uploaders:
        uploader.start()

    for cycle in range(CYCLES):
        for uploader in uploaders:
            uploader.cycle = cycle
        before = sum(len(uploader.acknowledged) for uploader in uploaders)
        running.start()
        while sum(len(uploader.acknowledged) for uploader in uploaders) == before:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.7))
        running.kill()
        so_far = [one for uploader in uploaders for one in list(uploader.acknowledged)]
        assert list(faults(media, so_far)) == [], f"cycle {cycle}"
    running.start()
    for uploader in uploaders:
        uploader.stop.set()
    for uploader in uploaders:
        uploader.join(timeout=60)

    acknowledged = [one for uploader in uploaders for one in uploader.acknowledged]
    assert list(faults(media, acknowledged)) == []
    assert [status for uploader in uploaders for status in uploader.refused] == []
    assert File.objects.count() == len(acknowledged)
    assert sum(uploader.broken for uploader in uploaders) > CYCLES, "the kills met uploads on their way"
