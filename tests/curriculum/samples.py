"""Sample texts and what the tests of the curriculum ask again and again."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

from curriculum.models import Curriculum, Document, Edition
from curriculum.rows import MODELS

CURRICULA = Path(__file__).resolve().parents[3] / "shared" / "curricula"
FOLDER = CURRICULA / "ai-practitioner"
RECEIVED = CURRICULA / "month-08-as-received.md"
MONTH = "# Month 01: Start\n\n## Weekly Breakdown\n\n### Week 1: One\n\n**Tasks**:\n- [ ] Read\n- [ ] Write\n"


def run(*paths: object, slug: str = "ai", **options: Any) -> tuple[dict[str, Any], str]:
    """The JSON report and what was said on stderr."""
    out, err = StringIO(), StringIO()
    arguments = [str(path) for path in paths]
    try:
        call_command(
            "import_curriculum", *arguments, curriculum=slug, format="json", stdout=out, stderr=err, **options
        )
    except CommandError as error:
        err.write(f"{error}\n")
    return json.loads(out.getvalue() or "{}"), err.getvalue()


def everything() -> list[dict[str, Any]]:
    """Every row of the curriculum's tables, with all columns."""
    tables: list[Any] = [Curriculum, Document, Edition, *MODELS.values()]
    return [row for model in tables for row in model.objects.order_by("pk").values()]
