"""What people say of themselves: their account, and their name and password when they join."""

from copy import copy
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from people.models import Absence, Invitation, Membership, User, known_zone, time_zones


class DayInput(forms.DateInput):
    """A day, as browsers let people choose one."""

    input_type = "date"

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class AccountForm(forms.ModelForm[User]):
    """How a person is called and what Cairn looks like to them."""

    class Meta:
        model = User
        fields = ["name", "time_zone", "theme", "keys", "learner_mail", "mentor_mail"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "time_zone": forms.TextInput(
                attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}
            ),
            "theme": forms.RadioSelect,
            "learner_mail": forms.RadioSelect,
            "mentor_mail": forms.RadioSelect,
        }
        help_texts = {
            "name": _("As others here see it."),
            "time_zone": _("Times are shown in it. Type a city or a region, such as Lisbon."),
            "keys": _("One letter does something, such as j for the next comment. “?” lists them."),
        }

    def __init__(self, person: User, data: Any = None) -> None:
        """Asks the person who is logged in about the mails that they can get.

        Fills a copy of them: what is typed wrongly must not show in the page's head.
        """
        super().__init__(data, instance=copy(person))
        if not person.is_mentor:
            del self.fields["mentor_mail"]
            self.fields["learner_mail"].label = _("Mails")
        elif not person.is_learner:
            del self.fields["learner_mail"]
            self.fields["mentor_mail"].label = _("Mails")

    @property
    def zones(self) -> list[str]:
        """What the browser offers while somebody types."""
        return time_zones()

    def clean_time_zone(self) -> str:
        return known_zone(self.cleaned_data["time_zone"])


class AbsenceForm(forms.Form):
    """When a mentor is away from a cohort, and who stands in there."""

    stand_in = forms.ChoiceField(
        label=_("Who stands in"),
        help_text=_("What waits for you goes to them first while you are away. Ask them before."),
    )
    first = forms.DateField(label=_("First day"), widget=DayInput)
    last = forms.DateField(label=_("Last day"), widget=DayInput)

    def __init__(self, mentor: User, data: Any = None) -> None:
        super().__init__(data)
        own = Membership.objects.current().mentors().filter(user=mentor).select_related("cohort")
        self.memberships = {row.cohort_id: row for row in own}
        others = (
            Membership.objects.current().mentors().filter(cohort__in=self.memberships).exclude(user=mentor)
        )
        self.others = {
            f"{row.cohort.uuid}.{row.user.uuid}": row for row in others.select_related("user", "cohort")
        }
        groups: dict[str, list[tuple[str, str]]] = {}
        for value, row in self.others.items():
            groups.setdefault(str(row.cohort), []).append((value, str(row.user)))
        self.fields["stand_in"].choices = list(groups.items())  # type: ignore[attr-defined]

    @property
    def is_possible(self) -> bool:
        """Whether there is anybody who could stand in."""
        return bool(self.others)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if {"stand_in", "first", "last"} <= set(data):
            other = self.others[data["stand_in"]]
            self.absence = Absence(
                membership=self.memberships[other.cohort_id],
                stand_in=other.user,
                first=data["first"],
                last=data["last"],
            )
            try:
                self.absence.full_clean(exclude=["begins_at", "ends_at"])
            except ValidationError as refusal:
                self.add_error(None, refusal)
        return data


class JoinForm(forms.Form):
    """Who joins by an invitation. A personal one fixes the address."""

    name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters; a few words that do not belong together are best."),
    )
    time_zone = forms.CharField(
        required=False, max_length=60, widget=forms.HiddenInput(attrs={"data-zone": ""})
    )

    def __init__(self, invitation: Invitation, data: Any = None) -> None:
        self.invitation = invitation
        super().__init__(data, initial={"name": invitation.name, "email": invitation.email})
        self.fields["email"].disabled = bool(invitation.email)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean_time_zone(self) -> str:
        """The browser's own, where it says one that is known; else the cohort's."""
        said = self.cleaned_data["time_zone"]
        return said if said in time_zones() else self.invitation.cohort.time_zone

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "email" in data and "password" in data and not self.has_account:
            try:
                validate_password(data["password"], User(email=data["email"], name=data.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return data

    @property
    def has_account(self) -> bool:
        """Whether somebody has an account under this address."""
        return User.objects.filter(email=self.cleaned_data.get("email")).exists()
