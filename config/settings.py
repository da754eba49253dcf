"""All settings, read from the environment; the README has them in a table."""

from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.environment import flag, number, one_of, other_host, site_origin, text, words
from config.policy import page_policy
from config.storage import bucket

django_stubs_ext.monkeypatch()  # forms and admins may be written with the type of their model

BASE_DIR = Path(__file__).resolve().parent.parent

# Safety ---------------------------------------------------------------------------------------------------
DEBUG = flag("DEBUG", False)
DEMO = flag("DEMO", False)
INSECURE_KEY = "for-the-demo-and-for-development-only-never-for-a-site-that-people-use"
SECRET_KEY = text("SECRET_KEY", INSECURE_KEY if DEBUG or DEMO else "")
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "localhost 127.0.0.1 [::1]" if DEBUG or DEMO else "")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")
HTTPS = flag("HTTPS", not (DEBUG or DEMO))
BEHIND_PROXY = flag("BEHIND_PROXY", False)

if not (DEBUG or DEMO):
    if len(SECRET_KEY) < 50 or SECRET_KEY == INSECURE_KEY:
        raise ImproperlyConfigured("SECRET_KEY must be a secret of at least 50 characters.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts of this site; '*' is refused.")
if DEBUG and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("DEBUG with ALLOWED_HOSTS='*' would show the code to anybody.")

SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_ENGINE = "people.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"  # the view that draws diagrams allows our own pages

# Where set, what people hand in is sent from there alone, so that not even a browser's fault lets it act as the site.
USERCONTENT_ORIGIN = text("USERCONTENT_ORIGIN").rstrip("/").lower()
if USERCONTENT_ORIGIN:
    ALLOWED_HOSTS.append(other_host("USERCONTENT_ORIGIN", USERCONTENT_ORIGIN, ALLOWED_HOSTS, HTTPS))
CONTENT_SECURITY_POLICY = page_policy(USERCONTENT_ORIGIN)

# Application ----------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "progress",
    "submissions",
    "people",
    "curriculum",
    "config.apps.Site",
    "config.apps.CairnAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_tasks_db",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "nested_admin",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.health.probes",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.usercontent",
    "config.middleware.one_encoding",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "submissions.views.words.logged_out",
    "submissions.views.words.unavailable",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "config.middleware.wrong_method",
    "config.middleware.person",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Data -----------------------------------------------------------------------------------------------------
VAR = Path(text("VAR", str(BASE_DIR / "var")))
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        text("DATABASE_URL", f"sqlite:///{VAR / 'cairn.sqlite3'}"), conn_max_age=600, conn_health_checks=True
    )
}
DATABASE = DATABASES["default"]
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    if str(DATABASE["NAME"]).startswith(str(VAR)):
        VAR.mkdir(parents=True, exist_ok=True)
    DATABASE["CONN_MAX_AGE"] = 0
    # FULL: an answer is given only for what is on disk. IMMEDIATE: a writer waits its turn instead of failing.
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
elif DATABASE["ENGINE"] == "django.db.backends.postgresql":
    DATABASE["OPTIONS"] = DATABASE.get("OPTIONS", {}) | {
        # The plan of a query that curriculum/prepared.py keeps is made once for all values, not once for each.
        "options": "-c synchronous_commit=on -c statement_timeout=30s -c lock_timeout=10s"
        " -c idle_in_transaction_session_timeout=60s -c plan_cache_mode=force_generic_plan"
        # Tables and indexes are in memory or on an SSD: what PostgreSQL assumes is of turning disks.
        " -c random_page_cost=1.1",
        "prepare_threshold": 0,
        # Seconds, and milliseconds, until a server that does not answer is taken for one that is away.
        "connect_timeout": 5,
        "tcp_user_timeout": 15_000,
    }
else:
    raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:/// or postgresql://.")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

# Tasks: rows written in the same transaction as what they follow from, done by `manage.py db_worker`.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# What has to be well for /readyz to say so: functions that say what is not, in a sentence.
READINESS = ["config.health.database", "submissions.store.trouble"]

# Files ----------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or DEMO
        else "config.static.HashedFiles"
    },
}
if text("S3_BUCKET"):
    STORAGES["blobs"] = bucket(
        text("S3_BUCKET"), text("S3_ENDPOINT"), text("S3_ACCESS_KEY"), text("S3_SECRET_KEY"), text("S3_REGION"),
        text("S3_PREFIX"),
    )  # fmt: skip
# The web server that sends files from this machine's disk itself, when it is told which.
SENDFILE = one_of("SENDFILE", ["", "nginx"])
WHITENOISE_USE_FINDERS = DEBUG or DEMO
MEDIA_ROOT = Path(text("MEDIA_ROOT", str(VAR / "media")))
FILE_UPLOAD_TEMP_DIR = text("FILE_UPLOAD_TEMP_DIR") or None
MEGABYTE = 1024 * 1024
FILE_LIMIT = number("FILE_LIMIT_MB", 25) * MEGABYTE
VERSION_LIMIT = number("VERSION_LIMIT_MB", 100) * MEGABYTE
LEARNER_QUOTA = number("LEARNER_QUOTA_MB", 1000) * MEGABYTE
IMAGE_PIXELS = number("IMAGE_PIXELS", 50_000_000)
PDF_PAGES = number("PDF_PAGES", 500)
TEXT_LIMIT = 200_000
"""Characters of any text typed into a form: a version's text, a comment, a note."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * MEGABYTE
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# People ---------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["people.backend.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
    ),
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "progress:home"
ACCOUNT_ADAPTER = "people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Who logs in too often is told apart by address: behind a proxy, by the one that it says.
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO
MFA_TOTP_ISSUER = "Cairn"
INVITATION_DAYS = number("INVITATION_DAYS", 30)
INVITATION_REMINDER_DAYS = number("INVITATION_REMINDER_DAYS", 7)

# Mails are written by the worker, which knows no request: it has to be told where the site is.
SITE_ORIGIN = site_origin("SITE_ORIGIN", [*CSRF_TRUSTED_ORIGINS, *ALLOWED_HOSTS], HTTPS, text("PORT"))

EMAIL_BACKEND = "django.core.mail.backends." + (
    "smtp.EmailBackend" if text("EMAIL_HOST") else "console.EmailBackend"
)
EMAIL_HOST = text("EMAIL_HOST", "localhost")
EMAIL_PORT = number("EMAIL_PORT", 587)
EMAIL_HOST_USER = text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = text("DEFAULT_FROM_EMAIL", "Cairn <cairn@localhost>")

# Language and time ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = text("TIME_ZONE", "UTC")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": text("LOG_LEVEL", "INFO")},
}
