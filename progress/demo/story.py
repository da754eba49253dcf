"""What has happened in the demo: six weeks of one cohort, told through the models as people would have done it."""

from datetime import timedelta
from uuid import uuid4

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from curriculum.models import Criterion, Month, Project
from people.models import Invitation, Mail, Notification
from progress import record
from progress.defence import record as record_defence
from progress.demo.people import (
    ACCEPT,
    CHANGES,
    CURRICULUM,
    MUST,
    PRAISE,
    QUESTION,
    SHOULD,
    ZONE,
    People,
    clock,
)
from progress.demo.texts import OVERVIEW, OVERVIEW_MORE, RELEASE_PLAN, SERVICE
from progress.models import Defence
from submissions.models import Comment, Hold, Submission


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


class Story(People):
    """The cohort is in the second week of Month 08 on the day the demo is loaded."""

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
            (
                MUST, "The replay path is in your text, but not in the picture.",
                self.place(flow, "data-flow.png", region="xywh=percent:53.5,24,20.5,52"),
            ),
            (SHOULD, "Name the stores by what they hold."),
            (QUESTION, "Who pays for the cache?"),
        )  # fmt: skip
        pipeline = self.hand_in(
            32,
            "ines",
            "Data pipeline design",
            8,
            "first/data-pipeline.md",
            "feature-age.ipynb",
            note="Sections 1 to 3 are done.",
        )
        point, *_rest = self.review(
            33,
            self.tomas,
            pipeline,
            CHANGES,
            "Strong on the streaming side.",
            (
                MUST,
                "Name what you give up. I would ask about this first at the defence.",
                self.place(pipeline, "data-pipeline.md", quote="We chose one registry over two code bases"),
            ),
            (
                PRAISE,
                "This is the sentence I hope for in every design.",
                self.place(pipeline, "data-pipeline.md", quote="The swap is one rename"),
            ),
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
            place = self.place(
                newest, "data-pipeline.md", quote="A second region: the registry is in one place."
            )
            learner = self.learners["ines"]
            record.claim(learner, criterion, learner.user, "Section 4.", version=newest, place=place)
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
