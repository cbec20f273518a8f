"""How much is done, counted: the same number on every machine, however slow it is and whatever else it does."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Calls:
    """Functions called by one thread, Python's own among them."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, _frame: FrameType, event: str, _of: object) -> None:
        if event in {"call", "c_call"}:
            self.number += 1


@contextmanager
def counting_calls() -> Iterator[Calls]:
    """Count what this thread calls meanwhile."""
    calls, before = Calls(), sys.getprofile()
    sys.setprofile(calls)
    try:
        yield calls
    finally:
        sys.setprofile(before)
