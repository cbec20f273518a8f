"""Makes the real parts of a throw-away catalogue fail, and takes it back, as a cue says."""

import threading
from collections.abc import Callable
from typing import Final
from uuid import UUID

from desk.application.care import ReadModelCare
from desk.application.scenarios.ground import Wrong, wait_until
from desk.application.scenarios.scenario import Fail, FailureKind
from desk.application.session import FaultsPort, Light, Session
from desk.domain.streams import book_stream

PATIENCE: Final = 60.0
"""Seconds after which something that was made to fail should be seen to."""


def fail(step: Fail, session: Session, next_id: Callable[[], UUID], stop: threading.Event) -> None:
    """Do it; ``next_id`` gives the id of a command that is sent. Raises Wrong, FaultRefused, StoreError, Stopped."""
    care, faults = session.care, session.faults
    assert care is not None  # a throw-away catalogue has both
    assert faults is not None
    if step.failure is FailureKind.KILL_NODE:
        _kill_node(session, faults, stop)
    elif step.failure is FailureKind.OVERTAKE:
        assert step.command is not None
        faults.overtake(step.command, next_id())
    elif step.book_id is not None:
        _fail_book(step.failure, book_stream(step.book_id), faults, care)
    else:
        _hold_back(step, care, stop)


def _hold_back(step: Fail, care: ReadModelCare, stop: threading.Event) -> None:
    match step.failure:
        case FailureKind.STOP_PROJECTION:
            care.pause()
            _wait_until_told(care, stop, paused=True)
        case FailureKind.STEP_PROJECTION:
            if not care.step().result(PATIENCE):
                raise Wrong("no event waits that the projection could take")
        case FailureKind.DELAY_PROJECTION:
            care.set_delay(step.seconds)
        case FailureKind.RESUME_PROJECTION:
            care.set_delay(0)
            care.resume()
            _wait_until_told(care, stop, paused=False)


def _wait_until_told(care: ReadModelCare, stop: threading.Event, *, paused: bool) -> None:
    """The projection's own thread tells how it is, a moment after it was asked."""
    if not wait_until(lambda: care.state().paused is paused, PATIENCE, stop):
        raise Wrong("the projection was stopped or let go on, and did not")


def _fail_book(failure: FailureKind, stream: str, faults: FaultsPort, care: ReadModelCare) -> None:
    match failure:
        case FailureKind.LOSE_ANSWER:
            faults.lose_next_answer(stream)
        case FailureKind.POISON:
            faults.fail_handler(stream)
        case FailureKind.HEAL:
            faults.heal_handler(stream)
            outcome = care.retry(stream).result(PATIENCE)
            if outcome.waiting:
                raise Wrong(f"{outcome.waiting} events still wait: {outcome.error}")


def _kill_node(session: Session, faults: FaultsPort, stop: threading.Event) -> None:
    killed = faults.kill_node()

    def is_noticed() -> bool:
        return session.connection.state.light is not Light.GREEN or session.about.node_pid not in (killed, None)

    if not wait_until(is_noticed, PATIENCE, stop):
        raise Wrong("the node was killed, and nobody noticed")
