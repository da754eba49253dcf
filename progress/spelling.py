"""How a search compares texts: by their letters, without capitals, accents and the strokes of some letters.

The same on both engines. Letters that stand for two (ß, æ, œ) are letters of their own, and where PostgreSQL's locale
is C, capitals beyond ASCII are others than their small letters.
"""

import re
import unicodedata
from typing import Any

from django.db.models import Func, TextField

MARKS = re.compile("[\u0300-\u036f]")
"""The accents that a letter is taken apart into."""
STROKES = "øłđıς", "oldiσ"
"""Small letters that cannot be taken apart, and the ones that people type for them."""
TABLE = str.maketrans(*STROKES)


def spelt(text: str) -> str:
    """A text as it is compared: "ZOË ŁUKASZ" as "zoe lukasz"."""
    if text.isascii():
        return text.lower()
    return MARKS.sub("", unicodedata.normalize("NFD", text)).lower().translate(TABLE)


class Spelt(Func):
    """A column, or several with blanks between them, as `spelt` makes them."""

    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="cairn_spelt(%(expressions)s)", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = (
            r"translate(lower(regexp_replace(normalize(%(expressions)s, NFD), '[\u0300-\u036f]', '', 'g')),"
            f" '{STROKES[0]}', '{STROKES[1]}')"
        )
        return self.as_sql(compiler, connection, template=template, **context)


def teach(connection: Any, **_named: Any) -> None:
    """Gives a new connection to SQLite the function that `Spelt` calls."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            "cairn_spelt", 1, lambda text: None if text is None else spelt(text), deterministic=True
        )
