"""What the shapes of the timeline mean, and what is shown: kinds that occur, lanes, and the field that is pinned."""

from collections.abc import Iterable, Mapping
from functools import partial

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QActionGroup, QIcon, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from desk.application.command_events import ChangeKind
from desk.application.queries import GetTouches
from desk.application.timeline.lanes import LaneBy
from desk.application.timeline.outlines import kind_in
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.frame.workspace import Workspace
from desk.gui.timeline.filtering import HistoryFilter
from desk.gui.timeline.model import EventTableModel
from desk.gui.widgets.axis.canvas import TimelineCanvas
from desk.gui.widgets.axis.shapes import kind_name
from desk.gui.widgets.boxes import row
from desk.gui.widgets.field_words import FieldWords

_MOST_FIELDS = 60


class Legend(QWidget):
    """A button for each kind of change that occurs, with its shape and how often; struck out while it is left out.

    Where there is less room names only, or shapes only. At the end lanes, and the field that is pinned.
    """

    def __init__(
        self, workspace: Workspace, canvas: TimelineCanvas, model: EventTableModel, chosen: HistoryFilter
    ) -> None:
        super().__init__()
        self._workspace, self._canvas, self._model, self._filter = workspace, canvas, model, chosen
        self.by = LaneBy.NONE
        self.setAccessibleName(self.tr("Legend"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.kinds = {kind: self._kind_button(kind) for kind in ChangeKind}
        at_once = QToolButton.ToolButtonPopupMode.InstantPopup
        self.lanes, self.field = (QToolButton(autoRaise=True, popupMode=at_once) for _ in range(2))
        self._fill_lanes()
        fields = QMenu(self)
        fields.aboutToShow.connect(self._ask_fields)
        self.field.setMenu(fields)
        row(*self.kinds.values(), None, self.lanes, self.field, on=self, margins=(6, 0, 6, 1), spacing=1)
        canvas.changed.connect(self._renew)
        chosen.changed.connect(self._renew)
        follow_text(self, self._measure)

    def _kind_button(self, kind: ChangeKind) -> QToolButton:
        button = QToolButton(autoRaise=True, toolButtonStyle=Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(lambda: self._filter.toggle(kind))
        return button

    def _fill_lanes(self) -> None:
        names = {
            LaneBy.NONE: self.tr("One lane"),
            LaneBy.FIELD: self.tr("Lanes by field"),
            LaneBy.ACTOR: self.tr("Lanes by actor"),
        }
        menu, group = QMenu(self), QActionGroup(self)
        self.lane_actions = {}
        for by, name in names.items():
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(by is LaneBy.NONE)
            action.triggered.connect(partial(self.choose_lanes, by))
            group.addAction(action)
            self.lane_actions[by] = action
        self.lanes.setMenu(menu)
        self.lanes.setToolTip(self.tr("All events on one lane, or a lane for each kind of field, or for each actor"))

    def choose_lanes(self, by: LaneBy) -> None:
        """Have these lanes."""
        self.by = by
        self.lane_actions[by].setChecked(True)
        self._canvas.set_lanes(by)

    def entries(self) -> list[tuple[ChangeKind, int]]:
        """Kinds that occur in the stream, and how often."""
        data = self._model.full.kinds.tobytes()
        counts = [(kind, data.count(kind)) for kind in ChangeKind]
        return [(kind, count) for kind, count in counts if count]

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def _measure(self) -> None:
        for button in self.kinds.values():
            button.setIconSize(QSize(scaled(16), scaled(16)))
        for button in (*self.kinds.values(), self.lanes, self.field):
            button.setFixedHeight(scaled(24))
        self._renew()

    @Slot()
    def _renew(self) -> None:
        entries = dict(self.entries())
        self.setAccessibleDescription(", ".join(f"{self._name(kind)} {count:,}" for kind, count in entries.items()))
        ground = self.palette().window().color()
        for kind, button in self.kinds.items():
            button.setVisible(kind in entries)
            if kind not in entries:
                continue
            icon = self._canvas.timeline_style.icon(kind, ground)
            faint = QIcon(icon.pixmap(button.iconSize(), QIcon.Mode.Disabled))
            button.setIcon(faint if kind in self._filter.hidden else icon)
            name, font = self._name(kind), button.font()
            font.setStrikeOut(kind in self._filter.hidden)
            button.setFont(font)
            what = self.tr("left out; show them") if kind in self._filter.hidden else self.tr("shown; leave them out")
            button.setAccessibleName(f"{name} {entries.get(kind, 0):,}: {what}")
            button.setToolTip(f"{name}: {what}")
        self.lanes.setText(self.lane_actions[self.by].text())
        pinned = self._filter.pinned
        self.field.setText(self._words(pinned) if pinned else self.tr("All fields"))
        self.field.setToolTip(self.tr("Show only events that touched a field; N and Shift+N walk through them"))
        self._fit(entries)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit(dict(self.entries()))

    def _fit(self, entries: Mapping[ChangeKind, int]) -> None:
        """As much text as there is room for."""
        longest = {kind: f"{self._name(kind)} {count:,}" for kind, count in entries.items()}
        room = self.width() - self.lanes.sizeHint().width() - self.field.sizeHint().width() - scaled(20)
        versions: tuple[dict[ChangeKind, str], ...] = (longest, {kind: self._name(kind) for kind in entries})
        shown = next((texts for texts in versions if self._wide(texts.values()) <= room), {})
        for kind in entries:
            button = self.kinds[kind]
            style = Qt.ToolButtonStyle
            button.setToolButtonStyle(style.ToolButtonTextBesideIcon if shown else style.ToolButtonIconOnly)
            button.setText(shown.get(kind, ""))
            button.setMaximumWidth(self.maximumWidth() if shown else max(scaled(26), room // len(entries) - 1))

    def _name(self, kind: ChangeKind) -> str:
        return kind_in(self._model.full, kind, kind_name(kind))

    def _wide(self, texts: Iterable[str]) -> int:
        metrics = self.fontMetrics()
        return sum(metrics.horizontalAdvance(text) + scaled(42) for text in texts)

    def _words(self, key: str) -> str:
        kind, _, number = key.partition("/")
        if kind == "copies" and "/" not in number:
            return self.tr("Copy {number}").format(number=number)
        return FieldWords({}).whole(key)

    def _ask_fields(self) -> None:
        """The menu opens at once, and is filled when the answer is there."""
        menu = self.field.menu()
        menu.clear()
        menu.addAction(self.tr("All fields")).triggered.connect(lambda: self._filter.pin(""))
        menu.addSeparator()
        waiting = menu.addAction(self.tr("Reading…"))
        waiting.setEnabled(False)
        asked = self._workspace.ports.queries.ask(GetTouches(self._model.full.stream))
        self._workspace.bridge.call(asked, self._show_fields, lambda error: waiting.setText(str(error)), self)

    def _show_fields(self, touches: Mapping[str, tuple[int, ...]]) -> None:
        menu = self.field.menu()
        for action in menu.actions()[2:]:
            menu.removeAction(action)
        keys = dict.fromkeys("/".join(key.split("/")[:2]) if key.startswith("copies/") else key for key in touches)
        for key in [key for key in keys if not key.startswith("holds/")][:_MOST_FIELDS]:
            action = menu.addAction(self._words(key))
            action.triggered.connect(partial(self._filter.pin, key))
        if any(key.startswith("holds/") for key in keys):
            menu.addAction(self.tr("Holds")).triggered.connect(partial(self._filter.pin, "holds"))
