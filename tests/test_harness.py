"""The tests' own ground: the database they run on, and what a flush meets."""

import os
import re
import threading
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings as site
from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.db import connection
from django.templatetags.static import static
from pytest_django.live_server_helper import LiveServer


@pytest.mark.django_db
def test_database_is_the_one_asked_for() -> None:
    assert connection.vendor == os.environ.get("CAIRN_TEST_ENGINE", "sqlite")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_database_is_shared_by_threads_and_swept_after_each_test(turn: int) -> None:
    people = get_user_model().objects
    assert people.count() == 0

    def join() -> None:
        people.create(email="thread@example.test")
        connection.close()

    thread = threading.Thread(target=join)
    thread.start()
    thread.join()

    assert people.count() == 1


def test_blobs_go_to_a_folder_of_the_test(tmp_path: Path) -> None:
    assert str(site.MEDIA_ROOT).startswith(str(tmp_path))
    assert default_storage.path("a").startswith(str(tmp_path))


def test_live_server_serves_static_files(live_server: LiveServer) -> None:
    with urlopen(live_server.url + "/static/vendor/htmx/htmx.min.js") as answer:  # noqa: S310 our own server
        assert answer.status == 200


def test_manifest_names_static_files_by_their_digest(manifest_static: Path) -> None:
    address = static("vendor/htmx/htmx.min.js")
    assert re.fullmatch(r"/static/vendor/htmx/htmx\.min\.[0-9a-f]{12}\.js", address)
    assert (manifest_static / address.removeprefix("/static/")).is_file()
    assert (manifest_static / "vendor/pdfjs/cmaps/LICENSE").is_file()
    with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
        static("no-such-file.js")
