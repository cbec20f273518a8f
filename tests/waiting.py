"""Tests wait for what must come about, never for seconds."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE: Final = 120.0
"""Seconds that only a failure waits out: a step of a second takes half a minute where twenty others want its processor
and that is a slow one."""


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Returns as soon as the condition holds."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"it did not come about in {seconds} s"
        time.sleep(0.005)
