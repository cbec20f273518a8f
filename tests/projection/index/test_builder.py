"""Building a part of the event index: asked for, followed, paused, dropped, killed, damaged, of another store."""

import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import CancelledError
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from desk.application.event_index import IndexPart, IndexRefused, PartPhase
from desk.cqrs.store import Filter, Recorded
from desk.projection.index import run
from desk.projection.index.file import read_parts
from desk.projection.index.part import IndexPartSpec
from tests.projection.index.indexing import indexing
from tests.projection.library import Library


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "event-index.sqlite"


@pytest.fixture
def library() -> Library:
    return Library()


class Seen:
    """A part that keeps the positions it was given."""

    def __init__(self, connection: sqlite3.Connection, limits: str) -> None:
        self._connection, self.limits = connection, limits

    def apply(self, events: Sequence[Recorded]) -> None:
        self._connection.executemany("INSERT INTO seen VALUES (?)", [(event.position,) for event in events])
        if any(event.type == "Fails" for event in events):
            raise ValueError("this one cannot be applied")

    def finish(self) -> None:
        self._connection.execute("CREATE INDEX seen_by_position ON seen (position)")

    def forget(self) -> None:
        pass


SEEN = IndexPartSpec(IndexPart.EVENTS, 1, {"seen": "CREATE TABLE seen (position INTEGER)"}, Seen)


def seen(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        return [position for (position,) in connection.execute("SELECT position FROM seen ORDER BY rowid")]


def positions(library: Library) -> list[int]:
    return [event.position for event in library.store.read_all()]


def test_nothing_is_made_until_somebody_asks(path: Path, library: Library) -> None:
    library.some_history()
    with indexing(path, library, SEEN) as one:
        assert one.builder.state.phase is PartPhase.ABSENT
    assert not path.exists()


def test_it_is_built_when_asked_for_and_then_follows(path: Path, library: Library) -> None:
    library.some_history()
    with indexing(path, library, SEEN) as one:
        one.builder.build().result(60)
        assert one.builder.state.phase is PartPhase.READY
        last = library.book_created("late")
        state = one.until_at(last)
        assert state.events == state.total == len(positions(library))
    assert seen(path) == positions(library)
    assert {state.phase for state in one.states} == {PartPhase.BUILDING, PartPhase.READY}


def test_one_that_was_there_follows_again_without_being_asked(path: Path, library: Library) -> None:
    library.some_history()
    with indexing(path, library, SEEN) as one:
        one.builder.build().result(60)
    last = library.book_created("between")
    with indexing(path, library, SEEN) as again:
        assert again.builder.state.phase is PartPhase.READY
        again.until_at(last)
    assert seen(path) == positions(library)


def test_it_rests_while_paused_and_goes_on_when_asked_for(path: Path, library: Library) -> None:
    library.some_history()
    with indexing(path, library, SEEN) as one:
        one.builder.build().result(60)
        one.builder.pause()
        one.until(lambda state: state.phase is PartPhase.PAUSED)
        library.book_created("meanwhile")
    with indexing(path, library, SEEN) as again:
        assert again.builder.state.phase is PartPhase.PAUSED
        assert len(seen(path)) == len(positions(library)) - 1
        again.builder.build().result(60)
        again.until_at(positions(library)[-1])
    assert seen(path) == positions(library)


def test_dropping_it_leaves_nothing_and_refuses_who_waits(path: Path, library: Library) -> None:
    library.some_history()
    with indexing(path, library, SEEN) as one:
        one.builder.build().result(60)
        one.builder.drop()
        one.until(lambda state: state.phase is PartPhase.ABSENT)
        with closing(sqlite3.connect(path)) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
        assert "seen" not in names
        library.store.go_away()
        waiting = one.builder.build()
        one.until(lambda state: state.phase is PartPhase.BUILDING)
        one.builder.drop()
        with pytest.raises(IndexRefused, match="given up"):
            waiting.result(60)


def test_dropping_it_and_asking_at_once_builds_it_anew(path: Path, library: Library) -> None:
    library.some_history()
    with indexing(path, library, SEEN) as one:
        one.builder.build().result(60)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("INSERT INTO seen VALUES (7)")
        one.builder.drop()
        one.builder.build().result(60)
    assert seen(path) == positions(library)


def test_what_it_was_limited_to_is_kept_and_given_to_the_writer(path: Path, library: Library) -> None:
    library.some_history()
    given: list[str] = []

    def writer(connection: sqlite3.Connection, limits: str) -> Seen:
        given.append(limits)
        return Seen(connection, limits)

    for _ in range(2):
        with indexing(path, library, replace(SEEN, writer=writer)) as one:
            one.builder.build("since 2026").result(60)
            assert one.builder.state.limits == "since 2026"
    assert given == ["since 2026"] * 2


def test_building_gives_way_to_what_was_just_asked_for_but_comes_to_an_end(path: Path, library: Library) -> None:
    library.some_history()
    asked: list[float] = []

    def busy() -> float:
        asked.append(0.3)
        return 0.3

    with indexing(path, library, SEEN, busy=busy) as one:
        begin = time.monotonic()
        one.builder.build().result(60)
        assert time.monotonic() - begin > 0.4, "it waited"
        many = len(asked)
        one.until_at(library.book_created("late"))
        assert len(asked) == many, "what follows live is little, and does not wait"


def test_how_much_is_left_is_not_taken_for_more_because_of_events_that_others_wrote_later(
    path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "TELL_EVERY", 0.0)
    library.some_history(books=60)
    of_books = [event.position for event in library.store.read_all(only=Filter("^book-"))]
    for number in range(500):
        library.write_raw(f"other-{number}", "Else", b"{}")
    spec = replace(SEEN, feed=lambda _limits: Filter("^book-"))
    with indexing(path, library, spec, newest=lambda: of_books[-1]) as one:
        one.builder.build().result(60)
        told = [state for state in one.states if state.phase is PartPhase.BUILDING and state.events]
    totals = [state.total or 0 for state in told]
    assert max(totals) < 1.2 * len(of_books), told
    assert totals[-1] > 0.8 * len(of_books), told


def test_another_version_is_built_anew_by_itself(path: Path, library: Library) -> None:
    library.some_history()
    with indexing(path, library, SEEN) as one:
        one.builder.build("some").result(60)
    with indexing(path, library, replace(SEEN, version=2)) as again:
        again.until(lambda state: state.phase is PartPhase.READY)
    row = read_parts(path)["events"]
    assert (row.version, row.limits) == (2, "some")
    assert seen(path) == positions(library)


def test_a_part_that_fails_says_so_and_can_be_asked_for_again(path: Path, library: Library) -> None:
    library.some_history()
    library.write_raw("other-1", "Fails", b"{}")
    with indexing(path, library, SEEN) as one:
        with pytest.raises(IndexRefused, match="cannot be applied"):
            one.builder.build().result(60)
        state = one.until(lambda state: state.phase is PartPhase.FAILED)
        assert "cannot be applied" in state.sentence
        with pytest.raises(IndexRefused, match="cannot be applied"):
            one.builder.build().result(60)
    assert len(seen(path)) in range(len(positions(library)))


def test_a_store_that_is_away_is_waited_for(path: Path, library: Library) -> None:
    library.some_history()
    library.store.go_away()
    with indexing(path, library, SEEN) as one:
        waiting = one.builder.build()
        one.until(lambda state: state.phase is PartPhase.BUILDING)
        library.store.come_back()
        one.builder.wake()
        waiting.result(60)
    assert seen(path) == positions(library)


def test_another_store_is_indexed_anew(path: Path, library: Library) -> None:
    library.some_history(books=9)
    with indexing(path, library, SEEN) as one:
        one.builder.build().result(60)
    other = Library()
    other.some_history(books=2)
    with indexing(path, other, SEEN) as again:
        again.until(lambda state: state.phase is PartPhase.READY and state.events == len(positions(other)))
        assert any("another event store" in sentence for sentence in again.faults)
    assert seen(path) == positions(other)


def test_a_damaged_file_is_told_of_so_that_it_can_be_put_aside(path: Path, library: Library) -> None:
    library.some_history()
    path.write_bytes(b"no database at all " * 400)
    with indexing(path, library, SEEN) as one:
        assert one.builder.state.phase is PartPhase.ABSENT
        one.builder.build().result(60)
    assert seen(path) == positions(library)
    assert [file.name for file in path.parent.glob("*.damaged-*")] == ["event-index.sqlite.damaged-1"]


def test_damage_that_is_met_while_it_follows_has_it_built_anew(path: Path, library: Library) -> None:
    library.some_history()
    damaged = sqlite3.DatabaseError("database disk image is malformed")
    damaged.sqlite_errorname = "SQLITE_CORRUPT"
    raised: list[int] = []

    class Meets(Seen):
        def apply(self, events: Sequence[Recorded]) -> None:
            if any(event.type == "Fatal" for event in events) and not raised:
                raised.append(events[-1].position)
                raise damaged
            super().apply(events)

    with indexing(path, library, replace(SEEN, writer=Meets)) as one:
        one.builder.build().result(60)
        last = library.write_raw("other-1", "Fatal", b"{}")
        one.until_at(last)
        assert raised == [last]
        assert one.damaged == 1
        assert any("is damaged" in sentence for sentence in one.faults)
    assert seen(path) == positions(library)


def test_a_file_in_trouble_is_tried_again_and_says_why_meanwhile(path: Path, library: Library) -> None:
    library.some_history()
    with indexing(path, library, SEEN) as one:
        one.builder.build().result(60)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            last = library.book_created("late")
            one.until(lambda state: "in use by another program" in state.sentence)
            other.execute("COMMIT")
        one.until_at(last)
        assert one.until(lambda state: not state.sentence).phase is PartPhase.READY


def test_closing_while_it_builds_refuses_who_waits(path: Path, library: Library) -> None:
    library.store.go_away()
    with indexing(path, library, SEEN) as one:
        waiting = one.builder.build()
    with pytest.raises((IndexRefused, CancelledError), match="closed"):
        waiting.result(60)
