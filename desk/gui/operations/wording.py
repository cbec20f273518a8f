"""How the lists of Operations say what a command holds, and times."""

from dataclasses import fields, is_dataclass
from datetime import date, datetime


def fields_of(command: object) -> str:
    """A command's type, and each of its fields that says something on a line of its own."""
    name = type(command).__name__
    if not is_dataclass(command):
        return name
    told = [(field.name, getattr(command, field.name)) for field in fields(command)]
    wide = max((len(field) for field, _ in told), default=0)
    return "\n".join((name, *(f"  {field:<{wide}}  {value}" for field, value in told if value not in (None, "", ()))))


def moment(at: datetime, today: date) -> str:
    """A time of today by the clock, any other by its day: lists are narrow, and the report beside says it exactly."""
    local = at.astimezone()
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%Y-%m-%d}"


def precise_time(at: datetime) -> str:
    """By the clock, to the millisecond."""
    return f"{at.astimezone():%H:%M:%S}.{at.microsecond // 1000:03}"


def exact_moment(at: datetime) -> str:
    """A time to the second, with its day."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
