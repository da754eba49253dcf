"""Files on an origin of their own: who is sent there, what opens there, and that nothing else does."""

import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from config.policy import page_policy
from submissions import store
from submissions.models import File, Submission
from submissions.usercontent import PERIOD, SIGNER
from tests.cast import Cast
from tests.submissions import samples
from tests.submissions.sending import as_user

ORIGIN = "https://files.example.net"
THERE = {"Host": "files.example.net"}


@pytest.fixture(autouse=True)
def origin(settings: Any) -> None:
    settings.USERCONTENT_ORIGIN = ORIGIN
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "files.example.net"]
    settings.CONTENT_SECURITY_POLICY = page_policy(ORIGIN)


@pytest.fixture
def picture(submission: Submission) -> File:
    return submission.start_draft().add_file("a.png", store.receive([samples.png()], 10**8))


def fetched(address: str, **headers: str) -> Any:
    """What the other origin answers to a browser that is logged in nowhere."""
    assert address.startswith(f"{ORIGIN}/")
    return Client().get(address.removeprefix(ORIGIN), headers=THERE | headers)


def test_learner_is_sent_on_and_gets_the_bytes_there(picture: File, learner: Client) -> None:
    for address, disposition in ((picture.url, "attachment"), (picture.raw_url, "inline")):
        sent = learner.get(address)
        assert (sent.status_code, sent["Cache-Control"]) == (302, "private, no-store")

        answer = fetched(sent["Location"])

        assert (answer.status_code, answer.getvalue()) == (200, samples.png())
        assert answer["Content-Disposition"].startswith(f"{disposition};")
        assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert not answer.cookies


def test_part_and_picture_of_a_cell_are_sent_from_there_too(submission: Submission, learner: Client) -> None:
    draft = submission.start_draft()
    pdf = draft.add_file("a.pdf", store.receive([samples.pdf(1)], 10**8))
    answer = fetched(learner.get(pdf.raw_url)["Location"], Range="bytes=0-3")
    assert (answer.status_code, answer.getvalue()) == (206, b"%PDF")
    assert "Content-Range" in answer["Access-Control-Expose-Headers"]


def test_who_may_not_see_a_file_is_not_sent_on(picture: File, cast: Cast) -> None:
    for user in (cast.fellow.user, cast.mentor, cast.admin):
        assert as_user(user).get(picture.url).status_code == 404


def test_address_is_good_for_one_file_one_way_and_a_while(picture: File, learner: Client) -> None:
    good = learner.get(picture.raw_url)["Location"]
    assert learner.get(picture.raw_url)["Location"] == good
    token, name = good.removeprefix(f"{ORIGIN}/").split("/")
    now = int(time.time()) // PERIOD
    other = SIGNER.sign(f"file.{picture.uuid.hex}.{now}").rpartition(".")[2]
    for wrong in (
        token.replace("raw", "file"),
        f"{token.rpartition('.')[0]}.{other}",
        token[:-1],
        "x",
        SIGNER.sign(f"raw.{picture.uuid.hex}.{now - 2}"),
        SIGNER.sign(f"raw.{picture.uuid.hex}.{now + 2}"),
    ):
        assert fetched(f"{ORIGIN}/{wrong}/{name}").status_code == 404, wrong
    earlier = SIGNER.sign(f"raw.{picture.uuid.hex}.{now - 1}")
    assert fetched(f"{ORIGIN}/{earlier}/{name}").getvalue() == samples.png()


def test_erased_file_is_gone_on_both(picture: File, learner: Client) -> None:
    address = learner.get(picture.raw_url)["Location"]
    File.objects.filter(pk=picture.pk).update(name="", erased_at="2026-01-01T00:00:00Z")
    assert learner.get(picture.raw_url).status_code == 410
    assert fetched(address).status_code == 404


def test_nothing_else_answers_there_and_nobody_is_known(picture: File, learner: Client) -> None:
    for path in ("/", "/path/", "/accounts/login/", "/admin/", picture.url, picture.raw_url):
        assert learner.get(path, headers=THERE).status_code == 404, path
    signed = urlsplit(learner.get(picture.url)["Location"]).path
    assert learner.get(signed).status_code == 404  # on the site itself


def test_pages_may_load_pictures_from_there_and_no_scripts(learner: Client) -> None:
    policy = learner.get("/path/")["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert ORIGIN in directives["img-src"]
    assert ORIGIN in directives["connect-src"]
    assert directives["script-src"] == directives["frame-src"] == "'self'"
