"""What may be typed about a learner's progress."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from curriculum.admin.intake import FilesField, FilesInput, KeptField
from curriculum.models import Month
from people.models import Membership, User
from progress.evidence import in_words
from progress.fork.files import NOTE_LIMIT, ZIP_LIMIT
from progress.models import Defence, Entry
from submissions.models import Version


class CompletionForm(forms.Form):
    """The state a task is to be in."""

    done = forms.ChoiceField(choices=[("yes", _("done")), ("no", _("not done"))])


class LookForm(forms.Form):
    """The edition up to which a month was seen."""

    edition = forms.UUIDField()


class ForkFilesField(FilesField):
    """Files of a fork, each read up to a byte more than any may have: one that is too large is refused by itself."""

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, bytes]]:
        return [(one.name, one.read(ZIP_LIMIT + 1)) for one in data or []]


class ForkForm(forms.Form):
    """The files of a fork: chosen now, or kept by the page since the first step."""

    markdown = ForkFilesField(
        label=_("Files of your copy"),
        required=False,
        widget=FilesInput(attrs={"accept": ".md,.markdown,text/markdown,.zip,application/zip"}),
        help_text=_("One README.md, several at once, or a zip of all of them."),
    )
    kept = KeptField(required=False)

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.brought:
            self.add_error("markdown", _("Choose one file or more."))
        return self.cleaned_data

    @property
    def brought(self) -> list[tuple[str, bytes]]:
        """The files that are meant, each with its name: those that were chosen now stand for those that were kept."""
        return self.cleaned_data["markdown"] or self.cleaned_data["kept"]


class NoteForm(forms.Form):
    """A note beside a tick."""

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=NOTE_LIMIT,
        widget=forms.Textarea,
        error_messages={
            "max_length": _(
                "This note has %(show_value)s characters and was not saved; at most %(limit_value)s are kept."
            )
        },
    )
    seen = forms.CharField(required=False, max_length=64)
    """The `print_of` the note that the form was made with; empty where there was none."""

    def refuse(self, other: str) -> None:
        """There is another note by now."""
        said = _("This note was changed in another window meanwhile: “%(note)s” Save again to keep yours.")
        self.add_error("note", ValidationError(said, params={"note": other}))


class ClaimForm(forms.Form):
    """Why a learner thinks that a criterion is met. `evidence` is a value of `progress.evidence.choices`."""

    note = forms.CharField(required=False, max_length=settings.TEXT_LIMIT, widget=forms.Textarea)
    evidence = forms.CharField(required=False, max_length=200)


class MarkForm(ClaimForm):
    """A mentor's decision on a criterion. `seen`: the number of the last entry about it on their page."""

    decision = forms.ChoiceField(
        choices=Entry.Decision.choices, error_messages={"required": _("Choose a decision.")}
    )
    seen = forms.IntegerField(min_value=0)


class DefenceForm(forms.Form):
    """A defence that took place. Times are in the mentor's zone."""

    at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=600)
    present = forms.ModelMultipleChoiceField(
        label=_("Who was present"),
        queryset=User.objects.none(),
        to_field_name="uuid",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose who was present.")},
    )
    versions = forms.ModelMultipleChoiceField(
        label=_("Which work was defended"),
        queryset=Version.objects.none(),
        to_field_name="uuid",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Defence.Outcome.choices, widget=forms.RadioSelect)
    corrections_by = forms.DateField(
        label=_("Corrections by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Only for “Passed with corrections”."),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=settings.TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, learner: Membership, month: Month, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = Membership.objects.current().mentors().filter(cohort=learner.cohort_id)
        people = User.objects.filter(Q(pk=learner.user_id) | Q(memberships__in=current)).distinct()
        of_month = Q(submission__deliverable__month=month) | Q(submission__project__month=month)
        work = Version.objects.submitted().filter(of_month, submission__learner=learner)
        self.fields["present"].queryset = people  # type: ignore[attr-defined]  # as Django documents it
        versions = work.select_related("submission__deliverable", "submission__project")
        self.fields["versions"].queryset = versions  # type: ignore[attr-defined]
        self.fields["versions"].label_from_instance = in_words  # type: ignore[attr-defined]
