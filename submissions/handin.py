"""Handing in: the draft, what was typed into it, and what the panel says about both."""

from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from people.models import User
from submissions.answers import Answers
from submissions.formats import accepts
from submissions.forms import DraftForm
from submissions.models import File, Stale, State, Submission, Version
from submissions.models.version import WHY_KEPT
from submissions.refusals import Refused
from submissions.upload import Arrived

SAID = ("discussed", "asked", "claimed", "altered")
"""Why a version stays, where the page does not show that anyway."""


class HandIn:
    """One learner's hand-in of one submission. Reading it writes nothing: the first save makes the draft.

    `problems` are sentences for the whole panel, `refused` are files that were not taken in, with the reason.
    """

    def __init__(self, submission: Submission, user: User, typed: QueryDict | None = None) -> None:
        self.submission = submission
        self.user = user
        self.typed = typed
        self.problems: list[str] = []
        self.removed = ""
        """The name of a file that was taken out of the draft just now."""
        self.refused: list[tuple[str, str]] = []
        self.stale: Version | None = None
        """The draft as it was saved elsewhere, when what was typed was not saved for that."""
        self.is_next = False
        """Whether what was typed belongs to the next version, because this one was handed in elsewhere."""
        self.is_saved = False
        self.preview: SafeString | None = None
        """The text as it will be shown, for a page that has no script to ask for it."""

    @cached_property
    def draft(self) -> Version | None:
        """Without a query where the submission is known to have none."""
        if not getattr(self.submission, "has_draft", True):
            return None
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
    def is_kept(self) -> bool:
        """Whether the last version cannot be taken back."""
        return bool(self.last and self.last.kept_for)

    @property
    def why_kept(self) -> str:
        """Why it cannot, where the page does not show that anyway: something was said, named or erased."""
        reason = self.last.kept_for if self.last else ""
        return str(WHY_KEPT[reason]) if reason in SAID else ""

    @cached_property
    def answers(self) -> Answers:
        """What there is to say to the threads that must be fixed."""
        return Answers(self.submission, self.draft, self.typed)

    @property
    def points(self) -> int:
        """Points that must be fixed and need an answer; none of accepted work."""
        return 0 if self.submission.state == State.ACCEPTED else len(self.answers)

    @property
    def status(self) -> int:
        """Of the answer: 409 when something newer came between, 422 when something was not taken."""
        if self.stale:
            return 409
        is_refused = self.problems or self.refused or self.answers.are_wrong
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
            answers = self.answers.kept(draft.answers)
            draft.save_draft(*self.form.typed(draft), self.form.cleaned_data.get("revision") or 0, answers)
        except Stale as stale:
            # Handed in a moment ago: what was typed meanwhile belongs to the next version.
            self.is_next = not stale.current.is_draft
            self.stale = self.draft = self.begin() if self.is_next else stale.current
            return False
        self.is_saved = True
        return True

    def take(self, arrived: Iterable[Arrived]) -> None:
        """Takes files into the draft; each that is refused is listed with its reason, the others are kept.

        None where exactly this was handed in already, with them.
        """
        for file in () if self.was_handed_in else arrived:
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
            self.removed = file.name
        except Stale:
            self._begin_next(file.name, Refused("stays"))

    def submit(self) -> bool:
        """Writes the answers and hands the draft in, both or neither. False with the reason in `problems`."""
        draft = self.draft
        if draft is None:
            return self.last is not None
        try:
            with transaction.atomic():
                self.answers.write(self.user, draft)
                draft.submit()
        except ValidationError as error:
            self.problems += error.messages
            return False
        return True

    def _begin_next(self, name: str, refused: Refused) -> None:
        """The draft was handed in while a file of it was changed: there is a next one, and that is said."""
        self.begin()
        self.refused.append((name, refused.sentence))

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
