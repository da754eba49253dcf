"""`seed 100` fills an empty database for so many people."""

import json
import random
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand, CommandParser

from tests.bench.yardstick.models import Course, Mark, News, Paper, Place, Step

WORDS = "Do what the guidance says, one step after another, and then tick this one. " * 12
NEWS = "Somebody looked at your work " * 5


class Command(BaseCommand):
    """24 steps of some 900 letters, of which each person has done half; two papers and twelve news each."""

    help = (
        "Fills an empty database for so many people; prints session cookies, and the step to tick, as JSON."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("people", type=int)

    def handle(self, *_args: Any, people: int, **_options: Any) -> None:
        dice = random.Random(8)  # noqa: S311  # draws lots, guards nothing
        course = Course.objects.create(name="Programme")
        steps = Step.objects.bulk_create(
            Step(course=course, week=place // 6 + 1, order=place % 6, words=WORDS) for place in range(24)
        )
        users = User.objects.bulk_create(
            User(username=f"person{n}", first_name="Ada", last_name=f"Person {n}", password="!")
            for n in range(people)
        )
        for first in range(0, people, 500):
            some = users[first : first + 500]
            Place.objects.bulk_create(Place(person=one, course=course) for one in some)
            Mark.objects.bulk_create(
                Mark(person=one, step=step) for one in some for step in steps if dice.random() < 0.5
            )
            Paper.objects.bulk_create(
                Paper(person=one, step=step, file="design.pdf")
                for one in some
                for step in dice.sample(steps, 2)
            )
            News.objects.bulk_create(News(person=one, line=NEWS) for one in some for _ in range(12))
        sessions = [self.session_of(user) for user in users[:16]]
        self.stdout.write(json.dumps({"sessionid": sessions, "task": steps[3].pk}))

    @staticmethod
    def session_of(user: User) -> str:
        """The cookie of a new session of somebody who is logged in."""
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        return str(session.session_key)
