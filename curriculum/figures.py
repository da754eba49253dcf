"""What the admin's home says about the plan."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.models import Document


def figures(user: Any) -> list[dict[str, Any]]:
    """Documents with a text that learners do not see yet."""
    if not user.has_perm("curriculum.view_document"):
        return []
    count = Document.objects.drafted().count()
    return [
        {
            "count": count,
            "label": ngettext("document has a draft", "documents have a draft", count),
            "detail": _("texts that are not published"),
            "url": f"{reverse('admin:curriculum_document_changelist')}?state=draft",
        }
    ]
