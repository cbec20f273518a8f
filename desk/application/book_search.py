"""What a search box may say beside words: ``is:overdue``, and about what was ``ever:emma`` (any value that any field
ever had) and ``changed:2026-03``.
"""

import re
from datetime import datetime, timedelta
from typing import Final

from desk.records import dataclass

OVERDUE: Final = "is:overdue"
"""Finds the books of which a copy is on loan that was due before today."""

_OVERDUE: Final = re.compile(rf"(?:^|\s){OVERDUE}(?=\s|$)", re.IGNORECASE)
_EVER: Final = re.compile(r'(?:^|\s)ever:(?:"([^"]*)"?|(\S*))')
_CHANGED: Final = re.compile(r"(?:^|\s)changed:(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?=\s|$)")


@dataclass(frozen=True, slots=True)
class BookSearch:
    """A search taken apart: ``text`` is the rest, to be looked for among what is, or was at the moment.

    ``ever`` are texts that some value ever had, ``changed`` spans of time (aware, the second excluded) in which the
    book was changed; all of them must hold. ``overdue`` asks for what is overdue, which is known for now only.
    """

    text: str
    ever: tuple[str, ...] = ()
    changed: tuple[tuple[datetime, datetime], ...] = ()
    overdue: bool = False

    @property
    def is_about_the_past(self) -> bool:
        """Whether only the event index can answer it."""
        return bool(self.ever or self.changed)


def parse_search(text: str) -> BookSearch:
    """The search that somebody typed; days are those of this computer's time zone. What makes no date is text."""
    ever = tuple(quoted or plain for quoted, plain in _EVER.findall(text) if quoted or plain)
    rest, overdue = _OVERDUE.subn(" ", _EVER.sub(" ", text))
    spans = []
    for found in _CHANGED.finditer(rest):
        span = _span(*(int(part) if part else None for part in found.groups()))
        if span is not None:
            spans.append(span)
            rest = rest.replace(found.group(0), " ", 1)
    is_plain = not (ever or spans or overdue)
    return BookSearch(text if is_plain else " ".join(rest.split()), ever, tuple(spans), bool(overdue))


def _span(year: int | None, month: int | None, day: int | None) -> tuple[datetime, datetime] | None:
    """The year, the month or the day, from its beginning to that of the next; None where there is none such."""
    try:
        first = datetime(year or 0, month or 1, day or 1)  # noqa: DTZ001 - a day of this computer's time zone
        if day is not None:
            last = first + timedelta(days=1)
        elif month is not None:
            last = (first + timedelta(days=31)).replace(day=1)
        else:
            last = first.replace(year=first.year + 1)
        return first.astimezone(), last.astimezone()
    except (ValueError, OverflowError):
        return None
