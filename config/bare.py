"""Settings of commands that need no site: no database, no secret, and only the app that knows Markdown."""

INSTALLED_APPS = ["curriculum"]
# Named by the tables of the plan, which such a command reads no row of.
AUTH_USER_MODEL = "people.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
USE_TZ = True
