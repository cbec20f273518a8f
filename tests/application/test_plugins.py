"""T27: each plugin, switched off and on while running, changes exactly its effect; and nothing invalid gets through."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest

from desk.application.codec import event_registry
from desk.application.queries import GetInspection, GetStreamPage, Source
from desk.application.registration import FEED, KINDS, NAME, BookRegistration
from desk.application.validation import InvalidQuery
from desk.cqrs.errors import Conflict, ReadModelPaused, StreamNotFound, WiringError
from desk.cqrs.events import Delivery
from desk.cqrs.messages import Consistency, Origin, Outcome
from desk.cqrs.pipeline import Step
from desk.cqrs.plugins.origin import NotForUsers
from desk.cqrs.process import ProcessManagerRunner, ProcessPhase
from desk.domain.commands import AddCopy, ClaimIsbn, CorrectBookDetails, ListBook
from desk.domain.errors import InvalidCommand, RuleBroken
from desk.domain.events import BookCreated
from desk.domain.streams import book_stream
from tests.application.desk_in_memory import DeskInMemory, a_book
from tests.remembered import RememberedInMemory, known
from tests.waiting import until


def switch(desk: DeskInMemory, name: str) -> Step:
    (found,) = [one for one in desk.buses.switches if one.name == name]
    return found


def listed_book(desk: DeskInMemory) -> UUID:
    book_id = uuid4()
    desk.send(a_book(book_id))
    desk.as_process_manager(ListBook(book_id=book_id))
    return book_id


def test_t27_the_order_of_the_plugins_is_visible(desk: DeskInMemory) -> None:
    commands = [step.name for step in desk.buses.commands.steps()]
    assert commands == [
        "Telemetry",
        "Monitoring",
        "Origin check",
        "Validation",
        "In-flight de-duplication",
        "Conflict retry",
    ]
    queries = [step.name for step in desk.buses.queries.steps()]
    assert queries == ["Monitoring", "Validation", "Consistency"]
    names = [step.name for step in desk.buses.switches]
    assert names == [*commands, "Consistency"]


@pytest.mark.parametrize(
    "name", ["Monitoring", "Telemetry", "Origin check", "Validation", "In-flight de-duplication", "Conflict retry"]
)
def test_t27_without_any_one_plugin_a_good_command_still_succeeds(desk: DeskInMemory, name: str) -> None:
    book_id = listed_book(desk)
    switch(desk, name).enabled = False
    assert desk.send(AddCopy(book_id=book_id)).receipt is not None
    switch(desk, name).enabled = True
    assert desk.send(AddCopy(book_id=book_id)).receipt is not None


def test_t27_validation(desk: DeskInMemory) -> None:
    book_id = listed_book(desk)
    to_come = CorrectBookDetails(book_id=book_id, seen_revision=1, published_year=2030)
    with pytest.raises(InvalidCommand):
        desk.send(to_come)
    switch(desk, "Validation").enabled = False
    assert desk.send(to_come).receipt is not None
    switch(desk, "Validation").enabled = True
    with pytest.raises(InvalidCommand):
        desk.send(CorrectBookDetails(book_id=book_id, seen_revision=2, published_year=2031))


def test_t27_validation_off_still_cannot_store_an_invalid_isbn(desk: DeskInMemory) -> None:
    """P15: the value object validates itself, whatever stands in front of it."""
    switch(desk, "Validation").enabled = False
    with pytest.raises(InvalidCommand) as wrong:
        desk.send(a_book(isbn="9780306406158"))
    assert [error.field for error in wrong.value.errors] == ["isbn"]
    assert desk.store.head() is None


def test_t27_validation_of_questions(desk: DeskInMemory) -> None:
    endless = GetStreamPage(Source(), before=1, after=1, limit=10**9)
    with pytest.raises(InvalidQuery, match="limit") as wrong:
        desk.buses.queries.execute(endless).result(60)
    assert "not both" in str(wrong.value)
    with pytest.raises(InvalidQuery):
        desk.buses.queries.execute(GetInspection("book-1", -1)).result(60)
    switch(desk, "Validation").enabled = False
    with pytest.raises(StreamNotFound):
        desk.buses.queries.execute(GetInspection("book-1", -1)).result(60)


def test_t27_the_origin_check(desk: DeskInMemory) -> None:
    claim = ClaimIsbn(isbn="9780306406157", book_id=uuid4())
    with pytest.raises(NotForUsers):
        desk.send(claim)
    switch(desk, "Origin check").enabled = False
    assert desk.send(claim).receipt is not None


def test_t27_monitoring(desk: DeskInMemory) -> None:
    desk.send(a_book())
    switch(desk, "Monitoring").enabled = False
    desk.send(a_book())
    switch(desk, "Monitoring").enabled = True
    with pytest.raises(RuleBroken):
        desk.send(AddCopy(book_id=uuid4()))
    counted = {one.name: one for one in desk.buses.monitoring.statistics()}
    assert counted["CreateBook"].count == 1
    assert counted["AddCopy"].failures == {"BookNotFound": 1}
    assert counted["CreateBook"].slowest >= counted["CreateBook"].p50 > 0


def test_t27_telemetry(desk: DeskInMemory) -> None:
    on, off, again = uuid4(), uuid4(), uuid4()
    desk.send(a_book(), command_id=on)
    switch(desk, "Telemetry").enabled = False
    desk.send(a_book(), command_id=off)
    switch(desk, "Telemetry").enabled = True
    desk.send(a_book(), command_id=again)
    spans = desk.buses.telemetry.spans
    assert [span.name for span in spans(on)] == ["CreateBook", "validate", "handle", "append"]
    assert spans(off) == ()
    assert len(spans(again)) == 4


def test_t27_the_conflict_retry(desk: DeskInMemory) -> None:
    book_id = listed_book(desk)
    desk.store.fail_next(Conflict(book_stream(book_id), 1, 2))
    assert desk.send(AddCopy(book_id=book_id)).attempts == 2
    switch(desk, "Conflict retry").enabled = False
    desk.store.fail_next(Conflict(book_stream(book_id), 2, 3))
    with pytest.raises(Conflict):
        desk.send(AddCopy(book_id=book_id))


def test_t27_process_managers_go_on_where_the_conflict_retry_is_off(desk: DeskInMemory) -> None:
    """The claim of an ISBN that somebody has is a conflict at first, as nothing is read before it."""
    switch(desk, "Conflict retry").enabled = False
    first, second = a_book(), a_book()
    with registering(desk) as runner:
        for book in (first, second):
            desk.send(book)
            until(lambda book=book: len(desk.types(book_stream(book.book_id))) == 2)  # type: ignore[misc]
        assert runner.state.phase is not ProcessPhase.HALTED
    assert desk.types(book_stream(second.book_id)) == ["BookCreated", "BookRejected"]


@contextmanager
def registering(desk: DeskInMemory) -> Iterator[ProcessManagerRunner]:
    sender = desk.sender.on_behalf_of(Origin.PROCESS_MANAGER)
    manager = BookRegistration(desk.buses.aggregates, event_registry(), desk.buses.commands.execute_inline, sender)
    runner = ProcessManagerRunner(
        NAME, known(desk.store), RememberedInMemory(), FEED, KINDS, manager.react, on_state=lambda _state: None
    )
    thread = threading.Thread(target=runner.run)
    thread.start()
    try:
        yield runner
    finally:
        runner.stop()
        thread.join(60)


@pytest.mark.parametrize("enabled", [True, False])
def test_t27_the_in_flight_de_duplication(desk: DeskInMemory, enabled: bool) -> None:
    """On: the same future. Off: a second run, which the aggregate recognises: nothing is stored twice either way."""
    entered, go_on = threading.Event(), threading.Event()
    append = desk.store.append

    def slow(*args: object, **kwargs: object) -> object:
        entered.set()
        assert go_on.wait(60)
        return append(*args, **kwargs)  # type: ignore[arg-type]

    desk.store.append = slow  # type: ignore[method-assign, assignment]
    switch(desk, "In-flight de-duplication").enabled = enabled
    command, command_id = a_book(), uuid4()
    first = desk.begin(command, command_id=command_id)
    assert entered.wait(60)
    second = desk.begin(command, command_id=command_id)
    go_on.set()
    assert (first is second) is enabled
    assert first.result(60).receipt == second.result(60).receipt
    assert second.result(60).repeated is not enabled
    assert desk.types(book_stream(command.book_id)) == ["BookCreated"]


def test_a_command_that_runs_already_is_not_run_beside_by_a_process_manager(desk: DeskInMemory) -> None:
    entered, go_on = threading.Event(), threading.Event()
    append, calls = desk.store.append, []

    def slow(*args: object, **kwargs: object) -> object:
        calls.append(args)
        entered.set()
        assert go_on.wait(60)
        return append(*args, **kwargs)  # type: ignore[arg-type]

    desk.store.append = slow  # type: ignore[method-assign, assignment]
    env = desk.sender.envelope(a_book())
    first = desk.buses.commands.execute(env)
    assert entered.wait(60)
    beside: list[Outcome] = []
    manager = threading.Thread(target=lambda: beside.append(desk.buses.commands.execute_inline(env)))
    manager.start()
    manager.join(0.05)
    go_on.set()
    manager.join(60)
    assert beside[0].receipt == first.result(60).receipt
    assert len(calls) == 1


def test_t27_consistency_holds_a_question_back_until_the_read_model_is_there(desk: DeskInMemory) -> None:
    desk.send(a_book())
    question = GetStreamPage(Source())
    held = desk.buses.queries.execute(question, at_least=500)
    assert not held.done()
    desk.buses.gate.reached(499)
    assert not held.done()
    desk.buses.gate.reached(500)
    assert len(held.result(60).events) == 1
    switch(desk, "Consistency").enabled = False
    assert len(desk.buses.queries.execute(question, at_least=501).result(60).events) == 1


def test_a_question_is_answered_from_what_there_is_when_the_read_model_stays_behind(
    desk: DeskInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.cqrs.plugins.freshness.LIMIT", 0.05)
    desk.send(a_book())
    assert desk.buses.queries.execute(GetStreamPage(Source()), at_least=500).result(60).events


def test_a_query_that_a_paused_read_model_keeps_waiting_says_why(
    desk: DeskInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.cqrs.plugins.freshness.LIMIT", 0.05)
    desk.buses.gate.set_paused(paused=True)
    with pytest.raises(ReadModelPaused, match="Resume it, or let events through"):
        desk.buses.queries.execute(GetStreamPage(Source()), at_least=500).result(60)


def test_t19_who_works_off_a_feed_is_refused_at_once_where_he_would_wait_for_himself(desk: DeskInMemory) -> None:
    """P47."""
    with desk.buses.gate.feed_thread():
        with pytest.raises(WiringError, match="feed"):
            desk.buses.commands.execute(desk.sender.envelope(a_book()), consistency=Consistency.READ_YOUR_WRITES)
        with pytest.raises(WiringError, match="feed"):
            desk.buses.queries.execute(GetStreamPage(Source()), at_least=0)
        assert desk.send(a_book()).receipt is not None
    assert desk.store.head() == 0, "what was refused has stored nothing"


def test_t19_the_thread_of_a_listener_counts_as_a_feeds(desk: DeskInMemory) -> None:

    ends: list[Exception] = []

    def ask(_delivery: Delivery) -> None:
        try:
            desk.buses.commands.execute(desk.sender.envelope(a_book()), consistency=Consistency.READ_YOUR_WRITES)
        except WiringError as error:
            ends.append(error)

    desk.buses.events.subscribe((BookCreated,), ask, name="asking")
    desk.send(a_book())
    desk.buses.events.publish(next(desk.store.read_all()))
    until(lambda: len(ends) == 1)
