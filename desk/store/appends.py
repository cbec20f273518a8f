"""Hop 4: what may be handed to a store at all; the same for every adapter."""

from desk.cqrs.errors import TooLarge
from desk.cqrs.store import LARGEST_APPEND, NO_STREAM, NewEvent


def admit(stream: str, expected: int, events: tuple[NewEvent, ...]) -> None:
    """Refuse what must not reach a server.

    A generator would be used up by the first of two attempts, and the second, empty one would count as a success.
    "Any revision" would lose somebody else's decision. Raises TypeError and ValueError for these bugs of the
    caller, and TooLarge for more than :data:`~desk.cqrs.store.LARGEST_APPEND` bytes.
    """
    if not isinstance(events, tuple) or not all(isinstance(event, NewEvent) for event in events):
        raise TypeError(f"events to append are a tuple of NewEvent, not {type(events).__name__}")
    if not events:
        raise ValueError("an append needs at least one event")
    if not stream:
        raise ValueError("a stream needs a name")
    if type(expected) is not int or expected < NO_STREAM:
        raise ValueError(f"an append expects exactly one revision, not {expected!r}")
    size = sum(len(event.data) + len(event.metadata) for event in events)
    if size > LARGEST_APPEND:
        raise TooLarge(f"{size} bytes for {stream} are more than the {LARGEST_APPEND} that one change may have")
