"""Hop 7 made visible: streams whose events could not be applied, to be tried again, or skipped for a reason."""

from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QInputDialog

from desk.application.care import CareLists, ParkedStream, ReadModelCare, RetryOutcome, SkippedEvent
from desk.application.catalogue import Announcement
from desk.application.session import Session
from desk.gui.operations.list_page import ListPage, ListSpec
from desk.gui.operations.listing import ReportLine
from desk.gui.operations.wording import exact_moment
from desk.gui.tables.columns import Column
from desk.gui.widgets.background import GuiBridge, start
from desk.gui.widgets.counting import counted
from desk.gui.widgets.known import is_complete

Parked = ParkedStream | SkippedEvent


class ParkedStreams(QObject):
    """What waits, why, and since when; what was skipped stays listed below it. The streams that wait are counted."""

    def __init__(self, session: Session, care: ReadModelCare, bridge: GuiBridge) -> None:
        super().__init__()
        self._session, self._care = session, care
        self._complete = False
        columns = (
            Column(self.tr("Book"), 160),
            Column(self.tr("Waiting"), 78, numeric=True),
            Column(self.tr("Why")),
        )
        nothing = self.tr("Every event could be applied. Nothing is parked.")
        self.page = ListPage(self, ListSpec(self.tr("Parked streams"), columns, nothing), bridge)
        self.retrying = self.page.add_button(self.tr("Try again"), self.retry, _waits)
        self.skipping = self.page.add_button(self.tr("Skip the event…"), self.ask_why, _waits)
        bridge.announced.connect(self._announced)
        bridge.connection_changed.connect(self._look_again)
        bridge.read_model_changed.connect(self._look_again)

    def refresh(self) -> None:
        """Ask what is parked, on a thread of its own: the file may be busy."""
        self.page.ask(start(self._care.lists, "parked"), self._show)

    def line(self, row: Parked) -> ReportLine:
        """A stream that waits, or an event that was skipped."""
        if isinstance(row, ParkedStream):
            return ReportLine(row.stream, (row.title or row.stream, f"{row.waiting:,}", row.error))
        return ReportLine(row.event_id, (row.stream, "", self.tr("skipped: {reason}").format(reason=row.reason)))

    def describe(self, row: Parked) -> tuple[str, str]:
        """Where it failed, why, and since when."""
        event = f"{row.event_type} {row.revision}"
        if isinstance(row, SkippedEvent):
            words = self.tr("{event} of {stream} was skipped on {when}: {reason}")
            when = exact_moment(row.at)
            return words.format(event=event, stream=row.stream, when=when, reason=row.reason), row.error
        words = self.tr("{event} of {stream} could not be applied: {error}")
        since = (
            self.tr("Parked since {when}.").format(when=exact_moment(row.since)),
            counted(row.attempts, self.tr("Tried once."), self.tr("Tried {n} times.")),
            counted(row.waiting, self.tr("Only it waits."), self.tr("{n} events wait, in their order.")),
        )
        return f"{words.format(event=event, stream=row.stream, error=row.error)}\n{' '.join(since)}", row.details

    def retry(self, row: Parked) -> None:
        """Apply the stream's events again, in their order."""
        self._try_again(row.stream, "")

    def ask_why(self, row: Parked) -> None:
        """Skipping needs a reason, which is kept."""
        dialog = QInputDialog(self.page)
        dialog.setWindowTitle(self.tr("Skip an event"))
        words = self.tr("The read model will do without {type} {revision} of {stream}.\nWhy is that right?")
        dialog.setLabelText(words.format(type=row.event_type, revision=row.revision, stream=row.stream))
        dialog.setOkButtonText(self.tr("Skip"))
        dialog.textValueSelected.connect(partial(self.skip, row.stream))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def skip(self, stream: str, reason: str) -> None:
        """Leave the failing event out."""
        if reason.strip():
            self._try_again(stream, reason.strip())
        else:
            self.page.said.emit(self.tr("Nothing was skipped: say why, so that others can follow it."))

    def _try_again(self, stream: str, skip_because: str) -> None:
        outcome = self._care.retry(stream, skip_because=skip_because)
        self.page.follow(outcome, self._say, self.retrying, self.skipping)

    def _show(self, lists: CareLists) -> None:
        self._complete = is_complete(self._session)
        so_far = self.tr("Of what was read so far nothing is parked. What else the store holds is not known now.")
        self.page.nothing_words = self.page.spec.nothing if self._complete else so_far
        self.page.show_rows((*lists.parked, *lists.skipped))
        self.page.counted.emit(len(lists.parked))

    @Slot()
    def _look_again(self) -> None:
        """That nothing is parked can be said, or no longer."""
        if is_complete(self._session) != self._complete:
            self.refresh()

    def _say(self, outcome: RetryOutcome) -> None:
        if outcome.waiting:
            words = self.tr("{stream} is still parked: {error}")
            self.page.said.emit(words.format(stream=outcome.stream, error=outcome.error))
            return
        one, many = self.tr("is healed: one event applied."), self.tr("is healed: {n} events applied.")
        self.page.said.emit(f"{outcome.stream} {counted(outcome.applied, one, many)}")

    @Slot(object)
    def _announced(self, announcement: Announcement) -> None:
        if announcement.parked is not None:
            self.refresh()


def _waits(row: Parked) -> bool:
    """What is skipped cannot be tried again."""
    return isinstance(row, ParkedStream)
