"""Uploads straight into the store: no byte beyond the cap is written, and none is held in memory."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from submissions.formats import clean_name
from submissions.formats.kinds import kind_of
from submissions.refusals import Refused
from submissions.store import Arriving, Received, discard

FORM_SIZE = 3 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
"""Bytes that a request may have beside its files: what was typed, and the headers of its parts."""


@dataclass(frozen=True)
class Arrived:
    """One file of a request, under the name that the learner's machine gave it: its bytes, or why not."""

    name: str
    received: Received | None = None
    refused: Refused | None = None


class StoreUploadHandler(FileUploadHandler):
    """Hands each chunk to the store as it comes, and lists what arrived in `arrived`. `FILES` stays empty.

    A file that is refused half-way is read to its end and thrown away, so that those after it still arrive.
    """

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.arrived: list[Arrived] = []
        self.arriving: Arriving | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        name = str(self.file_name)
        try:
            kind_of(clean_name(name))
            self.arriving = Arriving(settings.FILE_LIMIT)
        except Refused as refused:
            self.refuse(refused)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.arriving is None:
            raise SkipFile
        try:
            self.arriving.write(raw_data)
        except Refused as refused:
            self.refuse(refused)
            raise SkipFile from refused

    def file_complete(self, file_size: int) -> None:
        if self.arriving is not None:
            try:
                self.arrived.append(Arrived(str(self.file_name), self.arriving.finish()))
            except Refused as refused:
                self.refuse(refused)
        self.arriving = None

    def upload_interrupted(self) -> None:
        """The parser ends a file at the boundary after it: one that is still open was cut off."""
        if self.arriving is not None:
            self.arriving.forget()
            self.refuse(Refused("stopped"))

    def discard(self) -> None:
        """Forgets what arrived and was not taken into a draft."""
        if self.arriving is not None:
            self.arriving.forget()
        for file in self.arrived:
            if file.received:
                discard(file.received)

    def refuse(self, refused: Refused) -> None:
        self.arrived.append(Arrived(str(self.file_name), refused=refused))
        self.arriving = None
