"""The admin site: the stock one, with the house's name and its log-in."""

import functools
import logging
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import BadRequest
from django.db import DataError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)

LEFT_OUT = {"auth.group", "account.emailaddress", "account.emailconfirmation", "mfa.authenticator"}
"""Tables of libraries that our own pages keep: by hand, an admin could only break a log-in."""


def figures(user: Any) -> list[dict[str, Any]]:
    """What needs an admin's eye: all that `figures(user)` of each app's module `figures` counts, if it has one.

    A figure has a `count`, a `label` that goes on from it, a `detail`, and the `url` of the list that it counts;
    `is_late` says that somebody should act. An app that sends mail brings the mails that failed by a module of its own.
    """
    modules = [
        import_module(f"{app.name}.figures")
        for app in reversed(list(apps.get_app_configs()))
        if app.module is not None and module_has_submodule(app.module, "figures")
    ]
    return [figure for module in modules for figure in module.figures(user)]


class CairnSite(admin.AdminSite):
    site_title = _("Cairn")
    site_header = _("Cairn")
    index_title = _("What would you like to do?")
    enable_nav_sidebar = False  # the home page leads everywhere, and tables need the width
    login = method_decorator(secure_admin_login)(admin.AdminSite.login)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The home page, which begins with what the apps count."""
        return super().index(request, {**(extra_context or {}), "figures": figures(request.user)})

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """As the stock site, but a hidden field or a query string that is no key, number or year is a bad request.

        The stock pages hand them to the database as they come, and fail in whatever way that does.
        """
        stock = super().admin_view(view, cacheable)

        @functools.wraps(stock)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                response: HttpResponse = stock(request, *args, **kwargs)
                # Some of it fails only while the form that was refused is written again.
                return response.render() if isinstance(response, SimpleTemplateResponse) else response
            except (ValueError, OverflowError, DataError) as error:
                if not (request.POST or request.GET):
                    raise
                logger.warning("The admin could not read what was sent to %s", request.path, exc_info=True)
                raise BadRequest(str(error)) from error

        return checked

    def register(
        self, model_or_iterable: type[Model] | Iterable[type[Model]], admin_class: Any = None, **options: Any
    ) -> None:
        """As the stock site, without the tables that are left out."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        kept = [model for model in models if model._meta.label_lower not in LEFT_OUT]
        super().register(kept, admin_class, **options)
