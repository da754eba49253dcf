from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from curriculum.audience import sources  # noqa: PLC0415  # models are not loaded when this module is
        from people.models import followers  # noqa: PLC0415

        if followers not in sources:
            sources.append(followers)
