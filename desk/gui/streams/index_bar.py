"""The event index below the explorer: what it has, offered with what it would take, its progress, and pausing it."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDateTimeEdit,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from desk.application.event_index import IndexPart, IndexPort, IndexRefused, PartPhase, PartState
from desk.application.event_search import EventLimits, IndexEstimate, SearchPort
from desk.cqrs.errors import StoreError
from desk.gui.frame.workspace import Workspace
from desk.gui.widgets.background import saying
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.controls import giving_way, quiet
from desk.gui.widgets.masking import is_masked
from desk.gui.widgets.placeholder import set_placeholder
from desk.gui.widgets.scrolled import Scrolled, give_room

_WHOLE: Final = 1000
_MINUTE: Final = 60


class IndexBar(QWidget):
    """A line that says how the index of events is, with the one thing that can be done about it.

    Signals:
        ready: everything that was there is indexed now.
    """

    ready = Signal()

    def __init__(self, workspace: Workspace, index: IndexPort, search: SearchPort) -> None:
        super().__init__()
        self._workspace, self._index, self._search = workspace, index, search
        self._phase: PartPhase | None = None
        self._system = 0
        self._removed = False
        self._act: Callable[[], object] = self.offer
        self.dialog: IndexDialog | None = None
        self.text = quiet(giving_way(QLabel(wordWrap=True)))
        self.progress = QProgressBar(textVisible=False)
        self.progress.setMaximumHeight(4)
        self.progress.setAccessibleName(self.tr("How much is indexed"))
        self.button = QPushButton(autoDefault=False)
        self.button.clicked.connect(lambda: self._act())
        column(self.progress, row((self.text, 1), self.button), on=self, margins=(10, 0, 8, 6), spacing=3)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.addAction(self.tr("&Pause the index"), self._pause)
        self.addAction(self.tr("&Remove the index"), self._drop)
        workspace.bridge.index_changed.connect(self._changed)
        workspace.theme.changed.connect(self._look_changed)
        self._show(next((one for one in index.parts() if one.part is IndexPart.EVENTS), PartState(IndexPart.EVENTS)))

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks at the streams of a small store of this computer wants them indexed."""
        super().showEvent(event)
        if not self._removed:
            self._search.streams_opened()

    def tell_system_events(self, number: int) -> None:
        """So many of the events that are indexed stand in streams of the system, and are counted by themselves."""
        if number != self._system:
            self._system = number
            self._show(self._state)

    @Slot()
    def offer(self) -> None:
        """Ask what is to be indexed, beside what that takes."""
        self.dialog = IndexDialog(self._begin, self._workspace.ports.moments.now(), self)
        self.dialog.open()
        self._workspace.bridge.call(self._search.estimate(), self.dialog.tell, self.dialog.cannot_tell, self.dialog)

    def _begin(self, limits: EventLimits) -> None:
        self._follow(self._index.build(IndexPart.EVENTS, str(limits)))

    def _follow(self, built: "Future[None]") -> None:
        failed = saying(self._workspace.say, IndexRefused, StoreError)
        self._workspace.bridge.call(built, lambda _: None, failed, self)

    @Slot(object)
    def _changed(self, state: PartState) -> None:
        if state.part is IndexPart.EVENTS:
            self._show(state)

    @Slot()
    def _look_changed(self) -> None:
        """A stage begins or ends."""
        self._show(self._state)

    def _show(self, state: PartState) -> None:
        self._state = state
        missing = EventLimits.parse(state.limits).missing
        words, button, act = self._words(state)
        self.text.setText(f"{words} {missing}".strip())
        self.text.setToolTip(self.text.text())
        self.button.setText(button)
        # On a stage nobody counts all events of the store beside those of the books.
        self.text.setHidden(is_masked())
        self.button.setVisible(bool(button) and not is_masked())
        self._act = act
        for action in self.actions():
            action.setVisible(state.phase in (PartPhase.READY, PartPhase.BUILDING, PartPhase.PAUSED))
        self.progress.setVisible(state.phase is PartPhase.BUILDING and not is_masked())
        self.progress.setRange(0, _WHOLE if state.share is not None else 0)
        if state.share is not None:
            self.progress.setValue(round(state.share * _WHOLE))
        if state.phase is PartPhase.READY and self._phase not in (None, PartPhase.READY):
            self.ready.emit()
        self._phase = state.phase

    def _words(self, state: PartState) -> tuple[str, str, Callable[[], object]]:
        def build() -> None:
            self._follow(self._index.build(IndexPart.EVENTS))

        match state.phase:
            case PartPhase.ABSENT:
                return state.sentence or self.tr("Events are not indexed."), self.tr("Index…"), self.offer
            case PartPhase.BUILDING:
                return self._progress_words(state), self.tr("Pause"), self._pause
            case PartPhase.PAUSED:
                words = self.tr("Indexing is paused: {n} events.")
                return words.format(n=f"{state.events:,}"), self.tr("Go on"), build
            case PartPhase.FAILED:
                return state.sentence, self.tr("Try again"), build
            case PartPhase.READY:
                own, system = f"{state.events - self._system:,}", f"{self._system:,}"
                words = self.tr("{n} events are indexed.").format(n=own)
                if self._system:
                    words = self.tr("{n} events are indexed, and {system} in system streams.").format(
                        n=own, system=system
                    )
                return state.sentence or words, "", self._pause

    def _progress_words(self, state: PartState) -> str:
        if state.sentence:
            return state.sentence
        total = self.tr(" of about {n}").format(n=f"{state.total:,}") if state.total else ""
        rate = self.tr(", {n} a second").format(n=f"{state.rate:,.0f}") if state.rate else ""
        left = self.tr(", {left} left").format(left=_duration(state.left)) if state.left is not None else ""
        return self.tr("Indexing {n}").format(n=f"{state.events:,}") + total + rate + left

    def _pause(self) -> None:
        self._index.pause(IndexPart.EVENTS)

    def _drop(self) -> None:
        self._removed = True
        self._index.drop(IndexPart.EVENTS)


class IndexDialog(QDialog):
    """What is to be indexed: everything, or less, beside what everything would take."""

    def __init__(self, begin: Callable[[EventLimits], None], now: datetime, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Index events"))
        self._begin = begin
        self.estimate = QLabel(self.tr("Asking the store how much there is…"), wordWrap=True)
        self.since = QCheckBox(self.tr("Only events stored &since"))
        self.moment = QDateTimeEdit(QDateTime.fromSecsSinceEpoch(int(now.timestamp())).addMonths(-1))
        self.moment.setCalendarPopup(True)
        self.moment.setDisplayFormat("ddd d MMM yyyy, HH:mm")
        self.moment.setAccessibleName(self.tr("Since when"))
        self.moment.setEnabled(False)
        self.since.toggled.connect(self.moment.setEnabled)
        self.categories = QLineEdit()
        set_placeholder(self.categories, self.tr("all; or some, as order, customer"))
        self.headers = QCheckBox(self.tr("&Headers only"))
        without = self.tr("names, types, times; neither payloads nor metadata")
        self.headers.setAccessibleDescription(without)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.go = self.buttons.addButton(self.tr("&Index"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow(self.estimate)
        form.addRow(self.since, self.moment)
        form.addRow(self.tr("&Categories"), self.categories)
        form.addRow(self.headers, QLabel(without, wordWrap=True))
        column((Scrolled(form), 1), self.buttons, on=self, margins=None)
        give_room(self, 460)
        self.finished.connect(self.deleteLater)

    @property
    def limits(self) -> EventLimits:
        """What was chosen."""
        typed = self.categories.text().replace(",", " ").split()
        seconds = self.moment.dateTime().toSecsSinceEpoch()
        since = datetime.fromtimestamp(seconds, UTC) if self.since.isChecked() else None
        return EventLimits(since, tuple(dict.fromkeys(typed)), self.headers.isChecked())

    def accept(self) -> None:
        """Have it built."""
        self._begin(self.limits)
        super().accept()

    def tell(self, estimate: IndexEstimate) -> None:
        """What everything would take."""
        words = self.tr("About {events} events: {size} on the disk, and {time}. You can work on meanwhile.")
        size = QLocale().formattedDataSize(estimate.size)
        self.estimate.setText(words.format(events=f"{estimate.events:,}", size=size, time=_duration(estimate.seconds)))

    def cannot_tell(self, error: Exception) -> None:
        """Nobody knows how much there is."""
        if not isinstance(error, StoreError):
            raise error
        self.estimate.setText(self.tr("How much there is, is not known: {why}").format(why=error))


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / _MINUTE)} min"
