"""What a browser sends when work is handed in."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from people.models import User
from submissions.models import Submission

HTMX = {"HX-Request": "true"}
NOBODY = "00000000-0000-4000-8000-000000000000"


def at(name: str, *args: Any) -> str:
    return reverse(f"submissions:{name}", args=args)


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fields(**typed: Any) -> dict[str, Any]:
    """The hand-in form as it is before the first save, with what was typed."""
    return {"text": "", "link": "", "note": "", "version": "", "revision": "0"} | typed


def send(client: Client, submission: Submission, *files: tuple[str, bytes], **more: Any) -> Any:
    """One request with these files, as a script sends it unless `plain`."""
    headers = {} if more.pop("plain", False) else HTMX
    sent = {"files": [SimpleUploadedFile(name, content) for name, content in files], **more}
    return client.post(at("file_add", submission.uuid), sent, headers=headers)
