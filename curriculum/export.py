"""Writing what is published into a folder: only what differs, and each file whole or not at all."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.utils.translation import gettext as _

from curriculum.intake import fits
from curriculum.models import Document


class Outside(ValueError):
    """A document whose place is not in the folder, by its name or by a link."""


class Done(StrEnum):
    """What became of a file."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True)
class Target:
    """Where a text goes."""

    path: Path
    data: bytes
    shown: str

    def write(self) -> Done:
        """A file that has these bytes is not touched; one that has others is replaced at once. Raises OSError."""
        try:
            if self.path.read_bytes() == self.data:
                return Done.SAME
            done = Done.CHANGED
        except FileNotFoundError:
            done = Done.NEW
        self.path.parent.mkdir(parents=True, exist_ok=True)
        mode = self.path.stat().st_mode & 0o777 if done is Done.CHANGED else 0o666 & ~umask()
        with NamedTemporaryFile(dir=self.path.parent, prefix=f".{self.path.name}.", delete=False) as opened:
            try:
                opened.write(self.data)
                opened.flush()
                os.fsync(opened.fileno())
                os.fchmod(opened.fileno(), mode)
                Path(opened.name).replace(self.path)
            except BaseException:
                Path(opened.name).unlink(missing_ok=True)
                raise
        return done


def umask() -> int:
    """What new files of this process are not allowed; there is no way to ask without setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def targets(root: Path, documents: Iterable[Document]) -> list[Target]:
    """Where all of them go, so that none is written when one cannot be. Raises Outside."""
    return list(found(root.resolve(), documents))


def found(root: Path, documents: Iterable[Document]) -> Iterator[Target]:
    for document in documents:
        target = (root / document.path).resolve()
        if not fits(document.path) or not target.is_relative_to(root):
            reason = _("“%(path)s” lies outside the folder: nothing was written.")
            raise Outside(reason % {"path": document.path})
        if document.published is not None:
            yield Target(target, document.published.data, document.path)
