"""Hop 1: the forms about copies: add, withdraw, lend, renew, return, report lost."""

from datetime import date, timedelta
from functools import partial
from uuid import UUID

from PySide6.QtCore import QCoreApplication

from desk.application.catalogue import BookCard, CopyLine, LoanLine
from desk.application.timeline.words import day_text
from desk.domain.commands import AddCopy, LendCopy, RenewLoan, ReportCopyLost, ReturnCopy, WithdrawCopy
from desk.domain.policy import Policy
from desk.gui.books.commands import FormContext
from desk.gui.books.copies import shelf
from desk.gui.books.dialog import CommandDialog, book_form
from desk.gui.books.fields import FieldLine
from desk.gui.books.hold_forms import HolderOffer
from desk.gui.books.holds import next_in_line
from desk.gui.books.inputs import choice_line, day_line, reader_line, text_line
from desk.gui.widgets.masking import reader

_tr = partial(QCoreApplication.translate, "forms")


def add_copy(context: FormContext, card: BookCard) -> CommandDialog:
    """The form for one more copy."""
    mark = text_line(context.theme, "shelf_mark", _tr("&Shelf mark"), hint=_tr("Where it stands; may be empty."))

    def build() -> AddCopy:
        return AddCopy(book_id=card.row.book_id, shelf_mark=str(mark.read()))

    return book_form(context, card, _tr("Add copy"), _tr("Add copy"), (mark,), build)


def lend_copy(context: FormContext, card: BookCard, copies: tuple[int, ...]) -> CommandDialog:
    """The form for a loan; the due date is the policy's unless changed."""
    days, today = Policy().loan_days, context.moments.today()
    which, patron = _which(context, card, copies), reader_line(context.theme)
    HolderOffer(which, patron, card)
    hint = _tr("{n} days from today by the library's rules").format(n=days)
    suggested = today + timedelta(days=days)
    due = day_line(context.theme, "due_on", _tr("&Due on"), suggested, earliest=today, hint=hint)
    loan_id = context.moments.new_id()

    def build() -> LendCopy:
        return LendCopy(
            book_id=card.row.book_id,
            copy_no=_number(which),
            loan_id=loan_id,
            patron=str(patron.read()),
            due_on=_date(due),
        )

    return book_form(context, card, _tr("Lend copy"), _tr("Lend"), (which, patron, due), build)


def renew_loan(context: FormContext, card: BookCard, copies: tuple[int, ...]) -> CommandDialog:
    """The form that puts off a due date: by the policy's days from the later of today and the present one."""
    which, today = _which(context, card, copies), context.moments.today()
    present = _due_day(card, copies[0], today)
    suggested = max(today, present) + timedelta(days=Policy().loan_days)
    hint = _tr("Now due on {day}").format(day=day_text(present))
    due = day_line(context.theme, "due_on", _tr("New &due date"), suggested, earliest=today, hint=hint)

    def build() -> RenewLoan:
        return RenewLoan(
            book_id=card.row.book_id, copy_no=_number(which), due_on=_date(due), loan_id=_loan(card, _number(which))
        )

    return book_form(context, card, _tr("Renew loan"), _tr("Renew"), (which, due), build)


def return_copy(context: FormContext, card: BookCard, copies: tuple[int, ...]) -> CommandDialog:
    """The form that takes a copy back, also one that was lost."""
    which, today = _which(context, card, copies), context.moments.today()
    hint, earliest = _tr("The day on which it was in the library again"), today - timedelta(days=3650)
    day = day_line(context.theme, "returned_on", _tr("&Returned on"), today, earliest=earliest, hint=hint)

    def build() -> ReturnCopy:
        return ReturnCopy(
            book_id=card.row.book_id,
            copy_no=_number(which),
            returned_on=_date(day),
            loan_id=_loan(card, _number(which)),
        )

    return book_form(context, card, _tr("Return copy"), _tr("Return"), (which, day), build, next_in_line(card))


def report_lost(context: FormContext, card: BookCard, copies: tuple[int, ...]) -> CommandDialog:
    """The form that says that a copy cannot be found."""
    which = _which(context, card, copies)

    def build() -> ReportCopyLost:
        return ReportCopyLost(book_id=card.row.book_id, copy_no=_number(which))

    intro = _tr("A loan of the copy ends with this. If it turns up again, return it.")
    return book_form(context, card, _tr("Report lost"), _tr("Report lost"), (which,), build, intro)


def withdraw_copy(context: FormContext, card: BookCard, copies: tuple[int, ...]) -> CommandDialog:
    """The form that takes a copy out of circulation."""
    which, reason = _which(context, card, copies), text_line(context.theme, "reason", _tr("&Reason"))

    def build() -> WithdrawCopy:
        return WithdrawCopy(book_id=card.row.book_id, copy_no=_number(which), reason=str(reason.read()))

    intro = _tr("A withdrawn copy does not come back.")
    return book_form(context, card, _tr("Withdraw copy"), _tr("Withdraw"), (which, reason), build, intro)


def _which(context: FormContext, card: BookCard, copies: tuple[int, ...]) -> FieldLine:
    """A choice among these copies; those that stand on the hold shelf come last."""
    lines = sorted((copy for copy in card.copies if copy.copy_no in copies), key=lambda copy: copy.hold is not None)
    choices = tuple((copy.copy_no, describe_copy(copy)) for copy in lines)
    return choice_line(context.theme, "copy_no", _tr("&Copy"), choices)


def describe_copy(copy: CopyLine) -> str:
    """A copy in a few words, as in "Copy 2 · shelf A-3 · on loan to R-1001"."""
    parts = [_tr("Copy {n}").format(n=copy.copy_no)]
    if copy.shelf_mark:
        parts.append(shelf(copy.shelf_mark))
    if copy.loan is not None:
        parts.append(_tr("on loan to {reader}").format(reader=reader(copy.loan.patron)))
    if copy.hold is not None:
        parts.append(_tr("set aside for {reader}").format(reader=reader(copy.hold.patron)))
    return " · ".join(parts)


def _due_day(card: BookCard, copy_no: int, otherwise: date) -> date:
    loan = _loan_line(card, copy_no)
    return otherwise if loan is None else loan.due_on


def _loan(card: BookCard, copy_no: int) -> UUID | None:
    """The loan that was seen when the form was opened: whatever happens meanwhile, no other one is meant."""
    loan = _loan_line(card, copy_no)
    return None if loan is None else loan.loan_id


def _loan_line(card: BookCard, copy_no: int) -> LoanLine | None:
    return next((copy.loan for copy in card.copies if copy.copy_no == copy_no), None)


def _number(line: FieldLine) -> int:
    return int(str(line.read()))


def _date(line: FieldLine) -> date:
    value = line.read()
    assert isinstance(value, date)
    return value
