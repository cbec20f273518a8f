"""Hop 7's care made visible: rebuild the read model beside the living one, and have the doctor compare it."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QWidget

from desk.application.care import (
    CareRefused,
    Drift,
    Examination,
    ExaminationProgress,
    Findings,
    ReadModelCare,
    Rebuild,
    RebuildOutcome,
    RebuildProgress,
    RepairOutcome,
)
from desk.application.catalogue import ReadModelStatus
from desk.application.queries import GetReadModelStatus
from desk.application.session import Session
from desk.cqrs.errors import StoreError
from desk.gui.operations.delay_row import DelayRow
from desk.gui.operations.listing import Listing, ReportLine
from desk.gui.tables.columns import Column
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.controls import quiet
from desk.gui.widgets.counting import counted
from desk.gui.widgets.known import is_complete
from desk.gui.widgets.wrapping import WrappingRow

P = TypeVar("P")
W = TypeVar("W", Rebuild, Examination)

THOUSANDTHS = 1000
"""Steps of a bar that shows a share."""


class ReadModelPage(QWidget):
    """One piece of work at a time; the window can be used meanwhile.

    Signals:
        counted: (int) so many books have drifted, as far as the doctor has seen.
        said: (str) what came of something that was done here.
    """

    counted = Signal(int)
    said = Signal(str)

    def __init__(self, session: Session, care: ReadModelCare, bridge: GuiBridge) -> None:
        super().__init__()
        self._session, self._care, self._bridge = session, care, bridge
        self._work: Rebuild | Examination | None = None
        self.drifts: tuple[Drift, ...] = ()
        self.rebuilding = self._button(self.tr("Rebuild"), self.rebuild)
        self.examining = self._button(self.tr("Examine"), self.examine)
        self.repairing = self._button(self.tr("Repair what has drifted"), self.repair)
        self.aborting = self._button(self.tr("Abort"), self.abort)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.facts = QLabel()
        quiet(self.facts)
        self.delay = DelayRow(care, bridge)
        self.state = QLabel(wordWrap=True)
        columns = (
            Column(self.tr("Book")),
            Column(self.tr("Field"), 140),
            Column(self.tr("In the read model"), 220),
            Column(self.tr("By its stream"), 220),
        )
        self.listing = Listing(self.tr("What has drifted"), columns)
        self._lay_out()
        bridge.announced.connect(self._ask)
        bridge.read_model_changed.connect(self._ask)
        self._rest(
            self.tr(
                "The read model follows from the events. A rebuild makes it anew beside the present one, which answers "
                "until the switch. Examine compares every book with what its stream says."
            )
        )

    def showEvent(self, event: QShowEvent) -> None:
        """Ask how far the read model is whenever somebody looks."""
        super().showEvent(event)
        self._ask()

    @Slot()
    def refresh(self) -> None:
        """Count what has drifted, as far as is known."""
        self.counted.emit(len({drift.book_id for drift in self.drifts}))

    @Slot()
    def _ask(self) -> None:
        if self.isVisible():
            answer = self._session.queries.ask(GetReadModelStatus())
            self._bridge.call(answer, self._show_status, self._status_unknown, self)

    def _show_status(self, status: ReadModelStatus) -> None:
        told = []
        if status.position is not None:
            told.append(counted(status.events, self.tr("1 event"), self.tr("{n} events")))
            told.append(self.tr("up to position {n}").format(n=f"{status.position:,}"))
        for number, words in ((status.parked, self.tr("{n} parked")), (status.skipped, self.tr("{n} left out"))):
            if number:
                told.append(words.format(n=f"{number:,}"))
        if status.position is None and not is_complete(self._session):
            told.append(self.tr("nothing was read yet"))
        self.facts.setText(" · ".join(told))

    def _status_unknown(self, error: Exception) -> None:
        # While the file is being opened or switched; the next announcement asks again.
        if not isinstance(error, StoreError):
            raise error

    @Slot()
    def rebuild(self) -> None:
        """Make the read model anew."""
        self._set_to_work(self._care.rebuild, self._show_rebuilding, self._rebuilt, self.tr("Rebuilding…"))

    @Slot()
    def examine(self) -> None:
        """Compare every book with its stream."""
        self._set_to_work(self._care.examine, self._show_examining, self._examined, self.tr("Comparing…"))

    @Slot()
    def repair(self) -> None:
        """Write the rows of the books that have drifted anew."""
        books: list[UUID] = list(dict.fromkeys(drift.book_id for drift in self.drifts))
        self._begin(None, self.tr("Repairing…"))
        self._bridge.call(self._care.repair(books), self._repaired, self._failed, self)

    @Slot()
    def abort(self) -> None:
        """Give up what is under way."""
        if self._work is not None:
            self.aborting.setEnabled(False)
            self._work.abort()

    def _set_to_work(
        self,
        begin: Callable[[Callable[[P], None]], W],
        show: Callable[[P], None],
        done: Callable[[Any], None],
        told: str,
    ) -> None:
        try:
            work = begin(lambda progress: self._bridge.post(partial(show, progress), self))
        except CareRefused as refused:
            self._rest(str(refused))
        else:
            self._begin(work, told)
            self._bridge.call(work.future, done, self._failed, self)

    # What comes back

    def _show_rebuilding(self, progress: RebuildProgress) -> None:
        if self._work is None:
            return
        self._show_share(progress.share)
        if progress.switching:
            self.state.setText(self.tr("Switching to the new read model…"))
            self.aborting.setEnabled(False)
        else:
            self.state.setText(self.tr("Rebuilding: {n} events so far").format(n=f"{progress.events:,}"))

    def _show_examining(self, progress: ExaminationProgress) -> None:
        if self._work is None:
            return
        self._show_share(progress.done / progress.total if progress.total else None)
        self.state.setText(
            self.tr("Compared {done} of {total} books; {drifted} have drifted").format(
                done=f"{progress.done:,}", total=f"{progress.total:,}", drifted=f"{progress.drifted:,}"
            )
        )

    def _rebuilt(self, outcome: RebuildOutcome) -> None:
        if outcome.switched:
            words = self.tr("Rebuilt from {n} events in {seconds} s; the switch took {ms} ms.")
            self._show_drifts(())
        else:
            words = self.tr("Aborted after {n} events. The read model is as it was.")
        seconds, ms = f"{outcome.seconds:.1f}", f"{outcome.switch_seconds * 1e3:.0f}"
        self._conclude(words.format(n=f"{outcome.events:,}", seconds=seconds, ms=ms))

    def _examined(self, findings: Findings) -> None:
        self._show_drifts(findings.drifts)
        self._conclude(self._found(findings))

    def _found(self, findings: Findings) -> str:
        if books := len({drift.book_id for drift in findings.drifts}):
            return counted(
                books,
                self.tr("One book has drifted. Repair writes it anew from its stream."),
                self.tr("{n} books have drifted. Repair writes them anew from their streams."),
            )
        if not findings.streams:
            return self.tr("There is no book whose rows could be compared with its stream.")
        rows = counted(findings.rows, self.tr("one row"), self.tr("{n} rows"))
        streams = counted(findings.streams, self.tr("one stream"), self.tr("{n} streams"))
        said = self.tr("The read model says what the streams say: {rows} compared with {streams}.")
        return said.format(rows=rows, streams=streams)

    def _repaired(self, outcome: RepairOutcome) -> None:
        told = counted(len(outcome.repaired), self.tr("One book was repaired."), self.tr("{n} books were repaired."))
        if outcome.failed:
            told += " " + self.tr("{n} could not be, and are parked now.").format(n=f"{len(outcome.failed):,}")
        gone = set(outcome.repaired)
        self._show_drifts(tuple(drift for drift in self.drifts if drift.book_id not in gone))
        self._conclude(told)

    def _failed(self, error: Exception) -> None:
        self._rest(str(error))
        if not isinstance(error, CareRefused | StoreError):
            raise error

    def _show_drifts(self, drifts: tuple[Drift, ...]) -> None:
        self.drifts = drifts
        self.listing.show_lines(
            [
                ReportLine((one.book_id, one.field), (one.title, one.field, one.in_read_model, one.by_stream))
                for one in drifts
            ]
        )
        self.listing.setVisible(bool(drifts))
        self.repairing.setVisible(bool(drifts))
        self.refresh()

    # How it looks

    def _begin(self, work: Rebuild | Examination | None, told: str) -> None:
        self._work = work
        self.state.setText(told)
        self._show_share(None)
        self.bar.show()
        self.aborting.setVisible(work is not None)
        self.aborting.setEnabled(True)
        self._allow(begin=False)

    def _rest(self, told: str) -> None:
        self._work = None
        self.state.setText(told)
        self.bar.hide()
        self.aborting.hide()
        self._allow(begin=True)

    def _conclude(self, told: str) -> None:
        self._rest(told)
        self.said.emit(told)

    def _allow(self, *, begin: bool) -> None:
        for button in (self.rebuilding, self.examining, self.repairing):
            button.setEnabled(begin)

    def _show_share(self, share: float | None) -> None:
        self.bar.setRange(0, 0 if share is None else THOUSANDTHS)
        self.bar.setValue(0 if share is None else round(share * THOUSANDTHS))

    def _button(self, text: str, act: object) -> QPushButton:
        button = QPushButton(text, autoDefault=False)
        button.clicked.connect(act)
        return button

    def _lay_out(self) -> None:
        acts = WrappingRow(self.rebuilding, self.examining, self.repairing, self.facts)
        progress = row((self.bar, 1), self.aborting)
        parts = acts, self.delay, self.state, progress, (self.listing, 1), (None, 0)
        column(*parts, on=self, spacing=10)
        self.listing.hide()
        self.repairing.hide()
