"""The talk about a submission as one person sees it."""

import hashlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext

from curriculum.models import Criterion
from curriculum.prepared import Prepared
from people.models import User
from people.templatetags.times import erased
from submissions.called import tell_called
from submissions.models import (
    Anchor,
    Comment,
    Placement,
    Review,
    SavedReply,
    State,
    Submission,
    Thread,
    Version,
)
from submissions.outline import Outline
from submissions.places import ShownPlace
from submissions.saying import CommentForm
from submissions.showing import ShownVersion


class ShownThread:
    """A thread with what the person may do about it."""

    def __init__(self, thread: Thread, talk: "Talk", form: CommentForm | None = None) -> None:
        self.row, self.talk, self.form = thread, talk, form
        self.key = uuid4()
        self.saved: list[SavedReply] | None = None
        """What the person can put into the form, where they asked for it without a script."""

    @cached_property
    def comments(self) -> list[Comment]:
        return self.talk.said[self.row.pk]

    @property
    def first_words(self) -> str:
        """The beginning of what it was opened with, or what stands in its place."""
        first = self.comments[0] if self.comments else None
        return Truncator(first.body).chars(80) or erased(first.erased_at) if first else ""

    @property
    def stamp(self) -> str:
        """Tells one state of it from another, as this person sees it; a page that is open compares it."""
        said = [
            (
                one.pk,
                one.edits,
                one.is_sent,
                one.erased_at,
                one.review_id and one.review and one.review.withdrawn_at,
            )
            for one in self.comments
        ]
        there = self.talk.placements.get(self.row.anchor_id)
        place = there and (there.pk, there.pins)
        told = (said, self.row.state, self.waits, self.acts, self.row.kind, self.row.criterion_id, place)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:12]

    @property
    def is_pickable(self) -> bool:
        """Whether a mentor can settle it together with others."""
        return self.talk.mentoring and ("confirm" in self.acts or "drop" in self.acts)

    @cached_property
    def undoable(self) -> Comment | None:
        """The person's own confirmation or drop that can still be taken back: nothing was said since."""
        last = next((one for one in reversed(self.comments) if one.is_sent), None)
        return last if last and last.may_undo(self.talk.user) else None

    @cached_property
    def acts(self) -> list[str]:
        acts = self.row.acts_for(self.talk.user, mentoring=self.talk.mentoring)
        return [str(act) for act in acts]

    @property
    def is_conceded(self) -> bool:
        """Whether giving it up is how the person agrees: nothing was fixed that could be confirmed."""
        return self.row.act == Comment.Act.DISAGREE and Comment.Act.DROP in self.acts

    @property
    def is_asked(self) -> bool:
        """Whether a learner asks, and waits for no review: an answer is sent at once, unless one is being written."""
        return self.row.review_id is None and self.talk.mentoring and self.talk.draft is None

    @property
    def offer(self) -> dict[str, Any]:
        """What `_reply.html` shows beside whose thread it is, and nothing that anybody wrote."""
        return {
            "acts": tuple(self.acts),
            "kind": self.row.kind,
            "kind_words": self.row.get_kind_display(),
            "state": str(self.row.state),
            "act": self.row.act,
            "waits": self.waits,
            "is_conceded": self.is_conceded,
            "is_sent": self.row.is_sent,
            "may_reply": self.row.is_sent or self.row.author_id != self.talk.user.pk,
            "is_asked": self.is_asked,
            "mentoring": self.talk.mentoring,
            "latest": self.talk.latest.number if self.talk.latest else None,
        }

    @property
    def typed(self) -> str:
        """What the person wrote in a form that was not taken."""
        return self.form["body"].value() or "" if self.form else ""

    @property
    def waits(self) -> bool:
        """Whether it waits for this person: a learner's answer, or a mentor's word about one."""
        if self.row.kind == Thread.Kind.PRAISE or not self.row.is_sent or self.row.is_withdrawn:
            return False
        if self.talk.is_accepted and self.row.kind != Thread.Kind.QUESTION:
            return False
        mine = self.row.author_id == self.talk.user.pk
        question = self.row.kind == Thread.Kind.QUESTION
        if self.row.state == Thread.State.ANSWERED:
            return mine if question else self.talk.mentoring and self.row.kind == Thread.Kind.MUST
        if self.row.state != Thread.State.OPEN:
            return False
        asked_by_mentor = self.row.review_id is not None
        return asked_by_mentor != self.talk.mentoring

    @property
    def tone(self) -> str:
        """The class of its pill."""
        if self.row.state in (Thread.State.CONFIRMED, Thread.State.DROPPED):
            return "done"
        return "mine" if self.waits else "theirs"

    @property
    def pill(self) -> tuple[str, str]:
        """Whose turn it is: the class of its pill and the words in it; two empty texts for none."""
        row = self.row
        if row.is_withdrawn:
            return "empty", gettext("Withdrawn")
        if not row.is_sent:
            return "empty", gettext("Not sent yet")
        if row.kind == Thread.Kind.PRAISE:
            return "", ""
        answered = row.state == Thread.State.ANSWERED and row.kind == Thread.Kind.MUST
        if self.waits and self.talk.mentoring and answered:
            decide = row.act == Comment.Act.DISAGREE
            return "mine", gettext("Disagrees: decide") if decide else gettext("Answered: confirm")
        return self.tone, str(row.state.label)

    @property
    def compared_url(self) -> str:
        """Where the version it was opened on stands beside the newest, at its place; nothing where they are one."""
        asked, latest = self.row.anchor.version, self.talk.latest
        if not (asked.number and latest and latest.number and asked.number < latest.number):
            return ""
        what = f"from={asked.number}&to={latest.number}&thread={self.row.uuid}"
        return f"{self.talk.address}comparison/?{what}#thread-{self.row.uuid}"

    @property
    def is_elsewhere(self) -> bool:
        """Whether it was opened on another version than the one shown."""
        return self.row.anchor.version_id != self.talk.version.pk if self.talk.version else False

    @cached_property
    def place(self) -> ShownPlace | None:
        """Where it is in the version on the screen; None for what is about the whole."""
        return ShownPlace.of(self.row.anchor, self.talk.placements.get(self.row.anchor_id), self.talk.outline)

    @property
    def order(self) -> tuple[float, ...]:
        """What is about the whole first, then by file and place; last what has no place in this version."""
        if self.row.anchor_id not in self.talk.placements:
            return (2,)
        return (1, *self.place.order) if self.place else (0,)


class Talk:
    """All that has been said about a submission, as one person sees it; the queries are few and fixed."""

    def __init__(self, submission: Submission, user: User, version: Version | None = None) -> None:
        """`version`: the one on the screen, by default the newest that was submitted."""
        self.submission, self.user = submission, user
        self.shown = version

    @cached_property
    def mentoring(self) -> bool:
        """Whether the person may review; otherwise it is the learner."""
        return self.submission.learner.is_mentored_by(self.user)

    @property
    def is_open(self) -> bool:
        """Whether the person may say something here: a learner whose membership has ended only reads."""
        return self.mentoring or self.submission.learner.ended_at is None

    @cached_property
    def address(self) -> str:
        """Of the submission's page."""
        return self.submission.get_absolute_url()

    @cached_property
    def is_accepted(self) -> bool:
        """Whether the work was accepted: then no point waits for anybody, though it may still be open."""
        return self.submission.state == State.ACCEPTED

    @cached_property
    def latest(self) -> Version | None:
        return self.submission.versions.filter(submitted_at__isnull=False).order_by("number").last()

    @property
    def version(self) -> Version | None:
        return self.shown or self.latest

    @cached_property
    def draft(self) -> Review | None:
        """The person's draft review."""
        return Review.objects.draft_of(self.user, self.submission) if self.mentoring else None

    @property
    def unsent(self) -> int:
        """Comments in the person's draft review."""
        if self.draft is None:
            return 0
        return sum(
            comment.review_id == self.draft.pk for thread in self.threads for comment in thread.comments
        )

    @cached_property
    def unsettled(self) -> int:
        """Must-fix threads that are neither confirmed nor dropped, those not sent yet included."""
        waits = (Thread.State.OPEN, Thread.State.ANSWERED)
        return sum(
            one.row.kind == Thread.Kind.MUST and not one.row.is_withdrawn and one.row.state in waits
            for one in self.threads
        )

    @property
    def waiting(self) -> int:
        """Threads that wait for this person."""
        return sum(one.waits for one in self.threads)

    @property
    def points(self) -> int:
        """Must-fix threads that need the learner's answer before a new version; none of accepted work."""
        if self.is_accepted:
            return 0
        return sum(
            one.row.kind == Thread.Kind.MUST
            and one.row.is_sent
            and not one.row.is_withdrawn
            and one.row.state == Thread.State.OPEN
            for one in self.threads
        )

    @cached_property
    def criteria(self) -> list[Criterion]:
        """Those that a new thread may name."""
        return _criteria(self.submission.month.pk)

    @cached_property
    def kinds(self) -> list[tuple[str, Any]]:
        return Thread.Kind.choices

    @cached_property
    def versions(self) -> dict[int, Version]:
        """Those of the submission, by primary key; a page that has them already gives them."""
        return {version.pk: version for version in _versions(self.submission.pk)}

    @cached_property
    def reviews(self) -> dict[int, Review]:
        """The same for reviews."""
        return {review.pk: review for review in _reviews(self.submission.pk)}

    @cached_property
    def rows(self) -> list[Thread]:
        """All threads that the person sees."""
        rows = _threads(self.submission.pk, self.user.pk)
        for row in rows:
            share(row, "review", self.reviews)
            share(row.anchor, "version", self.versions)
        return rows

    @cached_property
    def said(self) -> dict[int, list[Comment]]:
        """What the person sees of each thread, by the thread's primary key."""
        said: dict[int, list[Comment]] = {row.pk: [] for row in self.rows}
        for comment in _comments(self.submission.pk, self.user.pk):
            # A thread may have come, or been sent, since its row was sought: the next look shows it.
            if comment.thread_id in said:
                share(comment, "review", self.reviews)
                share(comment, "version", self.versions)
                said[comment.thread_id].append(comment)
        tell_called(self.submission, (comment for comments in said.values() for comment in comments))
        for comments in said.values():
            taken_back = {comment.undoes_id for comment in comments} - {None}
            for comment in comments:
                comment.is_undone = comment.pk in taken_back
        return said

    @cached_property
    def threads(self) -> list[ShownThread]:
        """In the order of the document, and of one place in the order they were opened."""
        return sorted((ShownThread(row, self) for row in self.rows), key=lambda thread: thread.order)

    @cached_property
    def outline(self) -> Outline | None:
        """What can be pointed at; a page that shows the version gives it."""
        return Outline(ShownVersion(self.version)) if self.version else None

    @cached_property
    def placements(self) -> dict[int, Placement]:
        """Where things are in the version on the screen, by the primary key of their anchors."""
        if self.version is None:
            return {}
        found = _placements(self.version.pk)
        for one in found:
            one.version = self.version
        return {one.anchor_id: one for one in found}

    @property
    def has_loose(self) -> bool:
        """Whether a place can be put right by hand."""
        return self.is_open and any(one.place and one.place.is_loose for one in self.threads)

    @property
    def places(self) -> list[dict[str, Any]]:
        """For the page's scripts: where threads are in what is shown."""
        return [
            {"thread": str(one.row.uuid), **one.place.marked}
            for one in self.threads
            if one.place and one.place.is_shown
        ]

    def __iter__(self) -> Iterator[ShownThread]:
        return iter(self.threads)

    @property
    def pickable(self) -> int:
        """Threads that a mentor can settle together."""
        return sum(one.is_pickable for one in self.threads)

    @property
    def undoable(self) -> list[Comment]:
        """The person's own acts of the last minutes that can still be taken back."""
        return [one.undoable for one in self.threads if one.undoable]

    @cached_property
    def saved_replies(self) -> list[SavedReply]:
        """A mentor's own, those that they use most first."""
        return list(SavedReply.objects.of(self.user)) if self.mentoring else []

    def thread(self, uuid: UUID, form: CommentForm | None = None) -> ShownThread:
        """One thread, with a form that was not taken. Raises Thread.DoesNotExist."""
        row = next((row for row in self.rows if row.uuid == uuid), None)
        if row is None:
            raise Thread.DoesNotExist
        return ShownThread(row, self, form)

    @property
    def key(self) -> UUID:
        """For a form that is shown now."""
        return uuid4()


def share(row: Anchor | Thread | Comment, name: str, known: dict[int, Any]) -> None:
    """Gives a row what it refers to from what is known: many refer to the same few, whose texts may be long."""
    found = known.get(getattr(row, f"{name}_id"))
    if found is not None:
        setattr(row, name, found)


@Prepared
def _threads(submission: int, user: int) -> QuerySet[Thread]:
    threads = Thread.objects.filter(submission=submission).shown_to(User(pk=user)).with_state()
    return threads.select_related("author", "criterion", "anchor__file")


@Prepared
def _comments(submission: int, user: int) -> QuerySet[Comment]:
    threads = Thread.objects.filter(submission=submission).shown_to(User(pk=user))
    return Comment.objects.filter(thread__in=threads).shown_to(User(pk=user)).select_related("author")


@Prepared
def _placements(version: int) -> QuerySet[Placement]:
    return Placement.objects.filter(version=version).select_related("file__blob", "by")


@Prepared
def _versions(submission: int) -> QuerySet[Version]:
    return Version.objects.filter(submission=submission)


@Prepared
def _reviews(submission: int) -> QuerySet[Review]:
    return Review.objects.filter(version__submission=submission)


@Prepared
def _criteria(month: int) -> QuerySet[Criterion]:
    return Criterion.objects.filter(month=month, archived_at=None)
