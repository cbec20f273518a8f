"""A log to take care of, and ways to harm it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from desk.node.log import Log
from desk.node.records import ANY, Append, Delete, KeyValue, Proposed, Tombstone, Write, WriteBatch
from tests.node.wiring import proposed


def link(text: str) -> Proposed:
    return Proposed(proposed().id, "$>", False, text.encode(), b"")


def written(log: Log, *writes: Write) -> None:
    failed = [outcome for outcome in log.commit(writes).outcomes if isinstance(outcome, Exception)]
    assert not failed


def events(stream: str, count: int, data: bytes = b"{}") -> Append:
    return Append(stream, ANY, tuple(proposed(data) for _ in range(count)))


def whole_log(path: Path) -> Path:
    """A closed log with some of everything."""
    with closing(Log(path)) as log:
        written(log, events("book-1", 20), events("book-2", 3), events("many", 300, b"x" * 300))
        written(log, Append("$$many", ANY, (proposed(b'{"$maxCount": 50}'),)), events("gone", 2), events("ended", 2))
        written(log, Append("$$ended", ANY, (proposed(),)), Tombstone("ended", ANY), Delete("gone", ANY))
        links = tuple(link(text) for text in ("0@book-1", "2@book-2", "1@many", "0@ended", "nonsense"))
        written(log, Append("$ce-book", ANY, links), Append("own", ANY, (link("7@nowhere"),)))
        written(log, WriteBatch((), (KeyValue("system", "position", b"12"),)))
    return path


def harm(path: Path, statement: str, *values: object) -> None:
    """Changes the file behind the node's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement, values)
