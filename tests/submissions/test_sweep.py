"""The sweep takes what no file names, and nothing that a file names or is about to name."""

import os
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from submissions import store
from submissions.models import Blob, File, Submission, Version
from submissions.refusals import Refused
from submissions.sweep import Swept, removed, sweep
from tests.cast import Cast

OLD = timedelta(days=2).total_seconds()
DAY = timedelta(days=1)


def kept(data: bytes, *, old: bool = True) -> str:
    """Bytes in the store, which nobody has wanted for two days."""
    sha256 = store.keep(store.receive([data], 100))
    if old:
        past = timezone.now().timestamp() - OLD
        os.utime(store.path_of(sha256), (past, past))
    return sha256


def draft_of(cast: Cast) -> Version:
    submission, _made = Submission.objects.get_or_create(learner=cast.learner, deliverable=cast.deliverable)
    return submission.start_draft()


def file_of(cast: Cast, sha256: str) -> File:
    blob, _made = Blob.objects.get_or_create(sha256=sha256, defaults={"size": 1})
    return File.objects.create(
        version=draft_of(cast), blob=blob, name=f"{sha256[:6]}.md", form="text", media_type=""
    )


def test_what_nothing_names_goes_after_its_grace(cast: Cast) -> None:
    named, left = kept(b"named"), kept(b"left")
    file_of(cast, named)
    thrown_away = kept(b"thrown away")
    file_of(cast, thrown_away).delete()
    young = kept(b"young", old=False)
    lost = Blob.objects.create(sha256="0" * 64, size=1)  # a row whose bytes are not there
    assert sweep(DAY) == Swept(blobs=2)
    assert [store.holds(one) for one in (named, left, thrown_away, young)] == [True, False, False, True]
    assert not Blob.objects.filter(pk=lost.pk).exists()
    assert set(Blob.objects.values_list("sha256", flat=True)) == {named}
    assert sweep(DAY) == Swept()
    assert sweep(timedelta(0)).blobs == 1


def test_bytes_that_came_to_be_wanted_since_they_were_listed_stay(cast: Cast) -> None:
    named, young = kept(b"named"), kept(b"young", old=False)
    file_of(cast, named)
    assert [removed(one, DAY) for one in (named, young)] == [False, False]
    assert store.holds(named)
    assert store.holds(young)
    assert set(Blob.objects.values_list("sha256", flat=True)) == {named}


def test_broken_uploads_go(cast: Cast) -> None:
    received = store.receive([b"broken off"], 100)
    assert sweep(DAY) == Swept()
    past = timezone.now().timestamp() - OLD
    os.utime(received.path, (past, past))
    assert sweep(DAY) == Swept(uploads=1)
    assert not received.path.exists()


def test_erased_bytes_go_without_grace_unless_another_file_has_them(cast: Cast) -> None:
    version = cast.hand_in()
    one, both = kept(b"one", old=False), kept(b"both", old=False)
    draft = draft_of(cast)
    for sha256 in (one, both):
        File.objects.filter(pk=file_of(cast, sha256).pk).update(name="", erased_at=timezone.now())
    file_of(cast, both)
    assert draft.submission_id == version.submission_id
    assert sweep(DAY) == Swept(erased=1)
    assert (store.holds(one), store.holds(both)) == (False, True)


def test_command_says_what_went(cast: Cast) -> None:
    kept(b"left")
    out = StringIO()
    call_command("sweep", "--grace", "1", stdout=out)
    assert out.getvalue().startswith("1 stored files that nothing names, 0 of erased files, 0 broken uploads")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["erased", "swept"])
def test_upload_of_bytes_that_go_at_the_same_time_is_refused_not_lost(cast: Cast, way: str) -> None:
    """The upload has put its bytes in their place, and waits for its turn while they are removed."""
    data = b"# the same bytes"
    blob = Blob.objects.create(sha256=kept(data), size=len(data))
    draft = draft_of(cast)
    if way == "erased":
        file = File.objects.create(version=draft, blob=blob, name="old.md", form="markdown", media_type="")
    found: list[str] = []

    def upload() -> None:
        try:
            draft.add_file("new.md", store.receive([data], 100))
            found.append("taken")
        except Refused as refused:
            found.append(refused.code)
        finally:
            connection.close()

    before = store.path_of(blob.sha256).stat().st_mtime
    thread = threading.Thread(target=upload)
    with transaction.atomic():
        cast.learner.lock()
        thread.start()
        while store.path_of(blob.sha256).stat().st_mtime == before:
            pass  # until the upload has renewed the time of the bytes: it is past its first step
        if way == "erased":
            File.objects.filter(pk=file.pk).update(name="", erased_at=timezone.now())
            assert blob.leave()
        else:
            store.remove(blob.sha256)
            blob.delete()
    thread.join()
    assert found == ["once-more"]
    assert not File.objects.filter(erased_at=None, version=draft).exists()
    draft.add_file("new.md", store.receive([data], 100))
    assert store.verify(blob.sha256)


@pytest.mark.django_db(transaction=True)
def test_bytes_stay_for_an_upload_that_came_first(cast: Cast) -> None:
    """The remover waits for the row, and then finds a file that names the bytes."""
    data = b"# the same bytes"
    blob = Blob.objects.create(sha256=kept(data), size=len(data))
    draft = draft_of(cast)
    went: list[bool] = []

    def leave() -> None:
        went.append(blob.leave())
        connection.close()

    thread = threading.Thread(target=leave)
    with transaction.atomic():
        draft.add_file("new.md", store.receive([data], 100))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "it waits"
    thread.join()
    assert went == [False]
    assert store.verify(blob.sha256)
