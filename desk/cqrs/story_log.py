"""Hop 2: notes what becomes of each command on its way through the bus: its attempts, its end, and how long it took.

It stands around everything, plugins included, changes nothing, and waits for nobody.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desk.cqrs.endings import EndedCommand, Refusals, ending_of
from desk.cqrs.messages import Envelope, Outcome
from desk.cqrs.pipeline import Proceed


class StoryLog:
    """Gives each command that has ended to ``on_end``, on the command's thread, before whoever waits for it hears."""

    def __init__(
        self,
        refusals: Refusals = lambda _error: None,
        on_end: Callable[[EndedCommand], None] = lambda _ended: None,
    ) -> None:
        self.on_end = on_end
        self._refusals = refusals
        self._own = threading.local()

    def whole(self, stream_of: Callable[[Any], str], inner: Proceed) -> Proceed:
        """``inner``, the handler within its plugins, as the whole of a command."""

        def proceed(env: Envelope[Any]) -> Any:
            before, passage = getattr(self._own, "passage", None), _Passage()
            self._own.passage = passage
            started = time.perf_counter()
            try:
                result: Any = inner(env)
            except Exception as error:
                self._end(env, stream_of, passage, error, started)
                raise
            finally:
                self._own.passage = before
            self._end(env, stream_of, passage, result, started)
            return result

        return proceed

    def attempt(self, handler: Proceed) -> Proceed:
        """The handler itself: each call of it is an attempt."""

        def proceed(env: Envelope[Any]) -> Any:
            self._own.passage.attempts += 1
            return handler(env)

        return proceed

    def _end(
        self,
        env: Envelope[Any],
        stream_of: Callable[[Any], str],
        passage: "_Passage",
        result: Outcome | Exception,
        started: float,
    ) -> None:
        ending = ending_of(result, self._refusals, passage.attempts)
        milliseconds = (time.perf_counter() - started) * 1e3
        self.on_end(EndedCommand(env, stream_of(env.message), ending, milliseconds))


@dataclass(slots=True)
class _Passage:
    """One command on its way, on the one thread that takes it through."""

    attempts: int = 0
