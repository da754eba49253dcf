"""The static files as `collectstatic` leaves them for a real site: copies with a manifest of their names."""

from pathlib import Path

from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Copies with hashed names, by which our own modules name each other too.

    By its plain name a browser would run a module a second time that the page has already: each click twice.
    """

    # Django offers the same for all scripts, and then stumbles over those that others wrote.
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", ((r"""(?P<matched>from\s*"(?P<url>[./][^"]*)")""", '''from "%(url)s"'''),)),
    )


def need_collecting() -> bool:
    """Whether this site serves copies; the demo and a developer's copy serve the files where they lie."""
    return isinstance(staticfiles_storage, ManifestFilesMixin)


def manifest() -> Path:
    return Path(staticfiles_storage.path("staticfiles.json"))


def are_current() -> bool:
    """Whether the manifest is there and nothing of what it was made from is newer."""
    if not manifest().is_file():
        return False
    files = (Path(storage.path(name)) for finder in get_finders() for name, storage in finder.list(None))
    return max(path.stat().st_mtime for path in files) <= manifest().stat().st_mtime
