"""Mails: what waits, what went out, and what the mail server refused."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from people.admin.acts import Kept, done, log
from people.models import Mail


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("failing", gettext_lazy("failing")),
            ("unsent", gettext_lazy("to be sent")),
            ("sent", gettext_lazy("sent")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mail]) -> QuerySet[Mail]:
        if self.value() == "failing":
            return queryset & Mail.objects.failing()
        if self.value() == "unsent":
            return queryset & Mail.objects.unsent()
        return queryset.filter(sent_at__isnull=False) if self.value() == "sent" else queryset


@admin.register(Mail)
class MailAdmin(Kept, admin.ModelAdmin[Mail]):
    """Read only: mails are written by what happens. The words of one are not kept."""

    list_display = ["to", "kind", "state_word", "due", "sent_at", "tries", "error"]
    list_filter = [StateFilter, "kind"]
    search_fields = ["to", "error"]
    date_hierarchy = "written_at"
    actions = ["send_again"]
    fields = [
        "to",
        "kind",
        "user",
        "invitation",
        "state_word",
        "written_at",
        "due_at",
        "begun_at",
        "sent_at",
        "failed_at",
        "tries",
        "error",
    ]
    readonly_fields: ClassVar[Any] = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mail]:
        needed = Mail.objects.needed().filter(pk=OuterRef("pk"))
        return super().get_queryset(request).annotate(is_needed=Exists(needed))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=gettext_lazy("state"))
    def state_word(self, mail: Mail) -> str:
        if mail.sent_at is None and not getattr(mail, "is_needed", True):
            return _("not needed any more")
        return str(mail.state.label)

    @admin.display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, mail: Mail) -> datetime | None:
        """When it is tried next."""
        done = mail.sent_at or mail.failed_at or not getattr(mail, "is_needed", True)
        return None if done else mail.due_at

    @admin.action(description=gettext_lazy("Try again now"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        mails = list(queryset.filter(sent_at=None))
        for mail in mails:
            mail.again()
        log(request, mails, _("Tried again."))
        done(request, ngettext("%d mail is tried again.", "%d mails are tried again.", len(mails)), mails)
