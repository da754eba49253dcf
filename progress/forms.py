"""What may be typed about a learner's progress."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class CompletionForm(forms.Form):
    """The state a task is to be in."""

    done = forms.ChoiceField(choices=[("yes", _("done")), ("no", _("not done"))])


class NoteForm(forms.Form):
    """A note beside a tick."""

    note = forms.CharField(
        label=_("Note"), required=False, max_length=min(2000, settings.TEXT_LIMIT), widget=forms.Textarea
    )
