"""A log has an id of its own, which tells it from others; whoever reads $all is told it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desk.node.care.backup import back_up
from desk.node.log import Log
from desk.node.schema import open_for_writing
from desk.store.eventstoredb import EventStoreDB
from tests.node.processes import run_node, start_node


def told(uri: str) -> str | None:
    with closing(EventStoreDB(uri)) as store:
        id_ = store.store_id()
        return None if id_ is None else str(id_)


def test_a_log_keeps_its_id_and_has_no_others(tmp_path: Path) -> None:
    with closing(Log(tmp_path / "one.sqlite")) as log:
        first = log.id
    with closing(Log(tmp_path / "one.sqlite")) as log:
        assert log.id == first is not None
    with closing(Log(tmp_path / "other.sqlite")) as log:
        assert log.id not in (None, first)


def test_a_copy_has_the_id_of_its_original(tmp_path: Path) -> None:
    with closing(Log(tmp_path / "one.sqlite")) as log:
        first = log.id
        back_up(tmp_path / "one.sqlite", tmp_path / "copy.sqlite", lambda _share: None, overwrite=False)
    with closing(Log(tmp_path / "copy.sqlite")) as log:
        assert log.id == first


def test_a_log_of_before_gets_an_id_when_it_is_opened(tmp_path: Path) -> None:
    with closing(Log(tmp_path / "one.sqlite")):
        pass
    with closing(open_for_writing(tmp_path / "one.sqlite")) as connection:
        connection.execute("DELETE FROM facts WHERE owner = 'log'")
    with closing(Log(tmp_path / "one.sqlite")) as log:
        made = log.id
    with closing(Log(tmp_path / "one.sqlite")) as log:
        assert log.id == made is not None


def test_a_log_of_before_on_a_full_disk_is_served_without_an_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.sqlite"
    with closing(Log(path)):
        pass
    with closing(open_for_writing(path)) as connection:
        connection.execute("DELETE FROM facts WHERE owner = 'log'")
        # As many facts as fit into the pages that there are, each smaller than an id.
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        number = 0
        with pytest.raises(sqlite3.OperationalError, match="full"):  # noqa: PT012 -- nobody knows at which it is
            while True:
                number += 1
                connection.execute("INSERT INTO facts VALUES ('log', ?, ?)", (f"{number:04}", b"x"))

    def bounded(path: Path) -> sqlite3.Connection:
        connection = open_for_writing(path)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr("desk.node.log.open_for_writing", bounded)
    with closing(Log(path)) as log:
        assert log.id is None


def test_a_node_tells_its_id_after_a_restart_and_a_scavenge_too(tmp_path: Path) -> None:
    node = start_node(tmp_path)
    first = told(node.uri)
    scavenged = run_node("scavenge", "--data", str(tmp_path))
    assert scavenged.returncode == 0, scavenged.stderr
    assert told(node.uri) == first is not None
    node.stop()
    again = start_node(tmp_path)
    assert told(again.uri) == first
    again.stop()
