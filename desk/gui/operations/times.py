"""Hop 2 made visible: the latest actions, and what each of their stages took, up to the repaint."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton

from desk.application.queries import GetWiring
from desk.application.session import Session
from desk.application.spelling import spelled_out
from desk.cqrs.endings import OK
from desk.cqrs.plugins.span_lines import span_lines
from desk.cqrs.report import WiringReport
from desk.gui.frame.theme import Theme
from desk.gui.operations.action_times import Action, Bar, actions
from desk.gui.operations.list_page import ListPage, ListSpec
from desk.gui.operations.listing import ReportLine
from desk.gui.operations.waterfall import Waterfall
from desk.gui.operations.wording import exact_moment, precise_time
from desk.gui.tables.columns import Column
from desk.gui.widgets.background import GuiBridge, start
from desk.gui.widgets.controls import later
from desk.gui.widgets.files import ask_for_file
from desk.gui.widgets.live_batches import LiveBatches

SHOWN = 200
"""Actions at most."""
_HEADINGS = f"{'stage':<24}{'from ms':>10}{'ms':>10}"
GATHERED = 100
"""Milliseconds in which what passes is gathered before it is shown."""


class Times(QObject):
    """Actions, the newest first and followed while it is chosen; at the right the chosen one's waterfall."""

    def __init__(self, session: Session, bridge: GuiBridge, theme: Theme) -> None:
        super().__init__()
        self._session, self._bridge = session, bridge
        self._queries: frozenset[str] | None = None
        self.waterfall = Waterfall(theme)
        self.with_queries = QCheckBox(self.tr("&Queries too"))
        self.saving = QPushButton(self.tr("&Save all as JSON lines…"), autoDefault=False)
        self.state = QLabel(wordWrap=True)
        spec = ListSpec(
            self.tr("Actions"),
            (Column(self.tr("When"), 110), Column(self.tr("Action")), Column(self.tr("ms"), 66, numeric=True)),
            self.tr("Nothing was done yet."),
            while_seen=True,
            newest_first=True,
            shares=(380, 620),
            picture=self.waterfall,
        )
        page = self.page = ListPage(self, spec, bridge)
        page.add_above(self.state, self.with_queries, self.saving)
        page.chosen_changed.connect(lambda: self.waterfall.show_action(page.chosen))
        self._timer = later(self, GATHERED, page.refresh)
        self.with_queries.toggled.connect(page.refresh)
        self.saving.clicked.connect(self.ask_where)
        LiveBatches(session, bridge, page).came.connect(self._come)

    def refresh(self) -> None:
        """Read the journal, on a thread of its own; first of all which messages are queries."""
        if self._queries is None:
            self.page.ask(self._session.queries.ask(GetWiring()), self._learn)
            return
        hidden = frozenset() if self.with_queries.isChecked() else self._queries
        self.page.ask(start(partial(_read, self._session, hidden), "times"), self._show)

    def line(self, row: Action) -> ReportLine:
        """When, what, and after how long it was answered."""
        return ReportLine(row.correlation_id, (precise_time(row.at), _named(row), f"{row.answered_after:,.1f}"))

    def describe(self, row: Action) -> tuple[str, str]:
        """Its stages as text, for whoever copies them."""
        words = self.tr("{action}, on {when}: {ms} ms up to the last repaint.")
        told = words.format(action=_named(row), when=exact_moment(row.at), ms=f"{row.milliseconds:,.1f}")
        return told, "\n".join((_HEADINGS, *map(_bar_text, row.bars)))

    @Slot()
    def ask_where(self) -> None:
        """Every span of the journal into a file, for other programs."""
        ask_for_file(self.page, self.tr("Save all spans"), "", self.save, saved_as="desk-spans.jsonl")

    def save(self, path: Path) -> None:
        """Write them there, on a thread of its own."""
        future = start(partial(_save, self._session, path), "spans")
        self._bridge.call(future, partial(self._saved, path), self._not_saved, self)

    def _saved(self, path: Path, number: int) -> None:
        self.page.said.emit(self.tr("{n} spans are in {file}.").format(n=f"{number:,}", file=path))

    def _not_saved(self, error: Exception) -> None:
        if not isinstance(error, OSError):
            raise error
        self.page.said.emit(self.tr("Nothing was saved: {why}").format(why=error.strerror or error))

    @Slot()
    def _come(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _learn(self, wiring: WiringReport) -> None:
        self._queries = frozenset(wire.message for wire in wiring.queries)
        self.page.refresh()

    def _show(self, told: tuple[Action, ...]) -> None:
        on = any(plugin.enabled for plugin in self._session.diagnostics.plugins() if plugin.name == "Telemetry")
        off = self.tr("Telemetry is switched off; Plugins and times (Ctrl+Shift+P) switches it on.")
        self.state.setText(self.tr("What became of each action, and after how long: up to the repaint.") if on else off)
        self.page.nothing_words = self.page.spec.nothing if on else off
        self.page.show_rows(told)


def _read(session: Session, hidden: frozenset[str]) -> tuple[Action, ...]:
    return actions(session.diagnostics.spans(), lambda name: name not in hidden, SHOWN)


def _save(session: Session, path: Path) -> int:
    """Write all spans that are kept as lines of JSON, and tell how many. Raises OSError."""
    lines = list(span_lines(session.diagnostics.spans()))
    path.write_text("".join(lines), encoding="utf-8")
    return len(lines)


def _named(action: Action) -> str:
    name = spelled_out(action.name)
    return name if action.outcome == OK else f"{name}: {action.outcome}"


def _bar_text(bar: Bar) -> str:
    name = f"  {bar.name}" if bar.is_stage else spelled_out(bar.name)
    ended = "" if bar.outcome == OK else f"  {bar.outcome}"
    return f"{name:<24}{bar.start:>10,.1f}{bar.milliseconds:>10,.1f}{ended}"
