"""The readings of what was handed in: the text that anchors are made and placed against."""

from submissions import store
from submissions.formats import Form, markdown
from submissions.formats.reading import Reading
from submissions.memory import MEMORY
from submissions.models import File, Version


@MEMORY.keeps(32)
def reading_of_text(text: str) -> Reading:
    """Of Markdown that was written in the page."""
    return markdown.read(text)


@MEMORY.keeps(64)
def reading_of_blob(sha256: str, form: str) -> Reading:
    """Of a file's bytes. Raises OSError when the store has lost them."""
    with store.lent(sha256) as path:
        if form == Form.MARKDOWN:
            return markdown.read(path.read_text("utf-8-sig"))
    return Reading("")


def reading_of(version: Version, file: File | None) -> Reading:
    """Of a file of the version; of None, of the text that was written in the page."""
    if file is None:
        return reading_of_text(version.text)
    return Reading("") if file.erased_at else reading_of_blob(file.blob.sha256, file.form)
