"""manage.py setup: an empty site and its first admin, asked for or from the environment."""

import getpass
import os
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from config import health, static

NEXT = """
What comes next:
  1. Start the web server and the worker (README, "Install").
  2. manage.py doctor says whether all is well.
  3. Log in at /admin/ and import a curriculum, then add a cohort and its people (README, "The first cohort").
"""


class Command(BaseCommand):
    """Does what is not done yet, and nothing twice. Nothing secret is taken from the command line."""

    help = (
        "Prepare the database and the static files, and make the first admin. The admin's address, name and password"
        " come from SETUP_EMAIL, SETUP_NAME and SETUP_PASSWORD, or are asked for."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = [*self.database(), *self.static_files(), *self.admin()]
        if not done:
            self.stdout.write("Nothing had to be done: this site is set up already.")
        self.stdout.write(NEXT)

    def database(self) -> list[str]:
        with health.own_connection() as own:
            try:
                own.ensure_connection()
            except Exception as error:
                raise CommandError(f"The database cannot be reached: {health.first_line(error)}.") from error
        done = []
        if health.database():
            call_command("migrate", verbosity=0, interactive=False)
            done.append("The database is migrated.")
        if settings.CACHES["default"].get("LOCATION") not in connection.introspection.table_names():
            call_command("createcachetable", verbosity=0)
            done.append("The table of the cache is made.")
        return self.say(done)

    def static_files(self) -> list[str]:
        if not static.need_collecting() or static.are_current():
            return []
        if not any((settings.BASE_DIR / "static" / "vendor").glob("htmx/*")):
            raise CommandError(
                "static/vendor is empty: run npm ci --ignore-scripts and scripts/vendor.py, then this again."
            )
        call_command("collectstatic", verbosity=0, interactive=False)
        return self.say([f"The static files are collected in {settings.STATIC_ROOT}."])

    def admin(self) -> list[str]:
        people = get_user_model()._default_manager
        there = people.filter(is_superuser=True, is_active=True).first()
        if there:
            self.stdout.write(f"There is an admin already: {there.get_username()}.")
            return []
        user = get_user_model()()
        for name, question in (("email", "Address of the first admin"), ("name", "Name")):
            self.fill(user, name, question)
        password = self.password(user)
        people.create_superuser(user.email, password, name=user.name, time_zone=settings.TIME_ZONE)
        return self.say([f"The first admin is {user.email}."])

    def fill(self, user: Any, name: str, question: str) -> None:
        """Sets a field from the environment, where what is wrong ends the command, or asks until it is right."""
        while True:
            given = self.given(f"SETUP_{name.upper()}", question, input)
            setattr(user, name, given.strip())
            try:
                user.clean()
                user.clean_fields(exclude={field.name for field in user._meta.fields} - {name})
                if name == "email" and type(user)._default_manager.filter(email=user.email).exists():
                    raise ValidationError("Somebody has this address already.")
                return
            except ValidationError as error:
                self.refuse(f"SETUP_{name.upper()}", error)

    def password(self, user: Any) -> str:
        while True:
            given = self.given("SETUP_PASSWORD", "Password", getpass.getpass)
            try:
                validate_password(given, user)
                if "SETUP_PASSWORD" not in os.environ and getpass.getpass("Password again: ") != given:
                    raise ValidationError("These are two different passwords.")
                return given
            except ValidationError as error:
                self.refuse("SETUP_PASSWORD", error)

    def given(self, variable: str, question: str, ask: Any) -> str:
        if variable in os.environ:
            return os.environ[variable]
        if not sys.stdin.isatty():
            raise CommandError(
                f"{variable} is not set, and there is nobody to ask: set SETUP_EMAIL, SETUP_NAME and SETUP_PASSWORD."
            )
        try:
            return str(ask(f"{question}: "))
        except (EOFError, KeyboardInterrupt):
            raise CommandError("Stopped. What was done before stays; run it again for the rest.") from None

    def refuse(self, variable: str, error: ValidationError) -> None:
        sentences = " ".join(error.messages)
        if variable in os.environ:
            raise CommandError(f"{variable}: {sentences}")
        self.stderr.write(sentences)

    def say(self, done: list[str]) -> list[str]:
        for line in done:
            self.stdout.write(line)
        return done
