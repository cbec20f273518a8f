"""Hop 7: what a projection is, and how several stand behind one checkpoint as a group."""

import sqlite3
import zlib
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from desk.cqrs.store import Recorded
from desk.projection.changes import RowChange, RowChanges
from desk.records import dataclass

Handler = Callable[[RowChanges, Any, Recorded], None]
"""Notes what one event changes. The event is of the class under which the handler is registered."""

Write = Callable[[sqlite3.Connection, RowChanges], None]
"""Writes rows out of what was noted, within a transaction."""


@dataclass(frozen=True)
class Projection:
    """Some tables, and what events mean for them.

    ``version`` is to be raised with every change of what they mean: the group is then built anew, as it is where a
    table has another column. ``tables`` are made first, with the indexes that readers name (``orders``). ``changes``
    are the kinds of changes in the order in which they are written, unless ``write`` does more than that; ``finish``
    follows when all projections of the group have written theirs.
    """

    name: str
    version: int
    tables: Mapping[str, str]
    handlers: Mapping[type, Handler]
    changes: tuple[RowChange, ...] = ()
    orders: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    write: Write | None = None
    finish: Write | None = None

    @property
    def kinds(self) -> tuple[type, ...]:
        """The events that it wants."""
        return tuple(self.handlers)


@dataclass(frozen=True)
class ProjectionGroup:
    """Projections that are written together, in one transaction with one checkpoint."""

    name: str
    projections: tuple[Projection, ...]
    handlers: dict[type, tuple[Handler, ...]] = field(init=False)

    def __post_init__(self) -> None:
        handlers: dict[type, tuple[Handler, ...]] = {}
        for projection in self.projections:
            for kind, handler in projection.handlers.items():
                handlers[kind] = (*handlers.get(kind, ()), handler)
        object.__setattr__(self, "handlers", handlers)

    @property
    def version(self) -> int:
        """Another one as soon as a projection has another one or another table, comes, or goes."""
        tables = [(name, statement.split()) for name, statement in self.tables.items()]
        versions = [(each.name, each.version) for each in self.projections]
        return zlib.crc32(repr((versions, tables)).encode()) & 0x7FFF_FFFF

    @property
    def tables(self) -> dict[str, str]:
        """The statements that make the tables, by the table's name."""
        return {name: statement for each in self.projections for name, statement in each.tables.items()}

    @property
    def orders(self) -> tuple[str, ...]:
        return tuple(order for each in self.projections for order in each.orders)

    @property
    def triggers(self) -> tuple[str, ...]:
        return tuple(trigger for each in self.projections for trigger in each.triggers)

    def write(self, connection: sqlite3.Connection, changes: RowChanges) -> None:
        """Write what was noted, within the transaction that the caller began."""
        for projection in self.projections:
            if projection.write is None:
                changes.write(connection, projection.changes)
            else:
                projection.write(connection, changes)
        for projection in self.projections:
            if projection.finish is not None:
                projection.finish(connection, changes)
