"""Fills an empty database of Cairn for so many learners: `python -m tests.bench.school 10000`.

12 months with 200 tasks and 100 deliverables; cohorts of 25 that are in Month 08, and a mentor for each two of them;
two submissions a learner, of which 30 wait on each mentor's desk. With 10,000 learners, all work of the second half of
the cohorts waits, and one more mentor has all of those cohorts: 10,000 works wait for that one.

Prints one JSON object: sessions, addresses, and the queries that each page costs.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import django

from tests.bench.long_room import talk_for_long

MONTH_08 = Path(__file__).parents[2] / "progress" / "demo" / "curriculum" / "month-08" / "README.md"
LEARNERS_OF_COHORT = 25
LEARNERS_OF_MENTOR = 50
WAITING = 30
"""Works of the hundred on a mentor's desk."""
MEASURED = 8
"""Learners, and mentors, who have a session."""
CROWD = 10_000
"""With so many learners there is a mentor for whom as many works wait."""
MADE_UP = [(17, 9)] * 4 + [(17, 8)] * 4 + [(16, 8)] * 3
"""Tasks and deliverables of the months beside Month 08, which has 16 and 8: 200 and 100 in all."""
LEARNERS_VIEW, MENTORS_VIEW = "submission_page (learner)", "submission_page (mentor)"
LEARNERS_POLL, MENTORS_POLL = "poll (learner)", "poll (mentor)"
LEARNERS_ROOM, MENTORS_ROOM = "room (learner)", "room (mentor)"
SAMPLE = """# Architecture overview

The system ranks items for a person in less than 100 ms. Events arrive at 2,000 a second.

## Parts

- **Gateway**: checks who asks and how often.
- **Feature store**: what is known of people and items, online and offline.
- **Ranker**: two stages, candidates first.

| part | owner | budget |
|---|---|---|
| gateway | platform | 10 ms |
| features | data | 30 ms |
| ranker | models | 50 ms |

## Trade-offs

We keep one region. Batch features are a day old; what was seen a minute ago comes from the stream.
"""
THREADS = (
    (1, "must", "confirm"),
    (1, "must", "confirm"),
    (1, "must", "fixed"),
    (1, "should", ""),
    (2, "must", "fixed"),
    (2, "question", ""),
    (2, "praise", ""),
    (3, "question", ""),
)
"""Of a measured submission: the version it was opened on, its kind, and the last act. The last is the learner's own."""


def month_text(number: int, tasks: int, deliverables: int) -> str:
    """A made-up month of four weeks."""
    lines = [
        f"# Month {number:02}: Made-up",
        "",
        f"**Tier**: {number // 5 + 1} (Tier)",
        "**Duration**: 4 weeks",
    ]
    lines += ["", "## Weekly Breakdown"]
    for week in range(4):
        lines += ["", f"### Week {week + 1}: Part {week + 1}", "", "**Focus**: One thing at a time"]
        lines += ["", "**Tasks**:"]
        lines += [
            f"- [ ] Do part {n + 1} of the reading and note what it leaves open"
            for n in range(week, tasks, 4)
        ]
        lines += ["", "**Deliverables**:"]
        lines += [f"- Document {n + 1} on what was built" for n in range(week, deliverables, 4)]
    lines += ["", "## Success Criteria", "", *(f"- [ ] Can explain choice {n + 1}" for n in range(4)), ""]
    return "\n".join(lines)


def many(model: Any, rows: Iterable[Any]) -> list[Any]:
    """The rows, written a few thousand at a time."""
    rows, made = iter(rows), []
    while some := list(islice(rows, 4000)):
        made += model._base_manager.bulk_create(some)
    return made


@dataclass
class School:
    """What is made, in the order of its methods."""

    size: int
    """Learners."""
    now: datetime
    plan: list[Any] = field(default_factory=list)
    """The months, in order."""
    cohorts: list[Any] = field(default_factory=list)
    mentors: list[Any] = field(default_factory=list)
    learners: list[Any] = field(default_factory=list)
    crowd: Any = None
    """The mentor of `CROWD`."""
    works: list[Any] = field(default_factory=list)
    """The submissions of all learners, two each."""
    long: Any = None
    """The one of them that was talked about for long."""

    def publish(self) -> None:
        from curriculum.models import Curriculum, Document, Month  # noqa: PLC0415
        from curriculum.publication import publish  # noqa: PLC0415

        curriculum = Curriculum.objects.create(slug="bench", title="Bench")
        texts = {8: MONTH_08.read_text(encoding="utf-8")}
        numbers = [number for number in range(1, 13) if number != 8]
        texts |= {n: month_text(n, *counts) for n, counts in zip(numbers, MADE_UP, strict=True)}
        for number, text in sorted(texts.items()):
            path = f"month-{number:02}/README.md"
            publish(Document.objects.create(curriculum=curriculum, path=path), text)
        self.plan = list(Month.objects.in_order())

    def gather(self) -> None:
        """People and cohorts; today everybody is in the third week of Month 08."""
        from people.models import Cohort, Membership, MonthStart, User  # noqa: PLC0415

        begins = self.now.date() - timedelta(days=7 * 28 + 16)
        count = self.size // LEARNERS_OF_COHORT
        curriculum = self.plan[0].curriculum
        self.cohorts = many(
            Cohort, (Cohort(curriculum=curriculum, name=f"Cohort {n}", starts=begins) for n in range(count))
        )
        many(
            MonthStart,
            (
                MonthStart(cohort=cohort, month=month, starts=begins + timedelta(days=28 * place))
                for cohort in self.cohorts
                for place, month in enumerate(self.plan)
            ),
        )
        self.mentors = self.people("Tomas Mentor", self.size // LEARNERS_OF_MENTOR)
        if self.size >= CROWD:
            self.crowd = self.people("Mira Mentor", 1)[0]
        learners = self.people("Ines Learner", self.size)
        User.objects.update(welcomed_at=self.now)
        rows = [
            Membership(user=user, cohort=self.cohorts[n // LEARNERS_OF_COHORT], mentor=self.mentor_of(n))
            for n, user in enumerate(learners)
        ]
        self.learners = many(Membership, rows)
        mentoring = [
            (mentor, cohort)
            for n, mentor in enumerate(self.mentors)
            for cohort in self.cohorts[2 * n : 2 * n + 2]
        ]
        if self.crowd:
            mentoring += [(self.crowd, cohort) for cohort in self.cohorts[count // 2 :]]
        many(Membership, (Membership(user=user, cohort=cohort, role="mentor") for user, cohort in mentoring))

    @staticmethod
    def people(name: str, count: int) -> list[Any]:
        from people.models import User  # noqa: PLC0415

        first = name.split(maxsplit=1)[0].lower()
        return many(
            User,
            (User(name=f"{name} {n}", email=f"{first}{n}@bench.test", password="!") for n in range(count)),
        )

    def is_crowd(self, learner: int) -> bool:
        return self.crowd is not None and learner >= self.size // 2

    def mentor_of(self, learner: int) -> Any:
        return self.crowd if self.is_crowd(learner) else self.mentors[learner // LEARNERS_OF_MENTOR]

    def tick(self) -> None:
        """Everybody has done the months before Month 08, and half of that."""
        from django.db import connection  # noqa: PLC0415

        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO progress_completion (uuid, learner_id, task_id, done_at, note, words, seen)"
                " SELECT gen_random_uuid(), learner.id, task.id, %s, '', task.text, ''"
                " FROM people_membership learner, curriculum_task task"
                " JOIN curriculum_month month ON month.id = task.month_id WHERE learner.role = 'learner'"
                " AND (month.number < 8 OR (month.number = 8 AND task.id %% 2 = 0))",
                [self.now],
            )

    def waits(self, work: int) -> bool:
        """Whether the work of this number waits: 30 of each mentor's hundred, spread among them."""
        return self.is_crowd(work // 2) or work * 7 % 100 < WAITING

    @property
    def measured(self) -> list[int]:
        """The numbers of works, each its learner's first, that wait and have eight threads."""
        return list(islice((work for work in range(0, 2 * self.size, 2) if self.waits(work)), MEASURED))

    @property
    def long_place(self) -> int:
        """The number of the work that was talked about for long: the other one of the first measured learner."""
        return self.measured[0] + 1

    def talk_for_long(self) -> None:
        self.long = talk_for_long(self, self.long_place, many)

    def versions_of(self, work: int) -> int:
        return 3 if work in self.measured else 1 + work % 3 // 2

    def hand_in(self) -> None:
        """Everybody's two works: each third one in its second version, the measured ones in their third."""
        from curriculum.models import Deliverable  # noqa: PLC0415
        from submissions.models import Anchor, Placement, Review, Submission, Version  # noqa: PLC0415

        month = next(month for month in self.plan if month.number == 8)
        subjects = list(Deliverable.objects.filter(month=month).order_by("pk")[:2])
        self.works = many(
            Submission,
            (Submission(learner=one, deliverable=subject) for one in self.learners for subject in subjects),
        )
        self.versions: list[list[Any]] = [[] for _work in self.works]
        for version in many(Version, self.all_versions()):
            self.versions[version.place].append(version)
        self.reviews: dict[int, Any] = {}
        """By the primary key of the version."""
        rows = (
            Review(
                version=version,
                mentor=self.mentors[place // 2 // LEARNERS_OF_MENTOR],
                verdict="accept" if version is versions[-1] and place % 2 else "changes",
                summary="Clear. See the comments.",
                published_at=version.submitted_at + timedelta(hours=20),
            )
            for place, versions in enumerate(self.versions)
            for version in (versions[:-1] if self.waits(place) else versions)
        )
        self.reviews = {review.version_id: review for review in many(Review, rows)}
        anchors = many(Anchor, (Anchor(version=review.version) for review in self.reviews.values()))
        many(Placement, (Placement(anchor=one, version=one.version, state="whole") for one in anchors))
        Submission.objects.requeue()
        self.talk(anchors)

    def all_versions(self) -> Iterator[Any]:
        from submissions.models import Version  # noqa: PLC0415

        for place, submission in enumerate(self.works):
            count = self.versions_of(place)
            for number in range(1, count + 1):
                ago = timedelta(days=1 + 4 * (count - number), minutes=place * 37 % 20_000)
                version = Version(
                    submission=submission, number=number, text=SAMPLE, submitted_at=self.now - ago
                )
                version.place = place  # type: ignore[attr-defined]  # to find it again
                yield version

    def talk(self, anchors: list[Any]) -> None:
        """One thread with each review, and the measured submissions' eight with two comments each."""
        from submissions.models import Anchor, Comment, Thread  # noqa: PLC0415

        threads = many(
            Thread,
            (
                Thread(
                    submission=review.version.submission,
                    anchor=anchor,
                    review=review,
                    author=review.mentor,
                    kind="should",
                )
                for review, anchor in zip(self.reviews.values(), anchors, strict=True)
            ),
        )
        many(
            Comment,
            (
                Comment(
                    thread=thread,
                    author=thread.author,
                    review=thread.review,
                    version=thread.review.version,
                    body="Say what happens when this part is *slow*.",
                )
                for thread in threads
            ),
        )
        for place in self.measured:
            learner, versions = self.learners[place // 2], self.versions[place]
            Thread.objects.filter(submission=self.works[place]).order_by().first()
            for number, kind, act in THREADS[len(versions) - 1 :]:
                version = versions[number - 1]
                review = self.reviews.get(version.pk)
                author = review.mentor if review else learner.user
                thread = Thread.objects.create(
                    submission=self.works[place],
                    anchor=Anchor.objects.on_whole(version),
                    review=review,
                    author=author,
                    kind=kind,
                )
                Comment.objects.create(
                    thread=thread,
                    author=author,
                    review=review,
                    version=version,
                    body="Why `Kafka` here?\n\n- cost\n- rate",
                )
                said_by = self.mentors[place // 2 // LEARNERS_OF_MENTOR] if act == "confirm" else learner.user
                Comment.objects.create(
                    thread=thread,
                    author=said_by,
                    version=versions[-1],
                    body="See section 3 of this version.",
                    act=act,
                )

    def mark(self) -> None:
        """Two marks in everybody's record."""
        from curriculum.models import Criterion  # noqa: PLC0415
        from progress.models import Entry, EntryText  # noqa: PLC0415

        criteria = list(Criterion.objects.filter(month__number=8).order_by("pk")[:2])
        rows = (
            Entry(
                learner=learner,
                number=number,
                kind="mark",
                author=self.mentors[place // LEARNERS_OF_MENTOR],
                month=criterion.month,
                criterion=criterion,
                meaning=criterion.meaning,
                decision="met",
                version=self.versions[2 * place][0],
                digest=sha256(f"{place} {number}".encode()).hexdigest(),
            )
            for place, learner in enumerate(self.learners)
            for number, criterion in enumerate(criteria, 1)
        )
        entries = many(Entry, rows)
        texts = {
            "author": "Tomas Mentor",
            "wording": "Understand system components",
            "evidence": "a document, version 1",
        }
        many(
            EntryText,
            (EntryText(entry=one, name=n, text=text) for one in entries for n, text in texts.items()),
        )


def session_of(user: Any) -> str:
    """A new session's cookie, for a person who is logged in."""
    from django.conf import settings  # noqa: PLC0415
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415

    from people.sessions import SessionStore  # noqa: PLC0415

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def fill(size: int) -> School:
    from django.db import connection  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    school = School(size, timezone.now())
    school.publish()
    with connection.cursor() as cursor:
        # The rows fit each other by the way they are made; looking each key up would take most of the time.
        cursor.execute("SET session_replication_role = replica; SET statement_timeout = 0")
    for step in (school.gather, school.tick, school.hand_in, school.talk_for_long, school.mark):
        step()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
    return school


def described(school: School) -> dict[str, Any]:
    """Who can be asked for what: for each page its addresses, each with a session; for the tick its task too."""
    from curriculum.models import Task  # noqa: PLC0415

    task = Task.objects.filter(month__number=8).order_by("pk")[3]
    found: dict[str, Any] = {
        name: []
        for name in (
            "month_page",
            "path",
            "tick",
            LEARNERS_VIEW,
            MENTORS_VIEW,
            LEARNERS_POLL,
            MENTORS_POLL,
            LEARNERS_ROOM,
            MENTORS_ROOM,
            "desk",
        )
    }
    mentors = {mentor.pk: session_of(mentor) for mentor in school.mentors[:MEASURED]}
    long_session = session_of(school.learners[school.long_place // 2].user)
    for place in school.measured:
        learner, work = school.learners[place // 2], school.works[place]
        session = session_of(learner.user)
        found["month_page"].append([f"/learners/{learner.uuid}/months/month-08/", session])
        found["path"].append(["/path/", session])
        found["tick"].append([f"/learners/{learner.uuid}/tasks/{task.uuid}/completion/", session])
        found[LEARNERS_VIEW].append([f"/submissions/{work.uuid}/", session])
        mentor = mentors[school.mentors[place // 2 // LEARNERS_OF_MENTOR].pk]
        found[MENTORS_VIEW].append([f"/submissions/{work.uuid}/", mentor])
        found[LEARNERS_POLL].append([f"/submissions/{work.uuid}/news/", session])
        found[MENTORS_POLL].append([f"/submissions/{work.uuid}/news/", mentor])
        found[LEARNERS_ROOM].append([f"/submissions/{school.long.uuid}/", long_session])
        found[MENTORS_ROOM].append(
            [f"/submissions/{school.long.uuid}/", mentors[school.mentor_of(school.long_place // 2).pk]]
        )
    found["desk"] = [["/desk/", session] for session in mentors.values()]
    if school.crowd:
        found["desk_10000"] = [["/desk/", session_of(school.crowd)]]
    return found


def queries(found: dict[str, Any]) -> dict[str, int]:
    """How many each page costs once its plan is in memory."""
    return {name: cost(name, *people[0]) for name, people in found.items()}


def cost(name: str, address: str, session: str) -> int:
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    is_post = name == "tick"
    client = Client(headers={"X-Forwarded-Proto": "https"} | ({"HX-Request": "true"} if is_post else {}))
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    for _first_fills_the_memory in range(2):
        with CaptureQueriesContext(connection) as asked:
            answer = client.post(address, {"done": "yes"}) if is_post else client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answers {answer.status_code}")
    return len(asked)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    made = described(fill(int(sys.argv[1])))
    print(json.dumps({"pages": made, "queries": queries(made)}))
