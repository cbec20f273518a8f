"""The schema lens: what the payloads of a type of event look like over time; one tab of the Streams place."""

from datetime import datetime
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QTreeWidget, QTreeWidgetItem, QWidget

from desk.application.event_question import EventQuestion
from desk.application.filtering import FilteredEvents, FilterEvents, StreamFilter
from desk.application.queries import Source
from desk.application.schema_lens import FieldOfType, SchemaLens, SeenAt, Shape
from desk.application.timeline.words import moment_text
from desk.cqrs.store import Recorded
from desk.gui.frame.workspace import Workspace, announce
from desk.gui.streams.tree_layout import lay_out_tree
from desk.gui.widgets.background import start
from desk.gui.widgets.counting import counted
from desk.gui.widgets.visible_text import visible

LOOKED_AT: Final = 500
"""Events of the type that are looked at, before somebody asks for more."""
_SHAPES: Final = 200
_SAMPLE: Final = Qt.ItemDataRole.UserRole


class SchemaTab(QWidget):
    """Looks from the newest event of the type backwards.

    Signals:
        event_wanted: (Recorded) this event should be seen in its stream.
    """

    event_wanted = Signal(object)  # Recorded

    def __init__(self, workspace: Workspace, type_name: str) -> None:
        super().__init__()
        self._workspace, self._type = workspace, type_name
        self._before: int | None = None
        self._stopped = False
        self.name = self.tr("Schema of {type}").format(type=type_name)
        self.lens = SchemaLens()
        self.said = QLabel(self.tr("Reading…"))
        self.more = QPushButton(self.tr("Look further"))
        self.more.hide()
        self.more.clicked.connect(self._ask)
        self.tree = QTreeWidget()
        headings = (self.tr("Field"), self.tr("Values"), self.tr("Comes and goes"))
        self.tree.setHeaderLabels([*headings, self.tr("First seen"), self.tr("Last seen")])
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName(self.tr("Fields and shapes of the type; Enter shows a sample"))
        self.tree.itemActivated.connect(self._open)
        self.tree.itemDoubleClicked.connect(self._open)
        lay_out_tree(self, self.said, self.more, self.tree, (240, 190, 190, 150, 150))
        self._ask()

    def stop(self) -> None:
        """Read no more."""
        self._stopped = True

    def _ask(self) -> None:
        session = self._workspace.session
        if session is None or self._stopped:
            return
        self.more.hide()
        wanted = StreamFilter(EventQuestion(types=(self._type,)))
        future = session.queries.ask(FilterEvents(Source(), wanted, self._before, LOOKED_AT))
        self._workspace.bridge.call(future, self._take, self._fail, self)

    def _take(self, found: FilteredEvents) -> None:
        if self._stopped:
            return
        self._before = found.before
        looking = start(partial(self.lens.add, found.events), "schema-lens")
        self._workspace.bridge.call(looking, self._show, None, self)

    def _fail(self, error: Exception) -> None:
        self._say(str(error))
        self.more.show()

    def _say(self, text: str) -> None:
        self.said.setText(text)
        announce(self.said, text)

    def _show(self, _nothing: None) -> None:
        lens = self.lens
        count = lens.seen.count if lens.seen is not None else 0
        parts = [counted(count, self.tr("1 event looked at"), self.tr("{n} events looked at"))]
        parts.append(counted(len(lens.shapes), self.tr("1 shape"), self.tr("{n} shapes")))
        if lens.no_json:
            parts.append(counted(lens.no_json, self.tr("1 is no JSON"), self.tr("{n} are no JSON")))
        parts.append(self.tr("these are all") if self._before is None else self.tr("there may be older ones"))
        self._say(" · ".join(parts))
        self.more.setVisible(self._before is not None)
        self.tree.clear()
        fields = QTreeWidgetItem(self.tree, [self.tr("Fields")])
        fields.addChildren([self._field(field) for field in lens.fields])
        shapes = QTreeWidgetItem(self.tree, [self.tr("Shapes, the oldest first")])
        shapes.addChildren([self._shape(shape, seen) for shape, seen in lens.by_time[:_SHAPES]])
        fields.setExpanded(True)
        shapes.setExpanded(True)

    def _field(self, field: FieldOfType) -> QTreeWidgetItem:
        signs = (
            (field.optional, self.tr("optional")),
            (field.came_later, self.tr("came later")),
            (field.vanished, self.tr("vanished")),
        )
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in field.kinds)
        words = ", ".join(word for holds, word in signs if holds) or self.tr("always there")
        return self._item([visible(field.path), kinds, words], field.seen)

    def _shape(self, shape: Shape, seen: SeenAt) -> QTreeWidgetItem:
        count = counted(seen.count, self.tr("1 event"), self.tr("{n} events"))
        fields = ", ".join(visible(path) for path, _ in shape) or self.tr("no fields")
        item = self._item([fields, count, ""], seen)
        item.addChildren([QTreeWidgetItem([visible(path), kind]) for path, kind in shape])
        return item

    def _item(self, texts: list[str], seen: SeenAt) -> QTreeWidgetItem:
        item = QTreeWidgetItem([*texts, *map(_when, seen.between)])
        item.setData(0, _SAMPLE, seen.last)
        item.setToolTip(0, texts[0])
        return item

    def _open(self, item: QTreeWidgetItem, *_: object) -> None:
        sample = item.data(0, _SAMPLE)
        if isinstance(sample, Recorded):
            self.event_wanted.emit(sample)


def _when(moment: datetime | None) -> str:
    return moment_text(moment.timestamp()) if moment is not None else ""
