"""Hop 2 made visible: the latest actions, and what each of their stages took, up to the repaint."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desk.application.queries import GetWiring
from desk.application.session import Session
from desk.cqrs.endings import OK
from desk.cqrs.plugins.span_lines import span_lines
from desk.cqrs.report import WiringReport
from desk.gui.background import Bridge, start
from desk.gui.operations.action_times import Action, actions
from desk.gui.operations.listing import Line, Listing
from desk.gui.operations.live_batches import LiveBatches
from desk.gui.operations.waterfall import Waterfall
from desk.gui.operations.wording import spelled_out
from desk.gui.theme import Theme

SHOWN = 200
"""Actions at most."""
GATHERED = 100
"""Milliseconds in which what passes is gathered before it is shown."""


class TimesPage(QWidget):
    """Actions at the left, the newest first and followed while it is chosen; the chosen one's waterfall at the right.

    Signals:
        counted: (int) nothing here wants attention.
        said: (str) what came of saving the journal.
    """

    counted = Signal(int)
    said = Signal(str)

    def __init__(self, session: Session, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._bridge = session, bridge
        self._questions: frozenset[str] | None = None
        self.shown: tuple[Action, ...] = ()
        self.listing = Listing(
            self.tr("Actions"), [self.tr("When"), self.tr("Action"), self.tr("ms")], stretched=1, numbers={2}
        )
        self.waterfall = Waterfall(theme)
        self.with_queries = QCheckBox(self.tr("&Queries too"))
        self.saving = QPushButton(self.tr("&Save all as JSON lines…"))
        self.state = QLabel()
        self.nothing = QLabel()
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setForegroundRole(self.nothing.foregroundRole().PlaceholderText)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHERED)
        self._timer.timeout.connect(self.refresh)
        LiveBatches(session, bridge, self).came.connect(self._come)
        self._lay_out()
        self.listing.chosen.connect(self._look)
        self.with_queries.toggled.connect(self.refresh)
        self.saving.clicked.connect(self.ask_where)

    def showEvent(self, event: QShowEvent) -> None:
        """Read what passed while nobody saw it; what passes from now on comes by itself."""
        super().showEvent(event)
        self.refresh()

    @Slot()
    def _come(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def refresh(self) -> None:
        """Read the journal, on a thread of its own; first of all which messages are questions."""
        if not self.isVisible():
            return
        if self._questions is None:
            self._bridge.call(self._session.queries.ask(GetWiring()), self._learn, self._not_read, self)
            return
        hidden = frozenset() if self.with_queries.isChecked() else self._questions
        self._bridge.call(start(partial(_read, self._session, hidden), "times"), self._show, self._not_read, self)

    @Slot()
    def ask_where(self) -> None:
        """Every span of the journal into a file, for other programs."""
        dialog = QFileDialog(self, self.tr("Save all spans"), "desk-spans.jsonl")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda name: self.save(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save(self, path: Path) -> None:
        """Write them there, on a thread of its own."""
        future = start(partial(_save, self._session, path), "spans")
        self._bridge.call(future, partial(self._saved, path), self._not_saved, self)

    def _saved(self, path: Path, number: int) -> None:
        self.said.emit(self.tr("{n} spans are in {file}.").format(n=f"{number:,}", file=path))

    def _not_saved(self, error: Exception) -> None:
        if not isinstance(error, OSError):
            raise error
        self.said.emit(self.tr("Nothing was saved: {why}").format(why=error.strerror or error))

    def _learn(self, wiring: WiringReport) -> None:
        self._questions = frozenset(wire.message for wire in wiring.queries)
        self.refresh()

    def _not_read(self, error: Exception) -> None:
        self.said.emit(str(error))

    def _show(self, told: tuple[Action, ...]) -> None:
        self._say_state()
        if told == self.shown:
            return
        follows = not self.shown or self.listing.key == self.shown[0].correlation_id
        self.shown = told
        self.listing.show_lines([Line(one.correlation_id, _texts(one)) for one in told])
        if told and follows:
            self.listing.choose(told[0].correlation_id)
        self._pages.setCurrentIndex(1 if told else 0)

    def _say_state(self) -> None:
        on = any(plugin.enabled for plugin in self._session.diagnostics.plugins() if plugin.name == "Telemetry")
        off = self.tr("Telemetry is switched off; Plugins and times (Ctrl+Shift+P) switches it on.")
        self.state.setText(self.tr("What became of each action, and after how long: up to the repaint.") if on else off)
        self.nothing.setText(self.tr("Nothing was done yet.") if on else off)

    @Slot()
    def _look(self) -> None:
        chosen = next((one for one in self.shown if one.correlation_id == self.listing.key), None)
        self.waterfall.show_action(chosen)

    def _lay_out(self) -> None:
        self.listing.setColumnWidth(0, 110)
        self.listing.setColumnWidth(2, 66)
        self.saving.setAutoDefault(False)
        top = QHBoxLayout()
        top.setSpacing(14)
        top.addWidget(self.state, 1)
        top.addWidget(self.with_queries)
        top.addWidget(self.saving)
        parts = QSplitter(Qt.Orientation.Horizontal)
        parts.addWidget(self.listing)
        parts.addWidget(self.waterfall)
        parts.setSizes([380, 620])
        parts.setChildrenCollapsible(False)
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.nothing)
        self._pages.addWidget(parts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(body, 1)


def _read(session: Session, hidden: frozenset[str]) -> tuple[Action, ...]:
    return actions(session.diagnostics.spans(), lambda name: name not in hidden, SHOWN)


def _save(session: Session, path: Path) -> int:
    """Write all spans that are kept as lines of JSON, and tell how many. Raises OSError."""
    lines = list(span_lines(session.diagnostics.spans()))
    path.write_text("".join(lines), encoding="utf-8")
    return len(lines)


def _texts(action: Action) -> tuple[str, ...]:
    name = spelled_out(action.name)
    when = f"{action.at.astimezone():%H:%M:%S}.{action.at.microsecond // 1000:03}"
    return when, name if action.outcome == OK else f"{name}: {action.outcome}", f"{action.answered_after:,.1f}"
