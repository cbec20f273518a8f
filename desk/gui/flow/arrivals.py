"""A store in which nothing of ours runs: its events as they arrive, by stream and type."""

from collections import Counter, deque
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QHeaderView, QLabel, QTreeWidget, QTreeWidgetItem, QWidget

from desk.application.queries import GetStreamPage, Source, StreamPage
from desk.application.session import TailState
from desk.cqrs.errors import StoreError
from desk.cqrs.store import Recorded
from desk.gui.frame.panel import STREAMS
from desk.gui.frame.workspace import Workspace
from desk.gui.widgets.batched_tail import BatchedTail
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.known import is_connected
from desk.gui.widgets.masking import short

SHOWN: Final = 200
"""Events in the list at most, the newest first."""
KINDS: Final = 1000
"""Streams and types that are counted apart; what comes beyond them is counted together."""
REST: Final = "…"
WHOLE: Final = int(Qt.ItemDataRole.UserRole)
"""A name as it is, whatever is shown of it on a stage."""


class Arrivals(QWidget):
    """Follows the whole store from its end on, while it is seen; Enter on a stream reads it in Streams."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace, self._session, self._bridge = workspace, workspace.ports, workspace.bridge
        session, bridge, bound = self._session, self._bridge, 100 * SHOWN
        self._tail = BatchedTail(session, bridge, _told, self._take, self._say_state, self, bound=bound)
        self._asked = False
        self.total = 0
        self._newest: deque[tuple[str, str, int]] = deque(maxlen=SHOWN)
        self.types: Counter[str] = Counter()
        self.streams: Counter[str] = Counter()
        words = self.tr("Nothing of Desk's own runs here: events are shown as they arrive in the store.")
        self.state = QLabel(words, wordWrap=True)
        self.events = self._tree(self.tr("Newest events"), (self.tr("Stream"), self.tr("Type"), self.tr("Revision")))
        self.by_type = self._tree(self.tr("Events by type"), (self.tr("Type"), self.tr("Events")))
        self.by_stream = self._tree(self.tr("Events by stream"), (self.tr("Stream"), self.tr("Events")))
        self.events.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        for tree in (self.events, self.by_stream):
            tree.itemActivated.connect(self._read)
        column(self.state, (row((self.events, 2), (self.by_type, 1), (self.by_stream, 1)), 1), on=self)
        self._bridge.connection_changed.connect(self._connection_changed)
        self.installEventFilter(self)

    def _tree(self, name: str, columns: tuple[str, ...]) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setAccessibleName(name)
        tree.setHeaderLabels(list(columns))
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(0, tree.header().ResizeMode.Stretch)
        return tree

    def _read(self, item: QTreeWidgetItem) -> None:
        if item.data(0, WHOLE) != REST:
            self._workspace.place_wanted.emit(STREAMS)
            self._workspace.source_wanted.emit(item.data(0, WHOLE))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Begin when it is shown, end when it is hidden."""
        if event.type() == QEvent.Type.Show:
            self._begin()
        elif event.type() == QEvent.Type.Hide:
            self.stop()
        return False

    @property
    def is_following(self) -> bool:
        """Whether what is stored from now on arrives here."""
        return self._tail.is_running

    def stop(self) -> None:
        """Follow no more."""
        self._tail.stop()

    @Slot()
    def _connection_changed(self) -> None:
        if self.isVisible():
            self._begin()

    def _begin(self) -> None:
        if not self.is_following and not self._asked and is_connected(self._session):
            self._asked = True
            last = self._session.queries.ask(GetStreamPage(Source(), limit=1))
            self._bridge.call(last, self._follow, self._fail, self)

    def _follow(self, page: StreamPage) -> None:
        self._asked = False
        if self.isVisible():
            self._tail.start(Source(), page.events[-1].position if page.events else None)

    def _fail(self, error: Exception) -> None:
        self._asked = False
        if not isinstance(error, StoreError):
            raise error
        self.state.setText(str(error))

    def _say_state(self, state: TailState) -> None:
        words = self.tr("Nothing of Desk's own runs here. {n} events have arrived since you look.")
        self.state.setText(state.problem or words.format(n=f"{self.total:,}"))

    def _take(self, events: tuple[tuple[str, str, int], ...], left_out: int) -> None:
        self.total += len(events) + left_out
        for stream, kind, _revision in events:
            _count(self.types, kind)
            _count(self.streams, stream)
        self._newest.extend(events)
        self._say_state(TailState(live=True))
        _fill(self.events, [(stream, kind, f"{revision:,}") for stream, kind, revision in reversed(self._newest)])
        for tree, counter in ((self.by_type, self.types), (self.by_stream, self.streams)):
            _fill(tree, [(name, f"{number:,}") for name, number in counter.most_common(SHOWN)])


def _told(event: Recorded) -> tuple[str, str, int]:
    return event.stream, event.type, event.revision


def _count(counter: Counter[str], name: str) -> None:
    counter[name if name in counter or len(counter) < KINDS else REST] += 1


def _fill(tree: QTreeWidget, rows: list[tuple[str, ...]]) -> None:
    """Change what differs, so that the choice and the place stay."""
    while tree.topLevelItemCount() > len(rows):
        tree.takeTopLevelItem(tree.topLevelItemCount() - 1)
    for number, texts in enumerate(rows):
        item = tree.topLevelItem(number) or QTreeWidgetItem(tree)
        if item.data(0, WHOLE) != texts[0]:
            item.setData(0, WHOLE, texts[0])
        for place, text in enumerate(map(short, texts)):
            if item.text(place) != text:
                item.setText(place, text)
