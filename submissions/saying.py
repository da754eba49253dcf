"""The forms of what people say about a submission: a new thread, a reply, an act, other words."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from curriculum.models import Criterion
from submissions.models import Comment, Said, Submission, Thread

WORDS = {
    "required": _("Write something first."),
    "max_length": _("This text is too long: at most %(limit_value)s characters. It has %(show_value)s."),
}


def words_field(**options: Any) -> forms.CharField:
    """A text as people type it, in Markdown."""
    return forms.CharField(max_length=settings.TEXT_LIMIT, error_messages=WORDS, **options)


def place_field() -> forms.CharField:
    """Something that a form says of a place; a passage is checked against the text, so nothing else is asked of it."""
    return forms.CharField(required=False, strip=False)


class CommentForm(forms.Form):
    """A reply or an act: `do` says which."""

    DOING = [("reply", _("Reply")), ("now", _("Send now")), *Comment.Act.choices[:-1]]

    body = words_field(required=False)
    do = forms.ChoiceField(choices=DOING)
    key = forms.UUIDField()
    latest = forms.IntegerField(min_value=1, required=False)
    """The number of the newest version that the page knew of: what a new draft review is about."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("do") in ("reply", "now") and not self.errors and not data.get("body"):
            self.add_error("body", WORDS["required"])
        return data

    def said(self) -> Said:
        return Said(self.cleaned_data["body"], self.cleaned_data["key"])


class KindForm(forms.Form):
    """What a thread is: its kind, and the criterion it bears on. A learner's form has neither."""

    kind = forms.ChoiceField(choices=Thread.Kind.choices, required=False)
    criterion = forms.ModelChoiceField(Criterion.objects.none(), to_field_name="uuid", required=False)

    def __init__(self, data: Any, submission: Submission, thread: Thread | None = None) -> None:
        super().__init__(data)
        live = Q(month=submission.month, archived_at=None)
        criterion = self.fields["criterion"]
        if isinstance(criterion, forms.ModelChoiceField):
            kept = Q(pk=thread.criterion_id) if thread else Q()
            criterion.queryset = Criterion.objects.filter(live | kept)


class ThreadForm(KindForm):
    """A new thread."""

    body = words_field()
    key = forms.UUIDField()
    version = forms.IntegerField(min_value=1)
    """The number of the version on the screen."""
    latest = forms.IntegerField(min_value=1)
    """The number of the newest version that the page knew of: what a new draft review is about."""

    # What it is about, as `submissions.pointing` reads it; all of it empty for the whole version.
    file = place_field()
    quote = place_field()
    start = place_field()
    page = place_field()
    region = place_field()
    part = place_field()
    line = place_field()
    about = place_field()

    @property
    def place_fields(self) -> list[tuple[str, forms.BoundField]]:
        """Those that a script fills in, which the form keeps when something is refused."""
        return [(name, self[name]) for name in ("file", "quote", "start", "page", "region", "part")]

    def said(self) -> Said:
        data = self.cleaned_data
        return Said(data["body"], data["key"], data["kind"] or Thread.Kind.QUESTION, data["criterion"])


class ChangeForm(KindForm):
    """Other words for a comment that is not sent yet; for one that opens a thread also its kind and criterion."""

    body = words_field()
    seen = forms.CharField(required=False)
    """The `Comment.state_digest` of the words that the form was made from."""
