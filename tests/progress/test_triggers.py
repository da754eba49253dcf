# ruff: noqa: S608  # the tables are named by our own models
"""The database keeps what was recorded, handed in and sent, against raw SQL and on both engines."""

from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.migrations.state import ProjectState
from django.db.models.signals import pre_migrate
from django.utils import timezone

from progress import triggers
from progress.erasing import OneEntry
from progress.models import Defence, Entry, EntryText
from submissions.models import Blob, Comment, File, Opening, Review, Version
from tests.factories import UserFactory
from tests.progress.school import School, make_school

SQLITE = connection.vendor == "sqlite"


def run(sql: str, *values: Any) -> int:
    """How many rows it changed; in a savepoint, so that the test goes on after a refusal."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def refused(sql: str, *values: Any) -> None:
    """Refused while the triggers are there, and done without them: so it is they that refuse."""
    with pytest.raises(IntegrityError, match="is kept as it is"):
        run(sql, *values)
    sid = transaction.savepoint()
    triggers.lift(connection)
    with connection.constraint_checks_disabled():
        assert run(sql, *values) > 0
    transaction.savepoint_rollback(sid)
    assert triggers.missing(connection) == []


def table(model: type[models.Model]) -> str:
    return model._meta.db_table


@pytest.fixture
def recorded(school: School) -> School:
    school.claim(version=school.version)
    school.defend()
    return school


def test_triggers_are_all_there(db: None) -> None:
    assert triggers.missing(connection) == []
    assert len(list(triggers.rules())) >= 20


def test_entry_is_kept(recorded: School) -> None:
    refused(f"UPDATE {table(Entry)} SET decision = %s", "")
    refused(f"UPDATE {table(Entry)} SET digest = %s WHERE number = 1", "0" * 64)


def test_entry_without_texts_is_not_deleted(recorded: School) -> None:
    with pytest.raises(IntegrityError, match="is kept as it is"):
        run(f"DELETE FROM {table(Entry)}")
    with pytest.raises(IntegrityError, match="is kept as it is"):
        Entry.objects.all()._raw_delete("default")


def test_text_is_only_blanked(recorded: School) -> None:
    refused(f"UPDATE {table(EntryText)} SET text = %s", "other")
    refused(f"UPDATE {table(EntryText)} SET text = '', salt = ''")
    refused(
        f"UPDATE {table(EntryText)} SET text = '', salt = '', name = 'x', erased_at = %s WHERE name = 'note'",
        timezone.now(),
    )
    refused(f"DELETE FROM {table(EntryText)}")
    text = EntryText.objects.filter(name="note").first()
    assert text is not None
    OneEntry(text.entry.uuid).carry_out(UserFactory.create(is_staff=True), "Asked for.")
    refused(f"UPDATE {table(EntryText)} SET text = 'back', erased_at = NULL WHERE id = %s", text.pk)
    refused(f"UPDATE {table(EntryText)} SET erased_at = %s WHERE id = %s", timezone.now(), text.pk)


def test_defence_is_kept(recorded: School) -> None:
    refused(f"UPDATE {table(Defence)} SET outcome = %s", "again")
    refused(f"UPDATE {table(Defence)} SET note = %s", "other")
    refused(f"UPDATE {table(Defence)} SET note = '', minutes = 1")
    for through in (Defence.present.through, Defence.versions.through):
        refused(f"DELETE FROM {table(through)}")
        refused(f"UPDATE {table(through)} SET defence_id = defence_id")
    defence = Defence.objects.get()
    with pytest.raises(IntegrityError, match="is kept as it is"), transaction.atomic():
        defence.present.add(recorded.other_mentor)
    with pytest.raises(IntegrityError, match="is kept as it is"):
        run(f"DELETE FROM {table(Defence)}")
    defence.erase_note()


def test_submitted_version_is_kept(school: School) -> None:
    for column in ("text", "link", "note"):
        refused(f"UPDATE {table(Version)} SET {column} = %s", "https://other.example")
    refused(f"UPDATE {table(Version)} SET number = 7")
    refused(f"UPDATE {table(Version)} SET number = NULL, submitted_at = NULL, text = 'new'")
    with pytest.raises(IntegrityError, match="is kept as it is"):
        run(f"DELETE FROM {table(Version)}")


def test_draft_version_changes_and_goes(school: School) -> None:
    draft = school.submission.versions.create(text="a")
    assert run(f"UPDATE {table(Version)} SET text = 'b' WHERE id = %s", draft.pk) == 1
    assert run(f"DELETE FROM {table(Version)} WHERE id = %s", draft.pk) == 1


BACK = f"UPDATE {table(Version)} SET number = NULL, submitted_at = NULL, revision = revision + 1"


def test_version_is_taken_back_until_it_is_opened(school: School) -> None:
    school.version.take_back()
    assert Version.objects.get(pk=school.version.pk).is_draft


def test_version_that_was_opened_is_not_taken_back(school: School) -> None:
    Opening.objects.create(version=school.version, mentor=school.mentor)
    refused(BACK)


def test_version_that_is_evidence_is_not_taken_back(school: School) -> None:
    school.claim(version=school.version)
    refused(BACK)


def test_version_of_a_defence_is_not_taken_back(school: School) -> None:
    school.defend()
    refused(BACK)


def test_files_of_a_submitted_version_are_kept(school: School) -> None:
    refused(f"UPDATE {table(File)} SET name = %s", "other.md")
    refused(f"UPDATE {table(File)} SET name = '', form = %s, erased_at = %s", "pdf", timezone.now())
    refused(f"DELETE FROM {table(File)}")
    file = school.version.files.get()
    file.pk, file.uuid = None, school.version.uuid
    with pytest.raises(IntegrityError, match="is kept as it is"), transaction.atomic():
        file.save(force_insert=True)
    refused(f"UPDATE {table(File)} SET name = ''")
    assert run(f"UPDATE {table(File)} SET name = '', erased_at = %s", timezone.now()) == 1
    refused(f"UPDATE {table(File)} SET erased_at = NULL")


def test_files_do_not_move_into_a_submitted_version(school: School) -> None:
    draft = school.submission.versions.create()
    blob = Blob.objects.create(sha256="f" * 64, size=1)
    file = File.objects.create(version=draft, blob=blob, name="a.md", form="text", media_type="text/plain")
    refused(f"UPDATE {table(File)} SET version_id = %s WHERE id = %s", school.version.pk, file.pk)
    assert run(f"UPDATE {table(File)} SET name = 'b.md' WHERE id = %s", file.pk) == 1
    assert run(f"DELETE FROM {table(File)} WHERE id = %s", file.pk) == 1


def test_published_review_is_only_withdrawn_once(school: School) -> None:
    review = Review.objects.create(version=school.version, mentor=school.mentor, summary="draft")
    assert run(f"UPDATE {table(Review)} SET summary = 'better'") == 1
    Review.objects.filter(pk=review.pk).update(verdict="accept", published_at=timezone.now())
    for column, value in (("summary", "other"), ("verdict", "changes"), ("digests", '["x"]')):
        refused(f"UPDATE {table(Review)} SET {column} = %s", value)
    refused(f"UPDATE {table(Review)} SET published_at = NULL")
    refused(f"UPDATE {table(Review)} SET withdrawn_reason = 'x'")
    refused(f"DELETE FROM {table(Review)}")
    assert run(f"UPDATE {table(Review)} SET withdrawn_at = %s, withdrawn_reason = 'x'", timezone.now()) == 1
    refused(f"UPDATE {table(Review)} SET withdrawn_at = NULL, withdrawn_reason = ''")
    refused(f"UPDATE {table(Review)} SET withdrawn_reason = 'y'")


def test_sent_comment_is_kept(school: School) -> None:
    thread = school.open_thread()
    review = Review.objects.create(version=school.version, mentor=school.mentor)
    Comment.objects.create(thread=thread, author=school.mentor, review=review, body="draft")
    assert run(f"UPDATE {table(Comment)} SET body = 'better'") == 1
    Review.objects.filter(pk=review.pk).update(verdict="comment", published_at=timezone.now())
    refused(f"UPDATE {table(Comment)} SET body = %s", "other")
    refused(f"DELETE FROM {table(Comment)}")


def test_reply_outside_a_review_is_kept(school: School) -> None:
    Comment.objects.create(thread=school.open_thread(), author=school.user, body="sent")
    refused(f"UPDATE {table(Comment)} SET body = %s", "other")
    refused(f"DELETE FROM {table(Comment)}")


def test_missing_names_a_trigger_that_is_gone_or_does_nothing(db: None) -> None:
    name = f"cairn_{table(Entry)}_update"
    triggers.lift(connection)
    assert name in triggers.missing(connection)
    triggers.install(connection)
    assert triggers.missing(connection) == []
    with connection.cursor() as cursor:
        if SQLITE:
            cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON {table(Entry)} WHEN 1 = 0"
                " BEGIN SELECT RAISE(ABORT, ''); END"
            )
        else:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
                " AS 'BEGIN RETURN NEW; END'"
            )
    assert triggers.missing(connection) == [name]
    triggers.install(connection)
    if not SQLITE:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table(Entry)} DISABLE TRIGGER {name}")
        assert triggers.missing(connection) == [name]


def test_migrate_puts_triggers_back(db: None) -> None:
    triggers.lift(connection)
    call_command("migrate", verbosity=0)
    assert triggers.missing(connection) == []


@pytest.fixture
def committed(transactional_db: None) -> School:
    school = make_school()
    school.claim(version=school.version)
    return school


def alter(model: type[models.Model], name: str) -> None:
    """Alter a column as a migration does, with the lift and the install of apps.py left out."""
    label, model_name = model._meta.app_label, model._meta.model_name or ""
    before = ProjectState.from_apps(apps)
    field = models.CharField(max_length=2500)
    operation = migrations.AlterField(model_name, name, field)
    after = before.clone()
    operation.state_forwards(label, after)
    for old, new in ((before, after), (after, before)):
        with connection.schema_editor() as editor:
            operation.database_forwards(label, editor, old, new)


@pytest.mark.parametrize(("model", "name"), [(Entry, "before"), (Version, "link"), (Review, "verdict")])
def test_alter_field_passes_between_lift_and_install(
    committed: School, model: type[models.Model], name: str
) -> None:
    triggers.lift(connection)
    alter(model, name)
    triggers.install(connection)
    assert triggers.missing(connection) == []


def test_alter_field_without_them_loses_triggers_on_sqlite(committed: School) -> None:
    """The control: it is silent, and only `missing` tells."""
    alter(EntryText, "name")
    lost = [f"cairn_{table(EntryText)}_{event}" for event in ("delete", "update")]
    assert triggers.missing(connection) == (lost if SQLITE else [])


def test_migrations_find_the_triggers_lifted(db: None) -> None:
    pre_migrate.send(sender=apps.get_app_config("progress"), using="default", plan=[])
    assert triggers.missing(connection) == [], "nothing to do: the record stays guarded"
    pre_migrate.send(sender=apps.get_app_config("progress"), using="default", plan=["a migration"])
    assert len(triggers.missing(connection)) >= len(list(triggers.rules()))


def test_flush_is_refused_while_the_triggers_are_there(committed: School) -> None:
    with pytest.raises(IntegrityError):
        connection.ops.execute_sql_flush(
            connection.ops.sql_flush(no_style(), [table(EntryText)], allow_cascade=True)
        )
    assert EntryText.objects.exists()
