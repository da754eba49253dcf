"""Bringing Markdown files into a curriculum: all of them, or nothing.

Every file is read and parsed before anything is written, and every refusal is reported. A folder's `.md` files
are taken with their paths below it; hidden files and folders are left alone. A folder's dashboard is kept as the
dashboard. Everything else must be a month: a folder that holds other pages too is imported by naming its months.
A single file that holds a month of the curriculum becomes that document's next edition, whatever its name.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from django.db import transaction

from curriculum.markdown import Finding, Kind, Node, Refused, Severity, is_dashboard, parse, read, refused
from curriculum.models import Curriculum, Document, Edition, Month, Task, Week
from curriculum.outlook import Outlook, Text
from curriculum.publication import archive_document, publish
from curriculum.rows import Wanted, month_slug, wanted_rows
from curriculum.work import WorkWouldBeLost

SUFFIXES = {".md", ".markdown"}
READ_AT_MOST = 1_000_001
"""Bytes: one more than `read` accepts, so that it refuses what is larger."""
DASHBOARD = "/"
"""Stands for the dashboard among what files hold; no month is called so."""
COUNTED = (
    "months",
    "weeks",
    "tasks",
    "deliverables",
    "criteria",
    "requirements",
    "notes",
    "warnings",
    "errors",
)


class TakenBack(Exception):
    """Rolls back what was tried."""


def fits(path: str) -> bool:
    """Whether a document's path is safe to write below a folder, anywhere."""
    parts = PurePosixPath(path).parts
    plain = path.isprintable() and not set(path) & set('\\:*?"<>|') and len(path) <= 300
    return (
        bool(parts)
        and plain
        and not path.startswith("/")
        and ".." not in parts
        and str(PurePosixPath(path)) == path
    )


@dataclass(eq=False)
class Incoming:
    """One file that is to be imported."""

    path: str
    """Below the folder that was named, or a single file's name."""
    shown: str
    """As a person would type it, for messages."""
    data: bytes
    in_folder: bool
    is_sent: bool = False
    """By a browser, which says nothing of the folder that it lay in."""
    kind: Document.Kind = Document.Kind.MONTH
    source: str = ""
    tree: Node | None = None
    wanted: list[Wanted] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)
    document: Document | None = None
    is_drafted: bool = False
    """Whether somebody has begun another text of its document."""
    state: str = ""
    """new, changed or same, once it is known."""

    @property
    def is_same(self) -> bool:
        """Whether it says what is published already."""
        there = self.document
        published = there.published if there is not None and there.archived_at is None else None
        return published is not None and published.source == self.source

    def refuse(self, code: str, line: int = 1, **facts: Any) -> None:
        self.refusals.append(refused(code, line, **facts))

    def read(self) -> None:
        """Decode and parse; a refusal is noted."""
        if not fits(self.path):
            self.refuse("file-name")
        try:
            self.source = read(self.data)
            if is_dashboard(self.source):
                if not (self.in_folder or self.is_sent):
                    raise refused("dashboard-alone", 1)
                self.kind = Document.Kind.DASHBOARD
                return
            self.tree = parse(self.source)
            self.wanted = wanted_rows(self.tree)
            if self.path.lower() == "readme.md":
                self.path = f"{self.folder}/{self.path}"
        except Refused as why:
            self.refusals.append(why)

    @property
    def folder(self) -> str:
        """Tells a month's own README.md from its siblings: the folder that it lies in, or what the month is called."""
        return next(iter(self.months)) if self.is_sent else Path(self.shown).resolve().parent.name

    @property
    def months(self) -> dict[str, Node]:
        """The months by their slug; of two with the same, the later."""
        if self.tree is None:
            return {}
        return {month_slug(node): node for node in self.tree.children if node.kind is Kind.MONTH}

    @property
    def holds(self) -> list[str]:
        """The months by their slug, or DASHBOARD of one whose folder nobody knows."""
        is_dashboard = self.is_sent and self.kind == Document.Kind.DASHBOARD
        return [DASHBOARD] if is_dashboard else list(self.months)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.tree.findings if self.tree else ()

    def counts(self) -> dict[str, int]:
        models = Counter(one.model._meta.model_name for one in self.wanted)
        in_weeks = sum(
            one.model is Task and one.parent is not None and one.parent.model is Week for one in self.wanted
        )
        found = Counter(finding.severity for finding in self.findings)
        return {
            "months": models["month"],
            "weeks": models["week"],
            "tasks": in_weeks,
            "deliverables": models["deliverable"],
            "criteria": models["criterion"],
            "requirements": models["task"] - in_weeks,
            "notes": found[Severity.NOTE],
            "warnings": found[Severity.WARNING],
            "errors": len(self.refusals),
        }


def incoming(paths: Iterable[str]) -> Iterator[Incoming]:
    """The files that these paths name. Raises FileNotFoundError for one that is not there."""
    for path in map(Path, paths):
        if path.is_dir():
            for file in sorted(files_below(path)):
                yield Incoming(file.relative_to(path).as_posix(), str(file), start_of(file), in_folder=True)
        else:
            yield Incoming(path.resolve().name, str(path), start_of(path), in_folder=False)


def files_below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield Path(place) / name


def start_of(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(READ_AT_MOST)


@dataclass
class Intake:
    """One import: the files, what is wrong with them, and what came of it."""

    slug: str
    title: str
    files: list[Incoming]
    is_new: bool = False
    """Whether the curriculum is made by this import."""
    missing: list[Document] = field(default_factory=list)
    """Documents with months that the files lack."""
    chosen: Sequence[tuple[str, str]] = ()
    meant: frozenset[str] = frozenset()
    """What somebody said to the plan: see Outlook."""
    accept_loss: bool = False
    """Whether items go although people have work on them; who has seen the plan has been told."""
    pruned: bool = False
    outlook: Outlook | None = None
    """What it changes, once the files are read."""
    is_stale: bool = False
    """Whether another edition came between since the plan that was seen was made; nothing is written then."""

    def run(
        self,
        *,
        author: Any = None,
        message: str = "",
        prune: bool = False,
        dry_run: bool = False,
        made_from: str | None = None,
    ) -> bool:
        """Import everything or nothing; True where nothing was refused. `dry_run` tries it and takes it back.

        `made_from` is what the plan said that was seen: where that is not how it is any more, nothing is written.
        """
        for file in self.files:
            file.read()
        self.refuse_twice()
        try:
            with transaction.atomic():
                self.write(author, message, prune, made_from)
                if dry_run or self.refused:
                    raise TakenBack
        except TakenBack:
            pass
        return not (self.refused or self.is_stale or (self.outlook and self.outlook.errors))

    @property
    def refused(self) -> bool:
        return any(file.refusals for file in self.files)

    def refuse_twice(self) -> None:
        """The same path, or the same month, in two files."""
        names = Counter(file.path for file in self.files)
        for file in self.files:
            if names[file.path] > 1 and not (file.in_folder or file.is_sent):
                place = Path(file.shown).resolve()
                file.path = f"{place.parent.name}/{place.name}"
        seen: dict[str, Incoming] = {}
        months: dict[str, tuple[Incoming, Node]] = {}
        for file in self.files:
            if file.path in seen:
                file.refuse("same-name", other=seen[file.path].shown)
            seen.setdefault(file.path, file)
            for slug, node in file.months.items():
                if slug in months:
                    other, first = months[slug]
                    spot = f"{other.shown}:{first.first + 1}"
                    file.refuse("month-in-two-files", node.first + 1, place=spot)
                months.setdefault(slug, (file, node))

    def write(self, author: Any, message: str, prune: bool, made_from: str | None) -> None:
        """Publish what differs. What is refused on the way is noted; the caller takes everything back."""
        curriculum = Curriculum.objects.filter(slug=self.slug).first()
        if curriculum is None:
            title = self.title or self.slug.replace("-", " ").capitalize()
            curriculum = Curriculum.objects.create(slug=self.slug, title=title)
            self.is_new = True
        elif self.title and self.title != curriculum.title:
            curriculum.title = self.title
            curriculum.save(update_fields=["title"])
        # Nobody publishes in between what the plan is made for, and what is written.
        list(curriculum.documents.select_for_update().order_by("pk"))
        good = [file for file in self.files if not file.refusals]
        self.find_documents(curriculum, good)
        documents = {document.pk: document for document in curriculum.documents.select_related("published")}
        drafts = Edition.objects.filter(document__in=documents, published_at=None)
        drafted = set(drafts.values_list("document", flat=True))
        for file in good:
            if file.document is not None:
                file.is_drafted = file.document.pk in drafted
                file.document = documents[file.document.pk]
        taken = [file.document.pk for file in good if file.document is not None]
        lacking = Document.objects.filter(curriculum=curriculum, kind=Document.Kind.MONTH, archived_at=None)
        self.missing = (
            list(lacking.exclude(pk__in=taken).prefetch_related("months")) if not self.refused else []
        )
        texts = [
            Text(file.path, file.tree, file.document)
            for file in good
            if file.tree is not None and not file.refusals and not file.is_same
        ]
        leaving = self.missing if prune else []
        self.outlook = Outlook(curriculum, texts, leaving, self.chosen, self.meant)
        self.is_stale = made_from is not None and self.outlook.is_stale(made_from)
        if self.is_stale or self.outlook.errors:
            raise TakenBack
        self.outlook.free_slugs()
        if prune:
            self.prune()
        for file in good:
            self.publish(curriculum, file, author, message)

    def find_documents(self, curriculum: Curriculum, files: list[Incoming]) -> None:
        """Find the document that each file is a new text of: by what it holds, or else by its path."""
        live = Month.objects.live().filter(curriculum=curriculum, document__archived_at=None)
        dashboards = curriculum.documents.filter(kind=Document.Kind.DASHBOARD, archived_at=None)
        homes: dict[str, Document] = dict.fromkeys([DASHBOARD], dashboards[0]) if dashboards else {}
        homes |= {month.slug: month.document for month in live.select_related("document")}
        taken: set[int] = set()
        for file in files:
            home = next((homes[name] for name in file.holds if name in homes), None)
            if home is not None and home.pk not in taken:
                file.document = home
                taken.add(home.pk)
        moved = [
            file for file in files if file.document and file.in_folder and file.document.path != file.path
        ]
        known = {document.path: document for document in curriculum.documents.exclude(pk__in=taken)}
        for file in files:
            if file.document is None:
                file.document = known.pop(file.path, None)
            elif file in moved and file.path in known:
                file.refuse("name-taken", path=file.path, other=file.document.path)
            if file.document is not None and file.document.kind != file.kind:
                kind = file.document.get_kind_display()
                file.refuse("other-kind", path=file.document.path, kind=kind)
        # Two may have changed places: no path may stand twice on the way.
        for paths in ({file: uuid4().hex for file in moved}, {file: file.path for file in moved}):
            for file, path in paths.items():
                if not file.refusals and file.document is not None:
                    file.document.path = path
                    file.document.save(update_fields=["path"])

    def publish(self, curriculum: Curriculum, file: Incoming, author: Any, message: str) -> None:
        if file.refusals:
            return
        document = file.document
        if document is None:
            document = Document.objects.create(curriculum=curriculum, path=file.path, kind=file.kind)
        before = document.published_id
        assert self.outlook is not None, "what is written was planned"
        try:
            with transaction.atomic():
                edition = publish(
                    document,
                    file.source,
                    author=author,
                    message=message,
                    tree=file.tree,
                    pairs=self.outlook.pairs,
                    meant=frozenset() if file.is_same else self.outlook.criteria_meant,
                    accept_loss=self.accept_loss,
                )
        except Refused as why:
            file.refusals.append(why)
        except WorkWouldBeLost as why:
            for item in why.lost:
                file.refuse("work-lost", item=item)
        else:
            file.state = "same" if before == edition.pk else "changed" if before else "new"

    def prune(self) -> None:
        """Archive what the files lack. A month with work on it is refused, at the first file."""
        assert self.outlook is not None, "what is written was planned"
        for document in self.missing:
            try:
                with transaction.atomic():
                    archive_document(document, pairs=self.outlook.pairs, accept_loss=self.accept_loss)
            except WorkWouldBeLost as why:
                named = [str(item) for item in why.lost]
                items = ", ".join(named[:3]) + (" …" if len(named) > 3 else "")
                self.files[0].refuse("work-on-missing", 0, path=document.path, items=items)
        self.pruned = True

    def report(self) -> dict[str, Any]:
        """What `--format json` prints."""
        files = []
        total: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
        for file in self.files:
            counts = file.counts()
            total.update(counts)
            findings = [
                {
                    "line": finding.line,
                    "column": finding.column,
                    "severity": str(finding.severity),
                    "code": finding.code,
                    "found": finding.found,
                    "done": finding.done,
                    "repair": finding.repair,
                }
                for finding in file.findings
            ]
            refusals = [
                {"line": one.line, "column": one.column, "code": one.code, "reason": one.reason}
                for one in file.refusals
            ]
            files.append(
                {"path": file.path, **counts, "state": file.state, "findings": findings, "refusals": refusals}
            )
        missing = [document.path for document in self.missing]
        plan = self.outlook.told() if self.outlook else None
        return {"total": dict(total), "files": files, "missing": missing, "plan": plan}
