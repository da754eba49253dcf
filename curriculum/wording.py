"""How one wording differs from another, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape

from django.utils.html import strip_tags

from curriculum.markdown import render_inline

WORD = re.compile(r"\S+\s*")
COMPARED_AT_MOST = 250_000
"""Old times new words; past that, all of them differ."""


@dataclass(frozen=True)
class Stretch:
    """Words in a row that are in both wordings, or in one of them."""

    kind: str
    """same, added or removed."""
    text: str

    @property
    def words(self) -> str:
        """Without the blank that parts them from what follows."""
        return self.text.rstrip()


def plain(html: str) -> str:
    """The words of HTML, with one blank where there was white space."""
    return " ".join(unescape(strip_tags(html)).split())


def difference(old: str, new: str) -> tuple[Stretch, ...]:
    """From one plain text to another, in the order in which they are read: what goes stands before what comes."""
    before, after = WORD.findall(old), WORD.findall(new)
    if len(before) * len(after) > COMPARED_AT_MOST and old != new:
        return Stretch("removed", old), Stretch("added", new)
    matcher = SequenceMatcher(
        None, [word.strip() for word in before], [word.strip() for word in after], autojunk=False
    )
    found = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            found.append(Stretch("same", "".join(after[k:m])))
            continue
        found += [
            Stretch(kind, "".join(words))
            for kind, words in (("removed", before[i:j]), ("added", after[k:m]))
            if words
        ]
    return tuple(found)


def difference_of_markdown(old: str, new: str) -> tuple[Stretch, ...]:
    """The same of two inline Markdown texts, as they are read; of the marks too where nothing else differs."""
    read = plain(render_inline(old)), plain(render_inline(new))
    return difference(*read) if read[0] != read[1] else difference(old, new)
