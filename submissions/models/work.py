"""Submissions: what a learner works on, and whose turn it is.

A submission's state is derived from its rows, never set: see `Submission.state`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from curriculum.models import Deliverable, Idea, Month, Project
from curriculum.prepared import Prepared
from people.models import Absence, Cohort, Membership, Notification, User

if TYPE_CHECKING:
    from submissions.models.hold import Hold
    from submissions.models.talk import ThreadQuerySet
    from submissions.models.version import Version


COHORTS = 8
"""A query that is kept has places for so many cohorts, or a multiple of that; of a mentor with more, much of all that
waits is theirs, and is found along the queue."""
PATIENCE = 7
"""Days after which work waits too long where the cohort says nothing of review days."""


class State(models.TextChoices):
    """Whose turn it is."""

    NONE = "none", _("Not started")
    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waiting for review")
    CHANGES = "changes", _("Changes requested")
    ACCEPTED = "accepted", _("Accepted")


def padded(cohorts: list[int]) -> list[int]:
    """Primary keys of cohorts, with keys of none up to the places that a kept query has."""
    return cohorts + [0] * (-len(cohorts) % COHORTS)


def answering() -> "list[tuple[models.QuerySet[Any], str, models.QuerySet[Absence]]]":
    """Where it stands who answers a submission, what counts more first: rows about the outer submission, their column
    with the mentor, and that mentor's absence, which needs no query where nobody is away.
    """
    from submissions.models.review import Review  # noqa: PLC0415 (that module imports this one)

    mentors = Membership.objects.current().mentors()
    still = mentors.filter(user=OuterRef("mentor"), cohort=OuterRef("version__submission__learner__cohort"))
    reviews = Review.objects.counted().filter(Exists(still), version__submission=OuterRef("pk"))
    own = mentors.filter(user=OuterRef("learner__mentor"), cohort=OuterRef("learner__cohort"))
    away = Absence.objects.running().order_by("-first")
    return [
        (
            reviews.order_by("-published_at"),
            "mentor",
            away.filter(
                membership__user=OuterRef("mentor"),
                membership__cohort=OuterRef("version__submission__learner__cohort"),
            ),
        ),
        (own.order_by("pk"), "user", away.filter(membership=OuterRef("pk"))),
    ]


@dataclass(frozen=True)
class Turn:
    """The mentor whose turn it is, by name."""

    name: str
    absent: str = ""
    """For whom they stand in."""
    until: date | None = None
    """The last day on which they do."""

    @classmethod
    def of(cls, submission: "Submission") -> "Turn | None":
        """Whose turn it is, or would be; None for nobody's. Needs the annotation of `with_turn_told`."""
        told: dict[str, str | None] | None = submission.turn_told
        if told is None or told["usual"] is None:
            return None
        if told["stand_in"] is None or told["until"] is None:
            return cls(told["usual"])
        return cls(told["stand_in"], told["usual"], date.fromisoformat(told["until"]))

    @property
    def short(self) -> "Turn":
        """The same with first names alone."""
        return Turn(self.name.split(" ")[0], self.absent.split(" ")[0], self.until)

    @property
    def words(self) -> str:
        """Such as "With Sofia Marques (for Tomas Lindqvist, until 5 December)"."""
        return gettext("With %(name)s") % {"name": self.name} + (f" ({self.instead})" if self.instead else "")

    @property
    def instead(self) -> str:
        """Such as "for Tomas Lindqvist, until 5 December"; nothing for who stands in for nobody."""
        if self.until is None:
            return ""
        said = gettext("for %(absent)s, until %(day)s")
        return said % {"absent": self.absent, "day": date_format(self.until, "j F")}


class SubmissionQuerySet(models.QuerySet["Submission"]):
    """Submissions."""

    def visible_to(self, user: User) -> "SubmissionQuerySet":
        """The user's own, and those of learners in cohorts that the user mentors now."""
        return self.filter(learner__in=Membership.objects.visible_to(user))

    def of_month(self, month_id: int) -> "SubmissionQuerySet":
        """Work on a deliverable or a project of the month."""
        return self.filter(Q(deliverable__month=month_id) | Q(project__month=month_id))

    def with_state(self) -> "SubmissionQuerySet":
        """Adds what `Submission.state` derives from, so that a list costs one query.

        `last_number` (None without a submitted version), `waiting_since`, `verdict` (of the newest published
        review of the last version that decides), `has_draft`.
        """
        from submissions.models.review import Review  # noqa: PLC0415 (these two import this module)
        from submissions.models.version import Version  # noqa: PLC0415

        submitted = Version.objects.filter(submission=OuterRef("pk"), submitted_at__isnull=False).order_by(
            "-number"
        )
        deciding = (
            Review.objects.counted()
            .filter(version__submission=OuterRef("pk"), version__number=OuterRef("last_number"))
            .exclude(verdict=Review.Verdict.COMMENT)
            .order_by("-published_at")
        )
        return self.annotate(
            last_number=Subquery(submitted.values("number")[:1]),
            waiting_since=Subquery(submitted.values("submitted_at")[:1]),
            has_draft=Exists(Version.objects.filter(submission=OuterRef("pk"), submitted_at=None)),
        ).annotate(verdict=Subquery(deciding.values("verdict")[:1]))

    def requeue(self) -> None:
        """Puts into the queue what waits for a review, and takes out what does not, by its rows as they are now.

        Work waits while its last submitted version has no review that decides, since that version came. Whatever hands
        in, decides or takes either back calls this with the submission locked.
        """
        from submissions.models.review import Review  # noqa: PLC0415 (these two import this module)
        from submissions.models.version import Version  # noqa: PLC0415

        deciding = Review.objects.counted().filter(version=OuterRef("pk"))
        last = Version.objects.submitted().filter(submission=OuterRef("pk")).order_by("-number")
        since = Case(
            When(Exists(deciding.exclude(verdict=Review.Verdict.COMMENT)), then=None),
            default=F("submitted_at"),
        )
        self.update(queued_at=Subquery(last.values_list(since)[:1]))

    def with_turn(self) -> "SubmissionQuerySet":
        """Adds `turn_of`: the primary key of the mentor to whom a new version goes, None for nobody.

        Who reviewed last; before the first review, and when that mentor has left, the learner's own mentor. While that
        one is away, who stands in.
        """
        whose = [
            rows.values_list(
                Coalesce(
                    Subquery(away.values("stand_in")[:1]), F(mentor), output_field=models.BigIntegerField()
                )
            )[:1]
            for rows, mentor, away in answering()
        ]
        return self.annotate(
            turn_of=Coalesce(*(Subquery(rows) for rows in whose), output_field=models.BigIntegerField())
        )

    def with_turn_told(self) -> "SubmissionQuerySet":
        """Adds `turn_told`: the same for people to read, see `Turn`."""
        return self.annotate(
            turn_told=Coalesce(
                *(
                    Subquery(
                        rows.values_list(
                            JSONObject(
                                usual=f"{mentor}__name",
                                stand_in=Subquery(away.values("stand_in__name")[:1]),
                                until=Subquery(away.values("last")[:1]),
                            )
                        )[:1]
                    )
                    for rows, mentor, away in answering()
                ),
                output_field=models.JSONField(),
            )
        )

    def waiting(self) -> "SubmissionQuerySet":
        """All that waits for a mentor; work of people who have left waits no more."""
        return self.filter(queued_at__isnull=False, learner__ended_at=None, learner__user__is_active=True)

    def queued(self) -> "SubmissionQuerySet":
        """All that waits for a mentor, with `turn_of`, `last_number` and `waiting_since`."""
        from submissions.models.version import Version  # noqa: PLC0415 (that module imports this one)

        last = Version.objects.submitted().filter(submission=OuterRef("pk")).order_by("-number")
        return (
            self.waiting()
            .annotate(last_number=Subquery(last.values("number")[:1]), waiting_since=F("queued_at"))
            .with_turn()
        )

    def overdue(self) -> "SubmissionQuerySet":
        """What waits longer than its cohort promises; where a cohort promises nothing, longer than `PATIENCE` days.

        Two queries beside its own, for the cohorts and their pauses.
        """
        late = Q(pk__in=[])
        for cohort in Cohort.objects.running().prefetch_related("pauses"):
            late |= Q(learner__cohort=cohort, waiting_since__lt=cohort.late_before(PATIENCE))
        return self.queued().filter(late)

    def waiting_for(self, mentor: User) -> "SubmissionQuerySet":
        """What waits for a mentor on the desk: theirs first, then the rest of their cohorts', oldest first.

        Beside `with_state`: `turn_of`; `mine`, whether it is this mentor's turn; `begun`, whether they have a
        draft review on it. Comes with learner, cohort, month and hold.
        """
        cohorts = Membership.objects.current().mentors().filter(user=mentor).values("cohort")
        found = self.filter(learner__cohort__in=cohorts).exclude(learner__user=mentor).queued()
        mine = Case(When(turn_of=mentor.pk, then=True), default=False)
        rows = found.for_desk(mentor).annotate(mine=mine)
        return rows.order_by(F("mine").desc(), F("waiting_since").asc(), "pk")

    def for_desk(self, mentor: User) -> "SubmissionQuerySet":
        """With what a line of the desk names, and `begun`: whether the mentor has a draft review on it."""
        from submissions.models.review import Review  # noqa: PLC0415

        begun = Review.objects.drafts().filter(mentor=mentor, version__submission=OuterRef("pk"))
        return self.annotate(begun=Exists(begun)).select_related(
            "learner__user", "learner__cohort", "deliverable__month", "project__month", "hold__mentor"
        )


class Submission(models.Model):
    """One learner's work on one deliverable or project: all its versions and talk."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    learner = models.ForeignKey(
        Membership, models.PROTECT, related_name="submissions", verbose_name=_("learner")
    )
    deliverable = models.ForeignKey(
        Deliverable,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="submissions",
        verbose_name=_("deliverable"),
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="submissions", verbose_name=_("project")
    )
    idea = models.ForeignKey(
        Idea, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("idea")
    )
    """The idea chosen for a project, if it is one of the month's."""
    system = models.CharField(_("system"), max_length=500, blank=True)
    """The system chosen for a project, in the learner's own sentence."""
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    queued_at = models.DateTimeField(null=True, blank=True, editable=False)
    """Since when it waits for a review, as `requeue` finds it; None while it does not."""

    if TYPE_CHECKING:
        seen: str

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints = [
            models.CheckConstraint(
                condition=Q(deliverable=None, project__isnull=False)
                | Q(deliverable__isnull=False, project=None),
                name="submission_for_deliverable_or_project",
            ),
            models.CheckConstraint(
                condition=Q(project__isnull=False) | Q(idea=None, system=""), name="system_of_projects_only"
            ),
            models.UniqueConstraint(
                fields=["learner", "deliverable"], name="submission_once_for_deliverable"
            ),
            models.UniqueConstraint(fields=["learner", "project"], name="submission_once_for_project"),
        ]
        indexes = [
            models.Index(
                fields=["queued_at", "id"], condition=Q(queued_at__isnull=False), name="submission_queue"
            )
        ]

    if TYPE_CHECKING:
        last_number: int | None
        waiting_since: Any
        verdict: str | None
        has_draft: bool
        turn_of: int | None
        turn_told: dict[str, str | None] | None
        mine: bool
        begun: bool
        hold: "Hold"

    def __str__(self) -> str:
        return str(self.subject)

    def get_absolute_url(self) -> str:
        return reverse("progress:submission_detail", args=[self.uuid])

    @property
    def subject(self) -> Deliverable | Project:
        """What the work is for."""
        subject = self.deliverable or self.project
        if subject is None:
            raise ValueError("the database allows no submission without a subject")
        return subject

    @property
    def month(self) -> Month:
        return self.subject.month

    def lock(self) -> "Submission":
        """Its row, taken until the transaction ends: people submit, review and speak one after another."""
        Submission.objects.select_for_update(no_key=True).get(pk=self.pk)
        # Read when the row is there: what is joined while it is waited for is from before the wait.
        return Submission.objects.select_related("learner").get(pk=self.pk)

    def requeue(self) -> None:
        """As `SubmissionQuerySet.requeue`; within the transaction of `lock`."""
        Submission.objects.filter(pk=self.pk).requeue()

    def answerers(self) -> list[User]:
        """Who is told of what waits here: the mentor whose turn it is, else those who answer this learner."""
        turn_of = Submission.objects.with_turn().get(pk=self.pk).turn_of
        return list(User.objects.filter(pk=turn_of)) if turn_of else self.learner.answerers()

    def tell(self, people: Iterable[User], kind: str, actor: User, url: str = "") -> None:
        """Tells people what happened here. `url`: where exactly it can be seen, by default on the page as a whole."""
        facts = {
            "learner": self.learner,
            "what": str(self.subject),
            "about": self.uuid,
            "url": url or self.get_absolute_url(),
        }
        Notification.objects.tell(people, kind, actor=actor, **facts)

    def settle(self, *kinds: str) -> None:
        """What waited here does so no more."""
        Notification.objects.settle(self.learner, self.uuid, *kinds)

    def require_mentor(self, user: User) -> None:
        """Raises PermissionDenied unless the user mentors the learner's cohort now and is not the learner."""
        if not self.learner.is_mentored_by(user):
            raise PermissionDenied

    @property
    def running_hold(self) -> "Hold | None":
        """The hold that means something now."""
        hold: Hold | None = getattr(self, "hold", None)
        return hold if hold and hold.is_running else None

    def ahead(self) -> int:
        """How many wait before this one for the same mentor; for the same cohort where it is nobody's turn.

        Needs the annotations of `with_state` and `with_turn`.
        """
        cohorts = _mentored(self.turn_of) if self.turn_of else [self.learner.cohort_id]
        # It can be this mentor's turn only there. By their keys: a database that has to find them itself first asks
        # of all work whose turn it is, which costs most of the time.
        place = self.turn_of, self.waiting_since, self.pk
        return sum(found for (found,) in _ahead(*place, *padded(cohorts)))

    def unanswered_must_fix(self) -> "ThreadQuerySet":
        """The must-fix threads that need an answer before a new version can be submitted."""
        from submissions.models.talk import Thread  # noqa: PLC0415 (that module imports this one)

        return Thread.objects.filter(submission=self).unanswered_must_fix()

    @cached_property
    def state(self) -> State:
        """Whose turn it is. Reads the annotations of `with_state`; asks for them where they are missing."""
        from submissions.models.review import Review  # noqa: PLC0415

        row = self if hasattr(self, "has_draft") else Submission.objects.with_state().get(pk=self.pk)
        if row.last_number is None:
            return State.DRAFT if row.has_draft else State.NONE
        if row.verdict == Review.Verdict.ACCEPT:
            return State.ACCEPTED
        if row.verdict == Review.Verdict.CHANGES:
            return State.CHANGES
        return State.WAITING

    @property
    def last_version(self) -> "Version | None":
        """The newest version that was handed in."""
        return self.versions.submitted().order_by("-number").first()

    def start_draft(self) -> "Version":
        """The draft; a new one starts from the last version: its text, its link and its files.

        The note is left out, for it was about that version. Raises PermissionDenied for a membership that has ended.
        """
        if draft := self.versions.drafts().first():
            return draft
        with transaction.atomic():
            self.lock().learner.require_running()
            if draft := self.versions.drafts().first():
                return draft
            last = self.last_version
            draft = self.versions.create(text=last.text if last else "", link=last.link if last else "")
            for file in last.files.filter(erased_at=None) if last else []:
                file.pk = None
                file.uuid = uuid4()
                file.version = draft
                file.save(force_insert=True)
        return draft

    def choose_system(self, idea: Idea | None, system: str) -> None:
        """What a learner builds in the project: one of the month's ideas, or a system in their own words."""
        with transaction.atomic():
            self.lock().learner.require_running()
            self.idea = idea
            self.system = "" if idea else system
            self.save(update_fields=["idea", "system"])


@Prepared
def _mentored(user: int) -> models.QuerySet[Membership, int]:
    rows = Membership.objects.current().mentors().filter(user=user)
    return rows.order_by("cohort").values_list("cohort", flat=True)


@Prepared
def _ahead(turn_of: int | None, since: datetime, key: int, *cohorts: int) -> models.QuerySet[Any, tuple[int]]:
    """How many of these cohorts' works wait for the same mentor since earlier; no row for none."""
    rows = Submission.objects.filter(learner__cohort__in=cohorts).queued().filter(Q(turn_of=turn_of))
    found = rows.filter(Q(waiting_since__lt=since) | Q(waiting_since=since, pk__lt=key)).order_by()
    return found.values(all=Value(1)).annotate(count=Count("pk")).values_list("count")
