import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command

from progress import record
from progress.models import Completion
from submissions.models import Review, Said, Submission, Thread
from tests.progress.backups import Made, committed, dump, files
from tests.progress.school import School, make_school
from tests.progress.secret import SECRET
from tests.routes import World


@pytest.fixture
def school(db: None) -> School:
    return make_school()


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A backup of everything; the site is empty again."""
    folder = tmp_path_factory.mktemp("backup")
    with django_db_blocker.unblock(), committed(folder / "media"):
        before = dump()
        call_command("backup", str(folder / "site.zip"), stdout=StringIO())
    return Made(folder / "site.zip", before, files(folder / "media" / "blobs"))


@pytest.fixture
def backup(made: Made, tmp_path: Path, db: None) -> Iterator[Path]:
    """A copy of it, to be spoiled, beside an empty site."""
    yield Path(shutil.copy(made.file, tmp_path / "site.zip"))
    ContentType.objects.clear_cache()


@pytest.fixture
def said(world: World) -> dict[str, UUID]:
    """The id of one text of each kind, every one of which holds the secret."""
    cast = world.cast
    submission = Submission.objects.create(
        learner=cast.learner, project=cast.project, system=f"A {SECRET} store"
    )
    draft = submission.start_draft()
    link = f"https://example.org/{SECRET}"
    draft.save_draft(f"# {SECRET}", link, f"Note {SECRET}", draft.revision)
    draft.submit()
    review = Review.objects.begin(draft, cast.mentor)
    thread = Thread.objects.open(draft, cast.mentor, Said(f"Take {SECRET} out", uuid4(), "must"), review)
    review.save_draft("changes", f"You left {SECRET} in", review.revision)
    review.publish("changes")
    review.withdraw(cast.mentor, f"I repeated {SECRET}")
    Completion.objects.note(cast.learner, cast.task, f"See {SECRET}")
    entry = record.mark(
        cast.learner, cast.criteria[0], cast.mentor, "met", f"Because {SECRET}", version=draft, seen=0
    )
    # Of another, unsent review and a draft.
    world.review.save_draft("", f"Draft {SECRET}", world.review.revision, {"x-note": f"Not yet {SECRET}"})
    world.draft.save_draft("# Draft", "", "", world.draft.revision, {"x": {"act": "", "body": SECRET}})
    return {
        "text": draft.uuid,
        "link": draft.uuid,
        "note": draft.uuid,
        "comment": thread.comments.get().uuid,
        "summary": review.uuid,
        "withdrawal": review.uuid,
        "system": submission.uuid,
        "tick": Completion.objects.get(learner=cast.learner, task=cast.task).uuid,
        "entry": entry.uuid,
        "marks": world.review.uuid,
        "answers": world.draft.uuid,
    }
