"""The log alone: what is written, in groups, and what its file is like."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.node.log import Log
from desk.node.metadata import parse
from desk.node.pages import LogPages
from desk.node.records import (
    ANY,
    MAX,
    NO_STREAM,
    STREAM_EXISTS,
    Append,
    Delete,
    LogError,
    LogFull,
    LogUnavailable,
    Proposed,
    StreamDeleted,
    Tombstone,
    Write,
    WriteRefused,
    WriteResult,
    WrongExpectedVersion,
)
from tests.node.wiring import proposed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node.sqlite"


@pytest.fixture
def log(path: Path) -> Iterator[Log]:
    opened = Log(path)
    yield opened
    opened.close()


def write(log: Log, write: Write) -> WriteResult:
    (outcome,) = log.commit([write]).outcomes
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def append(log: Log, stream: str, *events: Proposed, expected: int = ANY) -> WriteResult:
    return write(log, Append(stream, expected, events or (proposed(),)))


def revisions(path: Path, stream: str) -> list[int]:
    pages = LogPages(path)
    try:
        return [event.revision for event in pages.stream_events(stream, 0, 1000).events]
    finally:
        pages.close()


def test_a_commit_waits_until_it_is_on_the_disk(log: Log) -> None:
    full = 2
    assert log.pragma("synchronous") == full


def test_a_new_log_begins_with_an_event_of_the_system(log: Log, path: Path) -> None:
    pages = LogPages(path)
    (first,) = pages.log_events(0, 10, lambda _stream, _type: True).events
    pages.close()
    assert first.position == 1
    assert first.type.startswith("$")


def test_positions_rise_with_every_event_of_a_group(log: Log) -> None:
    committed = log.commit([Append(f"s{n}", NO_STREAM, (proposed(), proposed())) for n in range(3)])
    positions = [event.position for event in committed.events]
    assert positions == sorted(set(positions))
    assert [outcome for outcome in committed.outcomes if isinstance(outcome, Exception)] == []


def test_a_write_sees_those_before_it_in_its_group(log: Log) -> None:
    first = proposed()
    outcomes = log.commit(
        [
            Append("s", NO_STREAM, (first,)),
            Append("s", ANY, (first,)),
            Append("s", 0, (proposed(),)),
            Append("s", 0, (proposed(),)),
        ]
    ).outcomes
    assert outcomes[0] == outcomes[1]
    assert isinstance(outcomes[2], WriteResult)
    assert isinstance(outcomes[3], WrongExpectedVersion)


def test_a_refused_write_takes_no_other_of_its_group_with_it(log: Log, path: Path) -> None:
    outcomes = log.commit([Append("s", 5, (proposed(),)), Append("t", NO_STREAM, (proposed(),))]).outcomes
    assert isinstance(outcomes[0], WrongExpectedVersion)
    assert isinstance(outcomes[1], WriteResult)
    assert revisions(path, "t") == [0]


def test_an_id_is_known_after_a_restart(path: Path) -> None:
    event = proposed()
    log = Log(path)
    before = append(log, "s", event)
    log.close()
    log = Log(path)
    assert append(log, "s", event) == before
    log.close()


def test_the_same_id_may_be_stored_in_two_streams(log: Log) -> None:
    event = proposed()
    assert append(log, "s", event) != append(log, "t", event)


def test_a_position_given_to_nothing_is_never_given_again_even_after_a_restart(path: Path) -> None:
    log = Log(path)
    nothing = write(log, Append("s", ANY, ()))
    log.close()
    log = Log(path)
    assert nothing.position is not None
    assert (append(log, "s").position or 0) > nothing.position
    log.close()


def test_a_deleted_stream_goes_on_where_it_ended(log: Log, path: Path) -> None:
    append(log, "s", proposed(), proposed())
    write(log, Delete("s", ANY))
    assert revisions(path, "s") == []
    assert append(log, "s", expected=NO_STREAM).revision == 2
    assert revisions(path, "s") == [2]


def test_a_deleted_stream_is_not_expected_to_exist(log: Log) -> None:
    append(log, "s")
    write(log, Delete("s", ANY))
    with pytest.raises(StreamDeleted):
        append(log, "s", expected=STREAM_EXISTS)


def test_deleting_a_stream_that_never_was_is_refused(log: Log) -> None:
    with pytest.raises(WrongExpectedVersion) as refused:
        write(log, Delete("s", ANY))
    assert refused.value.actual == -1


def test_a_tombstone_ends_a_stream_for_ever(log: Log, path: Path) -> None:
    append(log, "s")
    assert write(log, Tombstone("s", ANY)).revision == MAX
    for again in (Append("s", ANY, (proposed(),)), Delete("s", ANY), Tombstone("s", ANY)):
        with pytest.raises(StreamDeleted):
            write(log, again)
    log.close()
    reopened = Log(path)
    with pytest.raises(StreamDeleted):
        append(reopened, "s")
    reopened.close()


def test_more_streams_than_are_remembered_keep_their_revisions(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.node.heads._STREAMS_REMEMBERED", 3)
    for expected in range(-1, 4):
        log.commit([Append(f"s{n}", expected, (proposed(),)) for n in range(8)])
    assert append(log, "s0", expected=4).revision == 5


def small(path: Path) -> Log:
    """A log whose file may have 40 pages: as on a disk that is nearly full."""
    log = Log(path)
    assert log.pragma("max_page_count = 40") == 40
    return log


def test_a_full_disk_refuses_what_does_not_fit_and_takes_what_does(path: Path) -> None:
    log = small(path)
    append(log, "kept", proposed(b"k" * 100))
    with pytest.raises(LogFull, match="Make room"):
        append(log, "large", *(proposed(b"x" * 1000) for _ in range(500)))
    assert revisions(path, "large") == []
    assert append(log, "kept", proposed(b"k" * 100)).revision == 1
    assert revisions(path, "kept") == [0, 1]
    log.close()


def test_a_write_too_large_for_the_disk_takes_no_other_of_its_group_with_it(path: Path) -> None:
    log = small(path)
    large = tuple(proposed(b"x" * 1000) for _ in range(500))
    outcomes = log.commit([Append("s", ANY, (proposed(),)), Append("t", ANY, large)]).outcomes
    assert isinstance(outcomes[0], WriteResult)
    assert isinstance(outcomes[1], LogFull)
    log.close()


def test_a_failed_commit_is_forgotten_whole(path: Path) -> None:
    log = small(path)
    before = append(log, "s")
    with pytest.raises(LogFull):
        append(log, "s", *(proposed(b"x" * 1000) for _ in range(500)))
    after = append(log, "s", expected=0)
    assert (before.revision, after.revision) == (0, 1)
    log.close()


def test_a_file_of_another_kind_is_named(path: Path) -> None:
    path.write_text("This is a shopping list, long enough to be taken for a header, but it is none at all.")
    with pytest.raises(LogUnavailable, match=r"node\.sqlite is damaged"):
        Log(path)


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE shopping (item TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LogError, match="another program"):
        Log(path)
    assert path.read_bytes() == before


def test_the_metadata_of_a_stream_that_is_written_again_keep_their_other_keys(log: Log, path: Path) -> None:
    append(log, "s")
    append(log, "$$s", proposed(b'{"$tb":%d,"colour":"blue"}' % MAX, "$metadata"))
    append(log, "s")
    pages = LogPages(path)
    (event,) = pages.stream_events("$$s", 0, 10).events
    pages.close()
    assert b"colour" in event.response
    assert revisions(path, "s") == [1]
    assert not parse(b'{"$tb":1}').deleted


@pytest.mark.parametrize("seed", range(8))
def test_a_stream_that_is_about_to_be_forgotten_is_not_while_it_is_written(
    log: Log, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("desk.node.heads._STREAMS_REMEMBERED", 6)
    chance = random.Random(seed)
    for _ in range(60):
        name = chance.choice(("a", "$$a", "$$$$a", "b", "$$b", "c", "d"))
        write = Append(name, ANY, (proposed(),)) if chance.random() < 0.8 else Delete(name, ANY)
        (outcome,) = log.commit([write]).outcomes
        assert isinstance(outcome, WriteResult | WriteRefused), outcome
