"""Wiring of the buses, and questions that overtake each other."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from desk.cqrs.bus import CommandBus
from desk.cqrs.errors import StoreUnavailable, WiringError
from desk.cqrs.gate import ReadModelGate
from desk.cqrs.messages import Consistency, Envelope, GateResult, Outcome, Query, Sender
from desk.cqrs.plugins.freshness import Freshness
from desk.cqrs.querybus import QueryBus
from desk.cqrs.store import Receipt
from tests.moments import REAL

SENDER = Sender("ada", REAL)


@dataclass(frozen=True, slots=True)
class Say:
    word: str


@dataclass(frozen=True, slots=True)
class Ask(Query[str]):
    word: str


@pytest.fixture
def gate() -> Iterator[ReadModelGate]:
    opened = ReadModelGate()
    yield opened
    opened.close()


@pytest.fixture
def bus(gate: ReadModelGate) -> Iterator[CommandBus]:
    opened = CommandBus(gate, lanes=2)
    yield opened
    opened.close()


def stored_at(position: int) -> Outcome:
    return Outcome(Receipt("s", 0, position))


def test_a_second_handler_is_a_wiring_error(bus: CommandBus) -> None:
    bus.register(Say, lambda _env: stored_at(1), lambda command: command.word)
    with pytest.raises(WiringError):
        bus.register(Say, lambda _env: stored_at(1), lambda command: command.word)


def test_a_missing_handler_is_found_when_sealed(bus: CommandBus) -> None:
    with pytest.raises(WiringError, match="Say"):
        bus.seal((Say,))


def test_a_handler_never_runs_on_the_callers_thread(bus: CommandBus) -> None:
    threads: list[threading.Thread] = []

    def handle(_env: Envelope[Say]) -> Outcome:
        threads.append(threading.current_thread())
        return stored_at(1)

    bus.register(Say, handle, lambda command: command.word)
    bus.seal()
    bus.execute(SENDER.envelope(Say("hello"))).result(60)
    assert threads[0] is not threading.current_thread()


def test_a_commands_circumstances_travel_in_its_envelope_and_not_with_a_thread(bus: CommandBus) -> None:
    """P46: a worker thread sees no context variable of the caller's, and none is needed."""
    met: list[tuple[str, UUID, UUID | None]] = []

    def handle(env: Envelope[Say]) -> Outcome:
        met.append((env.user, env.correlation_id, env.trigger_id))
        return stored_at(1)

    bus.register(Say, handle, lambda command: command.word)
    bus.seal()
    story, trigger = uuid4(), uuid4()
    env = Sender("grace", REAL).envelope(Say("hello"), correlation_id=story, trigger_id=trigger)
    bus.execute(env).result(60)
    assert met == [("grace", story, trigger)]


def test_t01_read_your_writes_ends_when_the_read_model_is_there(bus: CommandBus, gate: ReadModelGate) -> None:
    """T1."""
    bus.register(Say, lambda _env: stored_at(7), lambda command: command.word)
    bus.seal()
    future = bus.execute(SENDER.envelope(Say("hello")), consistency=Consistency.READ_YOUR_WRITES)
    gate.reached(6)
    assert not future.done()
    gate.reached(7)
    assert future.result(60).gate is GateResult.REACHED


def test_read_your_writes_does_not_wait_for_ever(bus: CommandBus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.cqrs.bus.GATE_LIMIT", 0.05)
    bus.register(Say, lambda _env: stored_at(7), lambda command: command.word)
    bus.seal()
    future = bus.execute(SENDER.envelope(Say("hello")), consistency=Consistency.READ_YOUR_WRITES)
    assert future.result(60).gate is GateResult.LATE


def test_read_your_writes_says_that_the_read_model_is_paused(
    bus: CommandBus, gate: ReadModelGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.cqrs.bus.GATE_LIMIT", 0.05)
    bus.register(Say, lambda _env: stored_at(7), lambda command: command.word)
    bus.seal()
    gate.set_paused(paused=True)
    future = bus.execute(SENDER.envelope(Say("hello")), consistency=Consistency.READ_YOUR_WRITES)
    assert future.result(60).gate is GateResult.PAUSED


def test_what_has_not_begun_when_the_bus_closes_ends_as_not_stored(bus: CommandBus) -> None:
    began, go_on = threading.Event(), threading.Event()

    def handle(_env: Envelope[Say]) -> Outcome:
        began.set()
        go_on.wait(60)
        return stored_at(1)

    bus.register(Say, handle, lambda _command: "one lane")
    bus.seal()
    running = bus.execute(SENDER.envelope(Say("first")))
    waiting = bus.execute(SENDER.envelope(Say("second")))
    began.wait(60)
    closing = threading.Thread(target=bus.close)
    closing.start()
    go_on.set()
    closing.join(60)
    assert running.result(60).receipt is not None
    with pytest.raises(StoreUnavailable):
        waiting.result(60)
    with pytest.raises(StoreUnavailable):
        bus.execute(SENDER.envelope(Say("third")))


def test_what_is_stored_when_the_bus_closes_ends_as_stored() -> None:
    """It only waits for the read model; "nothing was stored" would be a lie."""
    gate = ReadModelGate()
    bus = CommandBus(gate, lanes=1)
    bus.register(Say, lambda _env: stored_at(7), lambda command: command.word)
    bus.seal()
    future = bus.execute(SENDER.envelope(Say("hello")), consistency=Consistency.READ_YOUR_WRITES)
    bus.close()
    assert not future.done()
    gate.close()
    assert (future.result(60).receipt, future.result(60).gate) == (Receipt("s", 0, 7), GateResult.LATE)


def test_read_your_writes_of_a_stream_that_is_parked_ends_as_parked(bus: CommandBus, gate: ReadModelGate) -> None:
    bus.register(Say, lambda _env: stored_at(7), lambda command: command.word)
    bus.seal()
    future = bus.execute(SENDER.envelope(Say("hello")), consistency=Consistency.READ_YOUR_WRITES)
    gate.reached(7, ["s"])
    assert future.result(60).gate is GateResult.PARKED


def test_a_newer_question_interrupts_the_one_that_runs_and_drops_those_that_wait() -> None:
    began, interrupted = threading.Event(), threading.Event()
    queries = QueryBus()

    def answer(query: Ask) -> str:
        began.set()
        if query.word == "slow":
            assert interrupted.wait(60)
        return query.word

    queries.register(Ask, answer, overtake=interrupted.set)
    queries.seal(SENDER.envelope)
    slow = queries.execute(Ask("slow"))
    began.wait(60)
    dropped = queries.execute(Ask("dropped"))
    newest = queries.execute(Ask("newest"))
    assert newest.result(60) == "newest"
    assert slow.result(60) == "slow"
    assert dropped.cancelled() or dropped.result(60) == "dropped"
    queries.close()


def test_a_question_without_handler_is_a_wiring_error() -> None:
    queries = QueryBus()
    queries.seal(SENDER.envelope)
    with pytest.raises(WiringError):
        queries.execute(Ask("?")).result(60)
    queries.close()


def test_a_question_that_counts_only_while_it_is_the_newest_waits_for_a_position_as_well(gate: ReadModelGate) -> None:
    queries = QueryBus(freshness=Freshness(gate))
    queries.register(Ask, lambda query: str(query.word), overtake=lambda: None)
    queries.seal(SENDER.envelope)
    held = queries.execute(Ask("now"), at_least=5)
    assert not held.done()
    gate.reached(5)
    assert held.result(60) == "now"
    queries.close()


def test_a_question_to_a_closed_bus_is_refused_and_one_that_waits_for_a_position_ends(gate: ReadModelGate) -> None:
    queries = QueryBus(freshness=Freshness(gate))
    queries.register(Ask, lambda query: str(query.word))
    queries.seal(SENDER.envelope)
    held = queries.execute(Ask("late"), at_least=5)
    queries.close()
    with pytest.raises(StoreUnavailable, match="closing"):
        queries.execute(Ask("?")).result(60)
    gate.reached(5)
    with pytest.raises(StoreUnavailable):
        held.result(60)
