"""Lists of people, as they are pasted and uploaded."""

import pytest
from django.core.exceptions import ValidationError

from people.addresses import LIMIT, Entry, Roster, decoded, read
from people.models import Invitation
from tests.factories import CohortFactory, InvitationFactory, MembershipFactory, UserFactory, mentor_of

State = Entry.State


@pytest.mark.pure
@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("ana@example.org", [("", "ana@example.org")]),
        ("  ANA@Example.org,", [("", "ana@example.org")]),
        ("Ana Prior <ana@example.org>", [("Ana Prior", "ana@example.org")]),
        ('"Prior, Ana" <ana@example.org>', [("Prior, Ana", "ana@example.org")]),
        ("Prior, Ana <ana@example.org>", [("Prior, Ana", "ana@example.org")]),
        ("<mailto:ana@example.org>", [("", "ana@example.org")]),
        (
            "Ana <ana@example.org>, Ben <ben@example.org>;",
            [("Ana", "ana@example.org"), ("Ben", "ben@example.org")],
        ),
        ("ana@example.org; ben@example.org", [("", "ana@example.org"), ("", "ben@example.org")]),
        ("Ana Prior,ana@example.org", [("Ana Prior", "ana@example.org")]),
        ("ana@example.org,Ana Prior", [("Ana Prior", "ana@example.org")]),
        ("ana@example.org\tAna\tPrior", [("Ana Prior", "ana@example.org")]),
        ('"Prior, Ana";ana@example.org', [("Prior, Ana", "ana@example.org")]),
        ("Zoë Müller,zoe@example.org", [("Zoë Müller", "zoe@example.org")]),
    ],
)
def test_line_is_read(line: str, people: list[tuple[str, str]]) -> None:
    assert [(entry.name, entry.email, entry.state) for entry in read(line)] == [
        (*one, State.NEW) for one in people
    ]


@pytest.mark.pure
@pytest.mark.parametrize(
    "line",
    [
        "Ana Prior",
        "ana@",
        "@example.org",
        "a b@example.org",
        "Ana <ana>",
        "x\0@example.org",
        "a@b",
        "<>",
        "é@é",
    ],
)
def test_bad_line_says_its_number_and_why(line: str) -> None:
    first, bad = read(f"ana@example.org\n\n{line}\n")
    assert first.state == State.NEW
    assert (bad.line, bad.state) == (3, State.BAD)
    assert bad.reason


@pytest.mark.pure
def test_name_that_is_too_long_is_bad() -> None:
    assert read("n" * 151 + " <ana@example.org>")[0].state == State.BAD


@pytest.mark.pure
@pytest.mark.parametrize(
    "text",
    [
        "name,email\nAna Prior,ana@example.org",
        "E-Mail;Name;Phone\nana@example.org;Ana Prior;+351 1",
        "First name\tLast name\tEmail\nAna\tPrior\tana@example.org\r\n",
    ],
)
def test_table_with_named_columns_is_read(text: str) -> None:
    assert [(entry.name, entry.email, entry.line) for entry in read(text)] == [
        ("Ana Prior", "ana@example.org", 2)
    ]


@pytest.mark.pure
def test_doubled_address_names_the_first_line() -> None:
    first, second = read("ana@example.org\nAna <ANA@example.org>")
    assert (first.state, second.state) == (State.NEW, State.DOUBLED)
    assert "1" in second.reason


@pytest.mark.pure
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_file_is_decoded(encoding: str) -> None:
    assert read(decoded("Zoë,zoe@example.org".encode(encoding)))[0].name == "Zoë"


@pytest.mark.pure
@pytest.mark.parametrize("data", [b"PK\x03\x04rest", b"%PDF-1.7", b"a\0b", b"\xff\xfea"])
def test_file_that_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(ValidationError):
        decoded(data)


@pytest.mark.pure
def test_list_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValidationError, match=str(LIMIT)):
        read("\n".join(f"p{n}@example.org" for n in range(LIMIT + 1)))


def test_roster_knows_who_is_there(db: None, django_assert_num_queries: object) -> None:
    cohort = CohortFactory.create()
    MembershipFactory.create(cohort=cohort, user__email="member@example.org")
    MembershipFactory.create(user__email="elsewhere@example.org")
    MembershipFactory.create(cohort=cohort, user__email="left@example.org").end()
    InvitationFactory.create(cohort=cohort, email="invited@example.org")
    InvitationFactory.create(cohort=cohort, email="late@example.org", expires_at="2020-01-01T00:00:00Z")
    UserFactory.create(email="closed@example.org", is_active=False)
    names = ["member", "elsewhere", "left", "invited", "late", "closed", "new"]
    with django_assert_num_queries(3):  # type: ignore[operator]
        roster = Roster(cohort, "\n".join(f"{name}@example.org" for name in names))
    assert {entry.email.split("@")[0]: entry.state for entry in roster.entries} == {
        "member": State.MEMBER,
        "elsewhere": State.NEW,
        "left": State.NEW,
        "invited": State.INVITED,
        "late": State.NEW,
        "closed": State.BAD,
        "new": State.NEW,
    }


def test_inviting_the_same_list_twice_invites_once(db: None) -> None:
    cohort, admin = CohortFactory.create(), UserFactory.create(is_staff=True)
    mentor = mentor_of(cohort)
    rosters = [Roster(cohort, "Ana <ana@example.org>\nben@example.org\nnobody") for _time in range(2)]
    written = [roster.invite(admin, "learner", mentor) for roster in rosters]
    assert [len(one) for one in written] == [2, 0]
    ana = Invitation.objects.get(email="ana@example.org")
    assert (ana.name, ana.mentor, ana.created_by, ana.role) == ("Ana", mentor, admin, "learner")
