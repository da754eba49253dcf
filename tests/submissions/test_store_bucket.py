"""The blob store in a bucket of an S3-compatible server: plain use, a server that is away, refuses or lies."""

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from submissions import store
from submissions.formats.kinds import kind_of
from submissions.models import Blob, File, Submission
from submissions.refusals import Refused
from submissions.showing import ShownFile, blob_outline, shown_blob
from tests.submissions import samples
from tests.submissions.bucket import Server, free_port
from tests.submissions.sending import send

pytestmark = pytest.mark.once

BYTES = b"a design document\n" * 10_000
DIGEST = hashlib.sha256(BYTES).hexdigest()
PLACE = f"{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"
LIMIT = 1_000_000
FEW = ["design.md", "shot.png", "analysis.ipynb"]
"""Forms that are shown from their bytes, sent as they are, and looked into; make prove tries them all."""


@pytest.fixture(
    scope="module",
    params=["moto", pytest.param("seaweedfs", marks=pytest.mark.prove)],
)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(request.param, tmp_path_factory.mktemp("bucket"))
    yield server
    server.stop()


@pytest.fixture
def bucket(server: Server, settings: Any) -> Server:
    server.empty()
    settings.STORAGES = settings.STORAGES | {"blobs": server.storage()}
    for remembered in (shown_blob, blob_outline):
        remembered.cache_clear()
    return server


def receive(content: bytes = BYTES) -> store.Received:
    return store.receive((content[at : at + 4096] for at in range(0, len(content), 4096)), LIMIT)


def keep(content: bytes = BYTES) -> str:
    return store.keep(receive(content))


def typed(submission: Submission, text: str) -> dict[str, str]:
    """The form as a page shows it now, with a text typed into it."""
    draft = submission.versions.drafts().first()
    state = {"version": str(draft.uuid), "revision": str(draft.revision)} if draft else {}
    return {"text": text, "link": "", "note": "", **state}


def left_on_disk(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def test_kept_blob_is_in_the_bucket_alone_under_its_digest(bucket: Server, media: Path) -> None:
    assert keep() == DIGEST

    assert bucket.keys() == [PLACE]
    assert left_on_disk(media) == []
    with store.open_blob(DIGEST) as blob:
        assert blob.read() == BYTES
    with store.lent(DIGEST) as path:
        assert path.read_bytes() == BYTES
    assert left_on_disk(media) == []
    assert store.verify(DIGEST)
    assert list(store.stored()) == [DIGEST]
    assert store.remove(DIGEST)
    assert not store.remove(DIGEST)
    assert not store.verify(DIGEST)
    with pytest.raises(FileNotFoundError):
        store.open_blob(DIGEST)
    with pytest.raises(FileNotFoundError), store.lent(DIGEST):
        pass
    assert left_on_disk(media) == []


def test_blob_is_read_from_where_it_is_wanted(bucket: Server) -> None:
    keep()
    with store.open_blob(DIGEST) as blob:
        blob.seek(100_000)
        assert blob.read(20) == BYTES[100_000:100_020]
        blob.seek(5)
        assert blob.read(20) == BYTES[5:25]
        blob.seek(-7, 2)
        assert blob.read() == BYTES[-7:]
        assert blob.read() == b""


def test_bucket_may_be_shared_below_a_prefix(server: Server, settings: Any) -> None:
    server.empty()
    server.put("somebody/else", b"1")
    settings.STORAGES = settings.STORAGES | {"blobs": server.storage(prefix="cairn")}
    keep()

    assert server.keys() == [f"cairn/{PLACE}", "somebody/else"]
    assert list(store.stored()) == [DIGEST]


def test_blob_that_is_there_is_not_put_again(bucket: Server, media: Path) -> None:
    keep()
    before = bucket.client.head_object(Bucket="cairn-tests", Key=PLACE)["LastModified"]
    keep()
    assert bucket.client.head_object(Bucket="cairn-tests", Key=PLACE)["LastModified"] == before
    assert left_on_disk(media) == []


def test_blob_that_was_cut_short_is_replaced(bucket: Server) -> None:
    bucket.put(PLACE, BYTES[:10])
    assert not store.verify(DIGEST)
    keep()
    assert store.verify(DIGEST)


def test_many_at_once_leave_one_whole_blob(bucket: Server, media: Path) -> None:
    start, kept = threading.Barrier(4), list[str]()

    def work() -> None:
        received = receive()
        start.wait()
        kept.append(store.keep(received))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert kept == [DIGEST] * 4
    assert bucket.keys() == [PLACE]
    assert store.verify(DIGEST)
    assert left_on_disk(media) == []


def test_bytes_that_changed_on_the_way_are_refused_and_not_kept(bucket: Server, media: Path) -> None:
    """One server finds it by the digest that is sent along; the other does not look, and is asked for the bytes."""
    received = receive()
    received.path.write_bytes(BYTES[:-1] + b"!")

    with pytest.raises(Refused) as refusal:
        store.keep(received)

    assert refusal.value.code == "stopped"
    assert bucket.keys() == []
    assert left_on_disk(media) == []


def test_wrong_key_is_said_as_away(server: Server, settings: Any, media: Path) -> None:
    if server.kind == "moto":
        settings.STORAGES = settings.STORAGES | {"blobs": server.storage(name="a-bucket-that-is-not-there")}
    else:
        settings.STORAGES = settings.STORAGES | {"blobs": server.storage(secret_key="another")}
    assert store.trouble() == "The server of the files does not answer as it should."
    with pytest.raises((store.Away, FileNotFoundError)):
        keep()
    assert left_on_disk(media) == []


def test_server_that_goes_and_comes_back_is_told_of_and_loses_nothing(
    server: Server, bucket: Server, submission: Submission, learner: Client, media: Path, db: None
) -> None:
    taken = send(learner, submission, ("a.md", b"# Before"), plain=True, **typed(submission, "so far"))
    assert taken.status_code == 302
    file = File.objects.get()
    server.stop()
    try:
        away = send(learner, submission, ("b.md", b"# While"), plain=True, **typed(submission, "typed on"))
        assert away.status_code == 422
        assert "The place where files are kept cannot be reached" in away.content.decode()
        assert submission.versions.get().text == "typed on"
        assert [row.name for row in File.objects.all()] == ["a.md"]
        assert left_on_disk(media) == []
        assert ShownFile(file).shown.kind == "missing"
        learner.raise_request_exception = False
        page = learner.get(file.url)
        assert page.status_code == 503
        assert "The place where files are kept cannot be reached" in page.content.decode()
        assert store.trouble()
    finally:
        server.start()
    if server.kind == "moto":  # it remembers nothing
        keep(b"# Before")
    assert store.trouble() == ""
    again = send(learner, submission, ("b.md", b"# While"), plain=True, **typed(submission, "typed on"))
    assert again.status_code == 302
    assert [row.name for row in File.objects.all()] == ["a.md", "b.md"]
    assert b"".join(learner.get(file.url).streaming_content) == b"# Before"  # type: ignore[attr-defined]
    assert "Before" in ShownFile(file).shown.html


def test_every_form_is_shown_and_sent_as_from_a_disk(
    bucket: Server, submission: Submission, learner: Client, settings: Any, db: None
) -> None:
    on_disk = {name: value for name, value in settings.STORAGES.items() if name != "blobs"}
    draft = submission.start_draft()
    for name in sorted(samples.SOUND) if os.environ.get("PROVE") else FEW:
        content = samples.SOUND[name]
        kind, digest = kind_of(name), hashlib.sha256(content).hexdigest()
        blob, _made = Blob.objects.get_or_create(sha256=digest, defaults={"size": len(content)})
        file = draft.files.create(blob=blob, name=name, form=kind.form, media_type=kind.media_type, pages=3)
        seen = []
        for storages in (settings.STORAGES, on_disk):
            with override_settings(STORAGES=storages):
                keep(content)
                seen.append(all_of(file, learner))
        assert seen[0] == seen[1], name
        assert seen[0][2] == (200, content)


def all_of(file: File, learner: Client) -> list[Any]:
    """What a page shows of the file, and what is sent of it: whole, in part, and a cell's picture."""
    for remembered in (shown_blob, blob_outline):
        remembered.cache_clear()
    shown = ShownFile(file)
    asked = [(file.url, {}), (file.url, {"Range": "bytes=3-12"}), (f"/files/{file.uuid}/cells/0/", {})]
    answers = [learner.get(address, headers=headers) for address, headers in asked]
    bodies = [answer.getvalue() if answer.status_code != 404 else b"" for answer in answers]
    statuses = [answer.status_code for answer in answers]
    return [shown.shown, shown.outline, *zip(statuses, bodies, strict=True)]


def test_nothing_listens_there(settings: Any, server: Server, media: Path) -> None:
    elsewhere = server.storage(endpoint=f"http://127.0.0.1:{free_port()}")
    settings.STORAGES = settings.STORAGES | {"blobs": elsewhere}
    with pytest.raises(store.Away) as refusal:
        keep()
    assert refusal.value.sentence.startswith("The place where files are kept cannot be reached")
    with pytest.raises(store.Away):
        store.open_blob(DIGEST)
    with pytest.raises(store.Away):
        store.verify(DIGEST)
    with pytest.raises(store.Away):
        list(store.stored())
    assert left_on_disk(media) == []
