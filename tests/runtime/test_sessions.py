"""Sessions: their ports, several in one process, throw-away catalogues, the record of a store, failures on purpose."""

import inspect
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desk.application import session as ports
from desk.application.care import ReadModelCare
from desk.application.queries import GetBookById, GetStreamPage, Source
from desk.application.session import ConnectionRecord, FaultRefused, FaultsPort, Light, Session
from desk.cqrs.errors import OutcomeUnknown
from desk.cqrs.messages import Consistency
from desk.domain.commands import AddCopy, CorrectBookDetails, CreateBook
from desk.domain.streams import book_stream
from desk.runtime.data_directory import THROW_AWAY
from desk.runtime.options import Options
from desk.runtime.runtime import Runtime, open_runtime
from tests.node.processes import start_node
from tests.runtime.leftovers import nothing_left
from tests.waiting import until

ROOT = Path(__file__).parents[2]


def opened(options: Options) -> Runtime:
    runtime = open_runtime(options)
    assert runtime.ready(20)
    return runtime


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with closing(opened(Options(tmp_path, user="ada", throw_away=True))) as runtime:
        yield runtime.session


@pytest.fixture
def faults(session: Session) -> FaultsPort:
    assert session.faults is not None
    return session.faults


def create(session: Session, isbn: str = "9780306406157") -> UUID:
    book_id = uuid4()
    command = CreateBook(book_id=book_id, isbn=isbn, title="Emma", authors=("Jane Austen",))
    session.commands.execute(command, consistency=Consistency.READ_YOUR_WRITES).result(60)
    until(lambda: card_state(session, book_id) == "listed")
    return book_id


def card_state(session: Session, book_id: UUID) -> str:
    card = session.queries.ask(GetBookById(book_id)).result(60)
    return card.row.state if card else "unknown"


def copies(session: Session, book_id: UUID) -> int:
    card = session.queries.ask(GetBookById(book_id)).result(60)
    return len(card.copies) if card else -1


def types(session: Session, book_id: UUID) -> list[str]:
    page = session.queries.ask(GetStreamPage(Source(stream=book_stream(book_id)))).result(60)
    return [event.type for event in page.events]


@contextmanager
def node_elsewhere(directory: Path) -> Iterator[int]:
    """A node that is not ours; its port."""
    node = start_node(directory)
    try:
        yield node.port
    finally:
        node.stop()


# Ports

PORTS = [each for name, each in inspect.getmembers(ports, inspect.isclass) if name.endswith("Port")]


@pytest.mark.parametrize("port", [*PORTS, ReadModelCare], ids=lambda port: port.__name__)
def test_a_port_is_narrow(port: type) -> None:
    functions = [name for name in vars(port) if not name.startswith("_")]
    assert len(functions) <= 10, functions


def test_a_session_has_a_field_for_each_port() -> None:
    assert {f"{field.name.capitalize()}Port" for field in fields(Session)} >= {port.__name__ for port in PORTS}


# Several in one process


@pytest.mark.parametrize("second_store", ["embedded", "elsewhere"])
def test_two_sessions_in_one_process_share_nothing_and_close_apart(second_store: str, tmp_path: Path) -> None:
    with nothing_left(tmp_path), node_elsewhere(tmp_path / "elsewhere") as port:
        uri = None if second_store == "embedded" else f"esdb://127.0.0.1:{port}?tls=false"
        first = opened(Options(tmp_path / "first", user="ada"))
        second = opened(Options(tmp_path / "second", uri, user="bob"))
        ends: list[UUID] = []
        threads = [
            threading.Thread(target=lambda each=each: ends.append(create(each.session))) for each in (first, second)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ends) == 2, "the same ISBN is free in each of them"
        assert first.session.about.node_pid != second.session.about.node_pid
        of_first = next(book for book in ends if card_state(first.session, book) == "listed")
        assert card_state(second.session, of_first) == "unknown"
        first.close()
        book = create(second.session, "9780141439600")
        assert card_state(second.session, book) == "listed"
        second.close()


# Throw-away catalogues


def test_a_throw_away_catalogue_is_gone_when_it_is_closed_and_the_one_beside_it_is_untouched(tmp_path: Path) -> None:
    with closing(opened(Options(tmp_path, user="ada"))) as kept:
        book_id = create(kept.session)
        with closing(opened(Options(tmp_path, user="ada", throw_away=True))) as thrown:
            assert thrown.session.about.directory.parent == tmp_path / THROW_AWAY
            assert thrown.session.care is not None
            create(thrown.session)
            assert card_state(thrown.session, book_id) == "unknown"
        assert not (tmp_path / THROW_AWAY).exists()
        assert card_state(kept.session, book_id) == "listed"


PROGRAM = """
import sys, time
from pathlib import Path
from desk.runtime.options import Options
from desk.runtime.runtime import open_runtime
runtime = open_runtime(Options(Path(sys.argv[1]), throw_away=True))
runtime.ready(20)
print(runtime.session.about.node_pid, flush=True)
time.sleep(60)
"""


def test_a_throw_away_catalogue_of_a_killed_program_is_gone_at_the_next_start(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as program:
        assert program.stdout is not None
        node = int(program.stdout.readline())
        program.send_signal(signal.SIGKILL)
    until(lambda: not Path(f"/proc/{node}").exists())
    (left,) = (tmp_path / THROW_AWAY).iterdir()
    assert (left / "node.sqlite").exists()
    with closing(opened(Options(tmp_path))):
        assert not left.exists()


def test_a_throw_away_catalogue_that_is_in_use_is_left_alone_by_another_start(session: Session, tmp_path: Path) -> None:
    book_id = create(session)
    with closing(opened(Options(tmp_path))):
        assert card_state(session, book_id) == "listed"
        assert session.about.directory.exists()


# The record of a store


def test_the_record_of_a_store_is_kept_by_its_folder_and_told(tmp_path: Path) -> None:
    heard: list[object] = []
    with node_elsewhere(tmp_path / "elsewhere") as port:
        uri = f"esdb://127.0.0.1:{port}?tls=false"
        with closing(open_runtime(Options(tmp_path / "desk", uri))) as runtime:
            about = runtime.session.about
            assert not about.record.may_write, "nobody has said so yet"
            assert about.name == f"esdb://127.0.0.1:{port}"
            runtime.session.listen(heard.append)
            record = ConnectionRecord("Orders, live", "red", production=True)
            about.change_record(record)
            assert record in heard
            assert about.name == "Orders, live"
        with closing(open_runtime(Options(tmp_path / "desk", uri))) as again:
            assert again.session.about.record == record
        with closing(open_runtime(Options(tmp_path / "desk"))) as embedded:
            assert embedded.session.about.record == ConnectionRecord("", may_write=True)


def test_a_record_that_cannot_be_read_is_the_careful_one(tmp_path: Path) -> None:
    uri = "esdb://127.0.0.1:1?tls=false"
    with closing(open_runtime(Options(tmp_path, uri))) as runtime:
        runtime.session.about.change_record(ConnectionRecord("x", may_write=True))
    (file,) = tmp_path.glob("*/connection.ini")
    file.write_bytes(b"\xff\xfe[[")
    with closing(open_runtime(Options(tmp_path, uri))) as runtime:
        assert not runtime.session.about.record.may_write


# Failures on purpose


def test_a_lost_answer_is_an_unknown_outcome_that_the_outbox_settles(session: Session, faults: FaultsPort) -> None:
    book_id, command_id = create(session), uuid4()
    faults.lose_next_answer(book_stream(book_id))
    assert len(faults.wanted()) == 1
    with pytest.raises(OutcomeUnknown):
        session.commands.execute(AddCopy(book_id=book_id), command_id=command_id).result(60)
    assert types(session, book_id)[-1] == "CopyAdded", "the append happened"
    until(lambda: session.commands.outbox.waiting() == ())
    assert types(session, book_id).count("CopyAdded") == 1
    assert faults.wanted() == ()


def test_a_second_writer_who_is_faster_makes_a_conflict_that_is_tried_again(
    session: Session, faults: FaultsPort
) -> None:
    book_id = create(session)
    faults.overtake(AddCopy(book_id=book_id))
    correction = CorrectBookDetails(book_id=book_id, seen_revision=1, title="Emma, a novel")
    outcome = session.commands.execute(correction).result(60)
    assert outcome.receipt is not None
    assert types(session, book_id)[-2:] == ["CopyAdded", "BookDetailsCorrected"]
    page = session.queries.ask(GetStreamPage(Source(stream=book_stream(book_id)))).result(60)
    assert b"second writer" in page.events[-2].metadata


def test_what_stores_an_event_is_for_throw_away_catalogues(tmp_path: Path) -> None:
    with closing(opened(Options(tmp_path))) as runtime:
        faults = runtime.session.faults
        assert faults is not None
        with pytest.raises(FaultRefused, match="throw-away"):
            faults.overtake(AddCopy(book_id=uuid4()))


def test_a_store_elsewhere_has_no_failures(tmp_path: Path) -> None:
    with closing(open_runtime(Options(tmp_path, "esdb://127.0.0.1:1?tls=false"))) as runtime:
        assert runtime.session.faults is None


def test_a_handler_that_fails_parks_the_event_and_healing_it_lets_it_in(session: Session, faults: FaultsPort) -> None:
    book_id = create(session)
    care = session.care
    assert care is not None
    faults.fail_handler(book_stream(book_id))
    session.commands.execute(AddCopy(book_id=book_id)).result(60)
    until(lambda: [one.stream for one in care.lists().parked] == [book_stream(book_id)])
    assert copies(session, book_id) == 0
    assert care.retry(book_stream(book_id)).result(60).waiting == 1, "the switch is still on"
    faults.heal_handler(book_stream(book_id))
    assert care.retry(book_stream(book_id)).result(60).waiting == 0
    assert copies(session, book_id) == 1


def test_the_killed_node_is_gone_and_another_takes_its_place(session: Session, faults: FaultsPort) -> None:
    book_id = create(session)
    killed = faults.kill_node()
    until(lambda: session.about.node_pid not in (killed, None) and session.connection.state.light is Light.GREEN)
    with pytest.raises(ProcessLookupError):
        os.kill(killed, 0)
    until(lambda: card_state(session, book_id) == "listed")
    session.commands.execute(AddCopy(book_id=book_id), consistency=Consistency.READ_YOUR_WRITES).result(60)
    assert copies(session, book_id) == 1


def test_what_was_asked_for_can_be_taken_back(session: Session, faults: FaultsPort) -> None:
    book_id = create(session)
    faults.lose_next_answer(book_stream(book_id))
    faults.overtake(AddCopy(book_id=book_id))
    faults.fail_handler(book_stream(book_id))
    assert len(faults.wanted()) == 3
    faults.take_back()
    outcome = session.commands.execute(AddCopy(book_id=book_id), consistency=Consistency.READ_YOUR_WRITES).result(60)
    assert outcome.receipt is not None
    assert outcome.receipt.revision == 2
    assert copies(session, book_id) == 1
