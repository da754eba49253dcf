"""Its name in the database, which a test package's path would not give."""

from django.apps import AppConfig


class Yardstick(AppConfig):
    """The one app of the project."""

    name = "tests.bench.yardstick"
    label = "yardstick"
