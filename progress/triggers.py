"""What the database itself refuses: triggers that keep the record, the work handed in and what was said.

They are dropped before migrations and created anew after them: SQLite alters a table by building another,
which silently loses its triggers and stumbles over triggers of other tables that name it. A flush has to lift
them first (`lift`, then `install`): on SQLite it deletes row by row; on PostgreSQL TRUNCATE passes row
triggers, so there is a statement trigger for it. A refusal is an IntegrityError on both engines.

`manage.py verify` says which are `missing`: not there, switched off, or not as they are written here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from progress.models import Defence, Entry, EntryText
from submissions.models import Blob, Comment, EarlierWords, File, Opening, Review, Version
from submissions.models.file import NAMELESS

PREFIX = "cairn_"
SHARES = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
"""PostgreSQL's pg_trigger.tgtype: 1 for each row, 2 for BEFORE, and these."""

ENTRIES = Entry._meta.db_table
TEXTS = EntryText._meta.db_table
DEFENCES = Defence._meta.db_table
PRESENT = Defence.present.through._meta.db_table
DEFENDED = Defence.versions.through._meta.db_table
VERSIONS = Version._meta.db_table
FILES = File._meta.db_table
BLOBS = Blob._meta.db_table
OPENINGS = Opening._meta.db_table
REVIEWS = Review._meta.db_table
COMMENTS = Comment._meta.db_table
EARLIER = EarlierWords._meta.db_table

ALWAYS = "1 = 1"


@dataclass(frozen=True)
class Rule:
    """The database refuses `event` on a row of `table` where `when` holds."""

    table: str
    event: str
    when: str
    """SQL that both engines read, about OLD and NEW; `a <=> b` stands for "the same, or both NULL"."""

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.table}_{self.event.lower()}"

    @property
    def refusal(self) -> str:
        return f"{self.table}: what was recorded, handed in or sent is kept as it is"


def same(model: type[models.Model], *except_for: str) -> str:
    """SQL: no column of the model changes but those named."""
    columns = [field.column for field in model._meta.local_fields if field.column not in except_for]
    return " AND ".join(f'OLD."{column}" <=> NEW."{column}"' for column in columns)


def emptied(model: type[models.Model], **columns: str) -> str:
    """SQL: nothing changes but that columns become empty, for the first time, and the mark of each says so.

    `columns` are the marks, by the columns they belong to.
    """
    now = {
        column: f"(NEW.{column} = '' AND OLD.{mark} IS NULL AND NEW.{mark} IS NOT NULL)"
        for column, mark in columns.items()
    }
    each = [
        f"({now[column]} OR (OLD.{column} <=> NEW.{column} AND OLD.{mark} <=> NEW.{mark}))"
        for column, mark in columns.items()
    ]
    others = same(model, *columns, *columns.values())
    return f"({others} AND {' AND '.join(each)} AND ({' OR '.join(now.values())}))"


def exists(table: str, where: str) -> str:
    return f"EXISTS (SELECT 1 FROM {table} r WHERE {where})"  # noqa: S608  # names of our own tables


def submitted(column: str) -> str:
    return exists(VERSIONS, f"r.id = {column} AND r.submitted_at IS NOT NULL")


def sent(row: str) -> str:
    published = exists(REVIEWS, f"r.id = {row}.review_id AND r.published_at IS NOT NULL")
    return f"({row}.review_id IS NULL OR {published})"


def rules() -> Iterator[Rule]:
    """All that is refused. TRUNCATE is refused of every table here, on PostgreSQL."""
    for table in (ENTRIES, PRESENT, DEFENDED):
        yield Rule(table, "UPDATE", ALWAYS)
    for table in (ENTRIES, TEXTS, DEFENCES, PRESENT, DEFENDED):
        yield Rule(table, "DELETE", ALWAYS)

    blanked = "NEW.text = '' AND NEW.salt = '' AND OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL"
    yield Rule(TEXTS, "UPDATE", f"NOT ({blanked} AND {same(EntryText, 'text', 'salt', 'erased_at')})")
    yield Rule(DEFENCES, "UPDATE", f"NOT (NEW.note = '' AND {same(Defence, 'note')})")
    for table in (PRESENT, DEFENDED):
        yield Rule(table, "INSERT", exists(ENTRIES, "r.defence_id = NEW.defence_id"))

    named = " OR ".join(
        [
            exists(OPENINGS, "r.version_id = OLD.id"),
            exists(ENTRIES, "r.version_id = OLD.id"),
            exists(DEFENDED, "r.version_id = OLD.id"),
            # The record says what was erased: it stays where that was.
            "OLD.text_erased_at IS NOT NULL OR OLD.link_erased_at IS NOT NULL OR OLD.note_erased_at IS NOT NULL",
            exists(FILES, "r.version_id = OLD.id AND r.erased_at IS NOT NULL"),
        ]
    )
    drafted = same(Version, "number", "submitted_at", "revision", "saved_at", "answers")
    taken_back = f"NEW.number IS NULL AND NEW.submitted_at IS NULL AND {drafted} AND NOT ({named})"
    erased = emptied(Version, text="text_erased_at", link="link_erased_at", note="note_erased_at")
    yield Rule(VERSIONS, "UPDATE", f"OLD.submitted_at IS NOT NULL AND NOT ({taken_back}) AND NOT {erased}")
    yield Rule(VERSIONS, "DELETE", "OLD.submitted_at IS NOT NULL")

    either = f"({submitted('OLD.version_id')} OR {submitted('NEW.version_id')})"
    yield Rule(FILES, "INSERT", submitted("NEW.version_id"))
    nameless = exists(BLOBS, f"r.id = NEW.blob_id AND SUBSTR(r.sha256, 1, {len(NAMELESS)}) = '{NAMELESS}'")
    forgotten = f"OLD.erased_at IS NOT NULL AND {same(File, 'blob_id')} AND {nameless}"
    yield Rule(FILES, "UPDATE", f"{either} AND NOT {emptied(File, name='erased_at')} AND NOT ({forgotten})")
    yield Rule(FILES, "DELETE", submitted("OLD.version_id"))

    withdrawn = "OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL AND NEW.withdrawn_reason <> ''"
    only_that = same(Review, "withdrawn_at", "withdrawn_reason")
    erased = emptied(Review, summary="summary_erased_at", withdrawn_reason="reason_erased_at")
    gone = "(r.text_erased_at IS NOT NULL OR r.link_erased_at IS NOT NULL)"
    of_erased = " OR ".join(
        [
            exists(VERSIONS, f"r.id = OLD.version_id AND {gone}"),
            exists(FILES, "r.version_id = OLD.version_id AND r.erased_at IS NOT NULL"),
        ]
    )
    shorter = "LENGTH(CAST(NEW.digests AS text)) < LENGTH(CAST(OLD.digests AS text))"
    forgotten = f"{same(Review, 'digests')} AND {shorter} AND ({of_erased})"
    kept = f"NOT ({withdrawn} AND {only_that}) AND NOT {erased} AND NOT ({forgotten})"
    yield Rule(REVIEWS, "UPDATE", f"OLD.published_at IS NOT NULL AND {kept}")
    yield Rule(REVIEWS, "DELETE", "OLD.published_at IS NOT NULL")

    # Other words come only when the database has those that were there.
    kept_before = exists(EARLIER, "r.comment_id = OLD.id AND r.number = NEW.edits AND r.body = OLD.body")
    changed = (
        f"{same(Comment, 'body', 'edits')} AND NEW.body <> '' AND NEW.edits = OLD.edits + 1 AND {kept_before}"
    )
    kept = f"NOT {emptied(Comment, body='erased_at')} AND NOT (OLD.erased_at IS NULL AND {changed})"
    yield Rule(COMMENTS, "UPDATE", f"{sent('OLD')} AND {kept}")
    # An answer goes back into the draft with the version it was given in.
    given = "OLD.erased_at IS NULL AND OLD.act IN ('fixed', 'disagree')"
    back = exists(VERSIONS, "r.id = OLD.version_id AND r.submitted_at IS NULL")
    yield Rule(COMMENTS, "DELETE", f"{sent('OLD')} AND NOT ({given} AND {back})")
    # What a comment said before goes where the comment goes.
    erased = exists(COMMENTS, "r.id = OLD.comment_id AND r.erased_at IS NOT NULL")
    yield Rule(EARLIER, "UPDATE", f"NOT ({emptied(EarlierWords, body='erased_at')} AND {erased})")
    in_draft = f"r.version_id IN (SELECT v.id FROM {VERSIONS} v WHERE v.submitted_at IS NULL)"  # noqa: S608
    given = f"r.erased_at IS NULL AND r.act IN ('fixed', 'disagree') AND {in_draft}"
    yield Rule(EARLIER, "DELETE", f"NOT {exists(COMMENTS, f'r.id = OLD.comment_id AND {given}')}")


def install(connection: BaseDatabaseWrapper) -> None:
    """Create every trigger anew, for the tables that are there."""
    lift(connection)
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for rule in _rules_for(connection):
            if rule.table in tables:
                for statement in _statements(connection, rule):
                    cursor.execute(statement)


def lift(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger of ours, also those that an older release made under other names."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'cairn!_%' ESCAPE '!'"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
            return
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE proname LIKE %s"
            " AND pronamespace = current_schema()::regnamespace AND prorettype = 'trigger'::regtype",
            ["cairn\\_%"],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP FUNCTION "{name}"() CASCADE')


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that are not there, switched off, or not as they are written here."""
    found = _found(connection)
    return sorted(
        rule.name for rule in _rules_for(connection) if found.get(rule.name) != _expected(connection, rule)
    )


def _rules_for(connection: BaseDatabaseWrapper) -> list[Rule]:
    every = list(rules())
    if connection.vendor == "sqlite":
        return every
    return every + [Rule(table, "TRUNCATE", ALWAYS) for table in sorted({rule.table for rule in every})]


def _condition(connection: BaseDatabaseWrapper, rule: Rule) -> str:
    return rule.when.replace("<=>", "IS" if connection.vendor == "sqlite" else "IS NOT DISTINCT FROM")


def _body(connection: BaseDatabaseWrapper, rule: Rule) -> str:
    """SQLite: the whole statement. PostgreSQL: the body of the trigger's function."""
    condition = _condition(connection, rule)
    if connection.vendor == "sqlite":
        return (
            f'CREATE TRIGGER "{rule.name}" BEFORE {rule.event} ON "{rule.table}" FOR EACH ROW'
            f" WHEN {condition} BEGIN SELECT RAISE(ABORT, '{rule.refusal}'); END"
        )
    answer = {"DELETE": "OLD", "TRUNCATE": "NULL"}.get(rule.event, "NEW")
    return (
        f" BEGIN IF {condition} THEN RAISE EXCEPTION '{rule.refusal}' USING ERRCODE = 'check_violation';"
        f" END IF; RETURN {answer}; END "
    )


def _statements(connection: BaseDatabaseWrapper, rule: Rule) -> Iterator[str]:
    body = _body(connection, rule)
    if connection.vendor == "sqlite":
        yield body
        return
    each = "STATEMENT" if rule.event == "TRUNCATE" else "ROW"
    yield f'CREATE FUNCTION "{rule.name}"() RETURNS trigger LANGUAGE plpgsql AS $cairn${body}$cairn$'
    yield (
        f'CREATE TRIGGER "{rule.name}" BEFORE {rule.event} ON "{rule.table}"'
        f' FOR EACH {each} EXECUTE FUNCTION "{rule.name}"()'
    )


def _expected(connection: BaseDatabaseWrapper, rule: Rule) -> tuple[object, ...]:
    body = _body(connection, rule)
    if connection.vendor == "sqlite":
        return rule.table, body
    row = 0 if rule.event == "TRUNCATE" else 1
    return rule.table, body, "O", row + 2 + SHARES[rule.event], False


def _found(connection: BaseDatabaseWrapper) -> dict[str, tuple[object, ...]]:
    """What the database has, by name, in the shape of `_expected`."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute(
                "SELECT t.tgname, c.relname, p.prosrc, t.tgenabled, t.tgtype::int, t.tgqual IS NOT NULL"
                " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
                " WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
            )
        return {name: tuple(rest) for name, *rest in cursor.fetchall()}
