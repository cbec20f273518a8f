"""What a reader of the whole log wants to see: events by the name of their stream or by their type."""

import time
from typing import TYPE_CHECKING, Any, Final

from desk.node.status import Failure, HandlerThrew, invalid_argument
from desk.records import dataclass

if TYPE_CHECKING:
    import regex

DEFAULT_WINDOW: Final = 32
_SECONDS_FOR_ONE_NAME: Final = 0.1
_SLOW: Final = 0.001
_SECONDS_FOR_SLOW_NAMES: Final = 1.0
"""What a pattern may take for all names over which it takes longer than ``_SLOW``: others wait meanwhile."""
_NAMES_REMEMBERED: Final = 10_000
_HIDDEN_STREAM: Final = "$epoch-information"
_HIDDEN_PREFIX: Final = "$persistentsubscription-$all::"
_HIDDEN_SUFFIXES: Final = ("-checkpoint", "-parked")


def is_hidden(stream: str) -> bool:
    """Whether a stream is the node's own business, and never shown among all events."""
    return stream == _HIDDEN_STREAM or (stream.startswith(_HIDDEN_PREFIX) and stream.endswith(_HIDDEN_SUFFIXES))


@dataclass(frozen=True, slots=True)
class WantedEvents:
    """Which events of the log somebody wants, by their streams or types; a pattern counts before prefixes."""

    by_type: bool
    pattern: str
    prefixes: tuple[str, ...]


class EventFilter:
    """Takes or leaves an event by its stream's name or its type, whichever the client chose.

    A name is judged once and remembered, as the same few come again and again. Raises HandlerThrew for an invalid
    pattern.
    """

    def __init__(self, wanted: WantedEvents) -> None:
        self._by_type = wanted.by_type
        self._prefixes = wanted.prefixes
        self._known: dict[str, bool] = {}
        self._slow = 0.0
        self._pattern = _compiled(wanted.pattern) if wanted.pattern else None

    def accepts(self, stream: str, type: str) -> bool:
        """Whether an event is wanted. Raises Failure when the pattern takes too long over one name."""
        if is_hidden(stream):
            return False
        name = type if self._by_type else stream
        verdict = self._known.get(name)
        if verdict is None:
            if len(self._known) >= _NAMES_REMEMBERED:
                self._known.clear()
            verdict = self._known[name] = self._judge(name)
        return verdict

    def _judge(self, name: str) -> bool:
        if self._pattern is None:
            return name.startswith(self._prefixes)
        begun = time.thread_time()
        try:
            found = self._pattern.search(name, timeout=_SECONDS_FOR_ONE_NAME) is not None
        except TimeoutError as error:
            raise _too_slow(self._pattern) from error
        taken = time.thread_time() - begun
        if taken >= _SLOW:
            self._slow += taken
        if self._slow >= _SECONDS_FOR_SLOW_NAMES:
            raise _too_slow(self._pattern)
        return found


def wanted_events(options: Any) -> WantedEvents | None:
    """What the filter options of a message say; None where they choose neither."""
    which = options.WhichOneof("filter")
    if which is None:
        return None
    expression = getattr(options, which)
    return WantedEvents(which == "event_type", expression.regex, tuple(expression.prefix))


def _compiled(pattern: str) -> "regex.Pattern[str]":
    import regex  # here, as many a node is never asked for a pattern

    try:
        return regex.compile(pattern)
    except regex.error as error:
        raise HandlerThrew(f"The filter's pattern is not valid: {error}") from error


def _too_slow(pattern: "regex.Pattern[str]") -> Failure:
    return invalid_argument(f"The filter's pattern takes too long; use a simpler one. It is: {pattern.pattern}")


def accept_visible(stream: str, _type: str) -> bool:
    """No filter: everything but what is always hidden."""
    return not is_hidden(stream)
