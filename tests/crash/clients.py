"""Eight people who write all the time, and note what the site has acknowledged.

What was not acknowledged is sent again as it was, with the same key, or forgotten; both happen.
"""

import random
import re
import threading
import time
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tests.crash.browser import Broken, Browser, Form, Page, Refused
from tests.crash.world import Person, World

AGAIN = 0.7
"""How likely an act that was not acknowledged is sent again."""
WAIT = 0.4, 1.5
"""Seconds before somebody tries again, from shortest to longest."""
FILES = {
    "notes.md": b"# Notes\n\n%s\n",
    "flow.puml": b"@startuml\n' %s\nA -> B\n@enduml\n",
    "run.py": b"# %s\n",
}
"""Names and contents of small files, with a place for what is of this one alone."""

QUOTE = "says"
"""In everything that is written."""


@dataclass
class Act:
    """One act and what identifies it. `state`: open (nobody knows), acknowledged, or refused with a sentence."""

    kind: str
    facts: dict[str, Any]
    state: str = "open"
    tries: int = 0
    refusal: str = ""
    """What was said where it was refused."""


@dataclass
class Shared:
    """What the clients have in common: the world, the work that was begun, and whether they may go on."""

    world: World
    port: int
    works: list[str] = field(default_factory=list)
    """Public ids of submissions."""
    going: threading.Event = field(default_factory=threading.Event)
    over: bool = False


class Client(threading.Thread):
    """One person at work. `log` has their acts in order; `crash` what a client itself could not do."""

    def __init__(self, shared: Shared, person: Person, seed: str) -> None:
        super().__init__(name=person.name, daemon=True)
        self.shared, self.person, self.world = shared, person, shared.world
        # Each has its own, so that what one does depends on no other.
        self.dice = random.Random(f"{seed} {person.name}")  # noqa: S311 (it hides nothing)
        self.browser = Browser(shared.port, person.cookies)
        self.log: list[Act] = []
        self.idle = threading.Event()
        self.crash: Exception | None = None
        self.said = 0

    def run(self) -> None:
        while not self.shared.over:
            self.idle.set()
            if not self.shared.going.wait(0.1):
                continue
            self.idle.clear()
            try:
                self.act()
            except Broken:
                time.sleep(self.dice.uniform(*WAIT))
            except Exception as error:
                self.crash = error
                break
        self.idle.set()

    @abstractmethod
    def act(self) -> None:
        """Something that this person does, by the dice."""

    def words(self) -> str:
        """A sentence that nobody else says, nor this person twice."""
        self.said += 1
        return f"{self.person.name} says {self.said} {self.dice.randrange(16**8):08x}"

    def write(self, kind: str, send: Callable[[], Page], **facts: Any) -> Page | None:
        """Sends, and notes what came back; None for what was not acknowledged and is forgotten."""
        act = Act(kind, facts)
        self.log.append(act)
        while True:
            act.tries += 1
            try:
                page = send()
            except Refused:
                act.tries -= 1
                time.sleep(self.dice.uniform(*WAIT))
                continue
            except Broken:
                if self.dice.random() > AGAIN:
                    return None
                time.sleep(self.dice.uniform(*WAIT))
                continue
            act.state = "acknowledged" if page.is_taken else "refused"
            act.refusal = "" if page.is_taken else f"{page.status}: {page.alerts}"
            return page

    def token(self) -> str:
        """What makes a form one of this person's; a page that is open has it."""
        if "csrf" not in self.browser.cookies:
            self.browser.get("/account/")
        return self.browser.cookies["csrf"]

    def work_page(self, work: str) -> Page:
        return self.browser.get(f"/submissions/{work}/")

    def comment(self, page: Page, work: str, **more: str) -> None:
        """A new thread, or what is added to one."""
        opening = page.form(f"/submissions/{work}/threads/")
        replies = [form for form in page.forms("/comments/") if form.action.startswith("/threads/")]
        body = self.words()
        if replies and (opening is None or self.dice.random() < 0.4):
            form = self.dice.choice(replies)
            do = "now" if more and self.dice.random() < 0.5 else "reply"
            fields = form.filled(body=body, do=do)
            self.write(
                "comment", lambda: self.browser.post(form.action, fields, htmx=True), work=work, body=body
            )
        elif opening:
            place = self.place(page)
            said = {"quote": place} if place == QUOTE else {"about": place}
            fields, key = opening.filled(body=body, **said, **more), opening["key"]
            facts = {"work": work, "body": body, "key": key, "place": place}
            self.write("thread", lambda: self.browser.post(opening.action, fields), **facts)

    def place(self, page: Page) -> str:
        """What a comment is about: words that every text has, one of the files, or the whole."""
        files = sorted(set(re.findall('id="(file-[0-9a-f-]{36})"', page.text)))
        return self.dice.choice(["", QUOTE, self.dice.choice(files) if files else ""])


class Learner(Client):
    """Ticks, uploads, hands in, asks and answers. `begun` has the work for each deliverable."""

    def __init__(self, shared: Shared, person: Person, seed: str) -> None:
        super().__init__(shared, person, seed)
        self.begun: dict[str, str] = {}

    def act(self) -> None:
        if self.dice.random() < 0.35:
            return self.tick()
        work = self.begin(self.dice.choice(self.world.deliverables))
        page = self.work_page(work)
        doing = self.dice.random()
        if doing < 0.35:
            return self.comment(page, work)
        form = self.draft_form(page, work)
        return self.upload(work, form) if doing < 0.65 else self.hand_in(work, form)

    def tick(self) -> None:
        task, done = self.dice.choice(self.world.tasks), self.dice.choice(["yes", "no"])
        place = f"/learners/{self.person.learner}/tasks/{task}/completion/"
        fields = [("csrfmiddlewaretoken", self.token()), ("done", done)]
        facts = {"learner": self.person.learner, "task": task, "done": done}
        self.write("tick", lambda: self.browser.post(place, fields, htmx=True), **facts)

    def begin(self, deliverable: str) -> str:
        """The work's public id."""
        if deliverable in self.begun:
            return self.begun[deliverable]
        fields = [("csrfmiddlewaretoken", self.token()), ("deliverable", deliverable)]
        page = self.browser.post(f"/learners/{self.person.learner}/hand-in/", fields)
        work = page.place.strip("/").split("/")[-1]
        assert page.status == 302, page.text
        self.begun[deliverable] = work
        self.shared.works.append(work)
        return work

    def draft_form(self, page: Page, work: str) -> Form:
        """The form of the draft, which is begun if there is none."""
        form = page.form(f"/submissions/{work}/submit/")
        if form is None:
            start = page.form(f"/submissions/{work}/draft/")
            assert start, page.text
            self.browser.post(start.action, start.filled(start="yes"))
            form = self.work_page(work).form(f"/submissions/{work}/submit/")
        assert form
        return form

    def upload(self, work: str, form: Form) -> None:
        words = self.words()
        name, content = self.dice.choice(list(FILES.items()))
        name = f"{sha256(words.encode()).hexdigest()[:12]}-{name}"
        content = content % words.encode() * self.dice.randint(1, 400)
        self.send_file(work, form, name, content, htmx=self.dice.random() < 0.5)

    def send_file(self, work: str, form: Form, name: str, content: bytes, *, htmx: bool = True) -> None:
        fields, place = form.filled(), f"/submissions/{work}/files/"
        facts = {"work": work, "name": name, "sha256": sha256(content).hexdigest()}
        self.write("upload", lambda: self.browser.post(place, fields, (name, content), htmx=htmx), **facts)

    def hand_in(self, work: str, form: Form) -> None:
        text, answers = self.words(), []
        typed: dict[str, str] = {}
        for name, _value in form.fields:
            if name.startswith("key-"):
                thread = name.removeprefix("key-")
                answers.append(self.words())
                typed |= {f"act-{thread}": "fixed", f"answer-{thread}": answers[-1]}
        fields = form.filled(text=text, **typed)
        facts = {"work": work, "text": text, "answers": answers}
        self.write("version", lambda: self.browser.post(form.action, fields), **facts)


class Mentor(Client):
    """Marks, comments in draft reviews, saves them and sends them. Each mentor marks criteria of their own."""

    @property
    def criteria(self) -> list[str]:
        return self.world.criteria[self.world.mentors.index(self.person) :: len(self.world.mentors)]

    def act(self) -> None:
        doing = self.dice.random()
        if doing < 0.3 or not self.shared.works:
            return self.mark()
        work = self.dice.choice(self.shared.works)
        page = self.work_page(work)
        sheet = page.form(f"/submissions/{work}/finish/")
        if doing < 0.65 or sheet is None:
            kind = self.dice.choice(["must", "should", "question", "praise"])
            return self.comment(page, work, kind=kind)
        return self.save(sheet) if doing < 0.75 else self.publish(page, work, sheet)

    def mark(self) -> None:
        learner = self.dice.choice(self.world.learners).learner
        criterion, note = self.dice.choice(self.criteria), self.words()
        place = f"/learners/{learner}/criteria/{criterion}/mark/"
        form = self.browser.get(place).form(place)
        assert form
        fields = form.filled(decision=self.dice.choice(["met", "not_yet"]), note=note)
        facts = {"learner": learner, "criterion": criterion, "note": note}
        self.write("mark", lambda: self.browser.post(place, fields), **facts)

    def save(self, sheet: Form) -> None:
        summary, place = self.words(), f"/reviews/{sheet['review']}/"
        fields = sheet.filled(summary=summary)
        facts = {"review": sheet["review"], "summary": summary}
        self.write("draft", lambda: self.browser.post(place, fields, htmx=True), **facts)

    def publish(self, page: Page, work: str, sheet: Form) -> None:
        verdict = self.dice.choice(["comment", "changes", "changes", "accept"])
        typed = {"summary": self.words(), "verdict": verdict}
        facts = {"review": sheet["review"], "work": work, "notes": []} | typed
        for name in ("here", "accept_open"):
            if f'name="{name}"' in page.text:
                typed[name] = "yes"
        criterion = self.dice.choice(self.criteria)
        if f"{criterion}-seen" in sheet:
            note = self.words()
            typed |= {f"{criterion}-decision": "not_yet", f"{criterion}-note": note}
            facts["notes"] = [note]
        fields = sheet.filled(**typed)
        self.write("review", lambda: self.browser.post(sheet.action, fields), **facts)
