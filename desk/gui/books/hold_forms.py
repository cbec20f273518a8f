"""Hop 1: the forms about holds: place, cancel; and the offer of the reader for whom a copy was set aside."""

from functools import partial
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject, Slot
from PySide6.QtWidgets import QComboBox, QLineEdit

from desk.application.catalogue import BookCard, HoldLine
from desk.application.timeline.words import day_text
from desk.domain.commands import CancelHold, PlaceHold
from desk.gui.books.commands import FormContext
from desk.gui.books.dialog import CommandDialog, book_form
from desk.gui.books.fields import FieldLine
from desk.gui.books.holds import describe_hold
from desk.gui.books.inputs import choice_line, reader_hint, reader_line
from desk.gui.widgets.masking import reader

_tr = partial(QCoreApplication.translate, "forms")


def place_hold(context: FormContext, card: BookCard) -> CommandDialog:
    """The form that queues a reader; the hold's id is made now, so that sending again is the same hold."""
    hold_id, patron = context.moments.new_id(), reader_line(context.theme)

    def build() -> PlaceHold:
        return PlaceHold(book_id=card.row.book_id, hold_id=hold_id, patron=str(patron.read()))

    return book_form(context, card, _tr("Place hold"), _tr("Place hold"), (patron,), build, _prospect(card))


def cancel_hold(context: FormContext, card: BookCard, holds: tuple[UUID, ...]) -> CommandDialog:
    """The form that takes a reader out of the queue, or a copy from the hold shelf."""
    choices = tuple((hold.hold_id, describe_hold(hold)) for hold in card.holds if hold.hold_id in holds)
    which = choice_line(context.theme, "hold_id", _tr("&Hold"), choices)

    def build() -> CancelHold:
        hold_id = which.read()
        assert isinstance(hold_id, UUID)
        return CancelHold(book_id=card.row.book_id, hold_id=hold_id)

    after = _tr("A copy that was set aside goes to the next reader in line, or is available again.")
    words = _tr("Cancel hold"), _tr("Cancel the hold")
    return book_form(context, card, *words, (which,), build, after, dismiss=_tr("Keep it"))


class HolderOffer(QObject):
    """Keeps copy and reader of a loan in step: a copy on the hold shelf is for one reader only."""

    def __init__(self, which: FieldLine, patron: FieldLine, card: BookCard) -> None:
        super().__init__(patron)
        assert isinstance(which.field, QComboBox)
        assert isinstance(patron.field, QLineEdit)
        self._copies, self._reader, self._line = which.field, patron.field, patron
        self._holds = {copy.copy_no: copy.hold for copy in card.copies if copy.hold is not None}
        self._offered = ""
        which.edited.connect(self._copy_chosen)
        self._reader.textEdited.connect(self._reader_typed)
        self._copy_chosen()

    @Slot()
    def _copy_chosen(self) -> None:
        hold = self._holds.get(int(self._copies.currentData()))
        if self._reader.text() in ("", self._offered):
            self._offered = hold.patron if hold else ""
            self._reader.setText(self._offered)
        self._line.hint(_kept(hold) if hold else reader_hint())

    @Slot(str)
    def _reader_typed(self, text: str) -> None:
        """Whoever has a copy on the shelf gets that one."""
        typed = text.strip().upper()
        for copy_no, hold in self._holds.items():
            place = self._copies.findData(copy_no)
            if hold.patron == typed and place >= 0:
                self._copies.setCurrentIndex(place)


def _kept(hold: HoldLine) -> str:
    day = day_text(hold.pickup_until) if hold.pickup_until else ""
    return _tr("This copy is set aside for {reader} until {day}.").format(reader=reader(hold.patron), day=day)


def _prospect(card: BookCard) -> str:
    waiting = sum(hold.state == "waiting" for hold in card.holds)
    if card.row.copies_available:
        return _tr("A copy is available: it is set aside at once.")
    if waiting:
        return _tr("Readers in line already: {n}.").format(n=waiting)
    return _tr("Nobody waits yet: the next copy that is returned is set aside.")
