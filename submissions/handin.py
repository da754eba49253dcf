"""Handing in: the draft, what was typed into it, and what the panel says about both."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from people.models import User
from submissions.formats import accepts
from submissions.forms import AnswerForm, DraftForm
from submissions.models import Comment, File, Said, Stale, State, Submission, Thread, Version
from submissions.refusals import Refused
from submissions.showing import rendered_text
from submissions.upload import Arrived

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
        return Truncator(strip_tags(self.asked)).words(8)

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


class HandIn:
    """One learner's hand-in of one submission. Reading it writes nothing: the first save makes the draft.

    `problems` are sentences for the whole panel, `refused` are files that were not taken in, with the reason.
    """

    def __init__(self, submission: Submission, user: User, typed: QueryDict | None = None) -> None:
        self.submission = submission
        self.user = user
        self.typed = typed
        self.problems: list[str] = []
        self.refused: list[tuple[str, str]] = []
        self.stale: Version | None = None
        """The draft as it was saved elsewhere, when what was typed was not saved for that."""
        self.is_saved = False
        self.preview: SafeString | None = None
        """The text as it will be shown, for a page that has no script to ask for it."""

    @cached_property
    def draft(self) -> Version | None:
        return self.submission.versions.drafts().first()

    @cached_property
    def last(self) -> Version | None:
        return self.submission.last_version

    @property
    def is_open(self) -> bool:
        """Whether there is a form to fill in: a draft, or nothing handed in yet."""
        return bool(self.draft or not self.last)

    @cached_property
    def form(self) -> DraftForm:
        if self.typed is not None and "text" in self.typed:
            return DraftForm(self.typed)
        draft = self.draft
        written = {"text": draft.text, "link": draft.link, "note": draft.note} if draft else {}
        return DraftForm(initial=written)

    @property
    def files(self) -> list[File]:
        return list(self.draft.files.select_related("blob")) if self.draft else []

    @cached_property
    def why_kept(self) -> str:
        """Why the last version cannot be taken back; nothing when it can."""
        return str(self.last.why_kept()) if self.last else ""

    @cached_property
    def answers(self) -> list[Answer]:
        """The threads that must be fixed and have no answer, with what was typed for each.

        Also others that were answered in a version which was taken back.
        """
        begun = list(self.draft.answers) if self.draft else []
        due = Q(pk__in=self.submission.unanswered_must_fix().values("pk"))
        again = Q(uuid__in=begun) & (Q(act=None) | Q(act=Comment.Act.REOPEN))
        threads = Thread.objects.filter(submission=self.submission).with_state().filter(due | again)
        return [self._answer(thread) for thread in threads.prefetch_related("comments")]

    @property
    def points(self) -> int:
        """Points that must be fixed and need an answer; none of accepted work."""
        return 0 if self.submission.state == State.ACCEPTED else len(self.answers)

    @property
    def status(self) -> int:
        """Of the answer: 409 when something newer came between, 422 when something was not taken."""
        if self.stale:
            return 409
        is_refused = self.problems or self.refused or any(answer.error for answer in self.answers)
        return 422 if is_refused or (self.form.is_bound and not self.form.is_valid()) else 200

    @property
    def accept(self) -> str:
        """The endings that the file field offers."""
        return accepts()

    @property
    def file_limit(self) -> int:
        """Bytes that one file may have."""
        return settings.FILE_LIMIT

    @property
    def url(self) -> str:
        """The submission's page."""
        return reverse("progress:submission_detail", args=[self.submission.uuid])

    def begin(self) -> Version:
        """The draft, made if there is none."""
        self.draft = self.submission.start_draft()
        return self.draft

    def write(self) -> bool:
        """Saves what was typed, if anything was. False when something newer stands in its way: see `stale`.

        What is sound is saved even where another field is not.
        """
        if self.typed is None or "text" not in self.typed:
            return True
        self.form.is_valid()
        if self.was_handed_in:
            return True
        named = self.form.cleaned_data.get("version")
        draft = self.begin()
        try:
            if named and named != draft.uuid:
                raise Stale(draft)
            kept = {one.name: one.kept(draft.answers.get(one.name, {})) for one in self.answers}
            answers = {name: answer for name, answer in kept.items() if answer}
            draft.save_draft(*self.form.typed(draft), self.form.cleaned_data.get("revision") or 0, answers)
        except Stale as stale:
            # Handed in a moment ago: what was typed meanwhile belongs to the next version.
            self.stale = self.draft = stale.current if stale.current.is_draft else self.begin()
            return False
        self.is_saved = True
        return True

    def add(self, arrived: Iterable[Arrived]) -> None:
        """Takes files into the draft; each that is refused is listed with its reason, the others are kept."""
        files = list(arrived)
        if not files:
            self.refused.append((_("No file"), Refused("no-file").sentence))
        for file in files:
            try:
                if file.refused:
                    raise file.refused
                if file.received:
                    self.begin().add_file(file.name, file.received)
            except Refused as refused:
                self.refused.append((file.name, refused.sentence))
            except Stale:
                self._begin_next(file.name, Refused("handed-in"))

    def remove(self, file: File) -> None:
        """Takes a file out of the draft."""
        try:
            self.begin().remove_file(file)
        except Stale:
            self._begin_next(file.name, Refused("stays"))

    def submit(self) -> bool:
        """Writes the answers and hands the draft in, both or neither. False with the reason in `problems`."""
        draft = self.draft
        if draft is None:
            return self.last is not None
        try:
            with transaction.atomic():
                self._write_answers(draft)
                draft.submit()
        except ValidationError as error:
            self.problems += error.messages
            return False
        return True

    def check_answers(self) -> None:
        """Says at each answer that is due, and was not begun, that it is missing."""
        for answer in self.answers:
            if answer.is_due and not answer.act and not answer.error:
                answer.error = _("Say whether you fixed this, or why you disagree.")

    def _begin_next(self, name: str, refused: Refused) -> None:
        """The draft was handed in while a file of it was changed: there is a next one, and that is said."""
        self.begin()
        self.refused.append((name, refused.sentence))

    def _answer(self, thread: Thread) -> Answer:
        first = next(iter(thread.comments.all()), None)
        asked = rendered_text(first.body if first else "")
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

    def _write_answers(self, draft: Version) -> None:
        """Raises ValidationError after it has noted at each answer what is wrong with it."""
        for answer in self.answers:
            if not answer.is_due and not answer.act:
                continue
            try:
                answer.write(self.user, draft)
            except ValidationError as error:
                answer.error = " ".join(error.messages)
        if any(answer.error for answer in self.answers):
            raise ValidationError(
                _("Each point that must be fixed needs your answer before this can be handed in."),
                "unanswered",
            )

    @cached_property
    def was_handed_in(self) -> bool:
        """Whether exactly this was handed in by an earlier click on the same form."""
        if not self.form.is_bound:
            return False
        self.form.is_valid()
        last = self.last
        named = self.form.cleaned_data.get("version")
        same_form = last is not None and (named == last.uuid if named else self.draft is None)
        return bool(same_form and last and last.says(*self.form.typed(last)))
