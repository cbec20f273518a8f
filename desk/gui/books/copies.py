"""Hop 9: the copies of a book as the card lists them, each with its state, its loan, or for whom it was set aside."""

from datetime import date
from functools import partial

from PySide6.QtCore import QCoreApplication

from desk.application.catalogue import STATE_WORDS, CopyLine, LoanLine
from desk.application.isolation import isolated
from desk.application.timeline.words import day_text
from desk.gui.books.lines import ListLine
from desk.gui.widgets.counting import counted
from desk.gui.widgets.masking import reader

_tr = partial(QCoreApplication.translate, "copies")


def copy_lines(copies: tuple[CopyLine, ...], today: date) -> tuple[ListLine, ...]:
    """One line for each copy; its key is the copy's number."""
    return tuple(ListLine(copy.copy_no, _title(copy), *_state(copy, today), _detail(copy, today)) for copy in copies)


def describe_past_loan(loan: LoanLine) -> str:
    """A loan that ended, as in "R-1001 · copy 2 · 4 Jan 2026 to 18 Jan 2026"; perhaps by the copy's loss."""
    words = _tr("{reader} · copy {n} · {start} to {end}")
    if loan.returned_on is None:
        words = _tr("{reader} · copy {n} · lent on {start}, not returned")
    end = day_text(loan.returned_on) if loan.returned_on else ""
    words = words.format(reader=reader(loan.patron), n=loan.copy_no, start=day_text(loan.lent_on), end=end)
    return words + (" · " + _days_late(loan.days_late) if loan.days_late else "")


def _title(copy: CopyLine) -> str:
    title = _tr("Copy {n}").format(n=copy.copy_no)
    return f"{title} · {shelf(copy.shelf_mark)}" if copy.shelf_mark else title


def shelf(mark: str) -> str:
    """Where a copy stands; a mark is whatever somebody typed, and alone could be read as a state."""
    return _tr("shelf {mark}").format(mark=isolated(mark))


def _state(copy: CopyLine, today: date) -> tuple[str, str]:
    if copy.loan is not None and copy.loan.due_on < today:
        return "overdue", _tr("overdue")
    return copy.state, _tr(STATE_WORDS.get(copy.state, copy.state))


def _detail(copy: CopyLine, today: date) -> str:
    if copy.loan is not None:
        return _of_loan(copy.loan, today)
    if copy.hold is not None and copy.hold.pickup_until is not None:
        words = _tr("for {reader}, to be fetched by {day}")
        return words.format(reader=reader(copy.hold.patron), day=day_text(copy.hold.pickup_until))
    return ""


def _days_late(days: int) -> str:
    return counted(days, _tr("1 day late"), _tr("{n} days late"))


def _of_loan(loan: LoanLine, today: date) -> str:
    late = (today - loan.due_on).days
    words = _tr("{reader}, due {day}").format(reader=reader(loan.patron), day=day_text(loan.due_on))
    if late > 0:
        return words + " · " + _days_late(late)
    if loan.renewals:
        return words + " · " + _tr("renewed {n}×").format(n=loan.renewals)
    return words
