"""The request of a person who has logged in, as the middleware leaves it: what nearly every view is handed."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from people.models import User


class Request(HttpRequest):
    """Only for type hints: `user` is known, and `htmx` says whether a fragment is wanted."""

    user: User
    htmx: HtmxDetails
