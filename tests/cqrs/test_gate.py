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
    assert gate.when(1, 0.02).result(5) is GateResult.LATE


def test_closing_lets_everybody_go() -> None:
    gate = ReadModelGate()
    waiting = gate.when(1, 60)
    gate.close()
    assert waiting.result(0) is GateResult.LATE
