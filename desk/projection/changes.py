"""Hop 7: what a batch of events changes in the read model, gathered first and written many rows at a time.

A handler only notes what to write and reads nothing, so that a replay gives the same rows. Of several changes of one
kind to one row only the last is written; kinds run in the order in which their projections declare them, so that rows
come into being before they change. Many rows to a statement, because each statement gives way to other threads.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from itertools import chain
from typing import Final

from desk.records import dataclass

Value = str | bytes | int | float | None
Values = tuple[Value, ...]

_SIZES: Final = (256, 64, 16, 4, 1)
"""Rows to one statement; 256 rows of 18 values are fewer than the 32,766 that SQLite takes."""


@dataclass(frozen=True, eq=False)
class RowChange:
    """One kind of change: a statement over some rows of values. ``{rows}`` in it stands for ``(?, …), (?, …), …``.

    ``one_by_one`` where two rows may be about the same row of the table.
    """

    statement: str
    width: int
    one_by_one: bool = False
    _sized: tuple[tuple[int, str], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        row = f"({', '.join('?' * self.width)})"
        sizes = (1,) if self.one_by_one else _SIZES
        sized = tuple((size, self.statement.replace("{rows}", ", ".join([row] * size))) for size in sizes)
        object.__setattr__(self, "_sized", sized)

    def write(self, connection: sqlite3.Connection, rows: Sequence[Values]) -> None:
        """Run it over these rows."""
        done = 0
        for size, statement in self._sized:
            while len(rows) - done >= size:
                part = rows[done : done + size]
                connection.execute(statement, list(chain.from_iterable(part)))
                done += size


def upsert(table: str, key: Iterable[str], columns: Iterable[str], also: str = "") -> RowChange:
    """Make rows, or overwrite those of the same key that are of an older revision; ``also`` sets what is not given."""
    keys, others = tuple(key), tuple(columns)
    given = (*keys, *others)
    sets = ", ".join([f"{column} = excluded.{column}" for column in others] + ([also] if also else []))
    return RowChange(
        f"INSERT INTO {table} ({', '.join(given)}) VALUES {{rows}} ON CONFLICT ({', '.join(keys)}) "
        f"DO UPDATE SET {sets} WHERE {table}.revision < excluded.revision",
        len(given),
    )


def update(table: str, key: Iterable[str], columns: Iterable[str]) -> RowChange:
    """Change rows that are of an older revision, where they are there. ``revision`` is one of the columns."""
    keys, others = tuple(key), tuple(columns)
    places = {column: f"v.column{place}" for place, column in enumerate((*keys, *others), start=1)}
    sets = ", ".join(f"{column} = {places[column]}" for column in others)
    same = " AND ".join(f"{table}.{column} = {places[column]}" for column in keys)
    return RowChange(
        f"UPDATE {table} SET {sets} FROM (VALUES {{rows}}) AS v "
        f"WHERE {same} AND {table}.revision < {places['revision']}",
        len(places),
    )


@dataclass(slots=True)
class RowChanges:
    """What some events change. ``touched`` has each book's last revision and position.

    ``texts`` are books whose searchable text changes (with the text, where it is known), ``copies`` and ``holds``
    those whose counters do, and ``moved`` is whether a row's place in an order may be another one.
    """

    rows: dict[RowChange, dict[Values, Values]] = field(default_factory=dict)
    touched: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    texts: dict[bytes, None] = field(default_factory=dict)
    corrected: dict[bytes, None] = field(default_factory=dict)
    copies: dict[bytes, None] = field(default_factory=dict)
    holds: dict[bytes, None] = field(default_factory=dict)
    moved: bool = False

    def note(self, change: RowChange, key: Values, *values: Value) -> None:
        """Write these values to the row of this key."""
        self.rows.setdefault(change, {})[key] = (*key, *values)

    def write(self, connection: sqlite3.Connection, order: Iterable[RowChange]) -> None:
        """Write the rows, kind by kind, within the transaction that the caller began."""
        for change in order:
            if rows := self.rows.get(change):
                change.write(connection, list(rows.values()))


def keyed(book_ids: Iterable[bytes]) -> Iterator[Values]:
    """Rows of one value each."""
    return ((book_id,) for book_id in book_ids)
