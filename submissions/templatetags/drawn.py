"""Parts of a page that are drawn once for each state of what they show, and put into page after page for minutes."""

from uuid import uuid4

from django import template
from django.template import Context
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from submissions.memory import MEMORY, Shelf

register = template.Library()

DRAWN: Shelf[str] = MEMORY.shelf(8_000_000)
TOKEN, KEY = f"token-{uuid4()}", f"key-{uuid4()}"
"""Stand for what is new each time. Nobody knows them, so nobody can write them into a comment."""


class DrawnNode(Node):
    """A part of a template with the values that it depends on."""

    def __init__(self, name: str, values: list[FilterExpression], nodelist: NodeList) -> None:
        self.name, self.values, self.nodelist = name, values, nodelist

    def render(self, context: Context) -> SafeString:
        values = [value.resolve(context) for value in self.values]
        if None in values:
            return self.nodelist.render(context)
        key = (self.name, context["user"].pk, get_language(), timezone.get_current_timezone_name(), *values)
        html = DRAWN.get(key, lambda: self._with_gaps(context))
        if context.get("form_key") == KEY:
            return mark_safe(html)  # Part of a part: the gaps are for whoever puts that into a page.
        if TOKEN in html:
            html = html.replace(TOKEN, str(context.get("csrf_token", "")))
        first, *others = html.split(KEY)
        return mark_safe("".join([first, *[f"{uuid4()}{other}" for other in others]]))

    def _with_gaps(self, context: Context) -> str:
        with context.push(csrf_token=TOKEN, form_key=KEY):
            return self.nodelist.render(context)


@register.tag
def drawn(parser: Parser, token: Token) -> DrawnNode:
    """`{% drawn "name" one two %}…{% enddrawn %}`: draws what is inside once for each person and values `one`, `two`.

    They say all that it shows, and are hashable; with one that is None it is drawn each time. Inside, `form_key` is
    the key of the form, and a new one each time; of what is new for each request nothing else stands there.
    """
    _tag, name, *values = token.split_contents()
    nodelist = parser.parse(("enddrawn",))
    parser.delete_first_token()
    return DrawnNode(name, [parser.compile_filter(value) for value in values], nodelist)
