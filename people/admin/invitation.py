"""Invitations: links to copy, to send and to revoke."""

from typing import Any

from allauth.core import context as current
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from people.admin.acts import Kept, admin_of, done, log, mail
from people.models import Invitation, Membership, User
from people.templatetags.times import ago


class InvitationForm(forms.ModelForm[Invitation]):
    """An address that was typed wrong is put right here; that makes another invitation of it, which is checked."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.instance.pk and "email" in self.changed_data and "email" in data:
            if not data["email"]:
                self.add_error("email", _("It is made out to one person. For a shared link, write another."))
            else:
                self.instance.readdressed(data["email"]).clean()
        return data


class StateFilter(admin.SimpleListFilter):
    """Those that can still be used, or all."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", Invitation.State.OPEN.label)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> QuerySet[Invitation]:
        return queryset.standing() if self.value() == "open" else queryset  # type: ignore[attr-defined]


@admin.register(Invitation)
class InvitationAdmin(Kept, admin.ModelAdmin[Invitation]):
    form = InvitationForm
    list_display = ["who", "state_word", "mailed", "link", "role", "mentor", "expires_at", "cohort"]
    list_filter = [StateFilter, "cohort", "role", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["cohort", "mentor"]
    search_fields = ["email", "name"]
    actions = ["revoke", "send"]
    fields = ("cohort", "role", "email", "name", "mentor", "expires_at")

    class Media:
        js = [forms.widgets.Script("js/copy.js", type="module")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        return Invitation.objects.with_joined().with_mails().prefetch_related("memberships__user")

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> Any:
        return [*self.fields, "state_word", "mailed", "link", "created_by"] if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Invitation | None = None) -> list[str]:
        # Who holds the link was told what it says; another one is another invitation.
        if obj is None:
            return []
        told = ["cohort", "role", "mentor", "state_word", "mailed", "link", "created_by"]
        return told if obj.email and obj.is_open else [*told, "email"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "mentor":
            mentors = Membership.objects.current().mentors().values("user")
            kwargs["queryset"] = User.objects.filter(pk__in=mentors)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = admin_of(request)
        if change and "email" in form.changed_data:
            self.readdress(request, obj, form.initial["email"])
        else:
            super().save_model(request, obj, form, change)

    def readdress(self, request: HttpRequest, obj: Invitation, before: str) -> None:
        """Closes the link that was made out to the wrong address, and writes one for the right address."""
        fresh = obj.readdressed(obj.email)
        fresh.created_by, fresh.expires_at, fresh.name = admin_of(request), obj.expires_at, obj.name
        obj.email = before
        obj.revoke()
        fresh.save()
        log(
            request,
            [fresh],
            _("Made out to this address instead of %(before)s.") % {"before": before},
            ADDITION,
        )
        said = _("The link for %(before)s is closed. %(after)s has a link of their own.")
        messages.success(request, said % {"before": before, "after": fresh.email})
        if obj.last_mail:
            mail(request, [fresh])

    @admin.display(description=gettext_lazy("for"), ordering="email")
    def who(self, invitation: Invitation) -> str:
        """The address, with the name of whoever has followed it, else the one that was written with it."""
        joined = list(invitation.memberships.all())
        if not invitation.email:
            count = ngettext("%d has joined", "%d have joined", len(joined)) % len(joined)
            name = f" “{invitation.name}”" if invitation.name else ""
            return f"{invitation}{name}, {count}"
        names = [membership.user.name for membership in joined] or [invitation.name]
        return f"{names[0]}, {invitation}" if names[0] else str(invitation)

    @admin.display(description=gettext_lazy("state"))
    def state_word(self, invitation: Invitation) -> str:
        return str(invitation.state.label)

    @admin.display(description=gettext_lazy("mail"))
    def mailed(self, invitation: Invitation) -> str | SafeString:
        """What became of its mail, and whether its page was opened."""
        mail = invitation.last_mail
        words: list[str] = []
        if mail:
            words.append(
                format_html(
                    '<a href="{}">{}</a>',
                    reverse("admin:people_mail_change", args=[mail.pk]),
                    mail.state.label,
                )
            )
            if mail.sent_at:
                words.append(ago(mail.sent_at))
            elif mail.error:
                words.append(mail.error[:80])
        if invitation.opened_at and not invitation.joined:
            words.append(_("opened %(when)s") % {"when": strip_tags(ago(invitation.opened_at))})
        return format_html_join(", ", "{}", ((word,) for word in words)) if words else "–"

    @admin.display(description=gettext_lazy("link"))
    def link(self, invitation: Invitation) -> SafeString | str:
        if not invitation.is_open:
            return "–"
        address = current.request.build_absolute_uri(invitation.url)
        return format_html(
            '<input type="text" class="vTextField" value="{}" aria-label="{}" readonly data-copy>',
            address,
            _("The link to copy"),
        )

    @admin.action(description=gettext_lazy("Revoke: the link works no more"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        invitations = list(queryset.filter(revoked_at=None))
        for invitation in invitations:
            invitation.revoke()
        log(request, invitations, _("Revoked."))
        done(request, ngettext("%d link was closed.", "%d links were closed.", len(invitations)), invitations)

    @admin.action(description=gettext_lazy("Send the link by mail, or send it again (personal invitations)"))
    def send(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        mail(request, list(queryset.select_related("cohort", "created_by")))
