"""What was gone to last: actions that the palette ran, books and streams that were looked at, by id or name."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from PySide6.QtCore import QObject, Slot

from desk.domain.streams import book_id_of
from desk.gui.frame.workspace import StreamPlace, Workspace


class Kind(StrEnum):
    """What a line of the palette leads to."""

    ACTION = "action"
    BOOK = "book"
    STREAM = "stream"


KEPT: Final = {Kind.ACTION: 7, Kind.BOOK: 8, Kind.STREAM: 5}
"""So many of each are remembered: walking through the table does not push out everything else."""


def key_of(kind: Kind, name: str) -> str:
    """How a line is remembered: its kind, and the action's name, the book's id or the stream's name."""
    return f"{kind}:{name}"


class Recent(QObject):
    """Listens to where the workspace looks; kept in the settings."""

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = workspace.settings
        self.keys = self._settings.recent
        workspace.place_changed.connect(self._follow)

    def note(self, key: str) -> None:
        """This was gone to just now."""
        rooms = dict(KEPT)
        kept: list[str] = []
        for each in dict.fromkeys((key, *self.keys)):
            kind = each.partition(":")[0]
            if kind in set(Kind) and rooms[Kind(kind)]:
                rooms[Kind(kind)] -= 1
                kept.append(each)
        self.keys = self._settings.recent = tuple(kept)

    @property
    def ages(self) -> dict[str, int]:
        """The place of each in the order of time, 0 for the newest."""
        return {key: place for place, key in enumerate(self.keys)}

    @property
    def books(self) -> tuple[UUID, ...]:
        """The books, the newest first."""
        streams = (book_id_of(f"book-{name}") for name in self._names(Kind.BOOK))
        return tuple(book_id for book_id in streams if book_id is not None)

    @property
    def streams(self) -> tuple[str, ...]:
        """The streams, the newest first."""
        return tuple(self._names(Kind.STREAM))

    def _names(self, kind: Kind) -> list[str]:
        return [name for found, _, name in (key.partition(":") for key in self.keys) if found == kind]

    @Slot(object)
    def _follow(self, place: StreamPlace | None) -> None:
        if place is not None:
            book_id = book_id_of(place.stream)
            self.note(key_of(Kind.STREAM, place.stream) if book_id is None else key_of(Kind.BOOK, str(book_id)))
