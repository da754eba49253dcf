"""The admin site: the stock one, with the house's name and its log-in."""

from collections.abc import Iterable
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.db.models import Model
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

LEFT_OUT = {"auth.group", "account.emailaddress", "account.emailconfirmation", "mfa.authenticator"}
"""Tables of libraries that our own pages keep: by hand, an admin could only break a log-in."""


class CairnSite(admin.AdminSite):
    site_title = _("Cairn")
    site_header = _("Cairn")
    index_title = _("What would you like to do?")
    enable_nav_sidebar = False  # the home page leads everywhere, and tables need the width
    login = method_decorator(secure_admin_login)(admin.AdminSite.login)

    def register(
        self, model_or_iterable: type[Model] | Iterable[type[Model]], admin_class: Any = None, **options: Any
    ) -> None:
        """As the stock site, without the tables that are left out."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        kept = [model for model in models if model._meta.label_lower not in LEFT_OUT]
        super().register(kept, admin_class, **options)
