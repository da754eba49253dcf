"""What a learner types when handing in."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from submissions.models import Version


class LongText(forms.CharField):
    """Text of several lines, as long as the site allows, kept as typed but for its line ends."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=settings.TEXT_LIMIT, required=False, strip=False, **kwargs)
        self.error_messages["max_length"] = _(
            "This text has %(show_value)s characters; at most %(limit_value)s are kept. Shorten it, or hand "
            "it in as a file."
        )

    def to_python(self, value: Any) -> str:
        # Browsers send \r\n; a text that only went there and back must not count as changed.
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class LinkField(forms.URLField):
    """An address on the web."""

    default_validators = [URLValidator(schemes=["http", "https"])]


class DraftForm(forms.Form):
    """What is typed into a draft. `version` and `revision` say into which state of which draft."""

    text = LongText(label=_("Text"))
    link = LinkField(
        label=_("Link"),
        max_length=2000,
        required=False,
        assume_scheme="https",
        error_messages={
            "invalid": _(
                "This is no web address such as https://example.org/page, so the link was not kept."
            ),
            "max_length": _(
                "This link has %(show_value)s characters, so it was not kept; at most %(limit_value)s are."
            ),
        },
    )
    note = LongText(label=_("Note"))
    version = forms.UUIDField(required=False)
    revision = forms.IntegerField(min_value=0, required=False)
    over = forms.RegexField(r"^[0-9a-f-]{36} [0-9]{1,9}$", required=False)
    """Both of the state that the person has seen and writes over, where another window saved one meanwhile."""

    def clean(self) -> dict[str, Any]:
        """Takes `over` for the state that the form was made from."""
        data = super().clean() or {}
        if data.get("over"):
            version, revision = data["over"].split(" ")
            data |= {"version": UUID(version), "revision": int(revision)}
        return data

    def typed(self, draft: Version) -> tuple[str, str, str]:
        """Text, link and note: what was typed and is sound, and for the rest what the draft has."""
        text, link, note = (
            self.cleaned_data[name] if name in self.cleaned_data else getattr(draft, name)
            for name in ("text", "link", "note")
        )
        return text, link, note


class AnswerForm(forms.Form):
    """What a learner says to a thread that must be fixed."""

    body = LongText()
    key = forms.UUIDField()


class SystemForm(forms.Form):
    """The system that a project is built for: `idea` is one of the month's, or "own" and a sentence."""

    OWN = "own"

    idea = forms.CharField(
        max_length=36, error_messages={"required": _("Choose a system, or write your own.")}
    )
    system = forms.CharField(label=_("My own system, in a sentence"), max_length=500, required=False)

    @property
    def idea_id(self) -> str:
        """The id of the chosen idea; nothing for an own system."""
        idea: str = self.cleaned_data.get("idea", "")
        return "" if idea == self.OWN else idea

    def clean_idea(self) -> str:
        """Raises ValidationError for what is neither "own" nor an id."""
        idea: str = self.cleaned_data["idea"]
        if idea != self.OWN:
            forms.UUIDField().clean(idea)
        return idea

    def clean(self) -> dict[str, Any]:
        """An own system needs its sentence."""
        if self.cleaned_data.get("idea") == self.OWN and not self.cleaned_data.get("system", "x"):
            self.add_error("system", _("Say in a sentence which system you will work on."))
        return self.cleaned_data
