"""Pages and forms over real HTTP, as a browser without scripts has them; and what did not come whole."""

import mimetypes
import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.cookies import SimpleCookie
from time import monotonic
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

Fields = list[tuple[str, str]]
Attributes = dict[str, str]
TIMEOUT = 60
"""Seconds without a byte after which a person gives up; the database gives up on a statement before that."""


class Broken(Exception):
    """No answer came, or none that was whole, or one that says that the site failed: nobody knows what was done."""


class Refused(Broken):
    """Nobody was there to be sent anything."""


@dataclass
class Form:
    """A form of a page, as it would be sent untouched."""

    action: str
    fields: Fields = field(default_factory=list)

    def filled(self, **typed: str) -> Fields:
        """Its fields, with other values for those that are named; a name that it lacks is added, as a button is."""
        return [pair for pair in self.fields if pair[0] not in typed] + list(typed.items())

    def __getitem__(self, name: str) -> str:
        return dict(self.fields)[name]

    def __contains__(self, name: str) -> bool:
        return any(known == name for known, _value in self.fields)


class Reader(HTMLParser):
    """The forms of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.writing: tuple[str, list[str]] | None = None
        self.choosing: tuple[str, list[str]] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(given.get("action", ""))
            self.forms.append(self.form)
        elif self.form is None:
            return
        elif tag == "input":
            self._take_input(self.form, given)
        elif tag == "textarea":
            self.writing = given.get("name", ""), []
        elif tag == "select":
            self.choosing = given.get("name", ""), []
        elif tag == "option" and self.choosing and (not self.choosing[1] or "selected" in given):
            self.choosing[1][:] = [given.get("value", "")]

    def _take_input(self, form: Form, given: Attributes) -> None:
        kind = given.get("type", "text")
        unset = kind in ("radio", "checkbox") and "checked" not in given
        if "name" in given and not unset and kind not in ("file", "submit", "button"):
            form.fields.append((given["name"], given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self.writing:
            self.writing[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "textarea" and self.writing and self.form:
            name, words = self.writing
            self.form.fields.append((name, "".join(words).removeprefix("\n")))
            self.writing = None
        elif tag == "select" and self.choosing and self.form:
            name, chosen = self.choosing
            self.form.fields += [(name, value) for value in chosen]
            self.choosing = None


@dataclass
class Page:
    """An answer that came whole; `status` is below 500."""

    status: int
    text: str
    place: str
    """Its path, or the one that it leads to."""

    @property
    def is_taken(self) -> bool:
        return self.status < 400

    @property
    def alerts(self) -> str:
        """What it says at once: why something was not taken."""
        found = re.findall(r'role="alert"[^>]*>(.*?)</(?:p|div)>', self.text, re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", " ".join(found))).split())

    def forms(self, action: str) -> list[Form]:
        """The forms whose address ends so, or begins so."""
        found = Reader(self.text).forms
        return [form for form in found if form.action.endswith(action) or form.action.startswith(action)]

    def form(self, action: str) -> Form | None:
        return next(iter(self.forms(action)), None)


def multipart(fields: Fields, name: str, content: bytes) -> tuple[str, bytes]:
    """The type and the body of a form with one file in its field `files`."""
    edge = uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
    kind = f"Content-Type: {mimetypes.guess_type(name)[0] or 'application/octet-stream'}\r\n\r\n"
    body = b"".join([*parts, head.encode(), kind.encode(), content, f"\r\n--{edge}--\r\n".encode()])
    return f"multipart/form-data; boundary={edge}", body


@dataclass
class Visit:
    """One request: its method and path, when it began and ended, and how: a status, 0 for no whole answer."""

    method: str
    path: str
    began: float
    ended: float
    status: int

    @property
    def failed(self) -> bool:
        return not 0 < self.status < 500


class Browser:
    """One person's session. `visits` has every request."""

    def __init__(self, port: int, cookies: dict[str, str]) -> None:
        self.port, self.cookies = port, dict(cookies)
        self.visits: list[Visit] = []

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Page:
        """One request, one answer; raises Broken."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        client, began, status = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT), monotonic(), 0
        try:
            client.connect()
            client.request(method, path, body or None, sent)
            answer = client.getresponse()
            text = answer.read().decode("utf-8", "replace")
            status = answer.status
        except ConnectionRefusedError as error:
            raise Refused(f"{method} {path}") from error
        except (OSError, HTTPException) as error:
            raise Broken(f"{method} {path}: {error!r}") from error
        finally:
            client.close()
            self.visits.append(Visit(method, path.partition("?")[0], began, monotonic(), status))
        if status >= 500:
            raise Broken(f"{method} {path}: {status}")
        self._keep_cookies(answer)
        return Page(status, text, self._place(path, answer))

    def _keep_cookies(self, answer: HTTPResponse) -> None:
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: part.value for name, part in SimpleCookie(line).items()}

    def _place(self, path: str, answer: HTTPResponse) -> str:
        leads = urlsplit(answer.getheader("Location") or path)
        return leads.path + (f"?{leads.query}" if leads.query else "")

    def get(self, path: str) -> Page:
        """The page, after what led to it."""
        page = self.ask("GET", path)
        for _step in range(4):
            if page.status not in (301, 302, 303):
                break
            page = self.ask("GET", page.place)
        return page

    def post(
        self, path: str, fields: Fields, file: tuple[str, bytes] | None = None, *, htmx: bool = False
    ) -> Page:
        """What a form is answered with, sent by a script if `htmx`; where it leads is not followed."""
        if file:
            kind, body = multipart(fields, *file)
        else:
            kind, body = "application/x-www-form-urlencoded", urlencode(fields).encode()
        headers = {"HX_Request": "true"} if htmx else {}
        return self.ask("POST", path, body, Content_Type=kind, **headers)
