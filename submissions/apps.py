from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubmissionsConfig(AppConfig):
    name = "submissions"
    verbose_name = _("Submissions")

    def ready(self) -> None:
        from people.models import mentor_left  # noqa: PLC0415  # models are not loaded when this module is

        mentor_left.connect(end_holds, dispatch_uid="submissions.holds")


def end_holds(user: int, cohort: int, **named: Any) -> None:
    """Who mentors a cohort no more reviews nothing there: others need not wait until the hold runs out."""
    from submissions.models import Hold  # noqa: PLC0415  # models are not loaded when this module is

    Hold.objects.filter(mentor=user, submission__learner__cohort=cohort).delete()
