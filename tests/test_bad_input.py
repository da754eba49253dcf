"""What no page of ours sends: broken text, far too much of it, strange ids, no key, fields that are not asked for."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import Membership
from progress.models import Completion
from tests.cast import Cast
from tests.routes import Rows, World, names, our_rows, undone
from tests.test_access import ROWS

pytestmark = pytest.mark.once

WHO = {
    row[0].split()[0]: "learner"
    if row[1] in ("200", "302")
    else "mentor"
    if row[4] in ("200", "302")
    else "admin"
    for row in ROWS
    if row[0].split()[1] == "POST" and len(row[0].split()) == 2
} | {"people:join": "nobody"}
"""Each route that takes a form, with one who may send it."""
EMPTY = {
    "progress:welcome",
    "submissions:take_back",
    "submissions:discard",
    "submissions:review_carry_over",
    "people:mail_stop",
    "people:opened",
    "people:reading",
    "submissions:review_take_over",
    "people:absence_end",
}
"""Forms without a field, or without one that must be filled."""
DRAWN = {"progress:preview"}
"""What draws a text in a frame of another page: it has no bar of its own, and writes nothing."""
READ_ALONE = DRAWN | {"progress:evidence_new"}
"""What is sent because it is long, and writes nothing."""
KEYLESS = {"people:mail_stop"}
"""Forms that a mail program sends, which has seen no page of ours: their address is a secret itself (RFC 8058)."""
EXTRA = {
    "status": "accepted",
    "verdict": "accept",
    "met": "yes",
    "number": "7",
    "submitted_at": "2020-01-01",
    "published_at": "2020-01-01",
    "is_staff": "on",
    "is_superuser": "on",
    "is_active": "",
    "role": "mentor",
}
MARK = b'class="brand"'
VOLATILE = {"digest", "before", "salt", "facts", "password"}
SIGNED = "people.Mail"
"""Its text has links that are signed with the time."""


def typed(form: dict[str, Any]) -> list[str]:
    """The fields that hold text."""
    return [name for name, value in form.items() if isinstance(value, str)]


def check_refusal(response: Any, *statuses: int) -> None:
    """An answer of ours to what was not taken: one of the statuses, as a page in our look."""
    assert response.status_code in statuses, response.status_code
    assert response["Content-Type"].startswith("text/html")
    assert MARK in response.content


def test_somebody_may_send_each_form() -> None:
    assert set(WHO) == {row[0].split()[0] for row in ROWS if row[0].split()[1] == "POST"}
    assert set(WHO) < set(names())


@pytest.mark.parametrize("name", WHO)
def test_nul_bytes_are_never_kept(world: World, name: str) -> None:
    for field in typed(world.form(name)):
        with undone():
            form = world.form(name)
            form[field] = f"{form[field]}\x00x"
            response = world.client(WHO[name]).post(world.address(name), form)
            assert response.status_code < 500, field
            assert r"\x00" not in str(our_rows()), field  # as repr shows it
            if name in DRAWN:
                assert response.status_code == 422
            elif response.status_code >= 400:
                check_refusal(response, 400, 404, 409, 422)


@pytest.mark.parametrize("name", [name for name in WHO if name not in EMPTY])
def test_far_too_long_texts_are_refused(world: World, name: str) -> None:
    client, form = world.client(WHO[name]), world.form(name)
    form[typed(form)[-1]] = "x" * 10_000_000
    before = our_rows()
    check_refusal(client.post(world.address(name), form), 413, 422)
    assert our_rows() == before


@pytest.mark.parametrize("charset", ["hex", "idna", "undefined", "utf-16"])
def test_forms_are_read_in_utf8_whatever_they_say(world: World, charset: str) -> None:
    name = "progress:completion_note"
    body = '--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nGröße\r\n--x--\r\n'.encode()
    kind = f"multipart/form-data; boundary=x; charset={charset}"

    response = world.client(WHO[name]).generic("POST", world.address(name), body, content_type=kind)

    assert response.status_code == 302
    assert Completion.objects.get(learner=world.cast.learner, task=world.cast.task).note == "Größe"


@pytest.mark.parametrize("name", ["progress:claim", "progress:mark", "progress:completion_note"])
def test_words_of_who_may_not_any_more_are_given_back(world: World, name: str) -> None:
    client, form = world.client(WHO[name]), world.form(name)
    Membership.objects.update(ended_at=timezone.now())
    form["note"] = "An hour of thought."
    before = our_rows()

    response = client.post(world.address(name), form)

    check_refusal(response, 403, 404)
    assert b"An hour of thought." in response.content
    assert our_rows() == before


@pytest.mark.parametrize("name", WHO)
def test_unknown_and_broken_ids_are_not_found(world: World, name: str) -> None:
    client = world.client(WHO[name])
    for address in world.elsewhere(name):
        check_refusal(client.post(address, world.form(name)), 404)
    for part in world.places.get(name, []):
        address = world.address(name).replace(str(part), "not-one-of-ours")
        check_refusal(client.post(address, world.form(name)), 404)


@pytest.mark.parametrize("name", [name for name in WHO if name not in KEYLESS])
def test_form_without_its_key_is_refused(world: World, name: str) -> None:
    client = world.client(WHO[name], enforce_csrf_checks=True)
    before = our_rows()
    response = client.post(world.address(name), world.form(name))
    check_refusal(response, 403)
    assert b"open for too long" in response.content
    assert our_rows() == before


@pytest.mark.parametrize("name", WHO)
def test_fields_that_are_not_asked_for_change_nothing(world: World, name: str) -> None:
    cast = world.cast
    people = {"mentor": cast.other_mentor.pk, "author": cast.admin.pk, "learner": cast.stranger.pk}
    seen = []
    for extra in ({}, EXTRA | people):
        with undone():
            form = world.form(name)
            client = world.client(WHO[name])
            before = our_rows()
            response = client.post(world.address(name), {**extra, **form})
            assert response.status_code in (200, 302)
            assert (our_rows() != before) is (name not in READ_ALONE)
            seen.append(plain(our_rows()))
    assert seen[0] == seen[1]


def plain(rows: Rows) -> Rows:
    """The rows without what differs each time: times, ids and keys. Links are told by place, not by number."""
    places = {label: {row["id"]: place for place, row in enumerate(table)} for label, table in rows.items()}
    shown: Rows = {}
    for label, table in rows.items():
        fields = {field.attname: field for field in apps.get_model(label)._meta.concrete_fields}
        shown[label] = [
            {
                name: known(fields[name], value, places)
                for name, value in row.items()
                if name not in VOLATILE and (label, name) != (SIGNED, "text")
            }
            for row in table
        ]
    return shown


def known(field: models.Field[Any, Any], value: Any, places: dict[str, dict[int, int]]) -> Any:
    if isinstance(field, models.DateTimeField):
        return value is None
    if isinstance(field, models.UUIDField | models.AutoField):
        return None
    if isinstance(field, models.ForeignKey) and value is not None:
        return places.get(field.remote_field.model._meta.label, {}).get(value)
    # An address names a thread by its public id, which is another for each.
    return re.sub("thread[=-][0-9a-f-]{36}", "thread", value) if field.attname == "url" else value


def test_words_of_one_who_was_logged_out_are_given_back(cast: Cast, client: Client) -> None:
    submission = cast.hand_in().submission
    came = {"Referer": f"http://testserver{submission.get_absolute_url()}"}
    address = reverse("submissions:thread_new", args=[submission.uuid])

    answer = client.post(address, {"body": "An hour of words"}, headers=came)
    assert answer.status_code == 401
    assert "An hour of words" in answer.text
    login = f"{reverse('account_login')}?{urlencode({'next': submission.get_absolute_url()})}"
    assert login in answer.text

    assert client.post(address, {}, headers=came)["Location"] == login
    foreign = client.post(address, {}, headers={"Referer": "https://example.org/elsewhere/"})
    assert foreign["Location"] == reverse("account_login")
    script = client.post(address, {"body": "Kept by the page"}, headers=came | {"HX-Request": "true"})
    assert script.status_code == 302
