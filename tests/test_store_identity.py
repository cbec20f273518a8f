"""Which store it is, on real nodes: a scavenged checkpoint, a log that is replaced, a host called "position"."""

import os
import shutil
import signal
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from esdbclient import EventStoreDBClient, StreamState

from desk.application.catalogue import BookQuestion
from desk.application.codec import event_registry
from desk.application.session import Light, Session
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.known_store import KnownStore
from desk.cqrs.messages import Consistency
from desk.cqrs.store import NO_STREAM, EventStore, NewEvent
from desk.domain.commands import CreateBook
from desk.projection.catalogue import Catalogue
from desk.projection.local import open_local
from desk.projection.opening import open_read_model
from desk.projection.projector import Projector
from desk.runtime.options import Options
from desk.runtime.runtime import open_session
from desk.store.eventstoredb import EventStoreDB
from tests.moments import REAL
from tests.node.processes import NodeProcess, run_node, start_node
from tests.waiting import until


@pytest.fixture
def node(tmp_path: Path) -> Iterator[NodeProcess]:
    started = start_node(tmp_path / "node", "--system-projections", "off")
    yield started
    started.stop()


class WithoutId(EventStoreDB):
    """A node that tells no id, as other servers."""

    def store_id(self) -> UUID | None:
        return None


class Projecting:
    """One run of a projector over a real node and real files, until it is live."""

    def __init__(self, directory: Path, store: EventStore) -> None:
        self.faults: list[Exception] = []
        open_read_model(directory / "read-model.sqlite", 0.0)
        stop = threading.Event()
        with closing(open_local(directory / "local.sqlite")) as local:
            known = KnownStore(store, local, REAL)
            projector = Projector(
                directory / "read-model.sqlite",
                known,
                event_registry(),
                lambda news: stop.set() if news.live else None,
                self.faults.append,
                clock=REAL.timestamp,
            )
            thread = threading.Thread(target=projector.run, args=(stop,))
            thread.start()
            thread.join(60)
            assert not thread.is_alive()
        with closing(Catalogue(directory / "read-model.sqlite")) as catalogue:
            status = catalogue.status()
            self.position, self.events = status.position, status.events


@pytest.mark.parametrize("kind", [EventStoreDB, WithoutId], ids=["id", "witnesses"])
def test_a_checkpoint_event_that_the_node_has_scavenged_goes_on_with_the_next(
    tmp_path: Path, node: NodeProcess, kind: type[EventStoreDB]
) -> None:
    with closing(kind(node.uri)) as store:
        for expected in (NO_STREAM, 0, 1):
            event = NewEvent(uuid4(), "BookPraised", b"{}", b"{}")
            receipt = store.append("isbn-9780306406157", expected, (event,), timeout=5)
        first = Projecting(tmp_path, store)
        assert (first.position, first.events) == (receipt.position, 3)
        store.append("isbn-9780306406157", 2, (NewEvent(uuid4(), "BookPraised", b"{}", b"{}"),), timeout=5)
        store.append("book-before", NO_STREAM, (NewEvent(uuid4(), "BookPraised", b"{}", b"{}"),), timeout=5)
        keep_the_last(node, "isbn-9780306406157")
        care_for(node.directory, "scavenge")
        assert store.event_at(receipt.position) is None
        if kind is WithoutId:
            # Of what was applied nothing is there any more; one event of before is needed as a witness.
            with closing(open_local(tmp_path / "local.sqlite")) as local:
                known = local.acquaintance()
                assert known is not None
                witness = store.event_at(1)
                assert witness is not None
                local.remember(
                    type(known)(known.key, None, (type(known.witnesses[0])(1, witness.id), *known.witnesses))
                )
        second = Projecting(tmp_path, store)
        assert second.faults == []
        assert second.events == 5


def keep_the_last(node: NodeProcess, stream: str) -> None:
    client = EventStoreDBClient(node.uri)
    client.set_stream_metadata(stream, metadata={"$maxCount": 1}, current_version=StreamState.ANY)
    client.close()


def care_for(directory: Path, *arguments: str) -> None:
    done = run_node(*arguments, "--data", str(directory))
    assert done.returncode == 0, done.stderr


@contextmanager
def opened(directory: Path) -> Iterator[Session]:
    session = open_session(Options(directory, user="ada"))
    try:
        until(lambda: session.connection.state.light is not Light.AMBER)
        yield session
    finally:
        session.close()


def create(session: Session, title: str, isbn: str) -> None:
    command = CreateBook(book_id=uuid4(), isbn=isbn, title=title, authors=("Jane Austen",))
    session.commands.execute(command, consistency=Consistency.READ_YOUR_WRITES).result(60)
    until(lambda: title in titles(session))


def titles(session: Session) -> list[str]:
    reader = session.queries.reader()
    if reader is None:
        return []
    with closing(reader):
        return sorted(row.title for row in reader.page(reader.order(BookQuestion())) if row.state == "listed")


def test_a_log_that_is_replaced_under_the_window_is_noticed_and_everything_begins_anew(tmp_path: Path) -> None:
    with opened(tmp_path / "other") as session:
        create(session, "Persuasion", "9780141439686")
        create(session, "Emma", "9780141439587")
    with opened(tmp_path / "here") as session:
        create(session, "Sanditon", "9780306406157")
        pid = session.about.node_pid
        assert pid is not None
        here, there = tmp_path / "here", tmp_path / "other"
        for companion in ("node.sqlite-wal", "node.sqlite-shm"):
            (here / companion).unlink(missing_ok=True)
        care_for(there, "backup", str(here / "new.sqlite"))  # whole, though its node may just be ending
        (here / "new.sqlite").replace(here / "node.sqlite")
        os.kill(pid, signal.SIGKILL)
        until(lambda: titles(session) == ["Emma", "Persuasion"])
        assert any("another event store" in fault.details for fault in session.diagnostics.faults())
        assert session.connection.question == ""
        create(session, "Mansfield Park", "9780141439808")  # the process managers have begun anew too
        assert "Sanditon" not in titles(session)


def test_a_backup_that_is_put_back_is_noticed_though_it_has_the_same_id(tmp_path: Path) -> None:
    here = tmp_path / "here"
    with opened(here) as session:
        create(session, "Emma", "9780141439587")
    care_for(here, "backup", str(tmp_path / "backup.sqlite"))
    with opened(here) as session:
        create(session, "Sanditon", "9780306406157")
    for companion in ("node.sqlite-wal", "node.sqlite-shm"):
        (here / companion).unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "backup.sqlite", here / "node.sqlite")
    with opened(here) as session:
        until(lambda: titles(session) == ["Emma"])
        assert any("put back from a backup" in fault.details for fault in session.diagnostics.faults())


def test_an_ordinary_restart_empties_nothing_and_asks_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as session:
        create(session, "Emma", "9780141439587")
    for _ in range(2):
        with opened(tmp_path) as session:
            assert titles(session) == ["Emma"]
            until(lambda: all(state.phase.value == "live" for state in session.diagnostics.process_managers()))
            assert session.diagnostics.faults() == ()


def forget_the_store(directory: Path) -> None:
    """Leave of what is known of the store only an event that is not there any more, and of the read model nothing."""
    (local,) = directory.rglob("local.sqlite")
    with closing(sqlite3.connect(local)) as db, db:
        db.execute("UPDATE known_store SET store_id = NULL")
        db.execute("DELETE FROM witnesses")
        db.execute("DELETE FROM positions")
        db.execute("INSERT INTO witnesses (position, event_id) VALUES (0, ?)", [str(uuid4())])
    for file in local.parent.glob("read-model.sqlite*"):
        file.unlink()


@pytest.mark.parametrize("same", [True, False], ids=["the same", "another"])
def test_a_store_that_cannot_be_told_from_another_is_asked_about_and_the_answer_is_gone_by(
    tmp_path: Path, *, same: bool
) -> None:
    with opened(tmp_path) as session:
        create(session, "Emma", "9780141439587")
    forget_the_store(tmp_path)
    with opened(tmp_path) as session:
        until(lambda: session.connection.question != "")
        until(lambda: session.connection.state.light is Light.RED)
        assert session.connection.state.text == session.connection.question
        assert [fault.details for fault in session.diagnostics.faults()] == [session.connection.question]
        assert titles(session) == []
        session.connection.decide(same=same)
        until(lambda: titles(session) == ["Emma"])
        until(lambda: session.connection.state.light is Light.GREEN)
        assert session.connection.question == ""
        create(session, "Sanditon", "9780306406157")
    with opened(tmp_path) as session:
        assert titles(session) == ["Emma", "Sanditon"]
        until(lambda: all(state.phase.value == "live" for state in session.diagnostics.process_managers()))
        assert session.diagnostics.faults() == ()


class Proxy(grpc.GenericRpcHandler):
    """A server in front of no store, whose name and words are full of what one might take for an answer."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        def answer(_request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
            context.abort(grpc.StatusCode.UNAVAILABLE, "invalid position.example:2113 is not at its position")
            yield b""

        return grpc.unary_stream_rpc_method_handler(answer)


def test_a_host_whose_name_contains_position_is_away_like_any_other() -> None:
    """It is no event missing at its position: that would be another store, and everything would be emptied."""
    server = grpc.server(ThreadPoolExecutor(1), handlers=[Proxy()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with closing(EventStoreDB(f"esdb://127.0.0.1:{port}?tls=false")) as store:
        with pytest.raises(StoreUnavailable, match=r"position\.example"):
            store.event_at(7)
        server.stop(None)
