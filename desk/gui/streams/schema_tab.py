"""The schema lens: what the payloads of a type of event look like over time; one tab of the Streams place."""

from datetime import datetime
from functools import partial
from typing import Final

from PySide6.QtWidgets import QPushButton, QTreeWidgetItem

from desk.application.event_question import EventQuestion
from desk.application.event_search import FoundEvents
from desk.application.filtering import FilterEvents, StreamFilter
from desk.application.queries import Source
from desk.application.schema_lens import FieldOfType, SchemaLens, SeenAt, Shape
from desk.application.timeline.words import moment_text
from desk.gui.frame.workspace import Workspace
from desk.gui.streams.tree_tab import EVENT, TreeTab
from desk.gui.widgets.background import start
from desk.gui.widgets.counting import counted
from desk.gui.widgets.visible_text import visible

LOOKED_AT: Final = 500
"""Events of the type that are looked at, before somebody asks for more."""
_SHAPES: Final = 200


class SchemaTab(TreeTab):
    """Looks from the newest event of the type backwards."""

    def __init__(self, workspace: Workspace, type_name: str) -> None:
        self._type = type_name
        self._before: int | None = None
        self.lens = SchemaLens()
        self.more = QPushButton()
        super().__init__(workspace, self.more, (0, 1))
        self.name = self.tr("Schema of {type}").format(type=type_name)
        self.more.setText(self.tr("Look further"))
        self.more.clicked.connect(self._read)
        headings = (self.tr("Field"), self.tr("Values"), self.tr("Comes and goes"))
        self.tree.setHeaderLabels([*headings, self.tr("First seen"), self.tr("Last seen")])
        self.tree.setAccessibleName(self.tr("Fields and shapes of the type; Enter shows a sample"))
        self._read()

    def _read(self) -> None:
        self.more.hide()
        wanted = StreamFilter(EventQuestion(types=(self._type,)))
        self.ask(FilterEvents(Source(), wanted, self._before, LOOKED_AT), self._take, self._fail)

    def _take(self, found: FoundEvents) -> None:
        self._before = found.before
        looking = start(partial(self.lens.add, found.events), "schema-lens")
        self.workspace.bridge.call(looking, self._show, None, self)

    def _fail(self, error: Exception) -> None:
        self.say(str(error))
        self.more.show()

    def _show(self, _nothing: None) -> None:
        lens = self.lens
        count = lens.seen.count if lens.seen is not None else 0
        parts = [counted(count, self.tr("1 event looked at"), self.tr("{n} events looked at"))]
        parts.append(counted(len(lens.shapes), self.tr("1 shape"), self.tr("{n} shapes")))
        if lens.no_json:
            parts.append(counted(lens.no_json, self.tr("1 is no JSON"), self.tr("{n} are no JSON")))
        parts.append(self.tr("these are all") if self._before is None else self.tr("there may be older ones"))
        self.say(" · ".join(parts))
        self.more.setVisible(self._before is not None)
        self.tree.clear()
        fields = QTreeWidgetItem(self.tree, [self.tr("Fields")])
        fields.addChildren([self._field(field) for field in lens.fields])
        shapes = QTreeWidgetItem(self.tree, [self.tr("Shapes, the oldest first")])
        shapes.addChildren([self._shape(shape, seen) for shape, seen in lens.by_time[:_SHAPES]])
        fields.setExpanded(True)
        shapes.setExpanded(True)
        self.room.fit()

    def _field(self, field: FieldOfType) -> QTreeWidgetItem:
        signs = (
            (field.optional, self.tr("optional")),
            (field.came_later, self.tr("came later")),
            (field.vanished, self.tr("vanished")),
        )
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in field.kinds)
        words = ", ".join(word for holds, word in signs if holds) or self.tr("always there")
        return _item([visible(field.path), kinds, words], field.seen)

    def _shape(self, shape: Shape, seen: SeenAt) -> QTreeWidgetItem:
        count = counted(seen.count, self.tr("1 event"), self.tr("{n} events"))
        fields = ", ".join(visible(path) for path, _ in shape) or self.tr("no fields")
        item = _item([fields, count, ""], seen)
        item.addChildren([QTreeWidgetItem([visible(path), kind]) for path, kind in shape])
        return item


def _item(texts: list[str], seen: SeenAt) -> QTreeWidgetItem:
    item = QTreeWidgetItem([*texts, *map(_when, seen.between)])
    item.setData(0, EVENT, seen.last)
    item.setToolTip(0, texts[0])
    return item


def _when(moment: datetime | None) -> str:
    return moment_text(moment.timestamp()) if moment is not None else ""
