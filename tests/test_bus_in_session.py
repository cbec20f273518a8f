"""The buses of a whole session, over a real node process and real files."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from desk.application.codec import event_registry
from desk.application.journal import JournalFilter
from desk.application.queries import GetBookById, GetWiring
from desk.application.registration import NAME, BookRegistration
from desk.application.session import Light, Session
from desk.cqrs.endings import End
from desk.cqrs.errors import OutcomeUnknown, StoreError
from desk.cqrs.events import Delivery
from desk.cqrs.messages import Consistency, Envelope, GateResult, Outcome
from desk.cqrs.metadata import Metadata, encode_metadata
from desk.cqrs.process import ProcessPhase
from desk.cqrs.store import NO_STREAM, NewEvent, Recorded
from desk.cqrs.stories import Story
from desk.domain.commands import AddCopy, CreateBook, RenewLoan
from desk.domain.errors import RuleBroken
from desk.domain.events import BookCreated, BookListed, CopyAdded
from desk.domain.streams import book_id_of, book_stream, isbn_stream
from desk.runtime.options import CannotOpen, Options
from desk.runtime.runtime import Runtime, open_runtime, open_session
from desk.store.eventstoredb import EventStoreDB
from tests.node.processes import start_node
from tests.rounds import few_or_all
from tests.sessions import foreign_client
from tests.store.proxy import Proxy
from tests.waiting import until

ROUNDS = few_or_all(3, 200)
"""Of T6 and T12."""


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    with closing(open_runtime(Options(tmp_path, user="ada"))) as opened:
        assert opened.ready(20)
        yield opened


@pytest.fixture
def session(runtime: Runtime) -> Session:
    return runtime.session


@pytest.fixture
def foreign(session: Session) -> Iterator[EventStoreDB]:
    """Another client of the session's node."""
    with foreign_client(session) as store:
        yield store


def state(session: Session, book_id: UUID) -> str:
    card = session.queries.ask(GetBookById(book_id)).result(60)
    return card.row.state if card else "unknown"


def create(session: Session, isbn: str, command_id: UUID | None = None) -> UUID:
    book_id = uuid4()
    command = CreateBook(book_id=book_id, isbn=isbn, title="Emma", authors=("Jane Austen",))
    session.commands.execute(command, command_id=command_id, consistency=Consistency.READ_YOUR_WRITES).result(60)
    until(lambda: state(session, book_id) != "pending")
    return book_id


def test_t07_a_probe_event_reaches_a_handler_of_each_module(runtime: Runtime, session: Session) -> None:
    """P7, P9: the listener, the read model and the process manager all hear of one command's events."""
    heard: list[Delivery] = []
    runtime.buses.events.subscribe((BookCreated, BookListed), heard.append, name="probe")
    command_id = uuid4()
    book_id = create(session, "9780306406157", command_id)
    until(lambda: [type(one.event) for one in heard] == [BookCreated, BookListed])
    assert state(session, book_id) == "listed"
    assert {one.meta.correlation_id for one in heard} == {command_id}
    names = {span.name for span in session.diagnostics.spans(command_id)}
    assert {"CreateBook", "ClaimIsbn", "ListBook", "append", "project"} <= names
    report = session.queries.ask(GetWiring()).result(60)
    assert report.unheard == ()
    assert "BookRegistration" in {one.name for one in report.process_managers}
    assert [one.name for one in report.listeners] == ["probe"]


def test_t08_an_event_of_a_foreign_client_reaches_handlers_and_read_model(
    runtime: Runtime, session: Session, foreign: EventStoreDB
) -> None:
    """P8."""
    heard: list[Delivery] = []
    runtime.buses.events.subscribe((BookCreated, BookListed), heard.append, name="probe")
    book_id = uuid4()
    event = BookCreated(book_id=book_id, isbn="9780141439600", title="A Tale", authors=("C. Dickens",), language="en")
    name, schema, data = event_registry().encode(event)
    strange = NewEvent(uuid4(), name, data, encode_metadata(Metadata(schema=schema)))
    foreign.append(book_stream(book_id), NO_STREAM, (strange,), timeout=10)
    until(lambda: [type(one.event) for one in heard] == [BookCreated, BookListed])
    until(lambda: state(session, book_id) == "listed")


def test_who_waits_to_see_what_he_wrote_is_told_that_its_stream_is_parked(
    session: Session, foreign: EventStoreDB
) -> None:
    """Half of a surrogate pair is a text to JSON and to the book, and none that the read model's file can hold."""
    book_id = uuid4()
    data = (
        rb'{"authors":["A"],"bookId":"%s","isbn":"9780141439600","subjects":[],"title":"\ud800"}'
        % str(book_id).encode()
    )
    poison = NewEvent(uuid4(), "BookCreated", data, encode_metadata(Metadata(schema=2)))
    foreign.append(book_stream(book_id), NO_STREAM, (poison,), timeout=10)
    until(lambda: [one.type for one in foreign.read_stream(book_stream(book_id))][-1] == "BookListed")
    ends = [
        session.commands.execute(AddCopy(book_id=one), consistency=Consistency.READ_YOUR_WRITES).result(60)
        for one in (book_id, create(session, "9780306406157"))
    ]
    assert [end.gate for end in ends] == [GateResult.PARKED, GateResult.REACHED]
    assert ends[0].receipt is not None, "it is stored all the same"


def test_a_command_can_be_followed_from_the_form_to_the_repainted_row(session: Session) -> None:
    book_id, command_id = create(session, "9780140449136"), uuid4()
    dry = session.commands.explain(AddCopy(book_id=book_id)).result(60)
    assert [type(event) for event in dry.events] == [CopyAdded]
    assert [(one.name, one.before, one.after) for one in dry.changes] == [("copy 1", None, "available")]
    outcome = session.commands.execute(AddCopy(book_id=book_id), command_id=command_id).result(60)
    assert outcome.receipt is not None
    assert outcome.receipt.revision == 2, "the dry run has appended nothing"
    until(lambda: {"receive", "project"} <= {span.name for span in session.diagnostics.spans(command_id)})
    session.diagnostics.repainted(outcome.receipt.position)
    names = [span.name for span in session.diagnostics.spans(command_id)]
    assert names[:4] == ["AddCopy", "validate", "handle", "append"]
    assert sorted(names[4:]) == ["project", "receive", "repaint"]
    (story,) = [one for one in session.diagnostics.stories() if one.envelope.id == command_id]
    assert story.outcome is not None
    assert story.event_ids == outcome.receipt.event_ids
    assert None not in (story.received, story.projected, story.repainted)
    assert (story.ended_by, story.handler.module) == ("append", "desk.application.handlers")


def test_stories_come_live_and_a_creation_leads_to_what_its_process_manager_sends(session: Session) -> None:
    told: dict[UUID, Story] = {}
    leave = session.diagnostics.listen_to_stories(
        lambda batch: told.update((story.envelope.id, story) for story in batch.stories)
    )
    command_id = uuid4()
    session.commands.execute(book_number(77), command_id=command_id).result(60)
    until(lambda: command_id in told and len(told[command_id].led_to) == 2)
    names = [told[one].name for one in told[command_id].led_to]
    assert names == ["ClaimIsbn", "ListBook"]
    until(lambda: told[command_id].projected is not None)
    leave()


def test_a_refusal_is_kept_and_a_listener_that_throws_is_shown_and_stops_nobody(
    runtime: Runtime, session: Session
) -> None:
    def throw(_delivery: Delivery) -> None:
        raise ZeroDivisionError("not today")

    runtime.buses.events.subscribe((BookCreated,), throw, name="broken")
    book_id = create(session, "9780486280615")
    with pytest.raises(RuleBroken):
        session.commands.execute(RenewLoan(book_id=book_id, copy_no=1)).result(60)
    newest = session.diagnostics.journal(JournalFilter(ends=(End.REFUSED,)))[0]
    assert (newest.type, newest.code, newest.user) == ("RenewLoan", "CopyNotFound", "ada")
    assert newest.sentence == "This book has no copy 1. Choose one of its copies."
    until(lambda: any(fault.source == "broken" for fault in session.diagnostics.faults()))
    (fault,) = [one for one in session.diagnostics.faults() if one.source == "broken"]
    assert (fault.message, fault.is_bug) == ("BookCreated", True)
    assert "ZeroDivisionError" in fault.details


def test_without_opentelemetry_the_option_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "desk.tracing", raising=False)
    with pytest.raises(CannotOpen, match=r"pip install 'desk\[opentelemetry\]'"):
        open_session(Options(tmp_path, opentelemetry=True))


def isbn_of(number: int) -> str:
    """A valid ISBN for each number below 10^9."""
    digits = f"978{number:09}"
    return digits + str(-sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10)


def book_number(number: int) -> CreateBook:
    return CreateBook(book_id=uuid4(), isbn=isbn_of(number), title="Emma", authors=("Jane Austen",))


def test_t06_acknowledgements_are_lost_and_the_events_are_stored_once(tmp_path: Path) -> None:
    """Whoever asks again, the caller or the outbox, the copy is added once."""
    with ExitStack() as stack:
        (tmp_path / "node").mkdir()
        node = start_node(tmp_path / "node")
        stack.callback(node.stop)
        store = stack.enter_context(closing(EventStoreDB(node.uri, "test")))
        proxy = stack.enter_context(closing(Proxy(node.port)))
        session = stack.enter_context(closing(open_session(Options(tmp_path, store=proxy.uri, user="ada"))))
        until(lambda: session.connection.state.light is Light.GREEN)
        # A book with a long history is not remembered but read each time, so there are several.
        books = [create(session, isbn_of(number)) for number in range(ROUNDS // 40 + 1)]
        until(lambda: all(state(session, one) == "listed" for one in books))
        for number in range(ROUNDS):
            book_id = books[number // 40]
            warm_up(session, book_id)
            copies, command_id = copies_of(store, book_id), uuid4()
            proxy.swallow_answers()
            future = session.commands.execute(AddCopy(book_id=book_id), command_id=command_id)
            until(lambda at=book_id, before=copies: copies_of(store, at) > before)  # type: ignore[misc]
            proxy.cut()
            try:
                outcome = future.result(60)
            except OutcomeUnknown:
                outcome = session.commands.outbox.ending(command_id).result(60)
            assert outcome.receipt is not None
            assert copies_of(store, book_id) == copies + 1
        until(lambda: session.commands.outbox.waiting() == ())


def copies_of(store: EventStoreDB, book_id: UUID) -> int:
    return types(store, book_stream(book_id)).count("CopyAdded")


def warm_up(session: Session, book_id: UUID) -> None:
    """The connection is whole again, and the book is remembered: the next command only appends, and reads nothing."""

    def succeeds() -> bool:
        if session.connection.state.light is not Light.GREEN:
            return False
        try:
            return not session.commands.execute(AddCopy(book_id=book_id)).result(60).repeated
        except StoreError:
            return False

    until(succeeds, 60.0)


def test_t12_a_process_manager_that_throws_halts_visibly_and_resumes_without_loss_or_repetition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It throws before its work, after it, and between two of its commands."""
    broken, react = dict[UUID, int](), BookRegistration.react

    def throwing(self: BookRegistration, event: Recorded) -> None:
        place = broken.get(book_id_of(event.stream) or UUID(int=0))
        if place is None:
            react(self, event)
            return
        send, sent = self._send, count(1)

        def counting(env: Envelope[Any]) -> Outcome:
            if next(sent) > place:
                raise ZeroDivisionError
            return send(env)

        self._send = counting
        try:
            react(self, event)
        finally:
            self._send = send
        raise ZeroDivisionError

    monkeypatch.setattr(BookRegistration, "react", throwing)
    books: list[CreateBook] = []
    with closing(open_session(Options(tmp_path, user="ada"))) as session:
        until(lambda: session.connection.state.light is Light.GREEN)
        for number in range(ROUNDS):
            bad, good = book_number(2 * number), book_number(2 * number + 1)
            books += (bad, good)
            broken[bad.book_id] = number % 3
            session.commands.execute(bad).result(60)
            until(lambda: phase(session, NAME) is ProcessPhase.HALTED)
            session.commands.execute(good).result(60)
            assert session.diagnostics.faults()[-1].title == "BookRegistration has halted"
            assert "BookCreated at revision 0" in session.diagnostics.faults()[-1].details
            assert state(session, good.book_id) != "listed"
            broken.clear()
            session.diagnostics.resume(NAME)
            until(lambda: phase(session, NAME) is ProcessPhase.LIVE)
            until(lambda book=good: state(session, book.book_id) == "listed")  # type: ignore[misc]
        port = json.loads((session.about.directory / "node.port").read_text())["port"]
        with closing(EventStoreDB(f"esdb://localhost:{port}?tls=false", "foreign")) as store:
            for book in books:
                assert types(store, book_stream(book.book_id)) == ["BookCreated", "BookListed"]
                assert types(store, isbn_stream(book.isbn)) == ["IsbnClaimed"]


def phase(session: Session, name: str) -> ProcessPhase:
    (found,) = [one.phase for one in session.diagnostics.process_managers() if one.name == name]
    return found


def types(store: EventStoreDB, stream: str) -> list[str]:
    return [event.type for event in store.read_stream(stream)]
