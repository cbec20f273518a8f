"""How much is known of what the store holds, in words: the one place that tells "empty" from "not known"."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from desk.application.book_search import OVERDUE
from desk.application.session import Connection, Light, Session
from desk.gui.widgets.counting import counted
from desk.gui.widgets.read_model_words import describe_read_model
from desk.records import dataclass

if TYPE_CHECKING:
    from desk.application.catalogue import Counts, ReadModelStatus


@dataclass(frozen=True, slots=True)
class Known:
    """What was asked, and whether that is all there is: the store is connected, and the read model follows it live.

    ``counts`` and ``status`` are None until they were answered; ``complete`` holds for the moment of asking.
    """

    complete: bool = False
    counts: "Counts | None" = None
    status: "ReadModelStatus | None" = None

    @property
    def is_empty(self) -> bool:
        """The store was asked, and there is no book in it."""
        # Beside another program that keeps the read model only the file says that it is still being filled.
        is_filled = self.status is not None and not self.status.rebuilding
        counts = self.counts
        return self.complete and is_filled and counts is not None and counts.shown + counts.deleted == 0

    @property
    def has_read(self) -> bool:
        """Whether anything was ever read from this store."""
        return self.status is not None and self.status.position is not None


def is_connected(session: Session) -> bool:
    """Whether the store answers, and is known to be the one that is followed."""
    return session.connection.state.light is Light.GREEN


def is_complete(session: Session) -> bool:
    """Whether the read model has all that the store holds. Beside a program that keeps it, only that program knows."""
    return is_connected(session) and (session.care is None or session.care.state().live)


def describe_counts(known: Known) -> str:
    """As "5 books · 1 on loan", what is overdue as a link; that nothing is known, where nothing was ever read."""
    counts = known.counts
    if counts is None or not (known.complete or known.has_read):
        return _tr("Books: not known")
    parts = [counted(counts.shown, _tr("1 book"), _tr("{n} books"))]
    for number, words in (
        (counts.on_loan, _tr("{n} on loan")),
        (counts.overdue, f'<a href="{OVERDUE}">{_tr("{n} overdue")}</a>'),
        (counts.pending, _tr("{n} pending")),
        (counts.rejected, _tr("{n} rejected")),
    ):
        if number:
            parts.append(words.format(n=f"{number:,}"))
    if counts.on_loan and counts.overdue is None:
        parts.append(_tr("overdue not known"))
    return " · ".join(parts)


def describe_freshness(known: Known, session: Session) -> str:
    """How far the table is behind the store; without a connection as of when it is."""
    if not is_connected(session):
        # While it is asked which store this is there is a connection, over which nothing is read.
        why = _tr("not read") if session.connection.question else _tr("not connected")
        if known.status is None or known.status.position is None:
            return why
        moment = known.status.updated_at
        place = _tr("position {n}").format(n=f"{known.status.position:,}")
        if moment is not None:
            place = QLocale().toString(QDateTime.fromSecsSinceEpoch(int(moment.timestamp())), "d MMM yyyy, HH:mm")
        return _tr("as of {place}, {why}").format(place=place, why=why)
    # Beside another program that keeps the read model nobody tells how it is.
    return "" if session.care is None else describe_read_model(session.care.state())


def describe_unknown(session: Session) -> tuple[str, str]:
    """A headline and a sentence for the place of books that nobody knows yet."""
    connection = session.connection.state
    if is_connected(session):
        words = "" if session.care is None else describe_read_model(session.care.state())
        return _tr("Reading the catalogue from its events…"), words.capitalize()
    return _headline(connection), _tr("Which books there are is not known.") + " " + connection.text


def _headline(connection: Connection) -> str:
    if connection.light is Light.RED:
        return _tr("The store is not read")
    return _tr("Not connected") if connection.answered or connection.retry_in else _tr("Connecting…")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Known", text)
