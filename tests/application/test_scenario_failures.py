"""What a cue makes fail, or takes back, is so before the next step is done."""

import threading
from uuid import uuid4

import pytest

from desk.application.care import ReadModelState
from desk.application.scenarios.failures import fail
from desk.application.scenarios.scenario import Fail, FailureKind
from tests.sessions import session_of


class LateCare:
    """Tells what was asked of it only when it is looked at for the third time, as one with a thread of its own does."""

    def __init__(self, *, paused: bool) -> None:
        self._told, self._paused, self._looks = paused, paused, 0

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    def set_delay(self, seconds: float) -> None:
        assert seconds == 0

    def state(self) -> ReadModelState:
        self._looks += 1
        if self._looks == 3:
            self._told = self._paused
        return ReadModelState(None, paused=self._told)


@pytest.mark.parametrize(
    ("failure", "paused"), [(FailureKind.STOP_PROJECTION, True), (FailureKind.RESUME_PROJECTION, False)]
)
def test_a_projection_is_stopped_or_goes_on_once_it_says_so(failure: FailureKind, *, paused: bool) -> None:
    care = LateCare(paused=not paused)
    session = session_of(care=care, faults=object())
    fail(Fail(failure), session, uuid4, threading.Event())
    assert care.state().paused is paused
