"""Who waits for the read model is let through when it is there, and not kept for ever."""

from collections.abc import Iterator

import pytest

from desk.cqrs.gate import ReadModelGate
from desk.cqrs.messages import GateResult


@pytest.fixture
def gate() -> Iterator[ReadModelGate]:
    opened = ReadModelGate()
    yield opened
    opened.close()


def test_a_position_that_is_there_already_is_reached_at_once(gate: ReadModelGate) -> None:
    gate.reached(0)
    assert gate.when(0, 1).result(0) is GateResult.REACHED


def test_those_who_wait_are_let_through_in_any_order_of_asking(gate: ReadModelGate) -> None:
    late, early = gate.when(20, 5), gate.when(10, 5)
    gate.reached(15)
    assert early.result(0) is GateResult.REACHED
    assert not late.done()
    gate.reached(20)
    assert late.result(0) is GateResult.REACHED


def test_the_time_limit_ends_the_wait(gate: ReadModelGate) -> None:
    assert gate.when(1, 0.02).result(60) is GateResult.LATE


def test_who_waits_in_vain_for_a_read_model_that_is_paused_is_told_so(gate: ReadModelGate) -> None:
    gate.set_paused(paused=True)
    stepped, waiting = gate.when(1, 60), gate.when(2, 0.02)
    assert waiting.result(60) is GateResult.PAUSED
    gate.reached(1)
    assert stepped.result(0) is GateResult.REACHED, "a step came as far"
    gate.set_paused(paused=False)
    assert gate.when(2, 0.02).result(60) is GateResult.LATE


def test_closing_lets_everybody_go() -> None:
    gate = ReadModelGate()
    waiting = gate.when(1, 60)
    gate.close()
    assert waiting.result(0) is GateResult.LATE


def test_who_waits_for_a_stream_that_gets_parked_is_told_so(gate: ReadModelGate) -> None:
    parked, other = gate.when(10, 60, "book-parked"), gate.when(10, 60, "book-other")
    gate.reached(10, {"book-parked"})
    assert (parked.result(0), other.result(0)) == (GateResult.PARKED, GateResult.REACHED)
    assert gate.when(9, 60, "book-parked").result(0) is GateResult.PARKED
    gate.reached(11)
    assert gate.when(10, 60, "book-parked").result(0) is GateResult.REACHED, "it is healed"


def test_a_read_model_that_begins_anew_does_not_hold_what_the_old_one_did(gate: ReadModelGate) -> None:
    """Another store answers there now, or the file was lost: its positions begin again."""
    gate.reached(1000)
    gate.reached(3)
    waiting = gate.when(5, 60)
    assert not waiting.done()
    gate.reached(5)
    assert waiting.result(0) is GateResult.REACHED
