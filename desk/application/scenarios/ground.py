"""What a scenario is played on: a throw-away catalogue whose clock can be set, and what a window must be able to do."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

from desk.application.scenarios.scenario import ForeignAppend, Scenario, Show, Speed, Step
from desk.application.session import Session
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class StageCatalogue:
    """A throw-away catalogue. Closing its session removes it.

    ``is_at_rest`` tells whether process managers and outbox have nothing left to do. ``set_moment`` says what time it
    is from now on. ``append`` has another client, over a connection of its own, append an event under this id.
    ``last_position`` is that of the last event that the read model is to hold; None where there is none. The last two
    raise StoreError.
    """

    session: Session
    is_at_rest: Callable[[], bool]
    set_moment: Callable[[datetime], None]
    append: Callable[[ForeignAppend, UUID], None]
    last_position: Callable[[], int | None]


class WrongScenario(Exception):
    """The file cannot be played; the text says what is wrong, and where."""


class Wrong(Exception):
    """Something is otherwise than a cue says; the text is a sentence without a capital."""


class Stopped(Exception):
    """The stage was closed, or begins anew, in the middle of a cue."""


class CannotBeShown(Exception):
    """The window has no such place, or knows no such key; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class ScenarioPort:
    """What a window needs in order to play scenarios. Each of these waits: a window calls them on threads of their own.

    ``read`` and ``record`` raise :class:`WrongScenario`, ``open`` StoreError. ``record`` appends a cue for each step to
    a file, which it begins where there is none.
    """

    read: Callable[[Path], Scenario]
    open: Callable[[Scenario], StageCatalogue]
    record: Callable[[Path, Sequence[Step]], None]


class StageWindow(Protocol):
    """What a scenario does in a window; called on the player's thread. Raises :class:`CannotBeShown`."""

    def show(self, step: Show) -> None:
        """Show a place or companion, and what is named of it."""

    def press(self, keys: str) -> None:
        """Press keys where the focus is."""

    def set_speed(self, speed: Speed) -> None:
        """Have Flow show what follows at this speed."""


class NoWindow:
    """A :class:`StageWindow` for a rehearsal that has none: whatever is to be shown is taken as shown."""

    def show(self, step: Show) -> None:
        return None

    def press(self, keys: str) -> None:
        return None

    def set_speed(self, speed: Speed) -> None:
        return None


_LOOK_EVERY: Final = 0.01


def wait_until(condition: Callable[[], bool], seconds: float, stop: threading.Event) -> bool:
    """Wait at most so long, and tell whether it came about. Raises Stopped as soon as ``stop`` is set."""
    deadline = time.monotonic() + seconds
    while not condition():
        if stop.wait(_LOOK_EVERY):
            raise Stopped
        if time.monotonic() > deadline:
            return False
    return True
