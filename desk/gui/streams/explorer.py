"""The streams of the store at the left: found by any part of their names, by category, or by what was there lately."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QCursor, QHideEvent, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QTreeWidgetItem,
    QWidget,
)

from desk.application.books_by_name import FoundBook, GetBooksByName
from desk.application.catalogue import Interrupted
from desk.application.queries import Source
from desk.application.session import Connection, Light
from desk.application.stream_names import (
    Extent,
    GetKnownStreams,
    KnownStreams,
    StreamFinder,
    StreamSummary,
    is_system,
    summary_of,
)
from desk.application.timeline.words import moment_text
from desk.cqrs.errors import StoreError
from desk.domain.streams import book_stream
from desk.gui.frame.workspace import Workspace
from desk.gui.streams.act_dialogs import StreamActs
from desk.gui.streams.fold_offers import FoldOffers
from desk.gui.streams.index_bar import IndexBar
from desk.gui.streams.kept import KeptStreams
from desk.gui.streams.stream_tree import CATEGORY, NAME, StreamTree, children_of
from desk.gui.streams.titles import StreamTitles
from desk.gui.widgets.background import saying, start
from desk.gui.widgets.batched_tail import BatchedTail
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.controls import give_rows_menu, giving_way, later, passing_menu, quiet
from desk.gui.widgets.counting import counted
from desk.gui.widgets.placeholder import set_placeholder
from desk.gui.widgets.visible_text import visible

RECENT: Final = 15
"""Streams that are shown as written lately."""
LISTED: Final = 300
"""Streams below a category, or found; more are counted."""
ANEW: Final = 2_000
"""Milliseconds between two readings of the names while new streams come."""

_OPEN_KEYS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class StreamExplorer(QWidget):
    """While it is hidden it reads nothing.

    Signals:
        wanted: (str) a source should be shown where the present one is.
        wanted_beside: (str) a source should be shown in a tab of its own.
        lanes_wanted: (str) a source should be shown side by side with others.
    """

    wanted = Signal(object)  # str
    wanted_beside = Signal(object)  # str
    lanes_wanted = Signal(object)  # str

    def __init__(self, workspace: Workspace, kept: KeptStreams, titles: StreamTitles) -> None:
        super().__init__()
        self._workspace, self._kept = workspace, kept
        self._known: KnownStreams | None = None
        self._system: list[StreamSummary] = []
        self._finder = StreamFinder(())
        self._recent: dict[str, StreamSummary] = {}
        # How the tail is doing is not shown: names are read again anyway.
        ports, bridge = workspace.ports, workspace.bridge
        self._tail = BatchedTail(ports, bridge, summary_of, self._arrive, lambda _: None, self, bound=500)
        self._generation = 0
        self.problem = self._in_front = ""
        self._pointer = QCursor.pos()
        self.box = QLineEdit()
        self.box.setClearButtonEnabled(True)
        set_placeholder(self.box, self.tr("Find a stream (order 17, *-2026*)"))
        self.box.setAccessibleName(self.tr("Find a stream by any part of its name"))
        self.tree = StreamTree(titles)
        self.state = quiet(giving_way(QLabel(wordWrap=True)))
        self.state.setContentsMargins(10, 4, 10, 6)
        self.found = self.tree.add_section("")
        self.favourites = self.tree.add_section(self.tr("Favourites"))
        self.looked_at = self.tree.add_section(self.tr("Last looked at"))
        self.recent = self.tree.add_section(self.tr("Written lately"))
        self.categories = self.tree.add_section(self.tr("Categories"))
        self.single = self.tree.add_section(self.tr("Without a category"), unfolded=False)
        self.system = self.tree.add_section(self.tr("System streams"), unfolded=False)
        layout = column(row(self.box, margins=(8, 6, 6, 6)), (self.tree, 1), self.state, on=self, spacing=0)
        session = workspace.ports
        self.acts = None if session.acts is None else StreamActs(workspace, session.acts, self)
        self.folds = None if session.folds is None else FoldOffers(workspace, session.folds, self)
        self.index = None
        if session.index is not None and session.search is not None:
            self.index = IndexBar(workspace, session.index, session.search)
            self.index.ready.connect(self.read)
            layout.addWidget(self.index)
        self.setFocusProxy(self.box)
        self._later = later(self, ANEW, self.read)
        self._connect()
        self._fill()

    def _connect(self) -> None:
        self._kept.changed.connect(self._fill)
        self.box.textChanged.connect(self._find)
        self.box.installEventFilter(self)
        self.tree.itemExpanded.connect(self._unfold)
        self.tree.itemActivated.connect(self._open)
        self.tree.itemClicked.connect(self._clicked)
        self.tree.viewport().installEventFilter(self)
        give_rows_menu(self.tree, self._open_menu)
        self._workspace.bridge.connection_changed.connect(self._try_again)

    # Reading

    @Slot()
    def read(self) -> None:
        """Ask which streams there are."""
        if self.isVisible():
            self._generation += 1
            token, future = self._generation, self._workspace.ports.queries.ask(GetKnownStreams())
            self._workspace.bridge.call(future, partial(self._take, token), partial(self._fail, token), self)

    def stop(self) -> None:
        """Read no more."""
        self._generation += 1
        self._later.stop()
        self._tail.stop()

    def _take(self, token: int, known: KnownStreams) -> None:
        if token == self._generation:
            making = start(partial(StreamFinder, known.streams), "stream-names")
            self._workspace.bridge.call(making, partial(self._show, token, known), None, self)

    def _show(self, token: int, known: KnownStreams, finder: StreamFinder) -> None:
        if token != self._generation:
            return
        self._known, self._finder, self.problem = known, finder, ""
        self._recent = {stream.name: stream for stream in reversed(known.streams[: 2 * RECENT])}
        self._system = [stream for stream in known.streams if is_system(stream.name)]
        self._fill()
        self._find()
        self._follow(known.streams[0].position if known.streams else None)

    def _fail(self, token: int, error: Exception) -> None:
        if token == self._generation:
            self.problem = str(error)
            self._say()

    def _try_again(self, connection: Connection) -> None:
        if connection.light is Light.GREEN and self.problem:
            self.read()

    def _follow(self, after: int | None) -> None:
        if not self._tail.is_running:
            self._tail.start(Source(), after)

    def _arrive(self, streams: tuple[StreamSummary, ...], _dropped: int) -> None:
        """The streams that were just written to; of those that are new the names are read again, before long."""
        for stream in streams:
            self._recent.pop(stream.name, None)
            self._recent[stream.name] = stream
        for name in list(self._recent)[: -2 * RECENT]:
            del self._recent[name]
        self._fill_lately()
        if not self._later.isActive() and any(stream.name not in self._finder.names for stream in streams):
            self._later.start()

    # Showing

    @Slot()
    def _fill(self) -> None:
        """The sections; what stands in them already stays."""
        self._fill_names(self.favourites, self._kept.favourites)
        self._fill_lately()
        counts = self._finder.categories
        own = sorted(category for category in counts if not is_system(category))
        system = sorted(category for category in counts if is_system(category))
        single = self._finder.single
        self._fill_categories(self.categories, own)
        self._fill_names(self.single, [name for name in single if not is_system(name)][:LISTED])
        self._fill_categories(self.system, system, [name for name in single if is_system(name)][:LISTED])
        self._say()

    def _fill_lately(self) -> None:
        """What changes by itself, and with each click, waits until the pointer is elsewhere: no row shifts under it.

        One that only happens to be here since the list is shown holds nothing up.
        """
        if not self.tree.viewport().underMouse() or QCursor.pos() == self._pointer:
            self._fill_names(self.looked_at, self._kept.looked_at[:8])
            names = [name for name in reversed(self._recent) if not is_system(name)][:RECENT]
            self._fill_names(self.recent, names)

    def show_at(self, name: str) -> None:
        """This stream is the one in front; where there is none it is empty."""
        self._in_front = name
        self._highlight()

    def _highlight(self) -> None:
        self.tree.highlight(self._in_front)

    def _fill_names(self, section: QTreeWidgetItem, names: Sequence[str]) -> None:
        self.tree.fill(section, names, shown=not self.box.text())

    def _fill_categories(self, section: QTreeWidgetItem, names: Sequence[str], single: Sequence[str] = ()) -> None:
        rest, names = len(names) - LISTED, names[:LISTED]
        items = ((item.data(0, CATEGORY) or item.data(0, NAME), item) for item in children_of(section))
        there = {name: item for name, item in items if name}
        unfolded = {name for name, item in there.items() if item.isExpanded()}
        if [*names, *single] != list(there):
            section.takeChildren()
            for name in names:
                item = QTreeWidgetItem(section, [visible(name), ""])
                item.setData(0, CATEGORY, name)
                item.setData(0, NAME, f"{name}-*")
                item.setChildIndicatorPolicy(item.ChildIndicatorPolicy.ShowIndicator)
                item.setExpanded(name in unfolded)
            section.addChildren([self.tree.stream_item(name) for name in single])
            self.tree.count_rest(section, rest)
        for item, name in zip(children_of(section), names, strict=False):
            item.setText(1, f"{self._finder.categories[name]:,}")
            item.setToolTip(0, f"{visible(name)}: {item.text(1)}")
        section.setHidden(not (names or single) or bool(self.box.text()))

    def _unfold(self, item: QTreeWidgetItem) -> None:
        category = item.data(0, CATEGORY)
        if not category:
            return
        streams = self._finder.of_category(category, LISTED)
        item.takeChildren()
        item.addChildren([self.tree.stream_item(stream.name) for stream in streams])
        self.tree.count_rest(item, self._finder.categories[category] - len(streams))

    @Slot()
    def _find(self) -> None:
        """Names that have what was typed, and books that are called so; names are looked for on another thread, for
        there may be a hundred thousand.
        """
        typed = self.box.text().strip()
        self.found.setHidden(not typed)
        self._fill()
        if typed:
            asked, take = self._workspace.ports.queries.ask(GetBooksByName(typed)), partial(self._find_names, typed)
            self._workspace.bridge.call(asked, take, saying(lambda _: take(()), StoreError, Interrupted), self)

    def _find_names(self, typed: str, books: tuple[FoundBook, ...]) -> None:
        if typed == self.box.text().strip():
            finding = start(partial(self._finder.find, typed, LISTED), "finding-streams")
            called = [book_stream(book.book_id) for book in books]
            self._workspace.bridge.call(finding, partial(self._show_found, typed, called), None, self)

    def _show_found(self, typed: str, called: list[str], found: tuple[tuple[StreamSummary, ...], int]) -> None:
        streams, count = found
        if typed != self.box.text().strip():
            return
        called = [name for name in called if name not in {stream.name for stream in streams}]
        count += len(called)
        self.found.takeChildren()
        self.found.addChildren([self.tree.stream_item(name) for name in called])
        self.found.addChildren([self.tree.stream_item(stream.name) for stream in streams])
        for item, stream in zip(children_of(self.found)[len(called) :], streams, strict=True):
            if stream.written is not None:
                item.setToolTip(0, f"{visible(stream.name)}\n{moment_text(stream.written.timestamp())}")
        self.tree.count_rest(self.found, count - len(streams) - len(called))
        nothing = self.tr("No stream that is known has this in its name")
        self.found.setText(0, counted(count, self.tr("1 stream"), self.tr("{n} streams")) if count else nothing)
        self.found.setExpanded(True)

    def _say(self) -> None:
        known = self._known
        if self.problem or known is None:
            text = tip = self.problem or self.tr("Which streams there are is not known yet.")
        else:
            own = len(known.streams) - len(self._system)
            count = counted(own, self.tr("1 stream"), self.tr("{n} streams"))
            text, tip = {
                Extent.NEWEST_EVENTS: (
                    self.tr("{streams} of the newest 500 events"),
                    self.tr("Of streams that were written to earlier nothing is known here."),
                ),
                Extent.LIST_OF_STREAMS: (
                    self.tr("{streams} known"),
                    self.tr("By the newest 500 events, and the server's own list, the stream $streams."),
                ),
                Extent.EVERYTHING: (self.tr("{streams}"), self.tr("By the index.")),
            }[known.extent]
            if known.since is not None:
                text += " · " + self.tr("from {when} on").format(when=moment_text(known.since.timestamp()))
            text = text.format(streams=count)
            one, more = (
                self.tr("1 stream of the system is not counted."),
                self.tr("{n} streams of the system are not counted."),
            )
            tip = f"{tip} {counted(len(self._system), one, more)}" if self._system else tip
        if self.index is not None:
            self.index.tell_system_events(sum(stream.events or 0 for stream in self._system))
        self.state.setText(text)
        self.state.setToolTip(f"{text}\n{tip}")

    # What somebody does

    def _open(self, item: QTreeWidgetItem, *_: object, beside: bool = False) -> None:
        name = item.data(0, NAME)
        if name:
            (self.wanted_beside if beside else self.wanted).emit(name)

    def _clicked(self, item: QTreeWidgetItem) -> None:
        if item.parent() is None:
            item.setExpanded(not item.isExpanded())
        elif item.data(0, CATEGORY) is None:
            self._open(item)

    def _open_menu(self, at: QPoint) -> None:
        item = self.tree.itemAt(at)
        name = item.data(0, NAME) if item is not None else None
        if not name:
            return
        by_hand = [offers for offers in (self.acts, self.folds) if offers is not None]
        offers = (*self._offers(name), *(one for offers in by_hand for one in offers.offers(name)))
        menu = passing_menu(self.tree, offers)
        menu.aboutToHide.connect(self._highlight)
        menu.popup(self.tree.viewport().mapToGlobal(at))

    def _offers(self, name: str) -> Iterable[tuple[str, Callable[[], object]]]:
        yield self.tr("&Open"), partial(self.wanted.emit, name)
        yield self.tr("Open in a &new tab"), partial(self.wanted_beside.emit, name)
        yield self.tr("&Side by side with…"), partial(self.lanes_wanted.emit, name)
        is_one = name in self._kept.favourites
        words = self.tr("Remove from &favourites") if is_one else self.tr("Add to &favourites")
        yield words, partial(self._kept.set_favourite, name, favourite=not is_one)
        yield self.tr("&Copy the name"), partial(QApplication.clipboard().setText, name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the box one goes down into the list; Enter opens the best; the middle button opens beside. What waited
        for the pointer to leave comes.
        """
        if watched is self.box and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self.tree.go_to_first()
                return True
            if event.key() in _OPEN_KEYS:
                self._open_typed(beside=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
                return True
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseButtonRelease:
            item = self.tree.itemAt(event.position().toPoint())
            if event.button() is Qt.MouseButton.MiddleButton and item is not None:
                self._open(item, beside=True)
        if watched is self.tree.viewport() and event.type() is QEvent.Type.Leave:
            self._fill()
        return super().eventFilter(watched, event)

    def _open_typed(self, *, beside: bool) -> None:
        """What was typed where there is such a stream, or the server may know it; else the best that was found."""
        typed = self.box.text().strip()
        best = self.found.child(0)
        if best is not None and best.data(0, NAME) and typed:
            self._open(best, beside=beside)
        elif typed:
            (self.wanted_beside if beside else self.wanted).emit(typed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._pointer = QCursor.pos()
        self.read()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.stop()
