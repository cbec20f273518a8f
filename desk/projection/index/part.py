"""Hop 7, for what was: what a part of the event index is.

To add one: a member of :class:`~desk.application.event_index.IndexPart`, a module that makes an :class:`IndexPartSpec`
(its tables, its feed, and a writer), and a line in the table of ``desk/runtime/event_index.py``. Everything else, the
file, checkpoint, progress, pausing, dropping, going on after a crash and following live, is the same for all parts and
is in ``builder.py``. A writer is given batches in the order of the log, each within a transaction that also moves the
checkpoint, so it never sees an event twice, and finds after a crash exactly what it wrote up to the checkpoint.
"""

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Protocol

from desk.application.event_index import IndexPart, PartState
from desk.cqrs.errors import StoreError
from desk.cqrs.known_store import KnownStore
from desk.cqrs.store import Filter, Recorded
from desk.records import dataclass


class PartWriter(Protocol):
    """Writes one part through one connection; what it keeps in memory belongs to that connection."""

    def apply(self, events: Sequence[Recorded]) -> None:
        """Write what these events mean. Whatever it raises that is no trouble of the file fails the whole part."""

    def finish(self) -> None:
        """All that was there is applied: make the indexes, and the full text. Not called again once it is done."""

    def forget(self) -> None:
        """The transaction was rolled back: forget what was noted in memory since it began, or all."""


@dataclass(frozen=True)
class IndexPartSpec:
    """A part: what it is called, what it keeps, and of which events.

    ``version`` is to be raised with every change of what its tables mean: it is then built anew. ``tables`` (and other
    things that are there from the beginning) are made by these statements, by their names, which are dropped in
    reverse. ``feed`` says which events it wants, and ``writer`` makes its writer; both are given what the part was
    limited to, in words of its own that nobody else reads (empty: nothing).
    """

    part: IndexPart
    version: int
    tables: Mapping[str, str]
    writer: Callable[[sqlite3.Connection, str], PartWriter]
    feed: Callable[[str], Filter | None] = field(default=lambda _limits: None)

    @property
    def name(self) -> str:
        return self.part.value


@dataclass(frozen=True)
class IndexSurroundings:
    """What all parts of one file have around them. ``turn`` is the one lock of all that write the file.

    ``tell`` is called with each PartState, ``on_fault`` with a sentence where something failed behind the scenes,
    ``on_damage`` where the file is damaged and is to be put aside, ``on_away`` whenever the store is away; none of them
    may block. While ``busy`` says seconds, others go first.
    """

    path: Path
    store: KnownStore
    turn: threading.Lock
    tell: Callable[[PartState], None]
    on_fault: Callable[[str], None] = lambda _sentence: None
    on_damage: Callable[[], None] = lambda: None
    on_away: Callable[[StoreError], None] = lambda _error: None
    busy: Callable[[], float] = lambda: 0.0
