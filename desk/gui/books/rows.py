"""Hop 9: a book's row in words: made once when a page is read, so that painting only looks up."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from desk.application.catalogue import BookRow, SortKey
from desk.application.isolation import isolated
from desk.application.timeline.words import day_text
from desk.records import dataclass

_tr = partial(QCoreApplication.translate, "rows")

COLUMNS = tuple(SortKey)
"""The table's columns in their order."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
CLOCKS_DIFFER = 30.0
"""By so many seconds an event of another computer may seem to lie ahead that was just now."""


@dataclass(frozen=True, slots=True)
class RowRecord:
    """A row and its texts, one for each of :data:`COLUMNS`; ``state`` is its own, or ``overdue``."""

    row: BookRow
    texts: tuple[str, ...]
    state: str


def header(key: SortKey) -> str:
    """A column's heading."""
    return {
        SortKey.TITLE: _tr("Title"),
        SortKey.AUTHORS: _tr("Authors"),
        SortKey.ISBN: _tr("ISBN"),
        SortKey.YEAR: _tr("Year"),
        SortKey.STATE: _tr("State"),
        SortKey.COPIES: _tr("Copies"),
        SortKey.CHANGED: _tr("Last change"),
    }[key]


def state_name(state: str) -> str:
    """A book's state in words."""
    return {
        "pending": _tr("pending"),
        "listed": _tr("listed"),
        "rejected": _tr("rejected"),
        "deleted": _tr("deleted"),
        "overdue": _tr("overdue"),
    }.get(state, state)


def record(row: BookRow, now: datetime, ahead: float = CLOCKS_DIFFER) -> RowRecord:
    """The row in words, as of now; what is ahead by no more seconds than ``ahead`` is taken for just now."""
    is_late = row.due_on is not None and row.due_on < now.astimezone().date()
    state = "overdue" if is_late and row.state == "listed" else row.state
    texts = (
        isolated(row.title),
        names(row.authors),
        row.isbn,
        str(row.published_year or ""),
        state_name(state),
        copies(row),
        ago(row.changed_at, now, ahead),
    )
    return RowRecord(row, texts, state)


def names(of: tuple[str, ...]) -> str:
    """Several names as table and card show them."""
    return "; ".join(isolated(name) for name in of)


def copies(row: BookRow) -> str:
    """Available and all; nothing for a book without copies."""
    return f"{row.copies_available} / {row.copies_total}" if row.copies_total else ""


def ago(moment: datetime, now: datetime, ahead: float = CLOCKS_DIFFER) -> str:
    """How long ago, roughly; a date once it is more than a week, or where it lies ahead."""
    seconds = (now - moment).total_seconds()
    if seconds < -ahead:
        return day(moment)
    if seconds < _MINUTE:
        return _tr("just now")
    if seconds < _HOUR:
        return _tr("{n} min ago").format(n=int(seconds // _MINUTE))
    if seconds < _DAY:
        return _tr("{n} h ago").format(n=int(seconds // _HOUR))
    if seconds < 2 * _DAY:
        return _tr("yesterday")
    if seconds < 7 * _DAY:
        return _tr("{n} days ago").format(n=int(seconds // _DAY))
    return day(moment)


def day(moment: datetime) -> str:
    """The day of a moment in local time, in few letters."""
    return day_text(moment.astimezone().date())


def absolute(moment: datetime) -> str:
    """The moment in local time, to the second, with its zone."""
    return QLocale().toString(local(moment), "d MMMM yyyy, HH:mm:ss t")


def tooltip(row: BookRow, key: SortKey) -> str:
    """What the mouse finds out about a cell; empty where the cell says it all."""
    tips: dict[SortKey, Callable[[], str]] = {
        SortKey.TITLE: lambda: isolated(row.title),
        SortKey.AUTHORS: lambda: "\n".join(isolated(name) for name in row.authors),
        SortKey.CHANGED: lambda: absolute(row.changed_at),
        SortKey.STATE: lambda: _tr("A copy is due on {day}").format(day=day_text(row.due_on)) if row.due_on else "",
        SortKey.COPIES: lambda: _copies_tip(row),
    }
    make = tips.get(key)
    return make() if make else ""


def _copies_tip(row: BookRow) -> str:
    if not row.copies_total:
        return _tr("There are no copies yet.")
    return _tr("{available} of {total} copies available").format(available=row.copies_available, total=row.copies_total)


def local(moment: datetime) -> QDateTime:
    """The moment in local time."""
    return QDateTime.fromMSecsSinceEpoch(int(moment.timestamp() * 1000))


def detail_labels() -> dict[str, str]:
    """How each detail is called, by the domain's name, with the key that leads to its line."""
    return {
        "title": _tr("&Title"),
        "authors": _tr("&Authors"),
        "publisher": _tr("&Publisher"),
        "published_year": _tr("&Year"),
        "language": _tr("&Language"),
        "subjects": _tr("&Subjects"),
    }
