"""What the clients were told against what is there: `python -m tests.crash.ledger`, with their logs as JSON on stdin.

It prints, as JSON, the faults as sentences, and the heads of the chains for the next time.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402 (these read the settings)
from django.core.management.base import CommandError  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Count, F, Max  # noqa: E402
from django_tasks.base import TaskResultStatus  # noqa: E402
from django_tasks_db.models import DBTaskResult  # noqa: E402

from people.models import Mail, Membership, Notification  # noqa: E402
from people.models.notification import TO_MENTORS  # noqa: E402
from progress.models import Completion, Entry, EntryText  # noqa: E402
from progress.verification import Verification, heads  # noqa: E402
from submissions import store  # noqa: E402
from submissions.models import (  # noqa: E402
    Anchor,
    Comment,
    Extract,
    File,
    Opening,
    Placement,
    Review,
    Thread,
    Version,
)

Act = dict[str, Any]
Kind = Notification.Kind
TOLD = {"comment": Kind.COMMENTED, "changes": Kind.CHANGES, "accept": Kind.ACCEPTED}
"""What a learner hears of a review, by its verdict."""


class Ledger:
    """All acts of all clients, each client's in order, held against the database and the store."""

    def __init__(self, logs: list[list[Act]]) -> None:
        self.acts = [act for log in logs for act in log]

    def of(self, *kinds: str) -> list[Act]:
        return [act for act in self.acts if act["kind"] in kinds]

    def faults(self) -> Iterator[str]:
        yield from self.uploads()
        yield from self.versions()
        yield from self.comments()
        yield from self.marks()
        yield from self.reviews()
        yield from self.ticks()

    def once(self, act: Act, what: str, found: int) -> Iterator[str]:
        """An acknowledged act is there once, a refused one not at all, and no other more than once."""
        about = f"{act['kind']} {what!r}"
        if act["state"] == "acknowledged" and not found:
            yield f"{about} was acknowledged and is lost"
        if act["state"] == "refused" and found:
            yield f"{about} was refused and is there"
        if found > 1:
            yield f"{about} is there {found} times"

    def uploads(self) -> Iterator[str]:
        rows = File.objects.values_list("version__submission__uuid", "name", "blob__sha256", "version__pk")
        placed: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for work, name, digest, version in rows:
            placed.setdefault((str(work), name), []).append((digest, version))
        order = self._versions_in_order()
        for act in self.of("upload"):
            there = placed.get((act["facts"]["work"], act["facts"]["name"]), [])
            per_version = Counter(version for _digest, version in there)
            yield from self.once(act, act["facts"]["name"], max(per_version.values(), default=0))
            if any(digest != act["facts"]["sha256"] for digest, _version in there):
                yield f"upload {act['facts']['name']!r} has other bytes"
            # A version starts from the one before, with all its files.
            versions = order.get(act["facts"]["work"], [])
            after = [pk in per_version for pk in versions]
            if True in after and not all(after[after.index(True) :]):
                yield f"upload {act['facts']['name']!r} is missing in a later version"

    def _versions_in_order(self) -> dict[str, list[int]]:
        rows = Version.objects.order_by("pk").values_list("submission__uuid", "pk")
        order: dict[str, list[int]] = {}
        for work, pk in rows:
            order.setdefault(str(work), []).append(pk)
        return order

    def versions(self) -> Iterator[str]:
        rows = Version.objects.submitted().values_list("submission__uuid", "text", "pk")
        handed_in = [(str(work), text) for work, text, _pk in rows]
        count = Counter(handed_in)
        pks = {(str(work), text): pk for work, text, pk in rows}
        said = set(Comment.objects.exclude(act="").values_list("body", "version"))
        bodies = Counter(Comment.objects.values_list("body", flat=True))
        for act in self.of("version"):
            key = act["facts"]["work"], act["facts"]["text"]
            yield from self.once(act, act["facts"]["text"], count[key])
            for answer in act["facts"]["answers"]:
                if bool(count[key]) != ((answer, pks.get(key)) in said) or bodies[answer] > 1:
                    yield f"version {act['facts']['text']!r} and its answer {answer!r} are not there together"

    def comments(self) -> Iterator[str]:
        bodies = Counter(Comment.objects.values_list("body", flat=True))
        for act in self.of("thread", "comment"):
            yield from self.once(act, act["facts"]["body"], bodies[act["facts"]["body"]])
        anchors = Thread.objects.values_list("comments__body", "anchor__file__uuid", "anchor__selectors")
        about = {body: (f"file-{file}" if file else "", selectors) for body, file, selectors in anchors}
        for act in self.of("thread"):
            file, selectors = about.get(act["facts"]["body"], ("", []))
            words = next((one["exact"] for one in selectors if "exact" in one), "")
            if bodies[act["facts"]["body"]] and (words or file) != act["facts"].get("place", ""):
                yield f"thread {act['facts']['body']!r} is about {words or file!r}, and not what was pointed at"

    def marks(self) -> Iterator[str]:
        notes = self._notes()
        for act in self.of("mark"):
            yield from self.once(act, act["facts"]["note"], notes[act["facts"]["note"]])

    def _notes(self) -> Counter[str]:
        return Counter(
            EntryText.objects.filter(name="note", entry__kind="mark").values_list("text", flat=True)
        )

    def reviews(self) -> Iterator[str]:
        rows = {str(review.uuid): review for review in Review.objects.all()}
        may_be: dict[str, set[str]] = {}
        for act in self.of("draft", "review"):
            if act["state"] == "acknowledged":
                may_be[act["facts"]["review"]] = set()
            # One that was refused may have been saved as a draft.
            may_be.setdefault(act["facts"]["review"], {""}).add(act["facts"]["summary"])
        for uuid, summaries in may_be.items():
            if uuid in rows and rows[uuid].summary not in summaries:
                yield f"review {uuid} says {rows[uuid].summary!r}, and not what was acknowledged last"
        for act in self.of("draft"):
            if act["state"] == "acknowledged" and act["facts"]["review"] not in rows:
                yield f"draft {act['facts']['summary']!r} was acknowledged and is lost"
        yield from self._sent(rows)

    def _sent(self, rows: dict[str, Review]) -> Iterator[str]:
        notes = self._notes()
        for act in self.of("review"):
            review = rows.get(act["facts"]["review"])
            summary, verdict = act["facts"]["summary"], act["facts"]["verdict"]
            sent = bool(review and review.published_at and review.summary == summary)
            yield from self.once(act, summary, sent)
            if review and sent and (review.verdict != verdict or not review.digests):
                yield f"review {summary!r} is sent in part"
            # What was typed and not sent is kept in the draft, and goes out with other words in its next sending.
            may_be = {True} if sent else {False, bool(review and review.published_at)}
            for note in act["facts"]["notes"]:
                if notes[note] not in may_be:
                    yield f"review {summary!r} is {'' if sent else 'not '}sent, its mark is there {notes[note]} times"

    def ticks(self) -> Iterator[str]:
        done = {
            (str(learner), str(task))
            for learner, task in Completion.objects.done().values_list("learner__uuid", "task__uuid")
        }
        may_be: dict[tuple[str, str], set[bool]] = {}
        for act in self.of("tick"):
            key = act["facts"]["learner"], act["facts"]["task"]
            if act["state"] == "acknowledged":
                may_be[key] = set()
            may_be.setdefault(key, {False}).add(act["facts"]["done"] == "yes")
        for key, states in may_be.items():
            if (key in done) not in states:
                yield f"tick of {key} is {'' if key in done else 'not '}there, against what was acknowledged last"


def torn() -> Iterator[str]:
    """What is there in part, whoever wrote it."""
    yield from torn_work()
    yield from torn_places()
    yield from untold()
    yield from unsent_mails()


def torn_work() -> Iterator[str]:
    for work in Version.objects.submitted().values("submission").annotate(n=Count("pk"), last=Max("number")):
        if work["n"] != work["last"]:
            yield f"submission {work['submission']} has {work['n']} versions, and the last is number {work['last']}"
    twice = File.objects.values("version", "name").annotate(n=Count("pk")).filter(n__gt=1)
    yield from (f"file {row['name']!r} is there {row['n']} times in one version" for row in twice)
    opened = set(Opening.objects.values_list("version", "mentor"))
    for review in Review.objects.all():
        if (review.version_id, review.mentor_id) not in opened:
            yield f"review {review.uuid} is of a version that nobody has opened"
    for thread in Thread.objects.filter(comments=None):
        yield f"thread {thread.uuid} has no comment"
    for sha256 in store.stored():
        if not store.verify(sha256):
            yield f"blob {sha256} is half there"


def torn_places() -> Iterator[str]:
    """Live anchors that were not placed, and files that were not read."""
    placed = set(Placement.objects.values_list("anchor", "version"))
    later = Anchor.objects.live().filter(version__submission__versions__number__gte=F("version__number"))
    for anchor, version in later.values_list("pk", "version__submission__versions__pk"):
        if (anchor, version) not in placed:
            yield f"anchor {anchor} has no place in version {version}"
    read = set(Extract.objects.values_list("blob", "form"))
    for uuid, blob, form in File.objects.values_list("uuid", "blob", "form"):
        if (blob, form) not in read:
            yield f"file {uuid} is there, and its words are not"


def untold() -> Iterator[str]:
    """Acts that are there, and of which nobody was told."""

    def told(kind: str, about: Any, at: Any, what: str) -> Iterator[str]:
        if not Notification.objects.filter(kind=kind, about=about, at__gte=at).exists():
            yield f"of {what} nobody was told"

    for version in Version.objects.submitted().select_related("submission"):
        yield from told(
            Kind.WAITING, version.submission.uuid, version.submitted_at, f"version {version.uuid}"
        )
    for review in Review.objects.counted().select_related("version__submission"):
        about = review.version.submission.uuid
        yield from told(TOLD[review.verdict], about, review.published_at, f"review {review.uuid}")
    for entry in Entry.objects.filter(kind="mark").select_related("criterion"):
        assert entry.criterion
        kind = Kind.MET if entry.decision == "met" else Kind.NOT_YET
        yield from told(kind, entry.criterion.uuid, entry.at, f"mark {entry.uuid}")
    mentors = set(Membership.objects.mentors().values_list("user", flat=True))
    # What is said in a draft review is told with that; the acts here go with a version.
    at_once = Comment.objects.filter(review=None, act="").select_related("thread__submission")
    for said in at_once:
        kind = Kind.REPLIED if said.author_id in mentors else Kind.ASKED
        yield from told(kind, said.thread.submission.uuid, said.created_at, f"comment {said.uuid}")


def unsent_mails() -> Iterator[str]:
    """News that no mail will bring, and mails that no task will send; no worker runs here."""
    waiting = Mail.objects.waiting()
    known = set(waiting.values_list("user", "kind"))
    for user, kind in Notification.objects.unread().filter(mail=None).values_list("user", "kind").distinct():
        side = Mail.Kind.MENTOR if kind in TO_MENTORS else Mail.Kind.LEARNER
        if (user, side) not in known:
            yield f"no mail waits for user {user}, who has unread news ({kind})"
    # Those that are due later too, which its own ready() leaves out.
    ready = DBTaskResult.objects.filter(status=TaskResultStatus.READY)
    tasks = Counter(said["args"][0] for said in ready.values_list("args_kwargs", flat=True))
    for mail in waiting:
        if not tasks[str(mail.uuid)]:
            yield f"mail {mail.uuid} has no task"


def intact(kept_heads: str) -> Iterator[str]:
    """What the site's own command finds, and SQLite's; and what was cut off since the heads were kept."""
    yield from Verification(kept_heads).problems()
    try:
        call_command("verify", stdout=sys.stderr, stderr=sys.stderr)
    except (CommandError, SystemExit) as error:
        yield f"verify: {error}"
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for pragma in ("integrity_check", "foreign_key_check"):
                found = cursor.execute(f"PRAGMA {pragma}").fetchall()
                yield from (f"{pragma}: {row}" for row in found if row != ("ok",))


def rows() -> dict[str, int]:
    """How much there is."""
    models: Iterable[Any] = (File, Version, Comment, Review, Entry, Completion, Notification, Mail)
    return {str(model._meta.verbose_name_plural): model.objects.count() for model in models}


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read inside is of one moment: a request whose client has given up may end while it is read, and would
    be there in part.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def main() -> None:
    order = json.load(sys.stdin)
    with one_moment():
        faults = [*Ledger(order["logs"]).faults(), *torn()]
    faults += intact(order["heads"])
    print(json.dumps({"faults": faults, "heads": heads(), "rows": rows()}))


if __name__ == "__main__":
    main()
