"""Values of payloads as columns of a stream's table, by their paths; kept by store and category, and pinned if wanted.

A pinned path has an index of its own, so that conditions on it are answered at once.
"""

from concurrent.futures import Future
from functools import partial
from typing import Final
from uuid import UUID

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QInputDialog

from desk.application.event_index import IndexRefused
from desk.application.event_question import JsonPath, UnreadableQuestion
from desk.application.payload_values import value_texts
from desk.application.queries import Source
from desk.application.stream_names import category_of
from desk.cqrs.errors import StoreError
from desk.cqrs.store import Recorded
from desk.gui.frame.text_size import scaled
from desk.gui.frame.workspace import Workspace
from desk.gui.streams.kept import KeptStreams
from desk.gui.streams.model import BASE_COLUMNS, SIZE, TYPE, StreamTableModel
from desk.gui.tables.copying import LEFT_OUT
from desk.gui.tables.event_table import EventTable
from desk.gui.widgets.background import GuiBridge, saying, start
from desk.gui.widgets.controls import later, passing_menu
from desk.gui.widgets.json_tree import JsonTree
from desk.gui.widgets.masking import is_masked, masked_json

MOST: Final = 12
"""Columns of one category."""
_LEAST: Final = 100
"""Pixels of normal text that the first column has at least."""
_KEPT: Final = 4_000
"""Events whose values are remembered."""
_AT_ONCE: Final = 100
"""Events whose values are read together."""


class PayloadValues(QObject):
    """Reads values elsewhere, for a payload may be a mebibyte; until they are there the cells are empty.

    Signals:
        changed: more of them are known.
    """

    changed = Signal()

    def __init__(self, bridge: GuiBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._paths: tuple[JsonPath, ...] = ()
        self._known: dict[UUID, tuple[str, ...]] = {}
        self._wanted: dict[UUID, bytes] = {}
        self._busy = False
        self._soon = later(self, 0, self._read)

    def choose(self, paths: tuple[JsonPath, ...]) -> None:
        """These are wanted from now on."""
        self._paths = paths
        self.forget()

    def forget(self) -> None:
        """Read all of them anew."""
        self._known, self._wanted = {}, {}
        self.changed.emit()

    def of(self, event: Recorded, number: int) -> str:
        """The value of the path with a number; empty while it is not known."""
        values = self._known.get(event.id)
        if values is None:
            self._wanted[event.id] = event.data
            if not self._busy:
                self._soon.start()
            return ""
        return values[number] if number < len(values) else ""

    def _read(self) -> None:
        if not self._wanted:
            return
        batch = [self._wanted.popitem() for _ in range(min(len(self._wanted), _AT_ONCE))]
        payloads = {event: masked_json(data) for event, data in batch}
        self._busy = True
        work = partial(_read_all, payloads, self._paths)
        self._bridge.call(start(work, "payload-values"), partial(self._take, self._paths), None, self)

    def _take(self, paths: tuple[JsonPath, ...], found: dict[UUID, tuple[str, ...]]) -> None:
        self._busy = False
        if paths == self._paths:
            if len(self._known) > _KEPT:
                self._known.clear()
            self._known |= found
            self.changed.emit()
        if self._wanted:
            self._soon.start()


def _read_all(payloads: dict[UUID, bytes], paths: tuple[JsonPath, ...]) -> dict[UUID, tuple[str, ...]]:
    return {event: value_texts(data, paths) for event, data in payloads.items()}


class PathColumns(QObject):
    """The columns of one view, and what is offered to have more of them, or fewer."""

    def __init__(
        self, table: EventTable, model: StreamTableModel, tree: JsonTree, workspace: Workspace, kept: KeptStreams
    ) -> None:
        super().__init__(table)
        self._table, self._model, self._workspace, self._kept = table, model, workspace, kept
        self._key = ""
        self._values = PayloadValues(workspace.bridge, self)
        self._values.changed.connect(table.viewport().update)
        workspace.theme.changed.connect(self._values.forget)
        tree.offers += [
            (self.tr("Show as co&lumn"), partial(self.add, pinned=False)),
            (self.tr("&Pin as column (indexed)"), partial(self.add, pinned=True)),
        ]
        header = table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._open_menu)
        kept.changed.connect(self._renew)
        table.viewport().installEventFilter(self)
        for changed in (model.modelReset, model.rowsInserted):
            changed.connect(self._fit)

    def show(self, source: Source) -> None:
        """Another source is shown: those of its category."""
        self._key = _key(source)
        self._renew()

    def add(self, path: str, *, pinned: bool) -> None:
        """One more column, unless it is there; ``pinned`` has its values indexed too."""
        try:
            parsed = JsonPath.parse(path)
        except UnreadableQuestion as wrong:
            self._workspace.say(str(wrong))
            return
        shown = self._kept.columns_of(self._key)
        if str(parsed) not in shown and len(shown) >= MOST:
            self._workspace.say(self.tr("There are {n} columns already: take one away first.").format(n=MOST))
            return
        self._kept.show_column(self._key, str(parsed), shown=True)
        if pinned:
            self._pin(parsed)

    def remove(self, path: str) -> None:
        """Take a column away, and its index where no other category shows it."""
        self._kept.show_column(self._key, path, shown=False)
        if path in self._kept.pinned and not self._kept.shows_column(path):
            self._unpin(JsonPath.parse(path))

    def _renew(self) -> None:
        self._table.viewport().update()  # names of types may be others too
        paths = tuple(map(JsonPath.parse, self._kept.columns_of(self._key)))
        if paths == self._model.paths:
            return
        self._values.choose(paths)
        self._model.show_paths(paths, self._values.of)
        for number in range(len(paths)):
            self._table.setColumnWidth(BASE_COLUMNS + number, scaled(130))
        self._fit()

    def _fit(self) -> None:
        """By itself the first column would take what is left, which may be nothing: sizes are left out before that, and
        in still less room the table scrolls. On a stage nothing does: the first column is as narrow as its heading.
        """
        table = self._table
        least = table.horizontalHeader().sectionSizeHint(0) if is_masked() else scaled(_LEAST)
        table.showColumn(SIZE)
        widths = [table.columnWidth(column) for column in range(1, self._model.columnCount())]
        is_left_out = sum(widths) + least > table.viewport().width()
        table.setColumnHidden(SIZE, is_left_out)
        table.horizontalHeader().setProperty(LEFT_OUT, [SIZE] if is_left_out else [])
        others = sum(widths) - (widths[SIZE - 1] if is_left_out else 0)
        table.setColumnWidth(0, max(least, table.viewport().width() - others))
        cut = table.sizeHintForColumn(TYPE) - table.columnWidth(TYPE)
        free = table.columnWidth(0) - max(least, table.sizeHintForColumn(0))
        if cut > 0 and free > 0:
            table.setColumnWidth(TYPE, table.columnWidth(TYPE) + min(cut, free))
            table.setColumnWidth(0, table.columnWidth(0) - min(cut, free))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The table has another width."""
        if event.type() is QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def _pin(self, path: JsonPath) -> None:
        search = self._workspace.ports.search
        if search is None:
            self._workspace.say(self.tr("There is no index of events here; the column is shown without one."))
            return
        self._workspace.say(self.tr("The values at {path} are being indexed…").format(path=path))
        words = self.tr("The values at {path} are indexed: filters by them answer at once.")
        self._note_pin(search.pin(path), path, words, pinned=True)

    def _unpin(self, path: JsonPath) -> None:
        search = self._workspace.ports.search
        if search is not None:
            words = self.tr("The values at {path} are no longer indexed.")
            self._note_pin(search.unpin(path), path, words, pinned=False)

    def _note_pin(self, asked: "Future[None]", path: JsonPath, words: str, *, pinned: bool) -> None:
        """Keep it, and say so, once it is done."""

        def done(_nothing: None) -> None:
            self._kept.pin(str(path), pinned=pinned)
            self._workspace.say(words.format(path=path))

        self._workspace.bridge.call(asked, done, saying(self._workspace.say, IndexRefused, StoreError), self)

    def _open_menu(self, at: QPoint) -> None:
        header = self._table.horizontalHeader()
        number = header.logicalIndexAt(at) - BASE_COLUMNS
        menu, paths = passing_menu(header), self._model.paths
        if 0 <= number < len(paths):
            path = paths[number]
            words = self.tr("&Take {path} away").format(path=path)
            menu.addAction(words).triggered.connect(lambda: self.remove(str(path)))
            pinned = menu.addAction(self.tr("&Index its values"))
            pinned.setCheckable(True)
            pinned.setChecked(str(path) in self._kept.pinned)
            pinned.triggered.connect(lambda on: self._pin(path) if on else self._unpin(path))
            menu.addSeparator()
        menu.addAction(self.tr("&A value as a column…")).triggered.connect(self.ask)
        menu.popup(header.mapToGlobal(at))

    def ask(self) -> None:
        """Ask for a path."""
        asking = QInputDialog(self._table)
        asking.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        asking.setWindowTitle(self.tr("A value as a column"))
        asking.setLabelText(self.tr("Its path, as $.customer.city or $.lines[0].sku"))
        asking.textValueSelected.connect(partial(self.add, pinned=False))
        asking.open()


def _key(source: Source) -> str:
    """What columns are kept under: a category, ``$all``, or a stream that has none."""
    name = source.category or (category_of(source.stream) if source.stream else "") or source.stream
    return name or "$all"
