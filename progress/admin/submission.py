"""Submissions in the admin: to be read, each look logged; and the page on which an erasure is confirmed."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.admin.acts import admin_of, log
from people.models import User
from progress.admin.look import Look
from progress.erasing import KINDS, Erasure, OneFile, OnePerson, one_text
from submissions.admin import WorkList
from submissions.models import File, Submission
from submissions.views.files import given


def erasure_or_404(kind: str, uuid: UUID) -> Erasure:
    """What the address names; a kind that is none is as missing as an id that nothing has."""
    try:
        if kind == "person":
            return OnePerson(User.objects.get(uuid=uuid))
        if kind == "file":
            return OneFile(uuid)
        if kind in KINDS:
            return one_text(kind, uuid)
    except ObjectDoesNotExist:
        pass
    raise Http404


class ErasureForm(forms.Form):
    """The reason, what has to be typed, and the list that was on the page."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("It is kept in the record. Do not repeat what is erased."),
    )
    typed = forms.CharField(max_length=254, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    seen = forms.CharField(max_length=16, widget=forms.HiddenInput)

    def __init__(self, erasure: Erasure, data: Any = None) -> None:
        super().__init__(data, initial={"seen": erasure.seen})
        self.erasure = erasure
        self.fields["typed"].label = _("Type “%(word)s”") % {"word": erasure.word}

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"].strip()
        if typed.lower() != self.erasure.word.lower():
            raise ValidationError(_("Type exactly: %(word)s") % {"word": self.erasure.word})
        return typed

    def clean_seen(self) -> str:
        seen: str = self.cleaned_data["seen"]
        if seen != self.erasure.seen:
            # Shown again, the form has the list as it is now.
            self.data = {**self.data, "seen": self.erasure.seen}
            raise ValidationError(_("What would go has changed meanwhile. Look at the list again."))
        return seen

    def carry_out(self, author: User) -> bool:
        """Whether it was erased; otherwise the form says why not."""
        if not self.is_valid():
            return False
        try:
            self.erasure.carry_out(author, self.cleaned_data["reason"])
        except ValidationError as refusal:
            self.add_error(None, refusal.messages)
        return not self.errors


@admin.register(Submission)
class SubmissionAdmin(WorkList):
    """One work as it is read, each look logged; nothing is changed here but by erasing."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("erasure/<str:kind>/<uuid:uuid>/", view(self.erasure), name="erasure"),
            path("file/<uuid:uuid>/", view(self.file), name="submission_file"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """All that was handed in and said. The one page of the admin that writes when it is only read: its log."""
        submission = self.get_object(request, object_id)
        if submission is None or not self.has_view_permission(request, submission):
            raise Http404
        log(request, [submission], _("Looked at it."))
        page = {"title": str(submission), "look": Look(submission), "submission": submission}
        return self.page(request, "look", page)

    def file(self, request: HttpRequest, uuid: UUID) -> HttpResponseBase:
        """One file that was handed in, to be saved; logged too."""
        admin_of(request)
        found = File.objects.select_related("blob", "version__submission")
        row = get_object_or_404(found, uuid=uuid, version__submitted_at__isnull=False)
        log(request, [row.version.submission], _("Took file %(uuid)s.") % {"uuid": row.uuid})
        return given(request, row, "file")  # type: ignore[arg-type]  # admin_of has looked at the person

    def erasure(self, request: HttpRequest, kind: str, uuid: UUID) -> HttpResponse:
        """What exactly would go, and the form that lets it go."""
        author = admin_of(request)
        if not (author.is_staff and author.is_active):
            raise PermissionDenied
        erasure = erasure_or_404(kind, uuid)
        form = ErasureForm(erasure, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.carry_out(author):
            messages.success(request, _("Erased. Copies in backups last until those are deleted."))
            return redirect(back_to(erasure))
        page = {
            "title": _("Erase %(what)s") % {"what": erasure.title},
            "erasure": erasure,
            "form": form,
            "refusal": refusal_of(erasure, author),
            "back": back_to(erasure),
        }
        return self.page(request, "erasure", page, status=422 if form.is_bound else 200)

    def page(self, request: HttpRequest, name: str, page: dict[str, Any], status: int = 200) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **page}
        return render(request, f"admin/submissions/submission/{name}.html", context, status=status)


def refusal_of(erasure: Erasure, author: User) -> str:
    """Why this admin cannot make it, or why nobody can; nothing where they can."""
    if not erasure.shown:
        return _("There is nothing left to erase.")
    try:
        erasure.check(author)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    return ""


def back_to(erasure: Erasure) -> str:
    """The admin's page about whom or what it was."""
    row = erasure.row
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
