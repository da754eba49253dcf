"""One thread as one person sees it: what it says, whose turn it is in it, and what they may do about it."""

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.utils.text import Truncator
from django.utils.translation import gettext

from people.templatetags.times import age, erased
from submissions.memory import told
from submissions.models import Comment, SavedReply, Thread
from submissions.models.review import plain_words
from submissions.places import ShownPlace
from submissions.saying import CommentForm

if TYPE_CHECKING:
    from submissions.talk import Talk


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
        return Truncator(plain_words(first.body)).chars(80) or erased(first.erased_at) if first else ""

    @property
    def uuid(self) -> UUID:
        return self.row.uuid

    @property
    def kind_words(self) -> str:
        return self.row.get_kind_display()

    @property
    def is_sent(self) -> bool:
        return self.row.is_sent

    @property
    def href(self) -> str:
        """Its place on the page that shows it."""
        return f"#thread-{self.row.uuid}"

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
        state = (said, self.row.state, self.waits, self.acts, self.row.kind, self.row.criterion_id, place)
        return hashlib.sha256(repr(state).encode()).hexdigest()[:12]

    @property
    def sight(self) -> tuple[Any, ...] | None:
        """All that its drawing depends on: the rows, names, and how old they are; None for what is drawn each time.

        That is what is not sent yet, and what has a form that was not taken.
        """
        row, talk = self.row, self.talk
        placement = talk.placements.get(row.anchor_id)
        if self.form is not None or not all(one.is_sent for one in self.comments):
            return None
        return (
            talk.sight,
            told(row, "act", "last_author", "has_newer"),
            str(row.author),
            row.criterion and str(row.criterion),
            row.review and (row.review.published_at, row.review.withdrawn_at),
            told(row.anchor),
            row.anchor.version.number,
            told(row.anchor.file),
            told(placement),
            placement and (placement.by and str(placement.by), told(placement.file)),
            self.undoable is not None,
            *[
                (
                    told(one, "is_undone"),
                    tuple((person.pk, str(person)) for person in one.called),
                    str(one.author),
                    age(one.sent_at, talk.now),
                    one.review and one.review.withdrawn_at,
                    one.version and one.version.number,
                )
                for one in self.comments
            ],
        )

    @property
    def is_pickable(self) -> bool:
        """Whether a mentor can settle it together with others."""
        return self.talk.mentoring and ("confirm" in self.acts or "drop" in self.acts)

    @cached_property
    def undoable(self) -> Comment | None:
        """The person's own confirmation or drop that can still be taken back: nothing was said or decided since."""
        last = next((one for one in reversed(self.comments) if one.is_sent), None)
        if last is None or not last.may_undo(self.talk.user):
            return None
        decided = self.talk.decided_at
        return last if decided is None or decided < last.created_at else None

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
    def is_open(self) -> bool:
        """Whether it is not settled; praise asks nothing, and what was withdrawn no more."""
        settled = self.row.state in (Thread.State.CONFIRMED, Thread.State.DROPPED)
        return not settled and not self.row.is_withdrawn and self.row.kind != Thread.Kind.PRAISE

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
        if row.kind == Thread.Kind.QUESTION and row.state == Thread.State.DROPPED:
            return self.tone, gettext("Closed")
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

    @property
    def is_movable(self) -> bool:
        """Whether it is the person's own, not sent yet, and on the version that is shown: then it is put anywhere."""
        return not self.row.is_sent and self.row.author_id == self.talk.user.pk and not self.is_elsewhere

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
