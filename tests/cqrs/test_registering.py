"""What a bus refuses when it is put together, what it reports once it is sealed, and what becomes of bugs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from desk.cqrs.bus import CommandBus
from desk.cqrs.dryrun import Refusal
from desk.cqrs.endings import End, EndedCommand
from desk.cqrs.errors import Conflict, OutcomeUnknown, StoreUnavailable, WiringError
from desk.cqrs.faults import FaultLog
from desk.cqrs.gate import ReadModelGate
from desk.cqrs.messages import Envelope, Outcome, Query, Sender
from desk.cqrs.plugins.monitoring import Monitoring
from desk.cqrs.plugins.retry import ConflictRetry
from desk.cqrs.querybus import QueryBus
from desk.cqrs.report import ListenerWire, MessageWire, ProcessManagerWire, WiringReport
from desk.cqrs.story_log import StoryLog
from tests.cqrs.happenings import Rained, Snowed
from tests.moments import REAL

SENDER = Sender("ada", REAL)
Make = Callable[..., CommandBus]


@dataclass(frozen=True, slots=True)
class Say:
    word: str


@dataclass(frozen=True, slots=True)
class Shout:
    word: str


@dataclass(slots=True)
class Mutable:
    word: str


@dataclass(frozen=True, slots=True)
class Ask(Query[str]):
    word: str


class No(Exception):
    """A refusal."""


@pytest.fixture
def make() -> Iterator[Make]:
    gate = ReadModelGate()
    made: list[CommandBus] = []

    def new(**options: Any) -> CommandBus:
        made.append(CommandBus(gate, lanes=1, **options))
        return made[-1]

    yield new
    for bus in made:
        bus.close()
    gate.close()


def said(_env: Envelope[Say]) -> Outcome:
    return Outcome(None)


def key(command: Any) -> str:
    return str(command.word)


def test_a_handler_that_is_written_for_another_command_is_refused(make: Make) -> None:
    """P51: in the talk's sample a handler was typed with another command than its own."""
    with pytest.raises(WiringError, match="said is written for Say and not for Shout"):
        make().register(Shout, said, key)


def test_what_is_no_frozen_message_or_no_handler_is_refused(make: Make) -> None:
    bus = make()
    for kind in (Mutable, str, "Say"):
        with pytest.raises(WiringError, match="not a message"):
            bus.register(cast("type", kind), said, key)
    with pytest.raises(WiringError, match="cannot be called"):
        bus.register(Say, cast("Callable[[Envelope[Any]], Outcome]", "said"), key)


def test_a_double_a_gap_and_a_late_registration_are_refused(make: Make) -> None:
    bus = make()
    bus.register(Say, said, key)
    with pytest.raises(WiringError, match="already"):
        bus.register(Say, said, key)
    with pytest.raises(WiringError, match="Shout"):
        bus.seal((Say, Shout))
    bus.seal((Say,))
    with pytest.raises(WiringError, match="sealed"):
        bus.seal()
    with pytest.raises(WiringError, match="sealed"):
        bus.register(Shout, lambda _env: Outcome(None), key)


def test_a_question_must_be_one_and_has_one_handler() -> None:
    queries = QueryBus()
    with pytest.raises(WiringError, match="not a query"):
        queries.register(cast("type[Query[str]]", Say), lambda _query: "")
    queries.register(Ask, lambda query: str(query.word))
    with pytest.raises(WiringError, match="already"):
        queries.register(Ask, lambda query: str(query.word))
    report = queries.seal(SENDER.envelope)
    assert [wire.message for wire in report.queries] == ["Ask"]
    queries.close()


def test_sealing_reports_handlers_events_and_plugins_in_order(make: Make) -> None:
    bus = make()
    bus.use(Monitoring(), ConflictRetry())
    bus.register(Say, said, key, leads_to=(Rained, Snowed))
    report = bus.seal()
    assert report.commands == (MessageWire("Say", "said", ("Rained", "Snowed")),)
    assert report.command_plugins == ("Monitoring", "Conflict retry")


def test_a_report_finds_what_does_not_fit_together() -> None:
    commands = (MessageWire("Say", "said", ("Rained", "Snowed")),)
    fits = WiringReport(commands=commands, projections=(ListenerWire("rows", ("Rained",)),))
    fits.check()
    assert fits.unheard == ("Snowed",)
    wrong = fits.joined(
        WiringReport(
            listeners=(ListenerWire("rows", ("Hailed",)),),
            process_managers=(ProcessManagerWire("Weather", ("Rained",), ("Shout",)),),
        )
    )
    with pytest.raises(WiringError) as found:
        wrong.check()
    assert str(found.value).split("; ") == [
        "rows is there twice",
        "rows waits for Hailed, which no command leads to",
        "Weather sends Shout, which has no handler",
    ]


def run(bus: CommandBus, error: Exception) -> Envelope[Say]:
    def handle(_env: Envelope[Say]) -> Outcome:
        raise error

    bus.register(Say, handle, key)
    bus.seal()
    env = SENDER.envelope(Say("hello"))
    with pytest.raises(type(error)):
        bus.execute(env).result(60)
    return env


def test_a_bug_in_a_handler_is_recorded_and_reaches_the_caller_too(make: Make) -> None:
    faults = FaultLog(REAL)
    env = run(make(faults=faults), ZeroDivisionError("division by zero"))
    (fault,) = faults.faults()
    assert (fault.source, fault.message, fault.correlation_id) == ("handle", "Say", env.correlation_id)
    assert "ZeroDivisionError" in fault.details
    assert (datetime.now(UTC) - fault.at).total_seconds() < 60


@pytest.mark.parametrize("error", [Conflict("s", 1), StoreUnavailable("away"), OutcomeUnknown("lost")], ids=repr)
def test_an_end_that_is_the_callers_alone_is_no_fault(make: Make, error: Exception) -> None:
    faults = FaultLog(REAL)
    run(make(faults=faults), error)
    assert faults.faults() == ()


def test_a_refusal_is_told_to_the_journal_and_is_no_fault(make: Make) -> None:
    faults, kept = FaultLog(REAL), list[EndedCommand]()

    def refusals(error: Exception) -> Refusal | None:
        return Refusal("No", "No.") if isinstance(error, No) else None

    run(make(faults=faults, refusals=refusals, stories=StoryLog(REAL, refusals, kept.append)), No())
    assert [(one.envelope.message, one.ending.code, one.ending.end) for one in kept] == [
        (Say("hello"), "No", End.REFUSED)
    ]
    assert faults.faults() == ()


def test_a_journal_that_fails_is_a_fault_and_the_refusal_still_reaches_the_caller(make: Make) -> None:
    faults = FaultLog(REAL)

    def broken(_ended: EndedCommand) -> None:
        raise OSError("disk full")

    def refusals(_error: Exception) -> Refusal | None:
        return Refusal("No", "No.")

    run(make(faults=faults, refusals=refusals, stories=StoryLog(REAL, refusals, broken, faults=faults)), No())
    assert ["OSError" in fault.details for fault in faults.faults()] == [True]


def test_a_bug_behind_a_query_is_recorded_and_the_next_one_is_answered() -> None:
    faults = FaultLog(REAL)
    queries = QueryBus(faults=faults)

    def answer(query: Ask) -> str:
        if query.word == "bad":
            raise ZeroDivisionError
        if query.word == "away":
            raise StoreUnavailable("away")
        return query.word

    queries.register(Ask, answer)
    queries.seal(SENDER.envelope)
    with pytest.raises(ZeroDivisionError):
        queries.execute(Ask("bad")).result(60)
    with pytest.raises(StoreUnavailable):
        queries.execute(Ask("away")).result(60)
    assert queries.execute(Ask("good")).result(60) == "good"
    assert [fault.message for fault in faults.faults()] == ["Ask"]
    queries.close()
