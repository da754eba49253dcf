"""The people and the month of a site of our own: `python -m tests.crash.world LEARNERS MENTORS` makes them.

It prepares the database that the settings name, which is empty, and prints what the clients have to know.
"""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in: their cookies, and of a learner the membership's public id."""

    name: str
    cookies: dict[str, str]
    learner: str = ""


@dataclass(frozen=True)
class World:
    """Who is there, and the public ids of what there is to do."""

    learners: list[Person]
    mentors: list[Person]
    month: str
    tasks: list[str]
    deliverables: list[str]
    criteria: list[str]

    @classmethod
    def told(cls, text: str) -> "World":
        """What the program printed."""
        said: dict[str, Any] = json.loads(text)
        for role in ("learners", "mentors"):
            said[role] = [Person(**person) for person in said[role]]
        return cls(**said)


def make(learners: int, mentors: int) -> World:
    # Read only by the program: the clients know no models.
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client, override_settings  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from people.models import User  # noqa: PLC0415
    from tests.cast import month_text, publish_month  # noqa: PLC0415
    from tests.factories import CohortFactory, CurriculumFactory, MembershipFactory, mentor_of  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("createcachetable")

    def cookies(user: User) -> dict[str, str]:
        client = Client()
        client.force_login(user)
        return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}

    curriculum = CurriculumFactory.create()
    month = publish_month(curriculum, month_text(weeks=2, tasks=5, works=3, criteria=10))
    cohort = CohortFactory.create(curriculum=curriculum, starts=timezone.localdate())
    # Nobody logs in with a password here.
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        people = [mentor_of(cohort, name=f"Mentor {n}") for n in range(mentors)]
        members = [
            MembershipFactory.create(cohort=cohort, user__name=f"Learner {n}", mentor=people[n % mentors])
            for n in range(learners)
        ]

    def uuids(rows: Any) -> list[str]:
        return [str(row.uuid) for row in rows.order_by("pk")]

    return World(
        [Person(one.user.name, cookies(one.user), str(one.uuid)) for one in members],
        [Person(user.name, cookies(user)) for user in people],
        month.slug,
        uuids(month.tasks),
        uuids(month.deliverables),
        uuids(month.criteria),
    )


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(asdict(make(*map(int, sys.argv[1:])))))
