"""The access table: every address of ours, each method it serves, and everybody.

`in` stands for being sent to the log-in. Nobody who is turned away changes anything, nor does any GET.
"""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tests.routes import PEOPLE, World, names, our_rows, undone

pytestmark = pytest.mark.once

TABLE = """
                                       learner fellow stranger mentor other admin deactivated nobody
progress:home GET                      302     302    302      302    302   302   in          in
progress:path GET                      200     200    200      302    302   302   in          in
progress:welcome POST                  302     302    302      302    302   302   in          in
progress:learner_path GET              200     404    404      200    404   404   in          in
progress:curriculum_detail GET         200     404    404      200    404   404   in          in
progress:month_detail GET              200     404    404      200    404   404   in          in
progress:fork GET                      200     404    404      403    404   404   in          in
progress:fork POST                     302     404    404      403    404   404   in          in
progress:month_changes GET             200     404    404      403    404   404   in          in
progress:month_look POST               302     404    404      403    404   404   in          in
progress:month_copy GET                200     404    404      403    404   404   in          in
progress:curriculum_copy GET           200     404    404      403    404   404   in          in
progress:completion POST               302     404    404      403    404   404   in          in
progress:completion_note POST          302     404    404      403    404   404   in          in
progress:wording POST                  302     404    404      403    404   404   in          in
progress:claim GET                     200     404    404      403    404   404   in          in
progress:claim POST                    302     404    404      403    404   404   in          in
progress:mark GET                      403     404    404      200    404   404   in          in
progress:mark POST                     403     404    404      302    404   404   in          in
progress:defence_new GET               403     404    404      200    404   404   in          in
progress:defence_new POST              403     404    404      302    404   404   in          in
progress:calendar GET                  200     200    200      200    200   200   200         200
progress:desk GET                      403     403    403      200    200   403   in          in
progress:own_data GET                  200     200    200      200    200   200   in          in
progress:own_data_archive GET          200     200    200      200    200   200   in          in
progress:cohort_detail GET             404     404    404      200    404   200   in          in
progress:cohort_sheet GET              404     404    404      200    404   200   in          in
progress:submission_detail GET         200     404    404      200    404   404   in          in
progress:comparison GET                200     404    404      200    404   404   in          in
progress:review_finish GET              403     404    404      302    404   404   in          in
progress:review_finish POST            403     404    404      302    404   404   in          in
progress:evidence_new POST             200     404    404      403    404   404   in          in
progress:news GET                      200     404    404      200    404   404   in          in
progress:search GET                    200     200    200      200    200   200   in          in
progress:preview POST                  403     403    403      403    403   200   in          in
submissions:start POST                 302     404    404      403    404   404   in          in
submissions:system POST                302     404    404      403    404   404   in          in
submissions:draft POST                 302     404    404      403    404   404   in          in
submissions:preview POST               200     404    404      403    404   404   in          in
submissions:file_add POST              302     404    404      403    404   404   in          in
submissions:file_remove POST           302     404    404      403    404   404   in          in
submissions:submission_submit POST     302     404    404      403    404   404   in          in
submissions:take_back POST             302     404    404      403    404   404   in          in
submissions:discard POST               302     404    404      404    404   404   in          in
submissions:file GET                   200     404    404      200    404   404   in          in
submissions:file GET in-a-draft        200     404    404      404    404   404   in          in
submissions:file_raw GET               200     404    404      200    404   404   in          in
submissions:file_cell GET              200     404    404      200    404   404   in          in
submissions:drawing GET                200     200    200      200    200   200   200         200
submissions:opening POST               403     404    404      302    404   404   in          in
submissions:hold POST                  403     404    404      302    404   404   in          in
submissions:thread_new POST            302     404    404      302    404   404   in          in
submissions:threads_at_rest GET        302     404    404      302    404   404   in          in
submissions:comment_new POST           302     404    404      302    404   404   in          in
submissions:comment_new POST unsent    404     404    404      302    404   404   in          in
submissions:placement_pin POST         302     404    404      302    404   404   in          in
submissions:placement_pin POST unsent  404     404    404      302    404   404   in          in
submissions:comment_change POST        404     404    404      302    404   404   in          in
submissions:comment_change POST sent   403     404    404      302    404   404   in          in
submissions:comment_words GET          200     404    404      200    404   404   in          in
submissions:several POST               403     404    404      302    404   404   in          in
submissions:undo POST                  404     404    404      302    404   404   in          in
submissions:people GET                 200     404    404      200    404   404   in          in
submissions:saved_replies GET          403     403    403      200    200   403   in          in
submissions:saved_replies POST         403     403    403      302    302   403   in          in
submissions:saved_reply POST           404     404    404      302    404   404   in          in
submissions:review_draft POST          404     404    404      302    404   404   in          in
submissions:review_carry_over POST     404     404    404      302    404   404   in          in
submissions:review_hand_over POST      404     404    404      302    404   404   in          in
submissions:review_take_over POST      404     404    404      302    404   404   in          in
submissions:review_withdraw POST       403     404    404      302    404   404   in          in
curriculum:markdown_help GET           200     200    200      200    200   200   200         200
people:account GET                     200     200    200      200    200   200   in          in
people:account POST                    302     302    302      302    302   302   in          in
people:feed POST                       302     302    302      302    302   302   in          in
people:notifications GET               200     200    200      200    200   200   in          in
people:reading POST                    302     302    302      302    302   302   in          in
people:mail_stop GET                   200     200    200      200    200   200   200         200
people:mail_stop POST                  200     200    200      200    200   200   200         200
people:opened POST                     200     200    200      200    200   200   200         200
people:absences GET                    403     403    403      200    200   403   in          in
people:absences POST                   403     403    403      302    422   403   in          in
people:absence_end POST                404     404    404      302    404   404   in          in
people:join GET                        200     200    200      409    200   200   200         200
people:join POST                       302     302    302      409    302   302   302         302
"""
ROWS = [line.rsplit(maxsplit=len(PEOPLE)) for line in TABLE.strip("\n").splitlines()[1:]]
NOTHING_TO_DO = {
    "progress:preview": {"admin"},  # it only draws
    "progress:evidence_new": {"learner"},  # a form, which sends a claim
    "people:join": {"learner", "fellow"},  # a second acceptance of an invitation changes nothing
    "people:reading": {"stranger", "other_mentor", "admin"},  # they have read everything
}


def test_table_holds_every_route() -> None:
    assert {row[0].split()[0] for row in ROWS} == set(names())


@pytest.mark.parametrize(("row", "expected"), [(row[0], row[1:]) for row in ROWS], ids=[r[0] for r in ROWS])
def test_access_is_as_the_table_says(world: World, row: str, expected: list[str]) -> None:
    name, method, case = [*row.split(), ""][:3]
    address, answered, wrong, before = world.address(name, case), [], [], our_rows()
    for person in PEOPLE:
        with undone():
            client = world.client(person)
            response = (
                client.generic("GET", address) if method == "GET" else client.post(address, world.form(name))
            )
            answered.append(shown(response.status_code, response.headers.get("Location", "")))
            if response.streaming:
                response.getvalue()  # to its end, so that its file is closed
            done = method == "POST" and answered[-1] in ("200", "302")
            done &= person not in NOTHING_TO_DO.get(name, ())
            if (our_rows() != before) != done:
                wrong.append(person)
    assert dict(zip(PEOPLE, answered, strict=True)) == dict(zip(PEOPLE, expected, strict=True))
    assert not wrong, "changed something, or did not, against the answer"


def shown(status: int, location: str) -> str:
    """In short: `in` for who is asked to log in, with the words of their form given back (401) or without."""
    asked = status == 401 or (status == 302 and location.startswith(reverse("account_login")))
    return "in" if asked else str(status)


def test_other_methods_are_not_allowed(world: World) -> None:
    client = world.client("learner")
    served = {tuple(row[0].split()[:2]) for row in ROWS}
    answers = {
        (name, method): client.generic(method, world.address(name))
        for name in names()
        for method in ("GET", "POST", "PUT", "DELETE")
        if (name, method) not in served
    }
    assert len(answers) > 100
    for call, response in answers.items():
        assert response.status_code == 405, call
        assert b'class="brand"' in response.content, call
        assert "GET" in response["Allow"] or "POST" in response["Allow"], call


def filled(pattern: URLPattern, prefix: str = "") -> str | None:
    """An address of the pattern, with something in each of its places; None where it has no name."""
    fill = {"int": 1, "path": "1", "uuid": uuid4(), "str": "x", "slug": "x"}
    kinds = {
        name: fill.get(type(kind).__name__.removesuffix("Converter").lower().replace("string", "str"), "1")
        for name, kind in pattern.pattern.converters.items()
    }
    try:
        return reverse(f"{prefix}{pattern.name}", kwargs=kinds)
    except NoReverseMatch:
        return None


def test_admin_lets_only_staff_in(world: World) -> None:
    addresses = {address for pattern in flat("admin") if (address := filled(pattern, "admin:"))}
    assert len(addresses) > 20
    for person in PEOPLE:
        if person == "admin":
            continue
        client = world.client(person)
        for address in addresses - {reverse("admin:logout")}:
            response = client.get(address)
            turned = response.status_code in (403, 404) or "/login/" in response.headers.get("Location", "")
            assert turned, (person, address, response.status_code)
    assert world.client("admin").get(reverse("admin:index")).status_code == 200


def flat(namespace: str) -> list[URLPattern]:
    """The named patterns of a namespace, those of its parts included."""
    found: list[URLPattern] = []
    todo = [
        resolver
        for resolver in get_resolver().url_patterns
        if isinstance(resolver, URLResolver) and resolver.namespace == namespace
    ]
    while todo:
        for pattern in todo.pop().url_patterns:
            if isinstance(pattern, URLResolver):
                todo.append(pattern)
            elif pattern.name:
                found.append(pattern)
    return found


OPEN = {
    "account_login",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_email_verification_sent",
    "mfa_login_webauthn",
}
"""Pages of the log-in that are for people who are not logged in."""
OF_ONE_KEY = {"mfa_edit_webauthn", "mfa_remove_webauthn"}


def test_account_pages_are_for_people_who_are_logged_in(db: None) -> None:
    names = [str(name) for name in get_resolver().reverse_dict if isinstance(name, str)]
    pages = [name for name in names if name.startswith(("account_", "mfa_"))]
    assert len(pages) > 20
    seen: dict[str, int] = {}
    for name in sorted(set(pages) - OPEN):
        fill = [1] if name in OF_ONE_KEY else []
        response = Client().get(reverse(name, args=fill))
        if shown(response.status_code, response.headers.get("Location", "")) != "in":
            seen[name] = response.status_code
    assert seen == {"account_logout": 302}
