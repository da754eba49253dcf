"""How settings are read from the environment: each reader fails with the name of the variable."""

import os
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "yes", "true", "on"}, {"0", "no", "false", "off", ""}


def flag(name: str, default: bool) -> bool:
    """A yes-or-no variable; raises ImproperlyConfigured for any other word."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}: say yes or no.")


def number(name: str, default: int) -> int:
    """A whole number of zero or more; raises ImproperlyConfigured otherwise."""
    value = os.environ.get(name)
    if value is None:
        return default
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}: give a whole number.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas or blanks."""
    return os.environ.get(name, default).replace(",", " ").split()


def text(name: str, default: str = "") -> str:
    """A string as it stands."""
    return os.environ.get(name, default)


def one_of(name: str, choices: list[str]) -> str:
    """One of the words, the first unless another is said; raises ImproperlyConfigured otherwise."""
    value = os.environ.get(name, choices[0])
    if value not in choices:
        known = " or ".join(filter(None, choices))
        raise ImproperlyConfigured(f"{name} is {value!r}: say {known}, or leave it out.")
    return value


def other_host(name: str, origin: str, hosts: list[str], https: bool) -> str:
    """The host of an origin, such as https://files.example.net, that is none of this site's own hosts.

    Raises ImproperlyConfigured otherwise.
    """
    parts = urlsplit(origin)
    schemes = {"https"} if https else {"https", "http"}
    if parts.scheme not in schemes or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
        raise ImproperlyConfigured(
            f"{name} is {origin!r}: give an origin, such as https://files.example.net."
        )
    if any(
        parts.hostname == host or (host[:1] == "." and f".{parts.hostname}".endswith(host)) for host in hosts
    ):
        raise ImproperlyConfigured(f"{name} must be another host than those in ALLOWED_HOSTS.")
    return parts.hostname


def site_origin(name: str, places: list[str], https: bool, port: str) -> str:
    """Where people reach this site, such as https://cairn.example.org: as the variable says, else the first place.

    A place is an origin or a host; `port` is that of the demo. Raises ImproperlyConfigured for what is no origin.
    """
    scheme = "https" if https else "http"
    place = os.environ.get(name) or next(iter(places), "localhost").lstrip(".*")
    origin = place if "://" in place else f"{scheme}://{place}" + (f":{port}" if port and not https else "")
    parts = urlsplit(origin)
    if (
        parts.scheme not in ("https", "http")
        or not parts.hostname
        or origin != f"{parts.scheme}://{parts.netloc}"
    ):
        raise ImproperlyConfigured(f"{name} is {place!r}: give an origin, such as https://cairn.example.org.")
    return origin
