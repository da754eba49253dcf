"""Everything of one person, as plain values: the same ones are written as JSON and shown as pages of the archive.

Of others stands in it only what is part of this person's own work and record: reviews and comments as they were
sent, marks with the names beside them. What a person said about others' work comes without those people's names.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import Count, Prefetch, Q, Sum
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from people.erasing import invitations_of
from people.models import Membership, User
from people.templatetags.times import erased
from progress.chain import NAMED, covered
from progress.models import Completion, Entry
from progress.own_data.archive import PIECE, Member, Names
from submissions import store
from submissions.formats import Form
from submissions.models import Anchor, Comment, File, Review, SavedReply, Submission, Thread, Version
from submissions.places import ShownPlace, quoted

Values = dict[str, Any]
TURNS = {Entry.Kind.COMPLETE: _("complete"), Entry.Kind.REOPENED: _("open again")}
"""What is said of these entries beside the label of their month, which may be no month to its author."""
PACKED_ALREADY = {Form.IMAGE, Form.PDF, Form.DOCX, Form.OFFICE}


def said(text: str, erased_at: datetime | None) -> str:
    """The text, or what stands in its place."""
    return erased(erased_at) or text


def earlier(comment: Comment) -> list[Values]:
    """What it said before it was changed, the oldest first."""
    return [{"until": row.until, "body": said(row.body, row.erased_at)} for row in comment.earlier.all()]


def place_of(anchor: Anchor) -> Values:
    """Where it is in the version that it was made in, in words, and the passage; both empty for the whole."""
    place = ShownPlace.of(anchor, None, None)
    words = ", ".join(filter(None, (place.where, place.extent))) if place else ""
    return {"place": words, "quote": quoted(anchor.selectors)}


class OwnData:
    """One person's data. Each part is asked for when it is its turn, so that no more than one is in memory."""

    def __init__(self, person: User) -> None:
        self.person = person
        self.at = timezone.now()

    @cached_property
    def counts(self) -> Values:
        """What the archive will hold, in figures; four queries."""
        works = Submission.objects.filter(learner__in=self.learners)
        files = File.objects.filter(version__submission__in=works, erased_at=None)
        return {
            **works.aggregate(works=Count("pk", distinct=True), versions=Count("versions")),
            **files.aggregate(files=Count("pk"), size=Sum("blob__size", default=0)),
            **Comment.objects.filter(author=self.person).aggregate(comments=Count("pk")),
            **Entry.objects.filter(learner__in=self.learners).aggregate(entries=Count("pk")),
        }

    @property
    def learners(self) -> Any:
        return Membership.objects.learners().filter(user=self.person)

    @property
    def name(self) -> str:
        """Of the archive: "cairn-2026-11-24"."""
        return f"cairn-{self.at:%Y-%m-%d}"

    # The archive ------------------------------------------------------------------------------------------
    def members(self) -> Iterator[Member]:
        """Its files, in order: what can be read at once, then the work."""
        works = self.works
        yield self.page("style.css", {})
        yield self.page("index.html", {"works": works, "account": self.account})
        yield self.values("account.json", self.account)
        yield from self.both("record", self.record)
        yield from self.both("elsewhere", self.elsewhere)
        for work in works:
            yield from self.work(work)

    def both(self, name: str, values: Values) -> Iterator[Member]:
        yield self.page(f"{name}.html", values)
        yield self.values(f"{name}.json", values)

    def page(self, path: str, values: Values, template: str = "") -> Member:
        with timezone.override(ZoneInfo(self.person.time_zone)), translation.override(self.person.language):
            context = {"up": "../" * path.count("/"), "person": self.person, "at": self.at, **values}
            text = render_to_string(f"progress/own_data/{template or path}", context)
        return Member(path, [text.encode()], self.at)

    def values(self, path: str, values: Values) -> Member:
        text = json.dumps(values, ensure_ascii=False, indent=1, default=written)
        return Member(path, [text.encode()], self.at)

    def work(self, listed: Values) -> Iterator[Member]:
        """One submission: its page, its values, and everything that was handed in."""
        folder = listed["folder"]
        submission = Submission.objects.select_related("deliverable", "project", "idea").get(
            uuid=listed["id"]
        )
        versions = self.versions(submission)
        values = {
            **listed,
            "system": submission.system or (submission.idea and str(submission.idea)) or "",
            "versions": [values for _version, values in versions],
            "reviews": self.reviews(submission),
            "threads": self.threads(submission),
        }
        yield self.page(f"{folder}/index.html", values, "work.html")
        yield self.values(f"{folder}/work.json", values)
        for version, shown in versions:
            if version.text:
                at = version.submitted_at or version.saved_at
                yield Member(f"{folder}/{shown['folder']}/text.md", [version.text.encode()], at)
            for file, one in zip(version.files.all(), shown["files"], strict=True):
                if one["path"]:
                    packed = file.form not in PACKED_ALREADY
                    yield Member(f"{folder}/{one['path']}", bytes_of(file), file.added_at, packed)

    # Its values -------------------------------------------------------------------------------------------
    @cached_property
    def account(self) -> Values:
        person = self.person
        mine = Membership.objects.filter(user=person).select_related("cohort__curriculum", "mentor")
        return {
            "name": person.name,
            "email": person.email,
            "time_zone": person.time_zone,
            "theme": person.theme,
            "language": person.language,
            "keys": person.keys,
            "admin": person.is_staff,
            "joined": person.date_joined,
            "last_login": person.last_login,
            "addresses": list(
                EmailAddress.objects.filter(user=person).values("email", "verified", "primary")
            ),
            "ways": list(
                Authenticator.objects.filter(user=person).values("type", "created_at", "last_used_at")
            ),
            "invitations": [
                {"cohort": str(row.cohort), "email": row.email, "name": row.name, "at": row.created_at}
                for row in invitations_of(person).select_related("cohort")
            ],
            "memberships": [
                {
                    "id": row.uuid,
                    "cohort": str(row.cohort),
                    "curriculum": str(row.cohort.curriculum),
                    "role": row.get_role_display(),
                    "mentor": row.mentor and str(row.mentor),
                    "own_start": row.starts,
                    "joined": row.joined_at,
                    "ended": row.ended_at,
                }
                for row in mine.order_by("joined_at", "pk")
            ],
        }

    @cached_property
    def works(self) -> list[Values]:
        """What the person worked on, each with its folder in the archive."""
        rows = Submission.objects.filter(learner__in=self.learners).select_related(
            "deliverable__month", "project__month", "learner__cohort"
        )
        return [
            {
                "id": row.uuid,
                "title": str(row),
                "month": str(row.month),
                "cohort": str(row.learner.cohort),
                "folder": f"work/{number:03}-{slugify(str(row))[:50].strip('-') or 'work'}",
            }
            for number, row in enumerate(rows.order_by("created_at", "pk"), 1)
        ]

    def versions(self, submission: Submission) -> list[tuple[Version, Values]]:
        """Every version, the draft last."""
        files = Prefetch("files", File.objects.select_related("blob"))
        rows = Version.objects.filter(submission=submission).prefetch_related(files)
        ordered = sorted(rows, key=lambda row: (row.is_draft, row.number or 0))
        return [(row, self.version(row)) for row in ordered]

    def version(self, row: Version) -> Values:
        folder, names = f"version-{row.number}" if row.number else "draft", Names()
        return {
            "number": row.number,
            "folder": folder,
            "submitted": row.submitted_at,
            "saved": row.saved_at,
            "text": f"{folder}/text.md" if row.text else "",
            "text_erased": erased(row.text_erased_at),
            "link": said(row.link, row.link_erased_at),
            "note": said(row.note, row.note_erased_at),
            "answers": row.answers,
            "files": [self.file(row, folder, names) for row in row.files.all()],
        }

    @staticmethod
    def file(row: File, folder: str, names: Names) -> Values:
        if row.erased_at:
            return {"name": erased(row.erased_at), "path": "", "href": "", "size": row.blob.size}
        path = f"{folder}/files/{names.safe(row.name)}"
        return {
            "name": row.name,
            "path": path,
            "href": quote(path),
            "size": row.blob.size,
            "sha256": row.blob.sha256,
        }

    @staticmethod
    def reviews(submission: Submission) -> list[Values]:
        """As they were sent; what a mentor has not sent is not part of it."""
        rows = Review.objects.filter(version__submission=submission, published_at__isnull=False)
        return [
            {
                "by": str(row.mentor),
                "version": row.version.number,
                "at": row.published_at,
                "decision": row.decision,
                "summary": said(row.summary, row.summary_erased_at),
                "withdrawn": row.withdrawn_at,
                "reason": said(row.withdrawn_reason, row.reason_erased_at),
            }
            for row in rows.select_related("mentor", "version").order_by("published_at", "pk")
        ]

    @staticmethod
    def threads(submission: Submission) -> list[Values]:
        """What was said about the work, and sent."""
        comments = (
            Comment.objects.sent().select_related("author", "review", "version").prefetch_related("earlier")
        )
        sent = Q(review=None) | Q(review__published_at__isnull=False)
        rows = Thread.objects.filter(sent, submission=submission).select_related(
            "criterion", "anchor__version", "anchor__file"
        )
        return [
            {
                "kind": thread.get_kind_display(),
                "criterion": thread.criterion and str(thread.criterion),
                "version": thread.anchor.version.number,
                **place_of(thread.anchor),
                "comments": [
                    {
                        "by": str(row.author),
                        "at": row.sent_at,
                        "act": row.get_act_display(),
                        "about_version": row.version and row.version.number,
                        "body": said(row.body, row.erased_at),
                        "earlier": earlier(row),
                    }
                    for row in thread.comments.all()
                ],
            }
            for thread in rows.prefetch_related(Prefetch("comments", comments))
        ]

    @property
    def record(self) -> Values:
        """Ticks, claims, marks, completed months and defences, with the digests of the chain."""
        learners = list(self.learners.select_related("cohort").order_by("joined_at", "pk"))
        return {
            "memberships": [
                {
                    "id": learner.uuid,
                    "cohort": str(learner.cohort),
                    "ticks": [
                        {
                            "month": str(row.task.month),
                            "task": row.task.text,
                            "words": row.words,
                            "done": row.done_at,
                            "note": row.note,
                        }
                        for row in Completion.objects.filter(learner=learner)
                        .select_related("task__month")
                        .order_by("task__month", "pk")
                    ],
                    "entries": [
                        entry_values(row)
                        for row in Entry.objects.filter(learner=learner)
                        .select_related("learner", "author", *NAMED)
                        .prefetch_related("texts")
                        .order_by("number")
                    ],
                }
                for learner in learners
            ]
        }

    @property
    def elsewhere(self) -> Values:
        """What the person wrote about others' work, sent or not, and entered in others' records."""
        works = ("submission__deliverable", "submission__project")
        comments = Comment.objects.filter(author=self.person).exclude(
            thread__submission__learner__in=self.learners
        )
        reviews = Review.objects.filter(mentor=self.person)
        entries = Entry.objects.filter(author=self.person).exclude(learner__in=self.learners)
        return {
            "comments": [
                {
                    "work": str(row.thread.submission),
                    "kind": row.thread.get_kind_display(),
                    "act": row.get_act_display(),
                    "at": row.sent_at,
                    "sent": row.is_sent,
                    "body": said(row.body, row.erased_at),
                    "earlier": earlier(row),
                }
                for row in comments.select_related("review", *(f"thread__{work}" for work in works))
                .prefetch_related("earlier")
                .order_by("pk")
            ],
            "reviews": [
                {
                    "work": str(row.version.submission),
                    "version": row.version.number,
                    "decision": row.decision,
                    "at": row.published_at or row.saved_at,
                    "sent": not row.is_draft,
                    "summary": said(row.summary, row.summary_erased_at),
                    "withdrawn": row.withdrawn_at,
                    "reason": said(row.withdrawn_reason, row.reason_erased_at),
                    "marks": row.marks,
                }
                for row in reviews.select_related(*(f"version__{work}" for work in works)).order_by("pk")
            ],
            "entries": [
                {
                    "kind": kind_said(row),
                    "decision": row.get_decision_display(),
                    "criterion": row.wording,
                    "at": row.at,
                    "note": row.note,
                }
                for row in entries.prefetch_related("texts").order_by("pk")
            ],
            "saved_replies": [
                {"name": row.title, "text": row.body, "used": row.used, "at": row.created_at}
                for row in SavedReply.objects.of(self.person)
            ],
        }


def kind_said(row: Entry) -> str:
    return str(TURNS.get(Entry.Kind(row.kind), row.get_kind_display()))


def entry_values(row: Entry) -> Values:
    """An entry with all that its digest covers, and the salts with which each text can be held against it."""
    defence = row.defence if row.kind == Entry.Kind.DEFENCE else None
    return {
        "number": row.number,
        "id": row.uuid,
        "at": row.at,
        "kind": kind_said(row),
        "decision": row.get_decision_display(),
        "by": row.who,
        "month": row.text("month") or (row.month and str(row.month)),
        "criterion": row.wording,
        "evidence": row.evidence,
        "note": row.note,
        "defence": defence
        and {
            "at": defence.at,
            "minutes": defence.minutes,
            "outcome": defence.get_outcome_display(),
            "corrections_by": defence.corrections_by,
            "present": row.people,
            "works": row.works,
        },
        "digest": row.digest,
        "covered": covered(row),
        "texts": {
            name: {"text": text.text, "salt": text.salt, "erased": text.erased_at}
            for name, text in row.said.items()
            if not text.is_salt
        },
        "salts": {
            name: {"salt": text.salt, "erased": text.erased_at}
            for name, text in row.said.items()
            if text.is_salt
        },
    }


def bytes_of(file: File) -> Iterator[bytes]:
    """What was handed in, piece by piece; a sentence where it was erased or lost in the meantime."""
    try:
        with store.open_blob(file.blob.sha256) as blob:
            while piece := blob.read(PIECE):
                yield piece
    except FileNotFoundError:
        yield b"This file could not be read when the archive was made."


def written(value: Any) -> str:
    """Times in UTC, days and ids, as JSON has no words for them."""
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo("UTC")).isoformat()
    return str(value)
