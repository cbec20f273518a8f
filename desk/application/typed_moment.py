"""A moment or a revision as somebody types it: "yesterday", "2026-03-02 14:00", "41", "3 days ago"."""

import re
from datetime import datetime, time, timedelta
from typing import Final

_END: Final = time(23, 59, 59, 999_999)
_UNITS: Final = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_AGO: Final = re.compile(r"(\d{1,6}|an?|one) (minute|hour|day|week)s? ago")
_DAYS: Final = {"today": 0, "yesterday": 1}
_FORMS: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%d", "%Y-%m")


class NotUnderstood(Exception):
    """What was typed is no moment, or no revision; the text is a sentence that says what can be typed."""


def parse_moment(text: str, now: datetime) -> datetime:
    """The moment that is meant, in the zone of ``now``; a day or a month alone means its end. Raises NotUnderstood."""
    plain = " ".join(text.lower().split())
    if plain == "now":
        return now
    day, _, clock = plain.partition(" ")
    try:
        if day in _DAYS:
            return _at(now - timedelta(days=_DAYS[day]), clock)
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", plain):
            return _at(now, plain)
        if (ago := _AGO.fullmatch(plain)) is not None:
            count = int(ago[1]) if ago[1].isdecimal() else 1
            return now - timedelta(seconds=count * _UNITS[ago[2]])
        return _dated(text.strip(), now)
    except (ValueError, OverflowError):
        raise NotUnderstood(
            f"“{text.strip()}” is no moment. Type a day or a time, such as 2026-03-02 14:00, 14:00, yesterday, "
            "3 days ago, or now."
        ) from None


def parse_revision(text: str, first: int, last: int) -> int:
    """A revision of a stream that has these. Raises NotUnderstood."""
    plain = text.strip().lower().removeprefix("r").strip()
    if not (plain.isascii() and plain.isdecimal()):
        raise NotUnderstood(f"“{text.strip()}” is no revision. Type a number from {first} to {last}.")
    if not first <= int(plain) <= last:
        raise NotUnderstood(f"There is no revision {int(plain)} here. Type a number from {first} to {last}.")
    return int(plain)


def _at(day: datetime, clock: str) -> datetime:
    return datetime.combine(day.date(), time.fromisoformat(clock.zfill(5)) if clock else _END, day.tzinfo)


def _dated(text: str, now: datetime) -> datetime:
    for form in _FORMS:
        try:
            found = datetime.strptime(text, form).replace(tzinfo=now.tzinfo)
        except ValueError:
            continue
        if form == "%Y-%m":
            found = (found + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return found if "%H" in form else datetime.combine(found.date(), _END, now.tzinfo)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=now.tzinfo)
