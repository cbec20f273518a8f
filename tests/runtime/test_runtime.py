"""Opening and closing a session on real files and a real node."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desk.application.catalogue import Announcement
from desk.application.queries import GetBookById, GetStreamPage, Source
from desk.application.session import Connection, Fault, Light, Session, SessionEvent
from desk.cqrs.errors import OutcomeUnknown
from desk.cqrs.messages import Consistency
from desk.cqrs.process import ProcessPhase
from desk.domain.commands import AddCopy, CreateBook, PlaceHold
from desk.runtime.options import CannotOpen, Options
from desk.runtime.runtime import open_runtime, open_session
from tests.forked import run_forked
from tests.waiting import until


class Heard:
    """A listener that keeps what it heard."""

    def __init__(self) -> None:
        self.announcements: list[Announcement] = []
        self.connections: list[Connection] = []
        self.faults: list[Fault] = []

    def __call__(self, event: SessionEvent) -> None:
        match event:
            case Announcement():
                self.announcements.append(event)
            case Connection():
                self.connections.append(event)
            case Fault():
                self.faults.append(event)


def live(session: Session) -> None:
    until(lambda: session.connection.state.light is Light.GREEN)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    opened = open_session(Options(tmp_path, user="ada"))
    live(opened)
    yield opened
    opened.close()


def create(session: Session, isbn: str = "9780306406157") -> UUID:
    book_id = uuid4()
    command = CreateBook(book_id=book_id, isbn=isbn, title="Emma", authors=("Jane Austen",))
    session.commands.execute(command, consistency=Consistency.READ_YOUR_WRITES).result(60)
    until(lambda: state(session, book_id) != "pending")
    return book_id


def state(session: Session, book_id: UUID) -> str:
    card = session.queries.ask(GetBookById(book_id)).result(60)
    return card.row.state if card else "unknown"


def test_a_book_goes_all_the_way_and_back(session: Session) -> None:
    book_id = create(session)
    assert state(session, book_id) == "listed"
    page = session.queries.ask(GetStreamPage(Source.parse("$all"))).result(60)
    assert [event.type for event in page.events[-3:]] == ["BookCreated", "IsbnClaimed", "BookListed"]


def test_the_second_book_of_an_isbn_ends_as_rejected(session: Session) -> None:
    first, second = create(session), create(session)
    card = session.queries.ask(GetBookById(second)).result(60)
    assert card is not None
    assert (card.row.state, card.conflicting_book_id) == ("rejected", first)


def test_closing_leaves_no_thread_and_no_process_and_the_next_start_knows_everything(tmp_path: Path) -> None:
    threads = set(threading.enumerate())
    first = open_session(Options(tmp_path))
    live(first)
    book_id = create(first)
    pid = first.about.node_pid
    first.close()
    assert set(threading.enumerate()) <= threads
    assert pid is not None
    assert not Path(f"/proc/{pid}").exists()
    second = open_session(Options(tmp_path))
    assert state(second, book_id) == "listed"  # the read model answers before the node is there
    second.close()


def test_a_killed_node_is_started_again_and_work_goes_on(session: Session) -> None:
    import os

    book_id, heard = create(session), Heard()
    session.listen(heard)
    pid = session.about.node_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: any(connection.light is Light.AMBER for connection in heard.connections))
    live(session)
    outcome = session.commands.execute(AddCopy(book_id=book_id), consistency=Consistency.READ_YOUR_WRITES).result(60)
    assert outcome.receipt is not None
    assert session.about.node_pid != pid


def test_a_session_beside_another_one_sends_commands_and_leaves_the_read_model_alone(
    session: Session, tmp_path: Path
) -> None:
    beside = open_session(Options(tmp_path))
    live(beside)
    assert beside.care is None
    heard = Heard()
    beside.listen(heard)
    book_id = create(beside)
    assert state(session, book_id) == "listed"
    assert heard.announcements
    beside.close()


def test_a_deleted_read_model_is_built_anew_and_is_the_same(tmp_path: Path) -> None:
    first = open_session(Options(tmp_path))
    live(first)
    book_id = create(first)
    before = first.queries.ask(GetBookById(book_id)).result(60)
    first.close()
    for file in tmp_path.glob("read-model.sqlite*"):
        file.unlink()
    second = open_session(Options(tmp_path))
    until(lambda: state(second, book_id) == "listed")
    assert second.queries.ask(GetBookById(book_id)).result(60) == before
    second.close()


def test_a_damaged_read_model_is_put_aside_and_said(tmp_path: Path) -> None:
    first = open_session(Options(tmp_path))
    live(first)
    book_id = create(first)
    first.close()
    (tmp_path / "read-model.sqlite").write_bytes(b"this is no database" * 1000)
    second = open_session(Options(tmp_path))
    heard = Heard()
    second.listen(heard)
    until(lambda: state(second, book_id) == "listed")
    assert any("read model" in fault.title for fault in heard.faults)
    second.close()


def test_a_data_directory_that_is_a_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(CannotOpen, match="is a file, and a directory is needed"):
        open_session(Options(file))


def test_a_connection_string_that_cannot_be_read_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="connection string"):
        open_session(Options(tmp_path, store="http://nonsense"))


def test_a_store_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    opened = open_session(Options(tmp_path, store="esdb://127.0.0.1:1?tls=false"))
    until(lambda: opened.connection.state.retry_in is not None)
    assert opened.connection.state.light is Light.AMBER
    assert opened.about.name == "esdb://127.0.0.1:1"
    opened.close()


def test_a_live_tail_delivers_what_is_there_and_what_comes(session: Session) -> None:
    book_id = create(session)
    got: list[str] = []
    tail = session.queries.follow(
        Source(stream=f"book-{book_id}"),
        after=None,
        sink=lambda events: got.extend(event.type for event in events),
        on_state=lambda _state: None,
    )
    until(lambda: got == ["BookCreated", "BookListed"])
    session.commands.execute(AddCopy(book_id=book_id)).result(60)
    until(lambda: got[-1] == "CopyAdded")
    tail.stop()
    session.commands.execute(AddCopy(book_id=book_id)).result(60)
    assert got == ["BookCreated", "BookListed", "CopyAdded"]


def test_t06_an_append_whose_answer_the_nodes_death_swallows_is_settled_by_itself(tmp_path: Path) -> None:
    """The fourth commit, a copy, is durable, and the node is gone before it can say so. Nobody asks again by hand."""
    killed = (sys.executable, "-m", "tests.node.killed_after_commit", str(tmp_path), "4")
    with closing(open_session(Options(tmp_path, user="ada", node_command=killed))) as session:
        live(session)
        book_id, command_id = create(session), uuid4()
        pid, future = session.about.node_pid, session.commands.execute(AddCopy(book_id=book_id), command_id=command_id)
        try:
            assert future.result(60).receipt is not None
        except OutcomeUnknown:
            assert session.commands.outbox.ending(command_id).result(60).receipt is not None
        assert session.about.node_pid != pid
        page = session.queries.ask(GetStreamPage(Source(stream=f"book-{book_id}"))).result(60)
        assert [event.type for event in page.events] == ["BookCreated", "BookListed", "CopyAdded"]
        assert session.commands.outbox.waiting() == ()


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be made to stand still")
def test_closing_does_not_wait_as_long_as_an_imports_command_may(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.runtime.runtime.LAST_WAIT", 0.2)
    book_id, pid = create(session), session.about.node_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    sent = session.importing.send(AddCopy(book_id=book_id), uuid4())
    closed = threading.Thread(target=session.close)
    closed.start()
    closed.join(60)
    in_time = not closed.is_alive()
    if not in_time:
        os.kill(pid, signal.SIGCONT)
        closed.join()
    assert in_time
    assert sent.done()


def test_a_command_that_waited_when_the_program_was_killed_is_settled_by_the_next_start(tmp_path: Path) -> None:
    command_id = uuid4()
    killed = run_forked("tests.programs.killed_while_waiting", str(tmp_path), str(command_id), timeout=60)
    assert killed.returncode == -signal.SIGKILL
    with closing(open_session(Options(tmp_path, user="ada"))) as session:
        (waiting,) = session.commands.outbox.waiting()
        assert waiting.command_id == command_id
        assert session.commands.outbox.ending(command_id).result(60).receipt is not None
        until(lambda: session.commands.outbox.waiting() == () and state(session, waiting.command.book_id) == "listed")
    with closing(open_session(Options(tmp_path))) as again:
        assert again.commands.outbox.waiting() == ()


def test_a_copy_that_nobody_fetched_while_desk_was_closed_goes_back_at_the_next_start(tmp_path: Path) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=30)
    with closing(open_runtime(Options(tmp_path, user="ada"))) as runtime:
        first = runtime.session
        live(first)
        until(lambda: [one.phase for one in first.diagnostics.process_managers()] == [ProcessPhase.LIVE] * 2)
        book_id = create(first)
        first.importing.send(AddCopy(book_id=book_id), uuid4(), long_ago).result(60)
        hold = PlaceHold(book_id=book_id, hold_id=uuid4(), patron="P-1")
        first.importing.send(hold, uuid4(), long_ago).result(60)
        until(lambda: bool(runtime.local.overdue(date.today())))  # noqa: DTZ011 - the reader's own day
    with closing(open_session(Options(tmp_path, user="ada"))) as second:
        source = GetStreamPage(Source(stream=f"book-{book_id}"))
        live(second)
        until(lambda: [event.type for event in second.queries.ask(source).result(60).events][-1:] == ["HoldExpired"])
        with pytest.raises(KeyError):
            second.diagnostics.resume("Nobody")
