"""The demo: what it promises is there, once, and only where it belongs."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from curriculum.models import Month
from people.models import Membership, User
from progress.demo.files import FILES
from progress.models import Entry
from submissions.models import File, Hold, State, Submission


def counts() -> dict[str, int]:
    return {
        model.__name__: model.objects.count() for model in (User, Membership, Month, Submission, File, Entry)
    }


def test_demo_is_refused_on_any_other_site(db: None) -> None:
    with override_settings(DEMO=False), pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo")
    assert not User.objects.exists()


def test_demo_shows_what_it_promises_and_changes_nothing_the_second_time(db: None, client: Client) -> None:
    with override_settings(DEMO=True):
        call_command("demo", verbosity=0)
        before = counts()
        call_command("demo", verbosity=0)
    assert counts() == before

    works = Submission.objects.with_state()
    assert {work.state for work in works} >= {State.DRAFT, State.WAITING, State.CHANGES, State.ACCEPTED}
    assert Membership.objects.learners().count() >= 8
    assert Membership.objects.mentors().count() == 2
    assert Month.objects.live().count() >= 3
    assert Hold.objects.running().count() == 1
    assert Membership.objects.exclude(starts=None).count() == 1
    assert Entry.objects.filter(kind="complete", month__number=8).count() == 1
    assert Membership.objects.learners().filter(submissions=None, completions=None).exists()
    assert {file.name for file in File.objects.all()} == {name.rpartition("/")[2] for name in FILES}
    call_command("verify")
    for name in ("learner", "mentor", "sofia", "admin"):
        answer = client.post("/accounts/login/", {"login": f"{name}@demo.test", "password": "demo"})
        assert answer.status_code == 302
        client.logout()
