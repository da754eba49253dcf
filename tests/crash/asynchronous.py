"""The site's settings with a guard off: PostgreSQL acknowledges what has not reached the disk. For a control alone."""

from config.settings import *  # noqa: F403

DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"  # noqa: F405
