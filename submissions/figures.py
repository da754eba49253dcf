"""What the admin's home says about the work."""

from typing import Any

from django.db.models import Count, Sum
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from people.models import User
from submissions.erasing import bytes_left
from submissions.models import Blob, Submission
from submissions.models.file import NAMELESS


def figures(user: User) -> list[dict[str, Any]]:
    """Work that waits too long, and what is stored."""
    if not user.has_perm("submissions.view_submission"):
        return []
    late = Submission.objects.overdue().count()
    here = Blob.objects.exclude(pk__in=bytes_left()).exclude(sha256__startswith=NAMELESS)
    stored = here.aggregate(size=Sum("size"), files=Count("pk"))
    return [
        {
            "count": late,
            "label": ngettext("work waits too long", "works wait too long", late),
            "detail": _("longer than their cohort promises"),
            "url": f"{reverse('admin:submissions_submission_changelist')}?waits=long",
            "is_late": late > 0,
        },
        {
            "count": filesizeformat(stored["size"] or 0),
            "label": _("stored"),
            "detail": ngettext("in %d file", "in %d files", stored["files"]) % stored["files"],
        },
    ]
