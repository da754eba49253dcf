"""The child process that parses files: its limits bind, at most two run, and nothing of ours reaches it."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from submissions import formats
from submissions.formats import Form, Unacceptable, sandbox
from tests.submissions import samples

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def confined(work: str, **limits: int) -> int:
    """The exit status of a process that gives up its rights as the child does, then works."""
    code = (
        "from submissions.formats.child import confine\n"
        "from submissions.formats.sandbox import Limits\n"
        f"confine(Limits(**{limits!r}))\n{work}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False, timeout=15
    )
    return done.returncode


@pytest.mark.parametrize(
    ("work", "tight", "wide"),
    [
        ("bytearray(600 << 20)", {}, {"memory": 2 << 30}),
        ("while True: pass", {"processor": 1, "wall": 100}, {}),
        ("import time; time.sleep(3)", {"wall": 0}, {"wall": 20}),
        ("kept = [open('/dev/null') for _ in range(40)]", {}, {"files": 100}),
    ],
    ids=["memory", "processor", "wall", "files"],
)
def test_limit_binds_and_a_wider_one_does_not(work: str, tight: dict[str, int], wide: dict[str, int]) -> None:
    assert confined(work, **tight) != 0
    if "while" in work:
        work = work.replace("while True: pass", "for n in range(10**6): pass")
    assert confined(work, **wide) == 0


def test_child_cannot_write_a_file(tmp_path: Path) -> None:
    target = tmp_path / "written"

    assert confined(f"open({str(target)!r}, 'wb', buffering=0).write(b'x')") != 0
    assert target.read_bytes() == b""


def refusal_of(path: Path, name: str) -> str:
    with pytest.raises(Unacceptable) as refusal:
        formats.inspect(path, name)
    return refusal.value.code


def test_file_that_needs_more_memory_than_allowed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = tmp_path / "picture"
    picture.write_bytes(samples.picture("PNG", 7000, 7000, "RGBA"))
    monkeypatch.setattr(sandbox, "LIMITS", sandbox.Limits(memory=160 << 20))
    assert refusal_of(picture, "a.png") == "too-complex"

    monkeypatch.setattr(sandbox, "LIMITS", sandbox.Limits())
    assert formats.inspect(picture, "a.png").width == 7000


def test_file_that_computes_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = tmp_path / "drawing"
    drawing.write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<a/>" * 3_000_000 + b"</svg>")
    monkeypatch.setattr(sandbox, "LIMITS", sandbox.Limits(processor=1))

    assert refusal_of(drawing, "a.svg") == "too-complex"


def test_file_that_a_busy_machine_does_not_get_to_is_not_called_too_complex(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = tmp_path / "document"
    document.write_bytes(samples.pdf())
    monkeypatch.setattr(sandbox, "WAIT", 0.01)
    monkeypatch.setattr(sandbox, "CHILDREN", 1)
    assert refusal_of(document, "a.pdf") == "busy"

    monkeypatch.setattr(sandbox, "WAIT", 0.0)
    with sandbox.slot():
        pass  # The ended child holds it no more, or this would raise.


@pytest.mark.prove
def test_file_whose_check_a_busy_machine_holds_up_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child begins so late that the upload takes half of the time that it may."""
    (tmp_path / "document").write_bytes(samples.pdf())
    late = tmp_path / "late"
    late.write_text(f'#!/bin/sh\nsleep 30\nexec {sys.executable} "$@"\n')
    late.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(late))

    assert formats.inspect(tmp_path / "document", "a.pdf").pages == 2


def test_child_knows_nothing_of_the_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The program is exchanged for one that prints its environment and its open files."""
    spy = tmp_path / "spy"
    spy.write_text(
        f"#!{sys.executable}\n"
        "import json, os\n"
        "handles = ' '.join(os.listdir('/proc/self/fd'))\n"
        "print(json.dumps({'refused': ' '.join(os.environ) + '|' + handles}))\n"
    )
    spy.chmod(0o755)
    (tmp_path / "document").write_bytes(samples.pdf())
    monkeypatch.setattr(sys, "executable", str(spy))
    monkeypatch.setenv("SECRET_KEY", "a secret")

    names, _, handles = refusal_of(tmp_path / "document", "a.pdf").partition("|")

    assert "SECRET_KEY" not in names
    assert "DATABASE_URL" not in names
    assert len(handles.split()) <= 5, "the three standard ones, the lock, and the listing itself"


# At most two ----------------------------------------------------------------------------------------------
def most_at_once(threads: int) -> int:
    inside, most = 0, 0
    guard = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        with sandbox.slot():
            with guard:
                inside += 1
                most = max(most, inside)
            time.sleep(0.1)
            with guard:
                inside -= 1

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return most


def test_slots_let_two_in_at_once_and_everybody_in_the_end() -> None:
    assert most_at_once(6) == 2


def test_slots_let_more_in_where_there_are_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The positive control of the test above."""
    monkeypatch.setattr(sandbox, "CHILDREN", 4)

    assert most_at_once(6) == 4


HOLDER = """
import sys
from django.conf import settings
settings.configure(MEDIA_ROOT=sys.argv[1])
from submissions.formats import sandbox
with sandbox.slot():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_slots_are_shared_by_processes_and_freed_when_one_is_killed(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holders = [
        subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(media)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    try:
        for holder in holders:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
        monkeypatch.setattr(sandbox, "WAIT", 0.2)
        with pytest.raises(Unacceptable) as refusal, sandbox.slot():
            pass
        assert refusal.value.code == "busy"
        assert "try again in a minute" in refusal.value.sentence

        holders[0].kill()
        holders[0].wait()
        with sandbox.slot() as lock:
            assert lock > 2
    finally:
        for holder in holders:
            holder.kill()
            holder.communicate()


def test_many_uploads_at_once_are_all_checked(tmp_path: Path) -> None:
    found: list[Form] = []

    def work(number: int) -> None:
        path = tmp_path / str(number)
        path.write_bytes(samples.png(10 + number, 10))
        found.append(formats.inspect(path, "a.png").form)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [Form.IMAGE] * 6
