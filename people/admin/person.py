"""People: who may log in."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from people.admin.acts import Kept, admin_of, done, log
from people.models import Membership, User


class PersonForm(ModelForm[User]):
    """A new person, who either gets a mail for setting a password or is told the one typed here."""

    password1 = forms.CharField(
        label=gettext_lazy("password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Empty: a mail is sent with a link for setting one."),
    )

    class Meta:
        model = User
        fields = ["name", "email", "is_staff"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        if password:
            validate_password(password)
        return password


class MembershipInline(Kept, admin.TabularInline[Membership, User]):
    """Where the person belongs; each membership has its own page."""

    model = Membership
    fk_name = "user"
    fields = ["where", "role", "mentor", "joined_at", "ended_at"]
    readonly_fields = ["where", "role", "mentor", "joined_at", "ended_at"]
    extra = 0
    verbose_name_plural = gettext_lazy("memberships")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("cohort", "mentor")

    @admin.display(description=gettext_lazy("cohort"))
    def where(self, membership: Membership) -> SafeString:
        url = reverse("admin:people_membership_change", args=[membership.pk])
        return format_html('<a href="{}">{}</a>', url, membership.cohort)


@admin.register(User)
class UserAdmin(Kept, admin.ModelAdmin[User]):
    list_display = ["name", "email", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "memberships__cohort"]
    search_fields = ["name", "email"]
    readonly_fields = ["last_login", "date_joined"]
    inlines = [MembershipInline]
    actions = ["deactivate", "send_password_mail", "forget_second_steps"]
    fieldsets = [
        (None, {"fields": ["name", "email", "time_zone"]}),
        (gettext_lazy("May log in"), {"fields": ["is_active", "is_staff", "last_login", "date_joined"]}),
    ]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # Who was erased stays so: the page can be read.
        return super().has_change_permission(request, obj) and not (obj and obj.erased_at)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.fieldsets if obj else [(None, {"fields": ["name", "email", "is_staff", "password1"]})]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return self.inlines if obj else []

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **(kwargs if obj else kwargs | {"form": PersonForm}))
        for name in ("is_staff", "is_active"):
            if name in form.base_fields:
                # Nobody locks themselves out.
                form.base_fields[name].disabled = obj == request.user
        if "is_staff" in form.base_fields:
            form.base_fields["is_staff"].label = _("admin")
            form.base_fields["is_staff"].help_text = _("May edit the content, cohorts and people.")
        return form

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.email = obj.email.strip().lower()
        obj.is_superuser = obj.is_staff
        password = form.cleaned_data.get("password1")
        if not change:
            obj.set_password(password or None)
        super().save_model(request, obj, form, change)
        if "is_active" in form.changed_data and not obj.is_active:
            self.tell_left([obj])
        obj.confirm_address()
        if not change and not password:
            self.send_password_mail(request, User.objects.filter(pk=obj.pk))

    @staticmethod
    def tell_left(people: list[User]) -> None:
        """Who may not log in mentors nobody."""
        for membership in Membership.objects.mentors().filter(user__in=people, ended_at=None):
            membership.tell_left(membership.cohort_id)

    @admin.action(description=gettext_lazy("Deactivate: may no longer log in"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people = list(queryset.filter(is_active=True).exclude(pk=admin_of(request).pk))
        with transaction.atomic():
            User.objects.filter(pk__in=[person.pk for person in people]).update(is_active=False)
            self.tell_left(people)
        log(request, people, _("Deactivated."))
        done(
            request,
            ngettext("%d person was deactivated.", "%d people were deactivated.", len(people)),
            people,
        )
        if queryset.filter(pk=admin_of(request).pk).exists():
            messages.warning(request, _("You were left: ask another admin to deactivate you."))

    @admin.action(description=gettext_lazy("Send a mail for setting a password"))
    def send_password_mail(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people = list(queryset.filter(is_active=True))
        for person in people:
            key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
            link = get_adapter(request).get_reset_password_from_key_url(key)
            get_adapter(request).send_mail(
                "people/mail/welcome", person.email, {"person": person, "link": link}
            )
        log(request, people, _("Sent a mail for setting a password."))
        done(request, ngettext("%d mail is on its way.", "%d mails are on their way.", len(people)), people)

    @admin.action(description=gettext_lazy("Remove passkeys and the authenticator app (a lost phone)"))
    def forget_second_steps(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people = list(queryset.filter(authenticator__isnull=False).distinct())
        Authenticator.objects.filter(user__in=people).delete()
        log(request, people, _("Removed passkeys and the authenticator app."))
        done(
            request,
            ngettext(
                "%d person logs in with the password alone now.",
                "%d people log in with the password alone now.",
                len(people),
            ),
            people,
        )
