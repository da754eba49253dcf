"""Every address of ours: a world in which each leads somewhere, and what a minimal form sends there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from curriculum.admin.intake import kept
from curriculum.pages import plan_of
from people.letters import stop_token
from people.models import Absence, Invitation, User
from progress.demo.files import notebook, picture
from progress.fork import Fork
from progress.models import Completion, print_of
from submissions import store
from submissions.models import Blob, Comment, File, Review, Said, SavedReply, Thread, Version
from submissions.models.work import Submission
from tests.cast import Cast, make_cast, month_text
from tests.factories import mentor_of

OURS = ["progress", "submissions", "people", "curriculum"]
PEOPLE = ["learner", "fellow", "stranger", "mentor", "other_mentor", "admin", "deactivated", "nobody"]
CELL_PICTURE = (
    b'{"cells": [{"cell_type": "code", "execution_count": 1, "metadata": {}, "source": [], "outputs": ['
    b'{"output_type": "display_data", "metadata": {}, "data": {"image/png": "'
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    b'"}}]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
)
Rows = dict[str, list[dict[str, Any]]]


def patterns(namespace: str) -> list[URLPattern]:
    """The routes of one namespace, as the URLconf has them."""
    found = [
        pattern
        for resolver in get_resolver().url_patterns
        if isinstance(resolver, URLResolver) and resolver.namespace == namespace
        for pattern in resolver.url_patterns
        if isinstance(pattern, URLPattern)
    ]
    assert all(pattern.name for pattern in found)
    return found


def names() -> list[str]:
    """Every URL name of ours, with its namespace."""
    return [f"{app}:{pattern.name}" for app in OURS for pattern in patterns(app)]


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside never happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def our_rows() -> Rows:
    """Every row of ours, by its table; when somebody logged in last says nothing of what was asked for."""
    tables: list[type[models.Model]] = [
        model for app in OURS for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    rows = {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in tables}
    for user in rows["people.User"]:
        del user["last_login"]
    return rows


class World:
    """The cast at work: handed in, reviewed, in draft and untouched, each on a deliverable of its own."""

    def __init__(self, text: str = "") -> None:
        """`text` is a month with five works, where it is not the one of the cast."""
        self.cast: Cast = make_cast(text or month_text(works=5))
        cast = self.cast
        self.works = list(cast.month.deliverables.order_by("pk"))
        self.colleague = mentor_of(cast.cohort, name="Colleague")
        self.invitation = Invitation.objects.create(cohort=cast.cohort, created_by=cast.admin)
        cast.learner.user.renew_feed(on=True)
        ahead = timezone.localdate() + timedelta(days=30)
        self.absence = Absence.objects.create(
            membership=cast.mentor.memberships.get(), first=ahead, last=ahead, stand_in=self.colleague
        )
        (self.reworded, *_others) = cast.month.tasks.filter(week=None)
        Completion.objects.create(learner=cast.learner, task=self.reworded, note="Begun.", words="Old words")
        self.waiting = cast.hand_in(work=self.works[0])
        self.reviewed = self.with_file(cast.hand_in, self.works[1])
        self.sent = Review.objects.begin(self.reviewed, cast.mentor)
        self.thread = Thread.objects.open(
            self.reviewed, cast.mentor, Said("Which one?", uuid4(), "should"), self.sent
        )
        self.sent.save_draft("comment", "Read.", self.sent.revision)
        self.sent.publish("comment")
        self.begun = cast.hand_in(work=self.works[2])
        self.review = Review.objects.begin(self.begun, cast.mentor)
        self.unsent = Thread.objects.open(
            self.begun, cast.mentor, Said("Not sent.", uuid4(), "should"), self.review
        )
        cast.hand_in(work=self.works[2], text="# Newer")  # which the draft can be carried over to
        self.finishing = cast.hand_in(work=self.works[3])
        gone = mentor_of(cast.cohort, name="Gone")
        self.left = Review.objects.begin(self.reviewed, gone)
        gone.memberships.get().end()
        self.last_review = Review.objects.begin(self.finishing, cast.mentor)
        self.draft = Submission.objects.create(learner=cast.learner, deliverable=self.works[4]).start_draft()
        self.draft.save_draft("# Draft", "", "", 0)
        self.draft_file = self.file(self.draft, "notes.md", b"# Notes", "markdown", "text/markdown")
        self.dropped = self.drop(cast.hand_in(cast.fellow, self.works[4]))
        self.saved_reply = SavedReply.objects.keep(cast.mentor, "Which one do you mean?")

    def fork(self) -> dict[str, str]:
        """A file with a tick that the learner has not, as the second step of bringing it sends it."""
        cast = self.cast
        edition = cast.month.document.editions.get()
        files = [("README.md", edition.source.replace("[ ] Task 1.2", "[x] Task 1.2").encode())]
        seen = Fork(cast.learner, plan_of(cast.curriculum.pk), files, {}).seen
        return {"kept": kept(files), "seen": seen, "apply": "yes"}

    def drop(self, version: Version) -> Comment:
        """The mentor's act of just now, which can be taken back."""
        mentor = self.cast.mentor
        review = Review.objects.begin(version, mentor)
        thread = Thread.objects.open(version, mentor, Said("Why so?", uuid4(), "should"), review)
        review.publish("changes")
        return thread.drop(mentor, Said("", uuid4()))

    def with_file(self, hand_in: Any, work: Any) -> Version:
        """A version with a picture and a notebook in it."""
        submission = Submission.objects.create(learner=self.cast.learner, deliverable=work)
        version = submission.start_draft()
        version.save_draft("# Files", "", "", version.revision)
        self.picture = self.file(version, "flow.png", picture(), "image", "image/png")
        self.notebook = self.file(version, "n.ipynb", CELL_PICTURE, "notebook", "application/x-ipynb+json")
        version.submit()
        return version

    def file(self, version: Version, name: str, content: bytes, form: str, media_type: str) -> File:
        received = store.receive([content], 10**6)
        store.keep(received)
        blob, _made = Blob.objects.get_or_create(sha256=received.sha256, defaults={"size": received.size})
        return File.objects.create(version=version, blob=blob, name=name, form=form, media_type=media_type)

    def user(self, name: str) -> User | None:
        """A person of the cast by name; None for nobody."""
        person = getattr(self.cast, name, None)
        return getattr(person, "user", person)

    def client(self, name: str, **options: Any) -> Client:
        client = Client(raise_request_exception=False, **options)
        user = self.user(name)
        if user:
            client.force_login(user)
        return client

    @cached_property
    def places(self) -> dict[str, list[Any]]:
        """What each address names; a third word tells two cases of one route apart."""
        cast = self.cast
        learner, month = cast.learner.uuid, cast.month.slug
        work = self.reviewed.submission.uuid
        draft = self.draft.submission.uuid
        return {
            "progress:learner_path": [learner],
            "progress:curriculum_detail": [learner],
            "progress:month_detail": [learner, month],
            "progress:month_copy": [learner, month],
            "progress:month_changes": [learner, month],
            "progress:month_look": [learner, month],
            "progress:curriculum_copy": [learner],
            "progress:fork": [learner],
            "progress:completion": [learner, cast.task.uuid],
            "progress:completion_note": [learner, cast.task.uuid],
            "progress:wording": [learner, self.reworded.uuid],
            "progress:claim": [learner, cast.criteria[0].uuid],
            "progress:mark": [learner, cast.criteria[0].uuid],
            "progress:defence_new": [learner, month],
            "progress:cohort_detail": [cast.cohort.uuid],
            "progress:cohort_sheet": [cast.cohort.uuid],
            "progress:submission_detail": [work],
            "progress:comparison": [work],
            "progress:review_finish": [self.finishing.submission.uuid],
            "progress:evidence_new": [work],
            "progress:news": [work],
            "progress:preview": [cast.month.document.uuid],
            "submissions:start": [learner],
            "submissions:system": [learner, cast.project.uuid],
            "submissions:draft": [draft],
            "submissions:preview": [draft],
            "submissions:file_add": [draft],
            "submissions:file_remove": [draft, self.draft_file.uuid],
            "submissions:submission_submit": [draft],
            "submissions:take_back": [self.waiting.uuid],
            "submissions:discard": [self.draft.uuid],
            "submissions:file": [self.picture.uuid, "flow.png"],
            "submissions:file in-a-draft": [self.draft_file.uuid, "notes.md"],
            "submissions:file_raw": [self.picture.uuid, "flow.png"],
            "submissions:file_cell": [self.notebook.uuid, 0],
            "submissions:opening": [self.waiting.submission.uuid],
            "submissions:hold": [self.waiting.submission.uuid],
            "submissions:thread_new": [work],
            "submissions:placement_pin": [self.thread.anchor.uuid],
            "submissions:placement_pin unsent": [self.unsent.anchor.uuid],
            "submissions:comment_new": [self.thread.uuid],
            "submissions:comment_new unsent": [self.unsent.uuid],
            "submissions:comment_change": [Comment.objects.get(thread=self.unsent).uuid],
            "submissions:comment_change sent": [Comment.objects.get(thread=self.thread).uuid],
            "submissions:comment_words": [Comment.objects.get(thread=self.thread).uuid],
            "submissions:several": [work],
            "submissions:threads_at_rest": [work, 1],
            "submissions:undo": [self.dropped.thread.submission.uuid],
            "submissions:people": [work],
            "submissions:saved_reply": [self.saved_reply.uuid],
            "submissions:review_draft": [self.review.uuid],
            "submissions:review_carry_over": [self.review.uuid],
            "submissions:review_hand_over": [self.review.uuid],
            "submissions:review_withdraw": [self.sent.uuid],
            "submissions:review_take_over": [self.left.uuid],
            "people:absence_end": [self.absence.uuid],
            "people:join": [self.invitation.token],
            "people:opened": [self.invitation.token],
            "people:mail_stop": [stop_token(cast.learner.user, "learner")],
            "progress:calendar": [cast.learner.user.feed_token],
        }

    def address(self, name: str, case: str = "") -> str:
        places = self.places.get(f"{name} {case}".strip(), self.places.get(name, []))
        return reverse(name, args=places)

    def form(self, name: str) -> dict[str, Any]:
        """What a minimal valid form sends to a route that takes one."""
        if name == "progress:fork":
            return self.fork()
        cast, key = self.cast, str(uuid4())
        typed = {
            "text": "# Better",
            "link": "https://example.org/work",
            "note": "Shorter.",
            "version": str(self.draft.uuid),
            "revision": str(self.draft.revision),
        }
        forms: dict[str, dict[str, Any]] = {
            "progress:completion": {"done": "yes"},
            "progress:completion_note": {"note": "Read twice."},
            "progress:month_look": {"edition": str(cast.month.document.editions.get().uuid)},
            "progress:wording": {"seen": print_of(self.reworded.text)},
            "progress:claim": {"note": "See section 2.", "evidence": f"version:{self.waiting.uuid}"},
            "progress:mark": {
                "decision": "met",
                "note": "Yes.",
                "evidence": f"version:{self.waiting.uuid}",
                "seen": "0",
            },
            "progress:defence_new": {
                "at": f"{timezone.localtime() - timedelta(days=1):%Y-%m-%dT%H:%M}",
                "minutes": "45",
                "present": [str(cast.learner.user.uuid), str(cast.mentor.uuid)],
                "versions": str(self.reviewed.uuid),
                "outcome": "passed",
                "note": "Calm.",
                "key": key,
            },
            "progress:review_finish": {
                "review": str(self.last_review.uuid),
                "verdict": "changes",
                "summary": "Nearly.",
                "revision": "0",
            },
            "progress:evidence_new": {"version": "1"},
            "progress:preview": {"text": month_text()},
            "submissions:start": {"project": str(cast.project.uuid)},
            "submissions:system": {"idea": "own", "system": "A library"},
            "submissions:draft": typed,
            "submissions:preview": typed,
            "submissions:file_add": typed | {"files": SimpleUploadedFile("feature.ipynb", notebook())},
            "submissions:file_remove": typed,
            "submissions:submission_submit": typed,
            "submissions:opening": {"version": "1"},
            "submissions:hold": {"state": "taken"},
            "submissions:thread_new": {
                "kind": "should",
                "body": "Why?",
                "key": key,
                "version": "1",
                "latest": "1",
            },
            "submissions:comment_new": {"body": "Because.", "do": "reply", "key": key, "latest": "1"},
            "submissions:placement_pin": {"version": "1", "about": "text"},
            "submissions:comment_change": {"body": "Other words."},
            "submissions:several": {"act": "drop", "thread": str(self.thread.uuid), "key": key},
            "submissions:undo": {"comment": str(self.dropped.uuid)},
            "submissions:saved_replies": {"title": "Labels", "body": "Say what they mean."},
            "submissions:saved_reply": {"title": "Labels", "body": "Other words."},
            "submissions:review_draft": {"verdict": "changes", "summary": "So far.", "revision": "0"},
            "submissions:review_hand_over": {"to": str(self.colleague.uuid)},
            "submissions:review_withdraw": {"reason": "Wrong file."},
            "people:account": {
                "name": "New Name",
                "time_zone": "Europe/Lisbon",
                "theme": "dark",
                "keys": "on",
                "learner_mail": "daily",
                "mentor_mail": "never",
            },
            "people:feed": {"state": "on"},
            "people:absences": {
                "first": f"{timezone.localdate():%Y-%m-%d}",
                "last": f"{timezone.localdate():%Y-%m-%d}",
                "stand_in": f"{cast.cohort.uuid}.{self.colleague.uuid}",
            },
            "people:join": {
                "name": "New Person",
                "email": "new@example.org",
                "password": "seven quiet rivers",
                "time_zone": "UTC",
            },
        }
        return forms.get(name, {})

    def elsewhere(self, name: str) -> list[str]:
        """The addresses of the route with one id after the other exchanged for one that nothing has."""
        place = self.places.get(name, [])
        return [
            reverse(name, args=[*place[:at], uuid4(), *place[at + 1 :]])
            for at, part in enumerate(place)
            if isinstance(part, UUID)
        ]
