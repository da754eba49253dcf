"""Bringing Markdown files in from the browser: first what would happen, then the same files once more, for good."""

import base64
import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from curriculum.comparison import compared
from curriculum.intake import Incoming, Intake
from curriculum.models import Curriculum
from curriculum.outlook import answers, meant_in
from curriculum.repair import repaired_data
from curriculum.zips import Unreadable, brought

SIZE = 1_000_000
"""Bytes of all files together: the second step sends them as text, which Django takes less of than of files."""


class FilesInput(forms.FileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """The files that were chosen, each with its name and its bytes."""

    widget = FilesInput

    def __init__(self, **options: Any) -> None:
        # An empty file is refused by its name, with the others.
        super().__init__(allow_empty_file=True, **options)

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, bytes]]:
        chosen = [one for one in (super(FilesField, self).clean(each) for each in data or []) if one]
        if sum(one.size for one in chosen) > SIZE:
            raise ValidationError(
                _("These files are larger than 1 MB together. Bring them in in several steps.")
            )
        return [(one.name, one.read()) for one in chosen]


class KeptField(forms.CharField):
    """The same files, as the page carries them from the first step to the second."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> list[tuple[str, bytes]]:
        try:
            return [
                (str(name), base64.b64decode(text, validate=True)) for name, text in json.loads(value or "[]")
            ]
        except (ValueError, TypeError, RecursionError) as error:
            raise ValidationError(
                _("The files of the first step are not there any more: choose them again.")
            ) from error


def kept(files: list[tuple[str, bytes]]) -> str:
    """What a KeptField reads."""
    return json.dumps([(name, base64.b64encode(data).decode()) for name, data in files])


def short(title: str) -> str:
    """The short name that a new curriculum gets by its title; none for one without letters that addresses have."""
    return slugify(title)[:50].strip("-")


class IntakeForm(forms.Form):
    """Which files, and into which curriculum."""

    curriculum = forms.ModelChoiceField(
        Curriculum.objects.all(),
        label=gettext_lazy("Curriculum"),
        required=False,
        empty_label=gettext_lazy("a new one"),
    )
    title = forms.CharField(label=gettext_lazy("Title of the new one"), max_length=200, required=False)
    markdown = FilesField(
        label=gettext_lazy("Markdown files"),
        required=False,
        widget=FilesInput(attrs={"accept": ".md,.markdown,text/markdown,.zip,application/zip"}),
        help_text=gettext_lazy(
            "One for each month, and the dashboard if there is one; or a zip of the folder they lie in."
        ),
    )
    kept = KeptField(required=False)
    repair = forms.BooleanField(required=False, widget=forms.HiddenInput)
    """Whether damaged letters are put right in what is brought in."""

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "curriculum" in data and data["curriculum"] is None:
            data["curriculum"] = self.clean_new(data.get("title", ""))
        elif data.get("title") and data["curriculum"].title != data["title"]:
            said = _("“%(title)s” is chosen above. Leave this empty, or choose “a new one” there.")
            self.add_error("title", said % {"title": data["curriculum"]})
        if not self.errors and not (data["markdown"] or data["kept"]):
            self.add_error("markdown", _("Choose the files of one month or more."))
        try:
            list(brought(self.sent))
        except Unreadable as refused:
            self.add_error("markdown", str(refused))
        return data

    @property
    def sent(self) -> list[tuple[str, bytes]]:
        """What was sent; files that were chosen anew stand for those that were kept."""
        return self.cleaned_data.get("markdown") or self.cleaned_data.get("kept") or []

    def clean_new(self, title: str) -> Curriculum | None:
        """A new curriculum needs a title. One that is there is meant by its own title: a second click made it."""
        if not short(title):
            self.add_error("title", _("Say what the new curriculum is called, or choose one that is there."))
        there = Curriculum.objects.filter(slug=short(title)).first()
        if there and (there.title != title or "apply" not in self.data):
            said = _("“%(title)s” is there already: choose it above, or find another title.")
            self.add_error("title", said % {"title": there.title})
        return there

    def intake(self, accept_loss: bool) -> Intake:
        """What was sent, to be run; each time anew, since running it leaves its marks."""
        data = self.cleaned_data
        files = list(brought(self.sent))
        self.repairs = list(self.repaired(files))
        there = data["curriculum"]
        return Intake(
            there.slug if there else short(data["title"]),
            "" if there else data["title"],
            files,
            chosen=[] if data["markdown"] else answers(self.data),
            meant=frozenset() if data["markdown"] else meant_in(self.data),
            accept_loss=accept_loss,
        )

    def repaired(self, files: list[Incoming]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """By file, what a repair changes, side by side; it is done where that was asked."""
        for file in files:
            meant = repaired_data(file.data)
            if meant != file.data:
                yield file.path, compared(file.data.decode(), meant.decode())
                file.data = meant if self.cleaned_data["repair"] else file.data


def bring_in(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The first POST tries it and shows what would happen, the one with `apply` does it."""
    if request.method == "POST":
        form = IntakeForm(request.POST, request.FILES)
    else:
        form = IntakeForm(initial={"curriculum": request.GET.get("curriculum")})
    intake, is_fine = None, False
    repairs: list[Any] = []
    if form.is_valid():
        is_applied = "apply" in request.POST
        # What was said of one plan is said of its files alone.
        is_seen = is_applied and not form.cleaned_data["markdown"]
        seen = request.POST.get("made_from") if is_seen else None
        run = partial(
            Intake.run, author=request.user, message=_("Imported"), dry_run=not is_applied, made_from=seen
        )
        # Who has not seen what would go has not said that it may.
        accept_loss = seen is not None or not is_applied
        intake = form.intake(accept_loss)
        try:
            is_fine = run(intake)
        except IntegrityError:
            # The other half of a double click made the same a moment ago: it is found now.
            intake = form.intake(accept_loss)
            is_fine = run(intake)
        if is_fine and is_applied:
            return told(request, intake)
        repairs, form = form.repairs, IntakeForm({**request.POST.dict(), "kept": kept(form.sent)})
    there = form.cleaned_data.get("curriculum") if form.is_valid() else None
    page = {**context, "form": form, "intake": intake, "is_fine": is_fine, "there": there}
    page["repairs"] = repairs
    if intake is not None and not intake.refused:
        page["plan"] = intake.outlook
    status = 422 if request.method == "POST" and not is_fine else 200
    return render(request, "admin/curriculum/curriculum/intake.html", page, status=status)


def told(request: HttpRequest, intake: Intake) -> HttpResponse:
    """Says and logs what was brought in, on the page of the curriculum."""
    curriculum = Curriculum.objects.get(slug=intake.slug)
    new = [file.path for file in intake.files if file.state != "same"]
    sentence = ngettext(
        "%(count)d file was brought in and is published: %(names)s.",
        "%(count)d files were brought in and are published: %(names)s.",
        len(new),
    ) % {"count": len(new), "names": ", ".join(new)}
    if new:
        messages.success(request, sentence)
        LogEntry.objects.log_actions(request.user.pk, [curriculum], CHANGE, change_message=sentence)  # type: ignore[arg-type]
    else:
        messages.info(request, _("Nothing was changed: the files say what is published already."))
    return redirect(reverse("admin:curriculum_curriculum_change", args=[curriculum.pk]))
