from django.contrib.admin.apps import AdminConfig


class CairnAdmin(AdminConfig):
    """The admin, in the house's look and behind the house's log-in."""

    default_site = "config.admin.CairnSite"
