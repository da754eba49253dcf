"""The admin site: the stock one, with the house's name and its log-in."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _


class CairnSite(admin.AdminSite):
    site_title = _("Cairn")
    site_header = _("Cairn")
    index_title = _("What would you like to do?")
    login = method_decorator(secure_admin_login)(admin.AdminSite.login)
