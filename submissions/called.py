"""The names that a comment calls, where it is shown: they stand out, and the reader's own as theirs.

Only who was called when it was sent does (`submissions/models/mention.py`), by the name that they have now; whoever was
erased or has no log-in any more is text like any other. What was typed stays as it is.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape

from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe

from curriculum.prepared import Prepared
from people.models import User
from submissions.models import Comment, Mention, Submission
from submissions.models.mention import CALL

PIECE = re.compile(r'</?([a-z][a-z0-9]*)(?:[^">]|"[^"]*")*>|[^<]+|<')
"""A tag, or a text, of HTML that was cleaned: there every `<` begins a tag, and values are in double quotes."""
QUIET = {"a", "code", "pre"}
"""Elements in which a name stays text."""


def tell_called(submission: Submission, comments: Iterable[Comment]) -> None:
    """Each comment learns whom it calls: one query, where anything was said with an `@` in it."""
    calling = {one.pk: one for one in comments if "@" in one.body}
    for mention in _mentions(submission.pk) if calling else []:
        if mention.comment_id in calling:
            calling[mention.comment_id].called = [*calling[mention.comment_id].called, mention.user]


@Prepared
def _mentions(submission: int) -> QuerySet[Mention]:
    found = Mention.objects.filter(comment__thread__submission=submission, user__is_active=True)
    return found.select_related("user").order_by("pk")


def words_for(reader: User, comment: Comment) -> SafeString:
    """What a comment says, as safe HTML."""
    names = {_same(name): person for name, person in _names(comment)}
    if not names:
        return comment.html
    choice = "|".join(_pattern(name) for name in sorted(names, key=len, reverse=True))
    call = re.compile(CALL % choice, re.IGNORECASE)

    def marked(found: re.Match[str]) -> str:
        person = names[_same(found[1].replace("&nbsp;", " "))]
        tag = "mark" if person == reader else "span"
        return f'<{tag} class="mention">{found[0]}</{tag}>'

    # The names stand in HTML that is safe, as they stood in it before.
    return mark_safe(
        "".join(call.sub(marked, piece) if loud else piece for piece, loud in _pieces(comment.html))
    )


def _names(comment: Comment) -> Iterator[tuple[str, User]]:
    """How it calls each person: by the whole name, or where that is not in it, by the first."""
    for person in comment.called:
        whole = re.compile(CALL % _pattern(escape(str(person), quote=False)), re.IGNORECASE)
        is_whole = whole.search(escape(comment.body, quote=False))
        yield escape(str(person) if is_whole else person.get_short_name(), quote=False), person


def _pieces(html: str) -> Iterator[tuple[str, bool]]:
    """Its tags and texts, each with whether names in it stand out."""
    quiet = 0
    for found in PIECE.finditer(html):
        if found[1] in QUIET:
            quiet += -1 if found[0].startswith("</") else 1
        yield found[0], not found[1] and not quiet


def _pattern(name: str) -> str:
    return r"(?:\s|&nbsp;)+".join(re.escape(word) for word in name.split())


def _same(name: str) -> str:
    return " ".join(name.casefold().split())
