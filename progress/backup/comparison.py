"""What differs between a running site and a backup: rows, one by one, and blobs."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import connection

from progress.backup.archive import Archive
from progress.backup.making import known_schema, snapshot
from progress.backup.rows import BATCH, Table
from submissions.models import Blob

NAMED = 20
"""How many rows of a table are named; of the others it is said how many there are."""

Row = list[Any]


class Comparison:
    """One comparison; `differences` yields a line for each, and none where the site is as it was."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.rows = 0

    def differences(self) -> Iterator[str]:
        """Rows table by table, then blobs. Raises Refused for a database of a newer release."""
        with snapshot(connection):
            tables = known_schema().tables
            for name in sorted(self.archive.manifest.tables.keys() | tables.keys()):
                held, table = self.archive.manifest.tables.get(name), tables.get(name)
                if held is None or table is None or held["columns"] != table.columns:
                    yield f"{name}: is another table in this release than in the backup, and was not compared"
                else:
                    yield from self._of_table(table)
        yield from self._of_blobs()

    def _of_table(self, table: Table) -> Iterator[str]:
        found = self._of_rows(table)
        yield from islice(found, NAMED)
        more = sum(1 for _line in found)
        if more:
            yield f"{table.name}: {more} more rows differ"

    def _of_rows(self, table: Table) -> Iterator[str]:
        """Both sides come in the order of their keys, as in a merge."""
        theirs, ours = _parsed(self.archive.rows(table.name)), _parsed(table.lines())
        their, our = next(theirs, None), next(ours, None)
        while their is not None or our is not None:
            if our is None or (their is not None and their[0] < our[0]):
                assert their is not None
                yield f"{table.name} {their[0]}: is in the backup and not on this site"
                their = next(theirs, None)
            elif their is None or our[0] < their[0]:
                yield f"{table.name} {our[0]}: is on this site and not in the backup"
                our = next(ours, None)
            else:
                self.rows += 1
                differ = [
                    column
                    for column, *pair in zip(table.columns, their, our, strict=True)
                    if pair[0] != pair[1]
                ]
                if differ:
                    yield f"{table.name} {our[0]}: differs in {', '.join(differ)}"
                their, our = next(theirs, None), next(ours, None)

    def _of_blobs(self) -> Iterator[str]:
        """Whether the bytes of those that both sides have are whole is seen by `Verification`."""
        theirs = (sha256 for sha256, _size, _pieces in self.archive.blobs())
        while batch := list(islice(theirs, BATCH)):
            known = set(Blob.objects.filter(sha256__in=batch).values_list("sha256", flat=True))
            yield from (
                f"blob {sha256}: is in the backup and not on this site"
                for sha256 in batch
                if sha256 not in known
            )


def _parsed(lines: Iterator[bytes]) -> Iterator[Row]:
    for line in lines:
        yield json.loads(line)
