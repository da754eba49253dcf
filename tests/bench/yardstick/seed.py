"""Fills an empty database for so many people: `python -m tests.bench.yardstick.seed 100`.

Prints one JSON object: the session cookies of some, and the step that is ticked.
"""

import json
import os
import random
import sys

import django


def fill(people: int) -> dict[str, object]:
    """24 steps of some 900 letters, of which each person has done half; two papers and twelve news each."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    from tests.bench.yardstick.models import Course, Mark, News, Paper, Place, Step  # noqa: PLC0415

    dice = random.Random(8)  # noqa: S311  # draws lots, guards nothing
    course = Course.objects.create(name="A course")
    words = "Do what the guidance says, one step after the other, then tick this one. " * 12
    steps = Step.objects.bulk_create(
        Step(course=course, week=place // 6 + 1, order=place % 6, words=words) for place in range(24)
    )
    users = User.objects.bulk_create(
        User(username=f"person{n}", first_name="Ada", last_name=f"Person {n}", password="!") for n in range(people)
    )
    for first in range(0, people, 500):
        some = users[first : first + 500]
        Place.objects.bulk_create(Place(person=one, course=course) for one in some)
        Mark.objects.bulk_create(Mark(person=one, step=step) for one in some for step in steps if dice.random() < 0.5)
        Paper.objects.bulk_create(
            Paper(person=one, step=step, file="design.pdf") for one in some for step in dice.sample(steps, 2)
        )
        News.objects.bulk_create(
            News(person=one, line="Somebody looked at your work. " * 5) for one in some for _ in range(12)
        )
    sessions = []
    for user in users[:16]:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        sessions.append(session.session_key)
    return {"sessionid": sessions, "task": steps[3].pk}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.yardstick.settings")
    django.setup()
    print(json.dumps(fill(int(sys.argv[1]))))
