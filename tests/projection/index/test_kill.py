"""Killed at any moment while it is built, the index goes on, and is the same as one that was built at once."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from desk.projection.index.book_tables import TABLES
from desk.projection.index.file import read_parts
from desk.store.local_node import LocalNode
from tests.benchmarks.profiles import write_log
from tests.forked import Forked
from tests.projection.index.building import build
from tests.rounds import few_or_all

KILLS = few_or_all(2, 20)
BOOKS = few_or_all(300, 1000)
EVENTS = BOOKS * 5


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a node with so many books."""
    directory = tmp_path_factory.mktemp("node")
    write_log(directory, books=BOOKS, loans=1)
    with closing(LocalNode(directory)) as node:
        yield node.ensure()


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows, and what the full text finds."""
    plain = [name for name, statement in TABLES.items() if statement.lstrip().startswith("CREATE TABLE")]
    with closing(sqlite3.connect(path)) as connection:
        found = {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in plain}
        for name in ("titles_fts", "past_values_fts"):
            hits = f"SELECT rowid FROM {name} WHERE {name} MATCH '\"a\" *' ORDER BY rowid"
            found[name] = connection.execute(hits).fetchall()
        return found


def test_an_index_that_is_killed_while_it_is_built_goes_on_and_is_the_same(uri: str, tmp_path: Path) -> None:
    at_once, killed = tmp_path / "at-once", tmp_path / "killed"
    at_once.mkdir()
    killed.mkdir()
    build(at_once, uri)
    dice, stood = Random(), []
    for _ in range(KILLS):
        with Forked("tests.projection.index.building", [str(killed), uri]) as process:
            said = process.stdout.readline()
            assert said.startswith(("building", "ready")), said  # only its completion was missing, where it is ready
            time.sleep(dice.random() * 0.4 * BOOKS / 1000)
            process.kill()
        row = read_parts(killed / "event-index.sqlite").get("books")
        stood.append(row.events if row is not None else 0)
        if row is not None and row.complete:
            break
    assert stood == sorted(stood), "it begins where it was, and not anew"
    build(killed, uri)
    assert read_parts(killed / "event-index.sqlite")["books"].events == EVENTS
    was, is_ = contents(at_once / "event-index.sqlite"), contents(killed / "event-index.sqlite")
    for name in was:
        assert was[name], name
        assert was[name] == is_[name], name
