"""Writes a curriculum's Markdown out, as it stands or with a learner's ticks."""

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from curriculum.management.commands import export_curriculum
from curriculum.models import Curriculum, Document
from people.models import Membership
from progress.copies import copies_for


class Command(export_curriculum.Command):
    """The command of the curriculum, which knows no learner, with an option more.

    It stands in place of that one because `progress` comes before `curriculum` in INSTALLED_APPS.
    """

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--learner", metavar="EMAIL", default="", help=_("With the ticks of the learner of this address.")
        )

    def documents(self, curriculum: Curriculum, options: dict[str, Any]) -> Iterable[Document]:
        email = options["learner"].strip().lower()
        if not email:
            return super().documents(curriculum, options)
        found = Membership.objects.learners().filter(user__email=email, cohort__curriculum=curriculum)
        # A membership that runs before one that has ended.
        learner = found.current().newest_first().first() or found.newest_first().first()
        if learner is None:
            reason = _("Nobody of the address %(email)s learns in “%(slug)s”.")
            raise CommandError(reason % {"email": email, "slug": curriculum.slug})
        return copies_for(learner, curriculum)
