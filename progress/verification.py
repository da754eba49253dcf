"""What is wrong with the record and the work it rests on: nothing, as long as nobody changed anything.

Found are any edit, removal, insertion or swap inside the chains; an end that was cut off is found against
the heads of the chains, if they were kept elsewhere. What was erased is fine when an entry says that it was,
and where an entry says so, it has to be gone: its text, its row's mark, and its bytes on the disk.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from people.models import FORMER, Membership, User
from progress import triggers
from progress.chain import FORM, NAMED, Piece, commitment, contents, digest_of, pieces
from progress.defence import facts_of
from progress.models import Defence, Entry, EntryText
from submissions import store
from submissions.erasing import TEXTS, bytes_left
from submissions.models import Blob, EarlierWords, File, Version

SALT = "progress.verification.heads"
MARKED = {*(kind for kind, text in TEXTS.items() if text.mark), "file", "person"}
"""Kinds of things that keep a mark when they are erased; of a draft only the record tells."""
Erased = tuple[str, str, str]
"""Kind and id of what was erased, and the id of the learner whose record says so."""


def heads() -> str:
    """The last number and digest of every chain, signed with the site's SECRET_KEY: to be kept elsewhere."""
    last = Entry.objects.filter(learner=OuterRef("pk")).order_by("-number")
    number, digest = Subquery(last.values("number")[:1]), Subquery(last.values("digest")[:1])
    chains = Membership.objects.annotate(number=number, digest=digest).filter(number__isnull=False)
    rows = chains.values_list("uuid", "number", "digest")
    return signing.dumps({str(uuid): rest for uuid, *rest in rows}, salt=SALT, compress=True)


def kept_blobs() -> "QuerySet[Blob]":
    """Those whose bytes are to be in the store: that a file names which was not erased."""
    named = File.objects.filter(blob=OuterRef("pk"), erased_at=None)
    return Blob.objects.filter(Exists(named)).order_by("pk")


class Verification:
    """One walk over everything: `problems` yields a line for each, and counts what it passed on the way."""

    def __init__(self, kept_heads: str = "") -> None:
        """`kept_heads` is what `heads` returned at an earlier time; raises BadSignature for anything else."""
        self.entries = self.blobs = self.erased = 0
        self.stated: set[Erased] = set()
        """What the record says was erased, beside its own texts."""
        self.heads: dict[str, list[Any]] = signing.loads(kept_heads, salt=SALT) if kept_heads else {}

    def problems(self) -> Iterator[str]:
        """A line for each problem; none when all is intact."""
        for name in triggers.missing(connection):
            yield f"trigger {name}: is missing, switched off or changed"
        rows = Entry.objects.select_related("learner", "author", *NAMED).prefetch_related("texts")
        ordered = rows.order_by("learner_id", "number").iterator(chunk_size=500)
        for learner, chain in groupby(ordered, key=lambda entry: str(entry.learner.uuid)):
            yield from self._chain(learner, list(chain))
        for learner in self.heads:
            yield f"learner {learner}: the whole record is gone"
        yield from self._defences()
        yield from self._erased()
        yield from self._blobs()

    def _chain(self, learner: str, chain: list[Entry]) -> Iterator[str]:
        erasures = {
            tuple(map(str, pair)) for entry in chain for pair in _list(_dict(entry.facts).get("erased"))
        }
        for entry in chain:
            if entry.kind == Entry.Kind.ERASURE:
                pairs = [tuple(map(str, pair)) for pair in _list(_dict(entry.facts).get("things"))]
                self.stated |= {(*pair, learner) for pair in pairs if len(pair) == 2 and pair[0] in MARKED}
        kept_number, kept_digest = self.heads.pop(learner, (0, ""))
        number, before = 0, ""
        for entry in chain:
            where = f"learner {learner}, entry {entry.number}"
            if entry.number != number + 1:
                yield f"{where}: comes after entry {number}"
            if entry.before != before:
                yield f"{where}: does not name the digest of the entry before"
            if entry.digest != digest_of(entry):
                yield f"{where}: does not agree with its digest"
            if entry.number == kept_number and entry.digest != kept_digest:
                yield f"{where}: is not the one of the kept heads"
            for problem in (*self._texts(entry, erasures), *self._evidence(entry)):
                yield f"{where}: {problem}"
            number, before = entry.number, entry.digest
        if number < kept_number:
            yield f"learner {learner}: the record ends with entry {number} and once had {kept_number}"
        self.entries += len(chain)

    def _texts(self, entry: Entry, erasures: set[tuple[Any, ...]]) -> Iterator[str]:
        committed = _dict(_dict(entry.facts).get("texts"))
        for name in sorted(committed.keys() | entry.said.keys()):
            text = entry.said.get(name)
            was_erased = (str(entry.uuid), name) in erasures
            if text is None:
                yield f"the text {name} is gone"
            elif name not in committed:
                yield f"the text {name} was added"
            elif text.erased_at is None and was_erased:
                yield f"the text {name} was erased and is there again"
            elif text.erased_at is None and not _agrees(text.salt, text.text, committed[name]):
                yield f"the text {name} was changed"
            elif text.erased_at is not None and (not was_erased or text.text or text.salt):
                yield f"the text {name} is marked as erased, and the record does not say so"
            elif not text.is_salt:  # what it belonged to is counted
                self.erased += was_erased

    def _evidence(self, entry: Entry) -> Iterator[str]:
        form, named = _dict(entry.facts).get("form"), _dict(_dict(entry.facts).get("evidence"))
        if form not in (1, FORM):
            yield f"is of form {form}, which this release does not know"
        found = Version.objects.filter(uuid__in=list(filter(_is_id, named)))
        versions = {str(version.uuid): version for version in found}
        for uuid, held in named.items():
            version = versions.get(uuid)
            if version is None or version.is_draft:
                yield f"its evidence, version {uuid}, is gone"
            elif form != 1:
                yield from (
                    f"its evidence, version {uuid}, {what}" for what in _against(entry, version, held)
                )
            elif not _holds(version, held):
                yield f"its evidence, version {uuid}, was changed"

    def _defences(self) -> Iterator[str]:
        for defence in Defence.objects.prefetch_related("present", "versions", "entries__texts"):
            where = f"defence {defence.uuid}"
            entries = [entry for entry in defence.entries.all() if entry.kind == Entry.Kind.DEFENCE]
            if len(entries) != 1:
                yield f"{where}: is not in the record once"
                continue
            entry, facts = entries[0], _dict(entries[0].facts)
            versions = {str(version.uuid) for version in defence.versions.all()}
            same = (
                facts.get("defence") == facts_of(defence) and _dict(facts.get("evidence")).keys() == versions
            )
            if not same or (entry.learner_id, entry.month_id) != (defence.learner_id, defence.month_id):
                yield f"{where}: does not agree with the record"
            note = entry.said.get("note")
            if defence.note != (note.text if note else ""):
                yield f"{where}: its note does not agree with the record"

    def _erased(self) -> Iterator[str]:
        """What is marked as erased against what the record says was; both ways."""
        marked = set[Erased]()
        for kind, rows, empty in marks():
            marked |= {(kind, str(uuid), str(learner)) for uuid, learner in rows.values_list("uuid", "of")}
            for uuid in rows.exclude(empty).values_list("uuid", flat=True):
                yield f"{kind} {uuid}: is marked as erased, and is not empty"
        for kind, uuid, learner in sorted(marked - self.stated):
            yield f"{kind} {uuid}: is marked as erased, and the record of learner {learner} does not say so"
        for kind, uuid, learner in sorted(self.stated - marked):
            yield f"{kind} {uuid}: was erased, says the record of learner {learner}, and is not marked so"
        self.erased += len(marked & self.stated)

    def _blobs(self) -> Iterator[str]:
        for blob in kept_blobs().iterator():
            self.blobs += 1
            if not store.verify(blob.sha256):
                yield f"blob {blob.sha256}: is missing or damaged"
        for blob in bytes_left().exclude(pk__in=kept_blobs().values("pk")).order_by("pk"):
            if store.holds(blob.sha256):
                yield f"blob {blob.sha256}: was erased, and its bytes are still on the disk; run manage.py sweep"


def marks() -> Iterator[tuple[str, "QuerySet[Any]", Q]]:
    """All rows that are marked as erased, by kind, with `of`, the learner's id, and what makes them empty."""
    for kind, text in TEXTS.items():
        if text.mark:
            rows: QuerySet[Any] = text.model._default_manager.filter(**{f"{text.mark}__isnull": False})
            empty = Q(**{text.column: ""})
            if kind == "comment":
                earlier = EarlierWords.objects.filter(comment=OuterRef("pk")).exclude(body="")
                empty &= ~Q(Exists(earlier))
            yield kind, rows.annotate(of=F(f"{text.submission}__learner__uuid")), empty
    files = File.objects.filter(erased_at__isnull=False)
    yield "file", files.annotate(of=F("version__submission__learner__uuid")), Q(name="")
    learners = User.objects.filter(
        erased_at__isnull=False,
        memberships__role=Membership.Role.LEARNER,
        memberships__joined_at__lte=F("erased_at"),
    )
    yield "person", learners.annotate(of=F("memberships__uuid")), Q(name=FORMER, is_active=False)


def _holds(version: Version, held: Any) -> bool:
    """Of form 1: whether the version has what it had as evidence; of what was erased, the digest alone is left."""
    now, then = contents(version), _dict(held)
    for name in ("text", "link"):
        if getattr(version, f"{name}_erased_at"):
            now[name] = then.get(name)
    for file in version.files.filter(erased_at__isnull=False):
        now["files"][str(file.uuid)] = _dict(then.get("files")).get(str(file.uuid))
    return now == held


def _against(entry: Entry, version: Version, held: Any) -> Iterator[str]:
    """Of form 2: what became of a version since it was evidence. What was not erased has to have its salt, what was
    erased must have none, so that nobody can try a guess; and where the entry has null, there was nothing.
    """
    then, now = _dict(held), pieces(version)
    text, link = (piece.name for piece in now[:2])
    files = {f"file:{str(uuid).replace('-', '')}": one for uuid, one in _dict(then.get("files")).items()}
    committed = {text: then.get("text"), link: then.get("link"), **files}
    if committed.keys() != {piece.name for piece in now}:
        yield "was changed"
        return
    for piece in now:
        salt, digest = entry.said.get(piece.name), committed[piece.name]
        if digest is None:
            is_same = salt is None and not piece.digest
        else:
            is_same = piece.is_erased or _is_it(piece, salt, digest)
        if piece.is_erased and salt and not salt.erased_at:
            yield f"was erased in part, and the salt {piece.name} is still there"
        elif not is_same:
            yield f"was changed ({piece.name})"


def _is_it(piece: Piece, salt: EntryText | None, digest: Any) -> bool:
    return salt is not None and not salt.erased_at and _agrees(salt.salt, piece.digest, digest)


def _dict(value: Any) -> dict[str, Any]:
    """Facts that somebody changed may be anything."""
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return [pair for pair in value if isinstance(pair, list)] if isinstance(value, list) else []


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _agrees(salt: str, text: str, committed: Any) -> bool:
    try:
        return commitment(salt, text) == committed
    except ValueError:
        return False
