"""What a learner is about to say to the threads that must be fixed, with the version that they hand in."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from curriculum.prepared import Prepared
from people.models import User
from people.templatetags.times import erased
from submissions.forms import AnswerForm
from submissions.models import Comment, Said, Submission, Thread, Version
from submissions.models.review import plain_words, rendered_words
from submissions.places import ShownPlace

ACTS = (Comment.Act.FIXED, Comment.Act.DISAGREE)
"""How a learner answers a thread that must be fixed."""


@dataclass
class Answer:
    """A thread, and what the learner is about to say to it."""

    thread: Thread
    asked: SafeString
    """What the mentor wrote, as HTML."""
    act: str = ""
    body: str = ""
    key: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        """What the names of its fields end in."""
        return str(self.thread.uuid)

    @property
    def words(self) -> str:
        """The first words of what the mentor wrote."""
        return Truncator(plain_words(self.thread.asked or "")).words(8)

    @property
    def place(self) -> ShownPlace | None:
        """What it is about, as it was when it was asked; None for the whole of a version."""
        return ShownPlace.of(self.thread.anchor, None, None)

    @property
    def is_due(self) -> bool:
        """Whether there is no handing in without it; other threads are here that a version was taken back from."""
        return self.thread.kind == Thread.Kind.MUST

    def write(self, learner: User, draft: Version) -> None:
        """Raises ValidationError for what cannot be sent."""
        if self.act not in ACTS:
            raise ValidationError(_("Say whether you fixed this, or why you disagree."))
        self.thread.answer(learner, self.act, self.said(), version=draft)

    def said(self) -> Said:
        """Raises ValidationError for words that cannot be kept."""
        form = AnswerForm({"body": self.body, "key": self.key})
        if not form.is_valid():
            raise ValidationError([error for errors in form.errors.values() for error in errors])
        return Said(body=form.cleaned_data["body"], key=form.cleaned_data["key"])

    def kept(self, before: dict[str, str]) -> dict[str, str]:
        """What a draft keeps of it: `before`, with `error` said, where it cannot be kept."""
        try:
            said = self.said()
        except ValidationError as error:
            self.error = " ".join(error.messages)
            return before
        act = self.act if self.act in ACTS else ""
        return {"act": act, "body": said.body} if act or said.body else {}


class Answers:
    """The answers to the threads of a submission that must be fixed and have none.

    Also those to others that were answered in a version which was taken back: the draft has them.
    """

    def __init__(self, submission: Submission, draft: Version | None, typed: QueryDict | None) -> None:
        self.draft, self.typed = draft, typed
        begun = list(draft.answers) if draft else []
        threads = _begun(submission, begun) if begun else _due(submission.pk)
        self.rows = [self._answer(thread) for thread in threads]

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def are_wrong(self) -> bool:
        """Whether something was found wrong with one of them, which it says itself."""
        return any(answer.error for answer in self)

    def kept(self, before: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        """What a draft keeps of them, by their names; of one that cannot be kept, what it had `before`."""
        kept = {answer.name: answer.kept(before.get(answer.name, {})) for answer in self}
        return {name: answer for name, answer in kept.items() if answer}

    def write(self, learner: User, draft: Version) -> None:
        """Raises ValidationError after it has noted at each answer what is wrong with it."""
        for answer in self:
            if not answer.is_due and not answer.act:
                continue
            try:
                answer.write(learner, draft)
            except ValidationError as error:
                answer.error = " ".join(error.messages)
        if self.are_wrong:
            raise ValidationError(
                _("Each point that must be fixed needs your answer before this can be handed in."),
                "unanswered",
            )

    def check(self) -> None:
        """Says at each answer that is due, and was not begun, that it is missing."""
        for answer in self:
            if answer.is_due and not answer.act and not answer.error:
                answer.error = _("Say whether you fixed this, or why you disagree.")

    def _answer(self, thread: Thread) -> Answer:
        asked = rendered_words(erased(thread.asked_erased_at) or thread.asked or "")
        answer = Answer(thread, asked, key=str(uuid4()))
        name = answer.name
        if self.typed is not None and f"answer-{name}" in self.typed:
            answer.act = self.typed.get(f"act-{name}", "")
            answer.body = self.typed.get(f"answer-{name}", "").replace("\r\n", "\n")
            answer.key = self.typed.get(f"key-{name}", "") or answer.key
        elif self.draft:
            kept = self.draft.answers.get(name, {})
            answer.act, answer.body = kept.get("act", ""), kept.get("body", "")
        return answer


@Prepared
def _due(submission: int) -> QuerySet[Thread]:
    threads = Thread.objects.filter(submission=submission).unanswered_must_fix().with_asked()
    return threads.select_related("anchor__file", "anchor__version")


def _begun(submission: Submission, names: list[str]) -> QuerySet[Thread]:
    """Those that are due, and those that a draft has begun to answer, by their public ids."""
    due = Q(pk__in=submission.unanswered_must_fix().values("pk"))
    again = Q(uuid__in=names) & (Q(act=None) | Q(act=Comment.Act.REOPEN))
    threads = Thread.objects.filter(submission=submission).with_state().filter(due | again).with_asked()
    return threads.select_related("anchor__file", "anchor__version")
