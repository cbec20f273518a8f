"""What rides on a mark: the few characters of a command or an event by which one recognises it."""

from typing import Any, Final

from desk.application.spelling import name_of
from desk.cqrs.stories import Story
from desk.domain.details import spell
from desk.domain.state import Book
from desk.domain.values import UNSET

_TELLING: Final = ("isbn", "copy_no", "patron", "patron_ref")
"""The fields that say most; where a message has one of them, nothing else is said."""
_OTHERWISE: Final = ("title", "authors", "publisher", "published_year", "subjects", "language", "shelf_mark", "reason")


def value_of(message: object) -> str:
    """As "9780261103573", "copy 2 → R-17", "Emma, a novel"; without such a field the type's name in words."""
    told = [_told(name, getattr(message, name)) for name in _TELLING if _has(message, name)]
    if told:
        return " ".join(told)
    return next((spell(getattr(message, name)) for name in _OTHERWISE if _has(message, name)), name_of(message).lower())


def values_of(messages: tuple[object, ...]) -> str:
    """Of several events the first, and how many more."""
    if not messages:
        return ""
    more = f" +{len(messages) - 1}" if len(messages) > 1 else ""
    return value_of(messages[0]) + more


def names_of(messages: tuple[object, ...]) -> str:
    """The types of events, as "CopyLent and HoldFulfilled"."""
    return " and ".join(type(message).__name__ for message in messages)


def readers_of(story: Story) -> frozenset[str]:
    """The numbers of all readers that a story tells of."""
    attempts = story.attempts
    states = [state for attempt in attempts for state in (attempt.before, attempt.after) if isinstance(state, Book)]
    messages = [story.envelope.message, *(event for attempt in attempts for event in attempt.decided)]
    found = [getattr(message, name, None) for message in messages for name in ("patron", "patron_ref")]
    found += [copy.loan.patron for state in states for copy in state.copies if copy.loan is not None]
    found += [hold.patron for state in states for hold in state.open_holds]
    return frozenset(number for number in found if number)


def pace_words(shown: float, real: float) -> str:
    """How many times slower, or faster, than it was: as "× 50 slower". Both in milliseconds; empty for no time."""
    if real <= 0 or shown <= 0:
        return ""
    slower = shown >= real
    ratio = shown / real if slower else real / shown
    rounded = float(f"{ratio:.2g}")
    number = f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:.1f}"
    return f"× {number} {'slower' if slower else 'faster'}"


def time_words(milliseconds: float) -> str:
    """As "< 0.1 ms", "0.3 ms", "42 ms", "1.2 s"."""
    if milliseconds < 0.05:
        return "< 0.1 ms"
    if milliseconds < 10:
        return f"{milliseconds:.1f} ms"
    return f"{milliseconds:,.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:,.1f} s"


def says(value: object) -> bool:
    """Whether a field has something in it: it was neither left out nor left empty."""
    return value not in (None, UNSET, (), "")


def _has(message: Any, name: str) -> bool:
    return says(getattr(message, name, None))


def _told(name: str, value: object) -> str:
    match name:
        case "copy_no":
            return f"copy {value}"
        case "patron" | "patron_ref":
            return f"→ {value}"
    return spell(value)
