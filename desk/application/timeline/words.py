"""How an axis says moments and lengths of time, in the machine's zone: in English, or as a window's language has it."""

import time
from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Final

from desk.records import dataclass


class Detail(Enum):
    """How exactly a label says a time."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    DATE = "day and year"
    MINUTE = "minute"
    SECOND = "second"
    MILLISECOND = "millisecond"


_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_DAY: Final = 86_400.0
_UNITS: Final = (
    (365.25 * _DAY, 0.97, "%n year(s)", "y"),
    (30.44 * _DAY, 1.5, "%n month(s)", "mo"),
    (7 * _DAY, 3.0, "%n week(s)", "w"),
    (_DAY, 1.0, "%n day(s)", "d"),
    (_HOUR, 1.0, "%n hour(s)", "h"),
    (_MINUTE, 1.0, "%n minute(s)", "min"),
    (1.0, 1.0, "%n second(s)", "s"),
    (0.001, 0.0, "%n ms", "ms"),
)
_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def english_month(number: int) -> str:
    """The short name of a month from 1 to 12."""
    return _MONTHS[number - 1]


def english_count(text: str, count: int) -> str:
    """A text with ``%n`` for the number, and ``(s)`` where a plural has an s."""
    return text.replace("%n", str(count)).replace("(s)", "" if count == 1 else "s")


@dataclass(frozen=True, slots=True)
class Words:
    """What an axis says, how wide a text is, and how high a line of text, in pixels.

    ``month`` gives a month's short name; ``count`` makes a text with ``%n`` and ``(s)`` say a number.
    """

    width: Callable[[str], float]
    height: float = 14.0
    month: Callable[[int], str] = english_month
    count: Callable[[str, int], str] = english_count

    def text(self, moment: float, detail: Detail) -> str:
        """A label of the axis; ``moment`` is in seconds since 1970, UTC."""
        local = time.localtime(moment)
        clock = f"{local.tm_hour:02}:{local.tm_min:02}"
        if detail is Detail.YEAR:
            return str(local.tm_year)
        if detail is Detail.MINUTE:
            return clock
        if detail in (Detail.SECOND, Detail.MILLISECOND):
            text = f"{clock}:{local.tm_sec:02}"
            return text if detail is Detail.SECOND else f"{text}.{milliseconds(moment):03}"
        month = self.month(local.tm_mon)
        if detail is Detail.MONTH:
            return month
        day = f"{local.tm_mday} {month}"
        return day if detail is Detail.DAY else f"{day} {local.tm_year}"

    def duration(self, seconds: float) -> str:
        """A length of time in one unit, as "5 months"."""
        count, text, _ = _in_unit(seconds)
        return self.count(text, count)

    def short_duration(self, seconds: float) -> str:
        """The same where room is dear, as "5 mo"."""
        count, _, sign = _in_unit(seconds)
        return f"{count} {sign}"


def _in_unit(seconds: float) -> tuple[int, str, str]:
    for size, least, text, sign in _UNITS:
        # One and a half of a unit is said in the next smaller one: "45 days" says more than "1 month".
        if round(seconds / size, 3) >= least and round(seconds / size) >= 1:
            return round(seconds / size), text, sign
    return 0, "%n ms", "ms"


def milliseconds(moment: float) -> int:
    """The part of a second that a moment is past."""
    return int(round(moment % 1, 6) * 1000)


def day_text(day: date) -> str:
    """A day in a sentence, in a card and in a form, as in "3 Mar 2026"."""
    return f"{day.day} {english_month(day.month)} {day.year}"


def day_or_text(name: str, value: object) -> str:
    """The value of a field as text; of one that holds a day in ISO 8601, such as ``due_on``, that day."""
    try:
        return day_text(date.fromisoformat(str(value))) if name.endswith(("_on", "_until")) else str(value)
    except ValueError:
        return str(value)


WIDEST_MOMENT: Final = "0000-00-00 00:00:00"
"""No :func:`moment_text` takes more room; those that are in sight may take less."""


def moment_text(moment: float) -> str:
    """A time in a table: digits below each other, to the second."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))


def exact_text(moment: float) -> str:
    """A time to the millisecond, with the distance to UTC."""
    local = time.localtime(moment)
    zone = time.strftime("%z", local)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', local)}.{milliseconds(moment):03} {zone[:3]}:{zone[3:]}"
