"""The whole program wired over a store in memory: who leads to what, what comes back from the store, what is kept."""

import random
import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from desk.application.codec import event_registry
from desk.application.command_events import ENTRY_OF, TABLE, Subject, commands_about
from desk.application.event_bridge import event_bridge
from desk.application.queries import GetMessages, GetWiring
from desk.application.registration import FEED, KINDS, NAME, SENDS, BookRegistration
from desk.application.wiring import ThreadLocalReaders, compose
from desk.cqrs.endings import CommandEnding, End, EndedCommand
from desk.cqrs.errors import StoreUnavailable, UnknownEvent, WiringError
from desk.cqrs.events import Delivery
from desk.cqrs.faults import FaultLog
from desk.cqrs.known_store import KnownStore
from desk.cqrs.message_log import MessageKind, MessageLog, MessageRecord
from desk.cqrs.messages import Origin, Sender
from desk.cqrs.metadata import Metadata, encode_metadata
from desk.cqrs.publisher import EventOrigin
from desk.cqrs.report import MessageWire, WiringReport
from desk.cqrs.source import MessageSource, SourceBridge
from desk.cqrs.store import NO_STREAM, NewEvent, Receipt
from desk.cqrs.stories import Later
from desk.domain import book
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    CancelHold,
    CorrectBookDetails,
    CreateBook,
    DeleteBook,
    ExpireHold,
    LendCopy,
    ListBook,
    PlaceHold,
    RejectBook,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.errors import CorruptHistory, RuleBroken
from desk.domain.events import BOOK_EVENTS, ISBN_EVENTS, BookCreated, BookListed, IsbnClaimed
from desk.domain.streams import book_stream
from desk.projection.group import CATALOGUE
from tests.application.desk_in_memory import NOON, DeskInMemory, a_book
from tests.domain.story import BOOK, ISBN, OTHER_BOOK, POLICY, TODAY, on
from tests.memory_store import MemoryStore
from tests.moments import REAL
from tests.remembered import RememberedInMemory
from tests.waiting import until


class Wired:
    """A desk with everything behind the store that a session has but a read model."""

    def __init__(self) -> None:
        self.store, self.faults = MemoryStore(), FaultLog(REAL)
        self.ended: list[EndedCommand] = []
        sender = Sender("ada", REAL)
        buses = compose(
            self.store,
            sender,
            EventOrigin("here", "0"),
            ThreadLocalReaders(lambda: None),
            faults=self.faults,
            journal=self.ended.append,
        )
        self.desk = DeskInMemory(self.store, buses, sender)
        self.positions = RememberedInMemory()
        known_store = KnownStore(self.store, self.positions, REAL)
        bridge = event_bridge(buses, known_store, self.positions, self.faults)
        registration = BookRegistration(
            buses.aggregates,
            event_registry(),
            buses.commands.execute_inline,
            sender.on_behalf_of(Origin.PROCESS_MANAGER),
        )
        managers = SourceBridge(
            NAME, MessageSource(self.store, FEED, self.faults), registration.react, known_store, self.positions
        )
        self._running = [(one, threading.Thread(target=one.run)) for one in (bridge, managers)]
        for _, thread in self._running:
            thread.start()

    def close(self) -> None:
        for one, thread in self._running:
            one.stop()
            thread.join(60)
        self.desk.close()


@pytest.fixture
def wired() -> Iterator[Wired]:
    opened = Wired()
    yield opened
    opened.close()


def test_t07_a_probe_event_reaches_a_handler_of_each_module(wired: Wired) -> None:
    """P7: one event, sent over the command bus, is heard by a listener and by a process manager, and told apart."""
    heard: list[Delivery] = []
    kinds = (BookCreated, BookListed, IsbnClaimed)
    wired.desk.buses.events.subscribe(kinds, heard.append, name="probe")
    command_id = uuid4()
    wired.desk.send(a_book(), command_id=command_id)
    until(lambda: len(heard) == 3)
    assert [type(one.event) for one in heard] == [BookCreated, IsbnClaimed, BookListed]
    assert {one.meta.correlation_id for one in heard} == {command_id}
    until(lambda: Later.RECEIVE.value in {span.name for span in wired.desk.buses.telemetry.spans(command_id)})


def test_t08_an_event_that_a_foreign_client_appends_reaches_handlers_and_process_managers(wired: Wired) -> None:
    """P8, P10: written past every bus of this program."""
    heard: list[Delivery] = []
    wired.desk.buses.events.subscribe((BookCreated, BookListed), heard.append, name="probe")
    book_id = uuid4()
    command = a_book(book_id)
    event = BookCreated(book_id=book_id, isbn=command.isbn, title="Emma", authors=("Jane Austen",), language="en")
    name, schema, data = event_registry().encode(event)
    wired.store.append(
        book_stream(book_id),
        NO_STREAM,
        (NewEvent(uuid4(), name, data, encode_metadata(Metadata(schema=schema))),),
        timeout=5,
    )
    until(lambda: [type(one.event) for one in heard] == [BookCreated, BookListed])
    assert heard[0].event == event


def test_a_handler_hears_of_nothing_that_is_not_stored(wired: Wired) -> None:
    heard: list[Delivery] = []
    wired.desk.buses.events.subscribe((BookCreated,), heard.append, name="probe")
    refused, stored = uuid4(), uuid4()
    wired.desk.send(a_book(stored))
    with pytest.raises(RuleBroken):
        wired.desk.send(a_book(stored))
    wired.desk.send(a_book(refused, isbn="9780141439600"))
    until(lambda: len(heard) == 2)
    assert [one.event.book_id for one in heard] == [stored, refused]


def test_the_report_leads_from_each_command_to_its_events_and_those_who_take_them_in(wired: Wired) -> None:
    buses = wired.desk.buses
    for projection in CATALOGUE.projections:
        buses.wiring.add_projection(projection.name, projection.handlers)
    buses.wiring.add_process_manager(NAME, KINDS, SENDS)
    buses.events.subscribe((BookCreated,), lambda _delivery: None, name="probe")
    report = buses.queries.execute(GetWiring()).result(60)
    commands = {wire.message: wire for wire in report.commands}
    assert len(commands) == 16
    assert (commands["AddCopy"].handler, commands["AddCopy"].events) == (
        "AggregateHandler",
        ("CopyAdded", "CopySetAside"),
    )
    assert commands["CorrectBookDetails"].handler == "CorrectionHandler"
    assert "GetWiring" in {wire.message for wire in report.queries}
    assert [wire.name for wire in report.projections] == [one.name for one in CATALOGUE.projections]
    assert [(wire.name, wire.commands) for wire in report.process_managers] == [
        (NAME, ("ClaimIsbn", "ListBook", "RejectBook", "ReleaseIsbn"))
    ]
    assert [wire.name for wire in report.listeners] == ["probe"]
    assert report.command_plugins[0] == "Telemetry"
    assert report.unheard == ()
    with pytest.raises(WiringError, match="twice"):
        buses.wiring.add_projection(CATALOGUE.projections[0].name, {BookCreated: print})


def test_an_event_that_nobody_takes_in_or_that_cannot_be_stored_is_a_gap(wired: Wired) -> None:
    wiring = wired.desk.buses.wiring
    with pytest.raises(WiringError, match="nobody takes in BookCreated"):
        wiring.check_complete()
    with pytest.raises(WiringError, match="Dreamt cannot be stored"):
        wiring.add(WiringReport(commands=(MessageWire("Dream", "dreamer", ("Dreamt",)),)))
    for projection in CATALOGUE.projections:
        wiring.add_projection(projection.name, projection.handlers)
    wiring.check_complete()


def test_each_command_leads_to_the_events_that_the_report_names_and_to_no_other() -> None:
    """A walk of six thousand commands through the domain meets every event that is named."""
    assert {event for entry in TABLE for event in entry.events} == {*BOOK_EVENTS, *ISBN_EVENTS}
    seen = walked(random.Random(5), 6000)
    for kind, events in seen.items():
        assert events <= set(ENTRY_OF[kind].events), kind
    of_books = commands_about(Subject.BOOK, Subject.COPY, Subject.HOLD)
    missing = {kind: set(ENTRY_OF[kind].events) - seen[kind] for kind in of_books}
    assert not any(missing.values()), missing


def walked(dice: random.Random, steps: int) -> dict[type, set[type]]:
    seen: dict[type, set[type]] = defaultdict(set)
    state, holds, day = book.INITIAL, list[UUID](), TODAY
    for step in range(steps):
        day += timedelta(days=dice.choice((0, 0, 1, 4)))
        command = dice.choice(some_commands(dice, holds))
        if step % 60 == 0:
            state, command, day = book.INITIAL, CreateBook(book_id=BOOK, isbn=ISBN, title="T", authors=("A",)), TODAY
        if isinstance(command, PlaceHold):
            holds.append(command.hold_id)
        try:
            events = book.decide(state, command, on(day), POLICY)
        except RuleBroken:
            continue
        seen[type(command)] |= {type(event) for event in events}
        state = book.replay(events, state)
    return seen


def some_commands(dice: random.Random, holds: list[UUID]) -> list[BookCommand]:
    copy: dict[str, Any] = {"book_id": BOOK, "copy_no": dice.randint(1, 3)}
    patron = dice.choice(("P-1", "P-2", "P-3"))
    hold = dice.choice(holds[-4:]) if holds else BOOK
    rare: list[BookCommand] = [
        RejectBook(book_id=BOOK, conflicting_book_id=OTHER_BOOK),
        DeleteBook(book_id=BOOK, reason="gone"),
        WithdrawCopy(**copy, reason="torn"),
        ReportCopyLost(**copy),
        ListBook(book_id=BOOK),
        CorrectBookDetails(book_id=BOOK, seen_revision=0, title=dice.choice("XYZ")),
    ]
    often: list[BookCommand] = [
        ListBook(book_id=BOOK),
        AddCopy(book_id=BOOK),
        LendCopy(**copy, loan_id=uuid4(), patron=patron),
        RenewLoan(**copy),
        ReturnCopy(**copy, returned_on=None),
        PlaceHold(book_id=BOOK, hold_id=uuid4(), patron=patron),
        CancelHold(book_id=BOOK, hold_id=hold),
        ExpireHold(book_id=BOOK, hold_id=hold),
    ]
    return rare + 8 * often


def test_each_command_is_told_with_its_end_its_code_and_its_sentence(wired: Wired) -> None:
    """P16: a code and a sentence, and who and when; process managers' commands are told of as well."""
    book_id, refused, away = uuid4(), uuid4(), uuid4()
    wired.desk.send(a_book(book_id))
    until(lambda: wired.desk.types(book_stream(book_id))[-1] == "BookListed")
    with pytest.raises(RuleBroken):
        wired.desk.send(RenewLoan(book_id=book_id, copy_no=1), command_id=refused)
    wired.store.fail_next(StoreUnavailable("away"))
    with pytest.raises(StoreUnavailable):
        wired.desk.send(AddCopy(book_id=book_id), command_id=away)
    until(lambda: len(wired.ended) == 5)
    told = {one.envelope.id: one for one in wired.ended}
    sentence = "This book has no copy 1. Choose one of its copies."
    assert told[refused].ending == CommandEnding(End.REFUSED, "CopyNotFound", sentence, 1)
    assert told[away].ending == CommandEnding(End.STORE_AWAY, "StoreUnavailable", "away", 1)
    assert (told[refused].stream, told[refused].envelope.issued_at) == (book_stream(book_id), NOON)
    by_managers = [one for one in wired.ended if one.envelope.origin is Origin.PROCESS_MANAGER]
    assert [type(one.envelope.message).__name__ for one in by_managers] == ["ClaimIsbn", "ListBook"]
    assert [one.ending.end for one in by_managers] == [End.SUCCEEDED, End.SUCCEEDED]
    assert wired.faults.faults() == ()


def test_t01_a_command_ends_only_after_the_acknowledgement(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    """P1."""
    entered, acknowledge = threading.Event(), threading.Event()
    append = wired.store.append

    def slow(*args: Any, **kwargs: Any) -> Receipt:
        receipt = append(*args, **kwargs)
        entered.set()
        assert acknowledge.wait(60)
        return receipt

    monkeypatch.setattr(wired.store, "append", slow)
    future = wired.desk.begin(a_book())
    assert entered.wait(60)
    assert not future.done()
    acknowledge.set()
    assert future.result(60).receipt is not None


def test_t03_of_two_creates_with_one_id_one_is_accepted_and_a_doubled_stream_does_not_load(wired: Wired) -> None:
    """P3: one stream is begun once; one that somebody else began twice is a corruption and not a reset."""
    book_id = uuid4()
    ends = [wired.desk.begin(a_book(book_id, title=title)) for title in ("Emma", "Persuasion")]
    refused = [end.exception(60) for end in ends]
    assert [getattr(error, "code", None) for error in refused if error] == ["BookAlreadyExists"]
    stream = book_stream(other := uuid4())
    event = BookCreated(book_id=other, isbn="9780141439600", title="Emma", authors=("A",), language="en")
    name, schema, data = event_registry().encode(event)
    meta = encode_metadata(Metadata(schema=schema))
    doubled = tuple(NewEvent(uuid4(), name, data, meta) for _ in range(2))
    wired.store.append(stream, NO_STREAM, doubled, timeout=5)
    with pytest.raises(CorruptHistory):
        wired.desk.send(AddCopy(book_id=other))
    assert wired.desk.buses.commands.explain(wired.desk.sender.envelope(AddCopy(book_id=other))).result(60).refusal


def test_t10_an_event_of_a_newer_desk_counts_for_the_version_and_stops_decisions(wired: Wired) -> None:
    """P19: the stream ends with an event that nobody here knows."""
    book_id = uuid4()
    wired.desk.send(a_book(book_id))
    until(lambda: wired.desk.types(book_stream(book_id))[-1] == "BookListed")
    foreign = NewEvent(uuid4(), "BookDigitised", b"{}", encode_metadata(Metadata()))
    wired.store.append(book_stream(book_id), 1, (foreign,), timeout=5)
    assert wired.desk.buses.aggregates.books.load(book_stream(book_id), upto=1).version == 1
    with pytest.raises(UnknownEvent, match="newer"):
        wired.desk.send(AddCopy(book_id=book_id))


def test_t14_evolve_covers_every_event_class_of_its_stream() -> None:
    """P31: the walk applies each event that it meets, and it meets each of them."""
    met = {event for events in walked(random.Random(7), 6000).values() for event in events}
    assert met == set(BOOK_EVENTS)
    assert set(CATALOGUE.handlers) == {*BOOK_EVENTS, *ISBN_EVENTS}


def test_r24_messages_of_all_four_kinds_are_in_one_log(wired: Wired) -> None:
    """Commands of users and of process managers, questions, what came back from the store, and what failed."""
    command_id = uuid4()
    wired.desk.send(a_book(), command_id=command_id)
    with pytest.raises(RuleBroken):
        wired.desk.send(AddCopy(book_id=uuid4()))
    wired.faults.failed("somebody", "BookCreated", ZeroDivisionError(), correlation_id=command_id)
    ask = wired.desk.buses.queries.execute
    until(lambda: "BookListed" in [one.name for one in ask(GetMessages()).result(60)])
    passed = ask(GetMessages()).result(60)
    story = {(one.kind, one.name) for one in passed if one.correlation_id == command_id}
    assert {(MessageKind.COMMAND, name) for name in ("CreateBook", "ClaimIsbn", "ListBook")} <= story
    assert {(MessageKind.EVENT, name) for name in ("BookCreated", "IsbnClaimed", "BookListed")} <= story
    assert (MessageKind.FAULT, "BookCreated") in story
    assert [one.outcome for one in passed if one.name == "AddCopy"] == ["BookNotFound"]
    assert (MessageKind.QUERY, "GetMessages") in {(one.kind, one.name) for one in passed}
    assert [one.at for one in passed] == sorted(one.at for one in passed)


def test_r24_the_log_is_bounded_and_keeps_no_message() -> None:
    log = MessageLog(REAL, FaultLog(REAL), remember=2)
    through = log.queries(lambda env: env)
    for _ in range(3):
        env = Sender("ada", REAL).envelope(a_book())
        assert through(env) is env
    assert [one.message_id for one in log.messages()][-1] == env.id
    assert len(log.messages()) == 2
    assert not any(
        isinstance(getattr(one, name), CreateBook) for one in log.messages() for name in MessageRecord.__slots__
    )
