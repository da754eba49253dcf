"""The forms of a month's page. They say what is asked; nothing is saved from them."""

from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from curriculum.beginning import begin_dashboard, begin_month
from curriculum.editing import brief_at
from curriculum.intake import fits
from curriculum.models import Criterion, Document, Month, Project, Task, Week


class OneLine(forms.Textarea):
    """Words on one line, in a box that grows with them."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 1, "class": "vLargeTextField one-line"} | (attrs or {}))


class RowForm(forms.ModelForm):  # type: ignore[type-arg]
    """A row's form. Whether the row could be stored is decided by the text that follows from it."""

    position = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def validate_constraints(self) -> None:
        """The rows follow from the text, which cannot break them."""

    def validate_unique(self) -> None:
        """The same."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, value in cleaned.items():
            if isinstance(value, str) and "\0" in value:
                self.add_error(name, ValidationError(_("This holds a character that cannot be stored.")))
        return cleaned


class MonthForm(RowForm):
    position = None  # type: ignore[assignment]
    edition = forms.IntegerField(widget=forms.HiddenInput)
    """The number of the edition that the page was made from."""
    message = forms.CharField(
        label=_("What changed"),
        max_length=300,
        required=False,
        help_text=_("One sentence for the list of editions. It may stay empty."),
    )

    class Meta:
        model = Month
        fields: ClassVar[list[str]] = ["label", "title", "tier", "duration", "status"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        published = self.instance.document.published if self.instance.document_id else None
        self.initial["edition"] = published.number if published else 0


class WeekForm(RowForm):
    class Meta:
        model = Week
        fields: ClassVar[list[str]] = ["label", "title", "focus", "position"]
        widgets = {"label": AdminTextInputWidget({"placeholder": _("the next number")})}

    def clean_label(self) -> str:
        label: str = self.cleaned_data["label"]
        if self.instance.pk and self.initial.get("label") and not label.strip():
            raise forms.ValidationError(_("A week keeps its label, such as “Week 1”."))
        return label


class CriterionForm(RowForm):
    asks_differently = forms.BooleanField(
        label=_("This changes what is asked"),
        required=False,
    )

    class Meta:
        model = Criterion
        fields: ClassVar[list[str]] = ["text", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            # Nobody has a mark for what is only being added.
            self.fields["asks_differently"].widget = forms.HiddenInput()


class ProjectForm(RowForm):
    brief = forms.CharField(
        label=_("Brief"),
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 4, "class": "vLargeTextField prose"}),
    )

    class Meta:
        model = Project
        fields: ClassVar[list[str]] = ["title", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            return
        published = self.instance.month.document.published
        brief = brief_at(published, self.instance) if published is not None else None
        self.initial["brief"] = brief
        if brief is None:
            field: Any = self.fields["brief"]
            field.disabled = True
            # What cannot be shown must not be asked to go.
            field.empty_value = None


class RequirementForm(RowForm):
    class Meta:
        model = Task
        fields: ClassVar[list[str]] = ["text", "section", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["section"]
        field.required = self.instance.pk is not None
        field.empty_label = _("Requirements")


class DocumentForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a new document is to be; its text is written afterwards."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=[
            (Document.Kind.MONTH, _("a month")),
            (Document.Kind.DASHBOARD, _("the curriculum’s own page")),
        ],
        initial=Document.Kind.MONTH,
        widget=forms.RadioSelect,
    )
    title = forms.CharField(
        label=_("Title of the month"),
        max_length=200,
        required=False,
        widget=AdminTextInputWidget,
        help_text=_("Such as “System Design”. Its number follows from the months that are there."),
    )
    path = forms.CharField(
        label=_("File"),
        max_length=300,
        required=False,
        widget=AdminTextInputWidget,
        help_text=_(
            "Its place when the curriculum is taken out as files, such as month-09/README.md. "
            "May stay empty: it follows from the month before."
        ),
    )

    class Meta:
        model = Document
        fields: ClassVar[list[str]] = ["curriculum", "kind", "title", "path"]

    def clean_title(self) -> str:
        title = " ".join(self.cleaned_data["title"].split())
        if not title and self.cleaned_data.get("kind") == Document.Kind.MONTH:
            raise ValidationError(_("Say what the month is called."))
        return title

    def clean_path(self) -> str:
        path: str = self.cleaned_data["path"]
        if path and not (fits(path) and path.lower().endswith((".md", ".markdown"))):
            raise ValidationError(
                _("A file’s place is a name that ends in .md, with folders before it if you like.")
            )
        return path

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        curriculum, path = data.get("curriculum"), data.get("path")
        if curriculum is None:
            return data
        is_dashboard = data.get("kind") == Document.Kind.DASHBOARD
        if is_dashboard and curriculum.documents.filter(kind=data["kind"], archived_at=None).exists():
            self.add_error("kind", _("This curriculum has such a page already."))
        elif is_dashboard and not curriculum.months.filter(archived_at=None).exists():
            self.add_error("kind", _("There are no months yet that the page could lead to."))
        path = path or ("README.md" if is_dashboard else "")
        if path and curriculum.documents.filter(path=path).exists():
            self.add_error("path", _("This curriculum has a file there already."))
        return data

    def begin(self, author: Any) -> Document:
        """The document with its first draft."""
        data = self.cleaned_data
        if data["kind"] == Document.Kind.DASHBOARD:
            return begin_dashboard(data["curriculum"], data["path"], author)
        return begin_month(data["curriculum"], data["title"], data["path"], author)
