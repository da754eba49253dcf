"""An upload whose server is killed between any two of its steps: nothing half, nothing lost, nothing twice."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from submissions import store
from submissions.models import Blob, File, Submission, Version
from tests.cast import make_cast
from tests.processes import address_of_database

pytestmark = pytest.mark.once

NAME, BYTES = "design.md", b"# A design document\n" * 8000
DIGEST = hashlib.sha256(BYTES).hexdigest()
KEY = "k" * 32
"""Of the form, and of the cookie beside it."""


def status_of_upload(port: int, learner: Client, submission: Submission, name: str, content: bytes) -> int:
    """The status that a server on this machine answers to an upload; 0 when it dies before it answers."""
    cookies = {site.SESSION_COOKIE_NAME: learner.cookies[site.SESSION_COOKIE_NAME].value}
    cookies[site.CSRF_COOKIE_NAME] = KEY
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Content-Type": MULTIPART_CONTENT,
        "X-CSRFToken": KEY,
        "HX-Request": "true",
    }
    body = encode_multipart(BOUNDARY, {"files": SimpleUploadedFile(name, content)})
    client, status = HTTPConnection("127.0.0.1", port, timeout=60), 0
    try:
        client.request("POST", reverse("submissions:file_add", args=[submission.uuid]), body, headers)
        answer = client.getresponse()
        status = answer.status
        answer.read()
    except (OSError, HTTPException):
        pass
    finally:
        client.close()
    return status


class Mortal:
    """The server of tests/submissions/mortal.py, a learner who uploads to it, and what is found afterwards."""

    def __init__(self, settings: Any, root: Path, way: str, *, power: bool) -> None:
        self.settings, self.root, self.way, self.power = settings, root, way, power
        self.learner, self.runs = Client(), 0
        cast = make_cast()
        self.learner.force_login(cast.learner.user)
        self.submission = Submission.objects.create(learner=cast.learner, deliverable=cast.deliverable)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.submissions.mortal"],
            cwd=site.BASE_DIR,
            env=os.environ | {"DATABASE_URL": address_of_database(), "DEMO": "yes"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.said())

    def said(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()

    def upload(self, step: int = 0) -> tuple[int, list[str] | None]:
        """The status that arrived, 0 without one, and the steps that were taken; None when it was killed."""
        assert self.process.stdin
        order = {"media": str(self.media), "way": self.way, "power": self.power, "step": step}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        status = status_of_upload(self.port, self.learner, self.submission, NAME, BYTES)
        return status, json.loads(self.said())

    def begin(self) -> None:
        """Nothing uploaded, in a media folder of its own."""
        self.runs += 1
        self.media = self.root / str(self.runs)
        self.media.mkdir(parents=True)
        self.settings.MEDIA_ROOT = self.media
        for rows in (File.objects, Version.objects, Blob.objects):
            rows.all().delete()

    def killed_before(self, step: int) -> list[str]:
        """What is wrong after a death before that step, and after the same upload again."""
        self.begin()
        status, taken = self.upload(step)
        assert taken is None, "it was to be killed"
        wrong = [*self.faults(acknowledged=status == 200)]
        status, _taken = self.upload()
        if status != 200:
            wrong.append(f"the retry was answered with {status}")
        return [f"step {step}: {fault}" for fault in (*wrong, *self.faults(acknowledged=True))]

    def faults(self, *, acknowledged: bool) -> Iterator[str]:
        for path in self.media.rglob("blobs/**/*"):
            if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                yield "half a file is visible"
        for blob in Blob.objects.all():
            if not store.path_of(blob.sha256).exists():
                yield "a row has no blob"
        there = File.objects.filter(version__submission=self.submission, name=NAME)
        if acknowledged and not there.exists():
            yield "it was acknowledged and is not there"
        if there.count() > 1:
            yield f"it is there {there.count()} times"
        for file in there:
            if (file.blob.sha256, file.blob.size) != (DIGEST, len(BYTES)):
                yield "another file is there"


@pytest.fixture
def mortal(transactional_db: None, settings: Any, tmp_path: Path, request: Any) -> Iterator[Mortal]:
    way, power = request.param
    server = Mortal(settings, tmp_path / "killed", way, power=power)
    try:
        yield server
    finally:
        server.end()


def steps_of(mortal: Mortal) -> list[str]:
    """The steps of an upload that is not killed."""
    mortal.begin()
    status, taken = mortal.upload()
    assert status == 200
    assert taken
    return taken


@pytest.mark.prove
@pytest.mark.parametrize("mortal", [("", False), ("", True)], indirect=True, ids=["kill", "power cut"])
def test_death_between_any_two_steps_leaves_nothing_half_lost_or_twice(mortal: Mortal) -> None:
    steps = steps_of(mortal)

    wrong = [fault for step in range(1, len(steps) + 1) for fault in mortal.killed_before(step)]

    assert wrong == []
    kept = steps.index("rename")
    assert "receive" in steps[:kept]
    assert steps[kept - 1 : kept + 5] == ["fsync", "rename", *["fsync folder"] * 4]
    assert steps[kept + 5 : steps.index("answer")].count("commit") == 1
    assert "commit" not in steps[steps.index("answer") :]
    file = File.objects.get()
    assert b"".join(mortal.learner.get(file.url).streaming_content) == BYTES  # type: ignore[attr-defined]


@pytest.mark.prove
@pytest.mark.parametrize(
    ("mortal", "fault"),
    [
        (("row_first", False), "a row has no blob"),
        (("in_place", False), "half a file is visible"),
        (("answer_first", False), "it was acknowledged and is not there"),
        (("beside", False), "it is there 2 times"),
        (("no_sync_of_files", True), "half a file is visible"),
        (("no_sync_of_folders", True), "a row has no blob"),
    ],
    indirect=["mortal"],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_death_finds_the_fault_of_an_upload_in_the_wrong_way(mortal: Mortal, fault: str) -> None:
    """The control of the test above: the last steps are where each of these goes wrong."""
    found = (mortal.killed_before(step) for step in range(len(steps_of(mortal)), 0, -1))

    assert any(fault in line for wrong in found for line in wrong)
