from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.backends.signals import connection_created

from config.sqlite import know_json


class Site(AppConfig):
    """The site as a whole: its commands, `setup` and `doctor`, and what the worker is asked to see that it is there."""

    name = "config"

    def ready(self) -> None:
        connection_created.connect(know_json, dispatch_uid="json")


class CairnAdmin(AdminConfig):
    """The admin, in the house's look and behind the house's log-in."""

    default_site = "config.admin.CairnSite"
