"""Appends and kept values that stand or fall together, and files of the version before there were any."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.node.log import Log
from desk.node.pages import LogPages
from desk.node.records import ANY, NO_STREAM, Append, KeyValue, WriteBatch, WriteResult, WrongExpectedVersion
from tests.node.wiring import proposed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node.sqlite"


@pytest.fixture
def log(path: Path) -> Iterator[Log]:
    opened = Log(path)
    yield opened
    opened.close()


def key_values(path: Path, owner: str) -> dict[str, bytes]:
    pages = LogPages(path)
    try:
        return pages.key_values(owner)
    finally:
        pages.close()


def test_appends_to_several_streams_and_values_are_one_commit(log: Log, path: Path) -> None:
    write = WriteBatch(
        (Append("one", NO_STREAM, (proposed(), proposed())), Append("two", ANY, (proposed(),))),
        (KeyValue("someone", "position", b"7"),),
    )
    committed = log.commit([write])
    assert [event.stream for event in committed.events] == ["one", "one", "two"]
    assert isinstance(committed.outcomes[0], WriteResult)
    assert key_values(path, "someone") == {"position": b"7"}
    assert key_values(path, "someone else") == {}


def test_where_one_append_is_refused_nothing_is_written(log: Log, path: Path) -> None:
    write = WriteBatch(
        (Append("one", ANY, (proposed(),)), Append("two", 5, (proposed(),))), (KeyValue("someone", "position", b"7"),)
    )
    committed = log.commit([write])
    assert isinstance(committed.outcomes[0], WrongExpectedVersion)
    assert not committed.events
    assert key_values(path, "someone") == {}


def test_a_fact_is_replaced_and_forgotten(log: Log, path: Path) -> None:
    log.commit([WriteBatch(key_values=(KeyValue("someone", "a", b"1"), KeyValue("someone", "b", b"2")))])
    log.commit([WriteBatch(key_values=(KeyValue("someone", "a", b"3"), KeyValue("someone", "b", None)))])
    assert key_values(path, "someone") == {"a": b"3"}


def test_a_file_of_version_1_is_brought_up_to_date_with_its_events(path: Path) -> None:
    log = Log(path)
    log.commit([Append("old", ANY, (proposed(),))])
    log.close()
    with sqlite3.connect(path) as connection:
        connection.executescript("DROP TABLE facts; ALTER TABLE events DROP COLUMN checksum; PRAGMA user_version = 1;")
    connection.close()
    log = Log(path)
    log.commit([Append("old", ANY, (proposed(),)), WriteBatch(key_values=(KeyValue("someone", "a", b"1"),))])
    log.close()
    with sqlite3.connect(path) as connection:
        checksums = [row[0] for row in connection.execute("SELECT checksum FROM events ORDER BY position")]
    connection.close()
    assert checksums[:-1] == [None] * (len(checksums) - 1)
    assert checksums[-1] is not None
    assert key_values(path, "someone") == {"a": b"1"}
