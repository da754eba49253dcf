"""The chain of the record: what an entry's digest covers, and how an entry is appended.

An entry's `digest` is the SHA-256, in small hex, of its *canonical JSON*: the object below with its keys
sorted (in nested objects too), without blanks between tokens, non-ASCII characters written as they are,
in UTF-8.

    entry        public id (a UUID in its usual form, with hyphens); so are all ids here
    learner      public id of the membership
    author       public id of the user
    month, criterion, version, thread, anchor, defence      public ids, or null
    number       from 1 within the learner's chain
    kind         as stored
    at           UTC with six digits of microseconds: 2026-11-24T09:30:00.000000Z
    meaning      the criterion's meaning number then, or null
    decision     as stored; "" for all but marks
    before       the digest of the entry before; "" for the first
    facts        the entry's own `facts` column, whole:
        form      2, the form described here
        texts     {name: commitment} for every free text and name the entry speaks of, and every salt
        evidence  {id of a version: {"text": …, "link": …, "files": {id of a file: …}}}
                  with a commitment to the SHA-256, in small hex, of the version's text, of its link and of
                  each file's bytes; null for what was empty, or erased already
        criteria  month complete only: [{"criterion": id, "meaning": the number its mark was made for}]
        defence   defence only: {"at": …, "minutes": …, "outcome": …, "corrections_by": day or null,
                  "present": [ids of users, sorted]}
        erased    erasure only: [[id of an entry, name of its text]], sorted
        things    erasure only: [[kind, id]], sorted: what else was erased (`progress/erasing.py`)

A *commitment* is SHA-256(salt ‖ text in UTF-8), with 32 random bytes of salt for each text. Text and salt
lie in an EntryText row of that name, which can be blanked: the chain stays whole, and without the salt
nobody can tell whether a guessed text was the erased one. The salts of evidence lie in such rows too, with
an empty text, and go with what they belong to. Primary keys are never covered, so that a database that was
moved or restored verifies too.

The names of texts: author, note, wording (of the criterion), evidence (in words), month (its title),
wording:<criterion> (month complete: what the mark of that criterion rested on), present:<user> (a name);
of salts: text:<version>, link:<version>, file:<file>. The ids in names are written without hyphens.

Entries of form 1, from before there was form 2, stay as they are: their `evidence` has the digests
themselves, of an empty text too, and there are no salts. The digest of a text stays in such an entry when
the text is erased, and lets a guess at the whole text be tried.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from people.models import Membership, User
from progress.models import Entry, EntryText
from submissions.models import Version

FORM = 2
"""Of the entries that are appended now."""
NAMED = ("month", "criterion", "version", "thread", "anchor", "defence")
"""Columns that name another row, each covered by that row's public id."""


def canonical(value: Any) -> bytes:
    """The one way to write a JSON value: sorted keys, no blanks, UTF-8."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def moment(at: datetime) -> str:
    """A time in UTC microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def commitment(salt: str, text: str) -> str:
    """SHA-256(salt ‖ text); `salt` in hex. Raises ValueError for a salt that is no hex."""
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


@dataclass(frozen=True)
class Piece:
    """A text, a link or a file of a version that is evidence, as it is now."""

    name: str
    """Of the EntryText row with its salt."""
    digest: str
    """SHA-256, in hex; empty where there is nothing, or nothing any more."""
    is_erased: bool


def pieces(version: Version) -> list[Piece]:
    """What an entry of form 2 commits to, one by one."""
    typed = [
        Piece(
            f"text:{version.uuid.hex}", version.text and sha256(version.text), bool(version.text_erased_at)
        ),
        Piece(
            f"link:{version.uuid.hex}", version.link and sha256(version.link), bool(version.link_erased_at)
        ),
    ]
    return typed + [
        Piece(f"file:{file.uuid.hex}", "" if file.erased_at else file.blob.sha256, bool(file.erased_at))
        for file in version.files.select_related("blob")
    ]


def salted(version: Version) -> tuple[dict[str, Any], dict[str, str]]:
    """What an entry says of a version that is its evidence, and the salts for that, by name."""
    held = pieces(version)
    salts = {piece.name: secrets.token_hex(32) for piece in held if piece.digest}
    text, link, *files = (
        commitment(salts[piece.name], piece.digest) if piece.digest else None for piece in held
    )
    ids = (str(UUID(piece.name.removeprefix("file:"))) for piece in held[2:])
    return {"text": text, "link": link, "files": dict(zip(ids, files, strict=True))}, salts


def contents(version: Version) -> dict[str, Any]:
    """What an entry of form 1 says of a version: the digests of what it holds."""
    files = {str(file.uuid): file.blob.sha256 for file in version.files.select_related("blob")}
    return {"text": sha256(version.text), "link": sha256(version.link), "files": files}


def covered(entry: Entry) -> dict[str, Any]:
    """What the digest of an entry covers: its columns, its facts and the public ids it names."""
    named: dict[str, UUID | None] = {name: getattr(getattr(entry, name), "uuid", None) for name in NAMED}
    return {
        "entry": str(entry.uuid),
        "learner": str(entry.learner.uuid),
        "author": str(entry.author.uuid),
        "number": entry.number,
        "kind": entry.kind,
        "at": moment(entry.at),
        "meaning": entry.meaning,
        "decision": entry.decision,
        "before": entry.before,
        "facts": entry.facts,
        **{name: uuid and str(uuid) for name, uuid in named.items()},
    }


def digest_of(entry: Entry) -> str:
    """The digest that the entry ought to have."""
    return hashlib.sha256(canonical(covered(entry))).hexdigest()


def append(
    learner: Membership,
    kind: Entry.Kind,
    author: User,
    *,
    texts: dict[str, str],
    facts: dict[str, Any] | None = None,
    versions: Iterable[Version] = (),
    **columns: Any,
) -> Entry:
    """Add an entry to the learner's chain. The caller holds the learner's row (`progress/record.py`).

    `texts` are those the entry speaks of, empty ones left out; `versions` are the evidence; `columns` are
    those of Entry that the kind has. Raises IntegrityError when another entry took the number: the caller
    begins its act again; PermissionDenied for an author who was erased meanwhile.
    """
    # Taken, so that nobody is erased while an entry with their name is on its way.
    if User.objects.select_for_update(no_key=True).get(pk=author.pk).erased_at:
        raise PermissionDenied
    last = Entry.objects.filter(learner=learner).order_by("-number").first()
    said = {
        name: (secrets.token_hex(32), text) for name, text in {"author": str(author), **texts}.items() if text
    }
    evidence: dict[str, Any] = {}
    # Looked up anew: something in it may have been erased before the caller got its turn.
    for version in Version.objects.filter(pk__in=[version.pk for version in versions]):
        evidence[str(version.uuid)], salts = salted(version)
        said |= {name: (salt, "") for name, salt in salts.items()}
    entry = Entry(learner=learner, kind=kind, author=author, at=timezone.now(), **columns)
    entry.number, entry.before = (last.number + 1, last.digest) if last else (1, "")
    entry.facts = {
        **(facts or {}),
        "form": FORM,
        "texts": {name: commitment(salt, text) for name, (salt, text) in said.items()},
        "evidence": evidence,
    }
    entry.digest = digest_of(entry)
    entry.save(force_insert=True)
    EntryText.objects.bulk_create(
        EntryText(entry=entry, name=name, salt=salt, text=text) for name, (salt, text) in said.items()
    )
    return entry
