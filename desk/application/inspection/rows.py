"""What events write into the read model, found out by writing them once more into an empty one; the port for it."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, TypeAlias

from desk.application.inspection.folded_stream import FoldedReader
from desk.cqrs.messages import Query
from desk.cqrs.store import Recorded
from desk.records import dataclass


class RowFate(Enum):
    """What became of a row."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class RowWritten:
    """A row of a table: its key, and each column that differs with its value before and after (None: nothing)."""

    table: str
    key: str
    fate: RowFate
    columns: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True, slots=True)
class RowsWritten:
    """All that was written; ``note`` says why there is nothing, or that the projection failed."""

    rows: tuple[RowWritten, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class GetRowsWritten(Query[RowsWritten]):
    """What one event of a stream, or all after ``since`` up to it, wrote into the read model."""

    stream: str
    revision: int
    since: int | None = None


TryRows: TypeAlias = Callable[[Sequence[Recorded], Sequence[Recorded]], RowsWritten]
"""Writes the first events of one stream into an empty read model in memory, then the others; gives what those wrote."""

UNPROJECTED = "The read model holds nothing of this stream: it is made of books and ISBNs alone."


class RowsQueryHandler:
    """Answers GetRowsWritten."""

    def __init__(self, reader: FoldedReader, try_rows: TryRows, is_projected: Callable[[str], bool]) -> None:
        self._reader, self._try_rows, self._is_projected = reader, try_rows, is_projected

    def __call__(self, query: GetRowsWritten) -> RowsWritten:
        """Raises StreamNotFound, StoreError."""
        if not self._is_projected(query.stream):
            return RowsWritten((), UNPROJECTED)
        events = self._reader.upto(query.stream, query.revision)
        since = query.revision - 1 if query.since is None else query.since
        before = [event for event in events if event.revision <= since]
        return self._try_rows(before, events[len(before) :])
