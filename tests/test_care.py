"""A session's care of its read model, with the real node: rebuild, doctor, and a second session beside."""

import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest

from desk.application.care import Findings, ReadModelState
from desk.application.queries import GetBookById, GetReadModelStatus
from desk.application.session import Light, SessionEvent
from desk.cqrs.messages import Consistency, GateResult
from desk.domain.commands import AddCopy, CreateBook
from desk.runtime.options import CannotOpen, Options
from desk.runtime.runtime import open_session
from tests.projection.library import wait_until


def test_a_session_rebuilds_and_examines_what_it_keeps_and_one_beside_it_has_no_care(tmp_path: Path) -> None:
    session = open_session(Options(tmp_path, user="ada"))
    try:
        care = session.care
        assert care is not None
        wait_until(lambda: session.connection.state.light is Light.GREEN, 20)
        book_id = uuid4()
        created = CreateBook(book_id=book_id, isbn="9780451523068", title="Emma", authors=("Jane Austen",))
        session.commands.execute(created, consistency=Consistency.READ_YOUR_WRITES).result(60)
        outcome = care.rebuild(lambda progress: None).future.result(60)
        assert outcome.switched
        assert care.examine(lambda progress: None).future.result(60) == Findings((), rows=1, streams=1)
        card = session.queries.ask(GetBookById(book_id)).result(60)
        assert card is not None
        assert card.row.title == "Emma"
        assert session.queries.ask(GetReadModelStatus()).result(60).parked == len(care.lists().parked) == 0
        beside = open_session(Options(tmp_path, user="bob"))
        try:
            assert beside.care is None
        finally:
            beside.close()
    finally:
        session.close()
    assert not list(tmp_path.glob("*.next*"))


def test_a_command_says_that_the_read_model_is_paused_and_the_next_session_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.cqrs.bus.GATE_LIMIT", 0.5)
    book_id = uuid4()
    created = CreateBook(book_id=book_id, isbn="9780451523068", title="Emma", authors=("Jane Austen",))
    session = open_session(Options(tmp_path, user="ada"))
    try:
        assert session.care is not None
        care = session.care
        wait_until(lambda: care.state().live, 20)
        care.pause()
        wait_until(lambda: care.state().paused)
        outcome = session.commands.execute(created, consistency=Consistency.READ_YOUR_WRITES).result(60)
        assert outcome.gate is GateResult.PAUSED
        wait_until(lambda: care.state().waiting == 3)
        assert session.queries.ask(GetBookById(book_id)).result(60) is None
        for _ in range(3):
            assert care.step().result(60)
        card = session.queries.ask(GetBookById(book_id)).result(60)
        assert card is not None
        assert card.row.state == "listed"
    finally:
        session.close()
    again = open_session(Options(tmp_path, user="ada"))
    try:
        assert again.care is not None
        later = again.care
        wait_until(lambda: later.state().live, 20)
        assert not later.state().paused
        added = again.commands.execute(AddCopy(book_id=book_id), consistency=Consistency.READ_YOUR_WRITES).result(60)
        assert added.gate is GateResult.REACHED
    finally:
        again.close()


def test_a_damaged_local_file_is_a_fault_and_one_that_is_locked_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "local.sqlite"
    file.write_bytes(b"no database" * 1000)
    session = open_session(Options(tmp_path))
    try:
        assert [fault.title for fault in session.diagnostics.faults()] == ["The local file was damaged"]
    finally:
        session.close()
    monkeypatch.setattr("desk.projection.local.PATIENCE", 0.3)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(CannotOpen, match="in use by another program"):
        open_session(Options(tmp_path))
    other.close()


def test_with_a_store_out_of_reach_nobody_hears_how_far_behind_the_read_model_is(tmp_path: Path) -> None:
    session = open_session(Options(tmp_path, store="esdb://127.0.0.1:9?tls=false"))
    heard: list[SessionEvent] = []
    try:
        leave = session.listen(heard.append)
        assert session.care is not None
        session.care.pause()
        wait_until(lambda: any(isinstance(event, ReadModelState) and event.paused for event in heard))
        leave()
        assert all(event.behind is None for event in heard if isinstance(event, ReadModelState))
    finally:
        session.close()
