"""Hop 7 made visible: streams whose events could not be applied, to be tried again, or skipped for a reason."""

from concurrent.futures import Future

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QInputDialog, QLabel, QStackedLayout, QVBoxLayout, QWidget

from desk.application.care import CareLists, CareRefused, ParkedStream, ReadModelCare, RetryOutcome, SkippedEvent
from desk.application.catalogue import Announcement
from desk.cqrs.errors import StoreError
from desk.gui.background import Bridge, start
from desk.gui.counting import counted
from desk.gui.operations.listing import Line, Listing
from desk.gui.operations.report import Report, side_by_side
from desk.gui.operations.wording import exact_moment


class ParkedPage(QWidget):
    """What waits, why, and since when; what was skipped stays listed below it.

    Signals:
        counted: (int) so many streams are parked.
        said: (str) what came of something that was done here.
    """

    counted = Signal(int)
    said = Signal(str)

    def __init__(self, care: ReadModelCare, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._care, self._bridge = care, bridge
        self.parked: tuple[ParkedStream, ...] = ()
        self.skipped: tuple[SkippedEvent, ...] = ()
        columns = [self.tr("Book"), self.tr("Waiting"), self.tr("Why")]
        self.listing = Listing(self.tr("Parked streams"), columns, stretched=2, numbers={1})
        self.report = Report()
        self.retrying = self.report.add_button(self.tr("Try again"))
        self.skipping = self.report.add_button(self.tr("Skip the event…"))
        self.nothing = QLabel(self.tr("Every event could be applied. Nothing is parked."))
        self._lay_out()
        self.listing.chosen.connect(self._look)
        self.retrying.clicked.connect(self.retry)
        self.skipping.clicked.connect(self.ask_why)
        bridge.announced.connect(self._announced)

    def refresh(self) -> None:
        """Ask what is parked, on a thread of its own: the file may be busy."""
        self._bridge.call(start(self._care.lists, "parked"), self._show, self._failed, self)

    @property
    def chosen(self) -> ParkedStream | None:
        """The parked stream that is chosen."""
        return next((one for one in self.parked if one.stream == self.listing.key), None)

    @Slot()
    def retry(self) -> None:
        """Apply the chosen stream's events again, in their order."""
        if self.chosen is not None:
            self._follow(self._care.retry(self.chosen.stream))

    @Slot()
    def ask_why(self) -> None:
        """Skipping needs a reason, which is kept."""
        if self.chosen is None:
            return
        dialog = QInputDialog(self)
        dialog.setWindowTitle(self.tr("Skip an event"))
        words = self.tr("The read model will do without {type} {revision} of {stream}.\nWhy is that right?")
        chosen = self.chosen
        dialog.setLabelText(words.format(type=chosen.event_type, revision=chosen.revision, stream=chosen.stream))
        dialog.setOkButtonText(self.tr("Skip"))
        dialog.textValueSelected.connect(lambda reason: self.skip(chosen.stream, reason))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def skip(self, stream: str, reason: str) -> None:
        """Leave the failing event out."""
        if reason.strip():
            self._follow(self._care.retry(stream, skip_because=reason.strip()))
        else:
            self.said.emit(self.tr("Nothing was skipped: say why, so that others can follow it."))

    def _show(self, lists: CareLists) -> None:
        self.parked, self.skipped = lists.parked, lists.skipped
        lines = [Line(one.stream, (one.title or one.stream, f"{one.waiting:,}", one.error)) for one in self.parked]
        words = self.tr("skipped: {reason}")
        lines += [Line(one.event_id, (one.stream, "", words.format(reason=one.reason))) for one in self.skipped]
        self.listing.show_lines(lines)
        self._pages.setCurrentIndex(1 if lines else 0)
        self.counted.emit(len(self.parked))

    @Slot()
    def _look(self) -> None:
        chosen = self.chosen
        self.retrying.setEnabled(chosen is not None)
        self.skipping.setEnabled(chosen is not None)
        if chosen is not None:
            words = self.tr("{type} {revision} of {stream} could not be applied: {error}")
            told = words.format(
                type=chosen.event_type, revision=chosen.revision, stream=chosen.stream, error=chosen.error
            )
            since = " ".join(
                (
                    self.tr("Parked since {when}.").format(when=exact_moment(chosen.since)),
                    counted(chosen.attempts, self.tr("Tried once."), self.tr("Tried {n} times.")),
                    counted(chosen.waiting, self.tr("Only it waits."), self.tr("{n} events wait, in their order.")),
                )
            )
            self.report.show_report(f"{told}\n{since}", chosen.details)
            return
        skipped = next((one for one in self.skipped if one.event_id == self.listing.key), None)
        if skipped is None:
            self.report.show_report("", "")
            return
        words = self.tr("{type} {revision} of {stream} was skipped on {when}: {reason}")
        self.report.show_report(
            words.format(
                type=skipped.event_type,
                revision=skipped.revision,
                stream=skipped.stream,
                when=exact_moment(skipped.at),
                reason=skipped.reason,
            ),
            skipped.error,
        )

    def _follow(self, future: "Future[RetryOutcome]") -> None:
        self.retrying.setEnabled(False)
        self.skipping.setEnabled(False)
        self._bridge.call(future, self._done, self._failed, self)

    def _done(self, outcome: RetryOutcome) -> None:
        if outcome.waiting:
            words = self.tr("{stream} is still parked: {error}")
            self.said.emit(words.format(stream=outcome.stream, error=outcome.error))
        else:
            self.said.emit(
                f"{outcome.stream} "
                + counted(
                    outcome.applied,
                    self.tr("is healed: one event applied."),
                    self.tr("is healed: {n} events applied."),
                )
            )
        self.refresh()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, CareRefused | StoreError):
            raise error
        self.said.emit(str(error))
        self._look()

    @Slot(object)
    def _announced(self, announcement: object) -> None:
        if isinstance(announcement, Announcement) and announcement.parked is not None:
            self.refresh()

    def _lay_out(self) -> None:
        self.listing.setColumnWidth(0, 160)
        self.listing.setColumnWidth(1, 78)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.nothing)
        self._pages.addWidget(side_by_side(self.listing, self.report))
        column.addWidget(body)
