"""The people of the demo, and what each of them can do on a day of the cohort: every act goes through the models."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.utils import timezone

from curriculum.models import Criterion, Curriculum, Deliverable, Task
from people.models import Cohort, Membership, User
from progress import record
from progress.demo.files import FILES
from progress.demo.texts import RELEASE_PLAN, RUN_BOOK
from progress.models import Completion
from submissions import store
from submissions.models import Review, Submission, Thread, Version
from submissions.models.talk import Said
from submissions.pointing import Place, pointed

COHORT = "Autumn cohort"
LEARNER, MENTOR, ADMIN = "learner@demo.test", "mentor@demo.test", "admin@demo.test"
PASSWORD = "demo"  # noqa: S105 (printed for everybody; `tell` runs only in the demo)
CURRICULUM = Path(__file__).parent / "curriculum"
ZONE = ZoneInfo("Europe/Lisbon")
MEGABYTE = 1024 * 1024
ACCEPT, CHANGES = Review.Verdict.ACCEPT, Review.Verdict.CHANGES
MUST, SHOULD, QUESTION, PRAISE = (
    Thread.Kind.MUST,
    Thread.Kind.SHOULD,
    Thread.Kind.QUESTION,
    Thread.Kind.PRAISE,
)


@contextmanager
def clock(when: datetime) -> Iterator[None]:
    """The story's own time: what is done inside happened then, never later than now."""
    real = timezone.now
    timezone.now = lambda: min(when, real())
    try:
        yield
    finally:
        timezone.now = real


class People:
    """The cohort, who is in it, and what they can do. Days are counted from the cohort's first."""

    def __init__(self, today: date) -> None:
        self.first = today - timedelta(days=today.weekday(), weeks=5)
        self.cohort = Cohort.objects.create(
            curriculum=Curriculum.objects.get(slug="ml-practitioner"),
            name=COHORT,
            starts=self.first,
            time_zone=ZONE.key,
            review_days=3,
            notice="Our open hour is on Thursdays at six. Bring one question.",
            talk_url="https://talk.example.org/autumn",
        )
        self.cohort.write_starts()

    def at(self, day: int, hour: int = 10) -> datetime:
        """Ten o'clock, or another hour, on a day counted from the cohort's first."""
        return datetime.combine(self.first + timedelta(days=day), time(hour), tzinfo=ZONE)

    def person(self, email: str, name: str, **more: bool) -> User:
        user = User.objects.create_user(email, PASSWORD, name=name, time_zone=ZONE.key, **more)
        user.confirm_address()
        return user

    def mentor(self, email: str, name: str) -> User:
        user = self.person(email, name)
        Membership.objects.create(
            user=user, cohort=self.cohort, role=Membership.Role.MENTOR, joined_at=self.at(-7)
        )
        return user

    def learner(self, email: str, name: str, mentor: User, starts: int = 0) -> Membership:
        user = self.person(email, name)
        if starts:
            user.welcomed_at = None
        else:
            user.welcomed_at = self.at(0)
        user.save(update_fields=["welcomed_at"])
        return Membership.objects.create(
            user=user,
            cohort=self.cohort,
            mentor=mentor,
            starts=self.first + timedelta(days=starts) if starts else None,
            joined_at=self.at(starts or -3),
        )

    def people(self) -> None:
        self.admin = self.person(ADMIN, "Helena Costa", is_staff=True, is_superuser=True)
        self.tomas = self.mentor(MENTOR, "Tomas Lindqvist")
        self.sofia = self.mentor("sofia@demo.test", "Sofia Marques")
        self.learners = {
            "ines": self.learner(LEARNER, "Ines Duarte", self.tomas),
            "kwame": self.learner("kwame@demo.test", "Kwame Mensah", self.tomas),
            "amira": self.learner("amira@demo.test", "Amira Haddad", self.sofia),
            "jonas": self.learner("jonas@demo.test", "Jonas Weber", self.tomas),
            "lina": self.learner("lina@demo.test", "Li Na", self.sofia),
            "priya": self.learner("priya@demo.test", "Priya Raman", self.tomas),
            "diego": self.learner("diego@demo.test", "Diego Torres", self.sofia, starts=28),
            "freya": self.learner("freya@demo.test", "Freya Nilsen", self.sofia),
            "yusuf": self.learner("yusuf@demo.test", "Yusuf Demir", self.tomas),
            "marta": self.learner("marta@demo.test", "Marta Kowalska", self.sofia),
        }

    # What people do ---------------------------------------------------------------------------------------
    def tick(self, who: str, month: int, count: int, first: int, notes: dict[int, str] | None = None) -> None:
        """The first tasks of a month, one every second day."""
        tasks = Task.objects.filter(month__number=month).order_by("week__position", "position")[:count]
        for place, task in enumerate(tasks):
            with clock(self.at(first + 2 * place, 18)):
                Completion.objects.tick(self.learners[who], task)
                if notes and place in notes:
                    Completion.objects.note(self.learners[who], task, notes[place])

    def draft(
        self, who: str, work: str, month: int, *files: str, text: str = "", link: str = "", note: str = ""
    ) -> Version:
        """A draft for a deliverable of a month."""
        deliverable = Deliverable.objects.get(month__number=month, text=work)
        submission, _made = Submission.objects.get_or_create(
            learner=self.learners[who], deliverable=deliverable
        )
        version = submission.start_draft()
        version.save_draft(text or version.text, link or version.link, note, version.revision)
        for name in files:
            version.add_file(name.rpartition("/")[2], store.receive([FILES[name]()], MEGABYTE))
        return version

    def hand_in(
        self,
        day: int,
        who: str,
        work: str,
        month: int,
        *files: str,
        text: str = "",
        link: str = "",
        note: str = "",
    ) -> Version:
        with clock(self.at(day, 17)):
            version = self.draft(who, work, month, *files, text=text, link=link, note=note)
            version.submit()
        return version

    def review(
        self,
        day: int,
        mentor: User,
        version: Version,
        verdict: str,
        summary: str,
        *points: tuple[str, str] | tuple[str, str, Place],
    ) -> list[Thread]:
        """A published review; each point is a kind, what is said, and for one about a place, that."""
        with clock(self.at(day, 11)):
            draft = Review.objects.begin(version, mentor)
            threads = [
                Thread.objects.open(version, mentor, Said(body, uuid4(), kind), draft, *place)
                for kind, body, *place in points
            ]
            draft.save_draft(verdict, summary, draft.revision)
            draft.publish(verdict, accept_open=True)
        return threads

    def place(self, version: Version, name: str, **said: str) -> Place:
        """A place in a file of a version, such as `quote="one rename"`."""
        return pointed(version, {"file": str(version.files.get(name=name).uuid), **said})

    def answer(self, day: int, thread: Thread, act: str, body: str) -> None:
        with clock(self.at(day, 16)):
            draft = thread.submission.start_draft()
            thread.answer(thread.submission.learner.user, act, Said(body, uuid4()), draft)

    def confirm(self, day: int, mentor: User, thread: Thread, body: str = "") -> None:
        with clock(self.at(day, 11)):
            thread.confirm(mentor, Said(body, uuid4()))

    def mark(
        self, day: int, who: str, mentor: User, text: str, version: Version, note: str = "", met: bool = True
    ) -> None:
        criterion = Criterion.objects.get(text=text)
        decision = "met" if met else "not_yet"
        with clock(self.at(day, 12)):
            record.mark(self.learners[who], criterion, mentor, decision, note, version=version, seen=10**6)

    def month_07(self, who: str, mentor: User, *, days_late: int = 0, slow: int = 0) -> None:
        """Month 07 from the first tick to the stone; the first review comes so many days slower."""
        self.tick(who, 7, 18, 0)
        late = days_late
        plan = self.hand_in(
            11 + late, who, "Release plan", 7, "release.py", text=RELEASE_PLAN, note="One page, as asked."
        )
        self.review(13 + late + slow, mentor, plan, ACCEPT, "Short and complete. I could release from this.")
        book = self.hand_in(25 + late, who, "Run book", 7, text=RUN_BOOK)
        self.review(26 + late, mentor, book, ACCEPT, "My colleague followed it without a question.")
        self.mark(26 + late, who, mentor, "A release can be undone in minutes", plan)
        self.mark(
            26 + late,
            who,
            mentor,
            "Failures are seen before users report them",
            book,
            "Step 2 names the four numbers.",
        )
        self.mark(26 + late, who, mentor, "Somebody else has run the service from its run book", book)
