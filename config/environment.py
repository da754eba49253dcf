"""How settings are read from the environment: each reader fails with the name of the variable."""

import os

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
