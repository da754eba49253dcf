"""A site at work, for test_backup_sites.py: `python -m tests.progress.busy`, on a site of its own.

It fills the site with a small cohort, then a learner writes notes and hands in files and a mentor marks, each
as quickly as the site answers, until its standard input ends. Each write that was acknowledged is a line of JSON
on its standard output: what was written, under which name, and when the answer had come.

`python -m tests.progress.busy found` prints what is there of it, as one object by kind.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from uuid import UUID

import django

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402 (these read the settings)
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from people.models import User  # noqa: E402
from progress.models import Completion, Entry, EntryText  # noqa: E402
from submissions import store  # noqa: E402
from submissions.models import File, Submission  # noqa: E402
from tests.cast import make_cast, month_text  # noqa: E402

HTMX = {"HX-Request": "true"}
FILES = 60
"""Files of one draft."""


class Busy:
    """People who write until `over`."""

    def __init__(self) -> None:
        self.cast = make_cast(month_text(tasks=20, works=20, criteria=4))
        self.over = threading.Event()
        self.line = threading.Lock()
        learner = self.cast.learner
        self.drafts = [
            Submission.objects.create(learner=learner, deliverable=work).uuid
            for work in self.cast.month.deliverables.all()
        ]
        self.tasks = [task.uuid for task in self.cast.month.tasks.all()]

    def run(self) -> None:
        acts = (self.note, self.hand_in, self.mark)
        threads = [threading.Thread(target=self.keep_on, args=[act]) for act in acts]
        for thread in threads:
            thread.start()
        sys.stdin.read()
        self.over.set()
        for thread in threads:
            thread.join()

    def keep_on(self, act: Callable[[Client, int], tuple[str, str]]) -> None:
        client = Client()
        client.force_login(self.cast.mentor if act == self.mark else self.cast.learner.user)
        try:
            for number in count(1):
                if self.over.is_set():
                    break
                name, value = act(client, number)
                said = {"kind": act.__name__, "name": name, "value": value, "at": time.time()}
                with self.line:
                    print(json.dumps(said), flush=True)
        finally:
            connections.close_all()

    def post(self, client: Client, name: str, *args: object, **form: object) -> None:
        answer = client.post(reverse(name, args=args), form, headers=HTMX)
        if answer.status_code != 200:
            raise RuntimeError(f"{name}: {answer.status_code}")

    def note(self, client: Client, number: int) -> tuple[str, str]:
        """A tick and a note beside it, which names a later number each time."""
        task: UUID = self.tasks[number % len(self.tasks)]
        self.post(client, "progress:completion", self.cast.learner.uuid, task, done="yes")
        self.post(client, "progress:completion_note", self.cast.learner.uuid, task, note=f"{number:06}")
        return str(task), f"{number:06}"

    def hand_in(self, client: Client, number: int) -> tuple[str, str]:
        """A file of its own into a draft."""
        draft = self.drafts[number // FILES]
        file = SimpleUploadedFile(f"{number}.md", f"# File {number}\n".encode() * 5000)
        self.post(client, "submissions:file_add", draft, files=file)
        return f"{number}.md", ""

    def mark(self, client: Client, number: int) -> tuple[str, str]:
        """Met and not yet, in turn."""
        criterion = self.cast.criteria[number % 2]
        seen = Entry.objects.filter(learner=self.cast.learner, criterion=criterion).last()
        self.post(
            client,
            "progress:mark",
            self.cast.learner.uuid,
            criterion.uuid,
            decision="met" if number % 4 < 2 else "not_yet",
            note=f"{number:06}",
            seen=seen.number if seen else 0,
        )
        return f"{number:06}", ""


def found() -> dict[str, dict[str, str]]:
    """What the site has of all that, by kind and name."""
    files = File.objects.filter(name__endswith=".md").select_related("blob")
    marks = EntryText.objects.filter(name="note", entry__kind="mark").values_list("text", flat=True)
    notes = Completion.objects.done().values_list("task__uuid", "note")
    return {
        "note": {str(task): note for task, note in notes},
        "hand_in": {file.name: "" for file in files if store.verify(file.blob.sha256)},
        "mark": dict.fromkeys(marks, ""),
        "people": {str(user.uuid): user.name for user in User.objects.all()},
    }


if __name__ == "__main__":
    if sys.argv[1:] == ["found"]:
        print(json.dumps(found()))
    else:
        Busy().run()
