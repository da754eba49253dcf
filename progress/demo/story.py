"""What has happened in the demo: six weeks of one cohort, told through the models as people would have done it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from curriculum.models import Criterion, Curriculum, Deliverable, Month, Project, Task
from people.models import Cohort, Invitation, Mail, Membership, Notification, User
from progress import record
from progress.defence import record as record_defence
from progress.demo.files import FILES
from progress.models import Completion, Defence
from submissions import store
from submissions.models import Comment, Hold, Review, Submission, Thread, Version
from submissions.models.talk import Said

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


@transaction.atomic
def tell() -> None:
    """The whole story, or nothing of it."""
    call_command(
        "import_curriculum",
        str(CURRICULUM),
        curriculum="ml-practitioner",
        title="ML Practitioner",
        verbosity=0,
    )
    Story(timezone.localdate(timezone=ZONE)).tell()


class Story:
    """The cohort is in the second week of Month 08 on the day the demo is loaded."""

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

    def tell(self) -> None:
        self.people()
        self.ines()
        self.others()
        self.read()
        Invitation.objects.create(cohort=self.cohort, created_by=self.admin)
        Invitation.objects.create(
            cohort=self.cohort,
            email="samira@demo.test",
            name="Samira Osman",
            created_by=self.admin,
            mentor=self.sofia,
        )

    def read(self) -> None:
        """What was told days ago has been seen, and its mails are long gone."""
        Notification.objects.filter(at__lt=timezone.now() - timedelta(days=4)).mark_read()
        Mail.objects.all().delete()

    # People -----------------------------------------------------------------------------------------------
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
            version.add_file(name, store.receive([FILES[name]()], MEGABYTE))
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
        self, day: int, mentor: User, version: Version, verdict: str, summary: str, *points: tuple[str, str]
    ) -> list[Thread]:
        """A published review; each point is a kind and what is said."""
        with clock(self.at(day, 11)):
            draft = Review.objects.begin(version, mentor)
            threads = [
                Thread.objects.open(version, mentor, Said(body, uuid4(), kind), draft)
                for kind, body in points
            ]
            draft.save_draft(verdict, summary, draft.revision)
            draft.publish(verdict, accept_open=True)
        return threads

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

    # Who did what -----------------------------------------------------------------------------------------
    def ines(self) -> None:
        """In the middle of everything: accepted, waiting, her turn, and a draft."""
        self.month_07("ines", self.tomas)
        self.tick(
            "ines", 8, 6, 28 - 3, {1: "Compared two stores and our own table; see the overview, section 3."}
        )
        first = self.hand_in(29, "ines", "Architecture overview document", 8, "overview.docx", text=OVERVIEW)
        point, *_rest = self.review(
            30,
            self.tomas,
            first,
            CHANGES,
            "A good map. One thing is missing.",
            (MUST, "Where does the registry end? Name its contract."),
        )
        self.answer(
            31,
            point,
            Comment.Act.FIXED,
            "Added as section 3: the registry holds the contract, not the model.",
        )
        second = self.hand_in(31, "ines", "Architecture overview document", 8, text=OVERVIEW + OVERVIEW_MORE)
        self.confirm(32, self.tomas, point)
        self.review(
            32,
            self.tomas,
            second,
            ACCEPT,
            "Now it can be argued with. Thank you.",
            (PRAISE, "“The contract, not the model” is the sentence I hope for."),
        )
        self.mark(32, "ines", self.tomas, "Understand system components", second)
        table = self.hand_in(31, "ines", "Component comparison", 8, "comparison.md", "load.csv")
        self.review(33, self.tomas, table, ACCEPT, "Clear, and it says what it would cost to be wrong.")
        project = Project.objects.get(month__number=8)
        chosen = Submission.objects.create(learner=self.learners["ines"], project=project)
        chosen.choose_system(project.ideas.get(text="Fraud detection platform"), "")
        self.ines_this_week()

    def ines_this_week(self) -> None:
        flow = self.hand_in(
            33,
            "ines",
            "Data flow diagram",
            8,
            "data-flow.png",
            "data-flow.svg",
            "pipeline.drawio",
            "serving.mmd",
        )
        self.review(
            34, self.tomas, flow, CHANGES, "The shape is right. Two points before the next version.",
            (MUST, "What happens to an event that arrives twice?"),
            (MUST, "The replay path is in your text, but not in the picture."),
            (SHOULD, "Name the stores by what they hold."),
            (QUESTION, "Who pays for the cache?"),
        )  # fmt: skip
        pipeline = self.hand_in(
            32,
            "ines",
            "Data pipeline design",
            8,
            "data-pipeline.md",
            "feature-age.ipynb",
            note="Sections 1 to 3 are done.",
        )
        point, *_rest = self.review(
            33,
            self.tomas,
            pipeline,
            CHANGES,
            "Strong on the streaming side.",
            (MUST, "Name what you give up. I would ask about this first at the defence."),
            (PRAISE, "The swap is one rename: good."),
        )
        self.answer(
            34, point, Comment.Act.FIXED, "Section 4 says what we give up. A schema change blocks both paths."
        )
        newest = self.hand_in(
            34,
            "ines",
            "Data pipeline design",
            8,
            "data-pipeline.md",
            "scoring.puml",
            "scorer.excalidraw",
            note="Section 4 is new.",
        )
        criterion = Criterion.objects.get(text="Trade-offs are documented")
        with clock(self.at(34, 18)):
            record.claim(
                self.learners["ines"], criterion, self.learners["ines"].user, "Section 4.", version=newest
            )
        self.draft(
            "ines",
            "Serving architecture design",
            8,
            "serving.pdf",
            text="## Still to do\n\n- the second zone\n- what a cold start costs\n",
        )

    def others(self) -> None:
        self.month_07("kwame", self.tomas)
        self.tick("kwame", 8, 4, 28)
        self.hand_in(33, "kwame", "Component comparison", 8, "comparison.md", "load.csv", "notes.txt")
        self.month_07("amira", self.sofia, slow=3)
        self.tick("amira", 8, 5, 26)
        held = self.hand_in(34, "amira", "Serving architecture design", 8, "serving.pdf")
        Hold.objects.take(held.submission, self.sofia)
        self.jonas()
        self.li_na()
        self.marta()
        self.tick("priya", 7, 9, 1)
        self.draft(
            "priya", "Service description", 7, text="# Service\n\nA spam filter for our contact form.\n"
        )
        self.tick("diego", 7, 2, 29)
        self.hand_in(30, "diego", "Service description", 7, text=SERVICE)
        self.month_07("yusuf", self.tomas, slow=1)
        image = self.hand_in(
            32,
            "yusuf",
            "Architecture overview document",
            8,
            link="https://example.org/yusuf/overview",
            note="The page is public.",
        )
        self.review(
            33, self.tomas, image, ACCEPT, "Accepted; for the next one please hand in the text itself."
        )

    def marta(self) -> None:
        """Left in the third week; what she did stays."""
        self.tick("marta", 7, 5, 1)
        plan = self.hand_in(14, "marta", "Release plan", 7, text=RELEASE_PLAN)
        self.review(15, self.sofia, plan, ACCEPT, "Good. I am sorry that you have to go.")
        with clock(self.at(18)):
            self.learners["marta"].end()

    def jonas(self) -> None:
        """Behind the plan, with one criterion met and one not yet."""
        self.tick("jonas", 7, 11, 2)
        plan = self.hand_in(20, "jonas", "Release plan", 7, text=RELEASE_PLAN)
        self.review(23, self.tomas, plan, ACCEPT, "Good.")
        self.mark(23, "jonas", self.tomas, "A release can be undone in minutes", plan)
        book = self.hand_in(29, "jonas", "Run book", 7, text="Restart it.\n")
        self.review(
            31,
            self.tomas,
            book,
            CHANGES,
            "Imagine you are on holiday.",
            (MUST, "Write the three likeliest failures, each with its first step."),
        )
        self.mark(
            31,
            "jonas",
            self.tomas,
            "Somebody else has run the service from its run book",
            book,
            "Nobody could, from one line.",
            met=False,
        )

    def li_na(self) -> None:
        """Ahead of the plan: Month 08 is complete, with a defence."""
        self.month_07("lina", self.sofia, days_late=-8)
        self.tick("lina", 8, 16, 1)
        lina = self.learners["lina"]
        design = self.hand_in(
            29, "lina", "System design document", 8, "data-pipeline.md", "serving.pdf", "data-flow.png"
        )
        self.review(30, self.sofia, design, ACCEPT, "Complete, and honest about its costs.")
        for text in (
            "Understand system components",
            "Can design end-to-end systems",
            "Trade-offs are documented",
        ):
            self.mark(30, "lina", self.sofia, text, design)
        with clock(self.at(32, 15)):
            defence = record_defence(
                lina,
                Month.objects.get(number=8),
                self.sofia,
                at=self.at(32, 14),
                minutes=45,
                present=[lina.user, self.sofia, self.tomas],
                versions=[design],
                outcome=Defence.Outcome.PASSED,
                note="Defended the single region well.",
                key=uuid4(),
            )
            criterion = Criterion.objects.get(text="Design is defensible")
            record.mark(lina, criterion, self.sofia, "met", "", defence=defence, seen=10**6)


SERVICE = """# Service

It answers one question: is this message spam? 40 requests a second at noon, one every minute at night.
"""
RELEASE_PLAN = """# Release plan

1. One percent of the traffic for ten minutes.
2. Ten percent for half an hour, then half.
3. Back to the version before: one command, 40 seconds when we tried it.
"""
RUN_BOOK = """# Run book

## When answers are slow
Look at the queue first; then restart the scorer.

## The four numbers
Requests, errors, delay, age of the features.
"""
OVERVIEW = """# Architecture overview

## 1 Components
Feature store, model registry, scorer, monitor.

## 2 Who talks to whom
The scorer asks the store; nobody asks the scorer twice for one event.
"""
OVERVIEW_MORE = """
## 3 The registry
The registry holds the contract, not the model: names and types of what goes in and out, and who promised it.
"""
