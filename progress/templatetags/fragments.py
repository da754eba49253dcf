"""The fragments of a month's page and of the path: those that show nothing of a person but whose they are, are kept."""

from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from curriculum.kept import gap, kept, parsed
from progress.document import SUM
from progress.month_page import MonthPage, Placed

register = template.Library()


@dataclass(frozen=True)
class Somebody:
    """Stands for the learner in a kept fragment."""

    ended_at: str | None
    uuid: UUID


@register.simple_tag(takes_context=True)
def fragment(context: Context, name: str, **shown: Any) -> SafeString:
    """Includes the template `name` with `shown`: one that shows nothing of a person but whose it is."""
    return Drawing(context).drawn(name, True, shown, {})


@register.simple_tag(takes_context=True)
def placed(context: Context, one: Placed) -> SafeString:
    """Something of a month by itself, such as a task of this week."""
    return Drawing(context).drawn(one.template, one.is_plain, one.shown, one.gaps)


@register.simple_tag(takes_context=True)
def document(context: Context, page: MonthPage) -> SafeString:
    """A month's document with everything in its place."""
    pieces, drawing = page.layout.pieces, Drawing(context)
    placed = (drawing.placed(page, name) for name in pieces[1::2])
    return mark_safe("".join(chain.from_iterable(zip(pieces[::2], (*placed, ""), strict=True))))


class Drawing:
    """Fragments of one page."""

    def __init__(self, context: Context) -> None:
        self.context = context
        role, editable = context["role"], context["editable"]
        learner = Somebody(None if editable else "ended", gap("learner_uuid"))
        self.whose = {"learner": learner, "role": role, "editable": editable}
        self.gaps = {
            "learner_uuid": context["learner"].uuid,
            "csrf_token": str(context["csrf_token"]),
            "next": quote(context["request"].get_full_path(), safe=""),
        }

    def drawn(
        self, name: str, is_plain: bool, shown: dict[str, Any], gaps: dict[str, str | UUID]
    ) -> SafeString:
        if is_plain:
            return kept(name, self.whose | shown, **self.gaps, **gaps)
        with self.context.push(**shown):
            return mark_safe(parsed(name).render(self.context))

    def placed(self, page: MonthPage, name: str) -> SafeString:
        if name == SUM:
            return self.drawn("progress/_criteria_sum.html", False, {}, {})
        one = page.placed[name]
        return self.drawn(one.template, one.is_plain, one.shown, one.gaps)
