"""The places of a workspace, the rail that leads to them, and the companions beside them."""

from concurrent.futures import Future
from functools import partial
from pkgutil import resolve_name

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QToolBar, QWidget

from desk.gui.frame.actions import ActionSpec, Menu
from desk.gui.frame.loading import loading
from desk.gui.frame.panel import CATALOGUE, CompanionSpec, Headed, Panel, PlaceSpec
from desk.gui.frame.room import (
    ROOM_BELOW,
    CompanionTitle,
    PlaceStack,
    Room,
    begin_search_around,
    focus_within,
    is_upright,
    lacks_room,
    show_tabs,
)
from desk.gui.frame.settings import LAYOUT
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.frame.workspace import Workspace
from desk.gui.widgets.background import start

ICON = 22


class Places(QObject):
    """One place is shown at a time; each remembers how its companions stand.

    Signals:
        changed: another place is shown (str).
        went_beside: somebody went to a companion (str).
    """

    changed = Signal(str)
    went_beside = Signal(str)

    def __init__(
        self,
        view: QMainWindow,
        workspace: Workspace,
        places: tuple[PlaceSpec, ...],
        companions: tuple[CompanionSpec, ...],
    ) -> None:
        super().__init__(view)
        self._view, self._actions, self.workspace = view, workspace.actions, workspace
        self.places = {spec.name: spec for spec in places}
        self.companions = {spec.name: spec for spec in companions}
        self.widgets: dict[str, QWidget] = {}
        self._rooms: dict[str, Room] = {}
        self._docks: dict[str, QDockWidget] = {}
        self._titles: dict[str, CompanionTitle] = {}
        self._arrangements: dict[str, bytes] = {}
        self.current = places[0].name
        self._in_strip = self._has_begun = False
        self._to_build: list[PlaceSpec | CompanionSpec] = []
        self.loading: Future[list[object]] | None = None
        self._hidden: set[QDockWidget] = set()
        self._bare, self.counts_care = "", True
        self._away: set[QDockWidget] = set()
        self._sizes: dict[str, int] = {}
        self.stack = PlaceStack()
        view.setCentralWidget(self.stack)
        view.setDockNestingEnabled(True)
        view.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.rail = self._make_rail()
        self.rail.installEventFilter(self)
        for companion in companions:
            self._add_companion(companion)
        workspace.place_wanted.connect(self.go)
        workspace.companion_wanted.connect(self.go_beside)
        workspace.search_wanted.connect(self.begin_search)
        view.installEventFilter(self)

    def __getitem__(self, name: str) -> QWidget:
        """The widget of a place or companion, which is built if need be. Raises KeyError before the session is open."""
        self._build(name)
        return self.widgets[name]

    def dock(self, name: str) -> QDockWidget:
        """What a companion stands in."""
        return self._docks[name]

    def put(self, name: str, widget: QWidget) -> None:
        """The widget of a place or companion; it belongs to the view from now on."""
        self.widgets[name] = widget
        self._rooms[name] = Room(widget)
        if name in self.places:
            self.stack.addWidget(self._rooms[name])
            if name == self.current:
                self.stack.setCurrentWidget(self._rooms[name])
        else:
            self._docks[name].setWidget(self._rooms[name])
            if isinstance(widget, Headed):
                self._titles[name].take(widget.header)

    def begin(self) -> None:
        """Arrange every place as at first, then as it was remembered; show the one that was shown last."""
        self.current = self.workspace.settings.place if self.workspace.settings.place in self.places else self.current
        self._arrangements = {name: bytes(self.workspace.settings.arrangement(name).data()) for name in self.places}
        self._sizes = self.workspace.settings.companion_sizes
        self._has_begun = True
        self._arrange(self.current)

    def open(self) -> None:
        """The session is open: show the place; then what stands beside it is built, and what counts what wants care."""
        # Whoever typed into the catalogue's search box goes on, and a view that stands ready takes keys from nobody.
        (self.go if self.current != CATALOGUE and self._view.isVisible() else self.show)(self.current)
        self._to_build = [spec for spec in self.companions.values() if spec.panel]
        self._to_build += [place for place in self.places.values() if place.at_once and self.counts_care]
        self.loading = start(loading(*(spec.panel for spec in self._to_build)), "panels")
        self.workspace.bridge.call(self.loading, self._build_next, None, self)

    def _build_next(self, _loaded: object = None) -> None:
        if self._to_build:
            self._build(self._to_build.pop(0).name)
            QTimer.singleShot(0, self, self._build_next)

    def shut(self) -> None:
        """Remember how everything looks, and let every panel give back what belongs to the session."""
        self._to_build.clear()
        self._remember(self.current)
        settings = self.workspace.settings
        settings.place, settings.companion_sizes = self.current, self._sizes
        for name, arrangement in self._arrangements.items():
            settings.set_arrangement(name, arrangement)
        for name, widget in reversed(self.widgets.items()):
            if isinstance(widget, Panel):
                widget.stop()
                settings.set_panel_state(name, widget.save_state())

    @Slot(str)
    def go(self, name: str) -> None:
        """Show a place, and go to what can be worked with in it."""
        self.show(name)
        if name in self.widgets:
            focus_within(self.widgets[name])

    def show(self, name: str) -> None:
        """Show a place."""
        self._build(name)
        if name != self.current:
            self._remember(self.current)
            self.current = name
            self._arrange(name)
        if name in self._rooms:
            self.stack.setCurrentWidget(self._rooms[name])
            self.stack.updateGeometry()
        self._actions[f"go.{name}"].setChecked(True)
        self.changed.emit(name)

    @Slot()
    def begin_search(self) -> None:
        """Search what has the focus, or else the place; the catalogue where neither has a search."""
        if not (begin_search_around(self._view.focusWidget()) or begin_search_around(self.widgets.get(self.current))):
            self.show(CATALOGUE)
            begin_search_around(self.widgets.get(CATALOGUE))

    def put_back(self) -> None:
        """The companions of the present place as they were at first."""
        self._arrangements[self.current] = b""
        self._sizes.pop(f"{self.current}/strip", None)
        self._arrange(self.current)

    def leave_room(self, place: str, *, alone: bool) -> None:
        """As long as a place stands alone its companions are away, but for those that somebody opens meanwhile."""
        if alone == (self._bare == place):
            return
        if self._view.isVisible():
            self._remember(self.current)
        docks = {self._docks[name] for name, companion in self.companions.items() if place in companion.places}
        opened = set() if alone else docks - self._away
        self._bare, self._away = (place, docks) if alone else ("", set())
        if self.current == place:
            self._arrange(place)
            for dock in opened:
                dock.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The view has another size, or its text has; or Esc in a companion that was torn off, which has no view."""
        if isinstance(watched, QDockWidget):
            is_escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
            return is_escape and event.type() is QEvent.Type.KeyPress and self.workspace.escape()
        if watched is self.rail and event.type() is QEvent.Type.Resize:
            QTimer.singleShot(0, self, self._give_heights)  # once a ribbon that came or went above it is laid out
        if watched is self.rail:
            return False
        if self._has_begun and event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange):
            self._fit()
        if event.type() is QEvent.Type.MouseButtonRelease:
            self._note_sizes()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        if lacks_room(self._view) != self._in_strip:
            if self._view.isVisible():
                self._remember(self.current)
            self._arrange(self.current)
        else:
            (self._give_strip if self._in_strip else self._give_wanted_sizes)()

    @Slot()
    def walk(self) -> None:
        """On to the next of: the place, and the companions that are seen beside it."""
        stops = [self.stack, *(dock for dock in self._docks.values() if dock.isVisible())]
        focus = self._view.focusWidget()
        here = next((i for i, stop in enumerate(stops) if focus is not None and stop.isAncestorOf(focus)), -1)
        focus_within(stops[(here + 1) % len(stops)])

    # ── within ────────────────────────────────────────────────────────────────────────────────────────────────

    def _build(self, name: str) -> None:
        spec = self.places.get(name) or self.companions[name]
        if name in self.widgets or not spec.panel or self.workspace.session is None:
            return
        widget: QWidget = resolve_name(spec.panel)(self.workspace)
        if isinstance(widget, Panel):  # before it is seen: what is behind something else begins nothing
            widget.restore_state(self.workspace.settings.panel_state(name))
        self.put(name, widget)
        for action in spec.actions:
            self._actions.allow(action.name)
            if action.local:
                widget.addAction(self._actions[action.name])

    def _make_rail(self) -> QToolBar:
        rail = QToolBar(self.tr("Places"), self._view)
        rail.setObjectName("rail")
        rail.setMovable(False)
        rail.setOrientation(Qt.Orientation.Vertical)
        follow_text(rail, lambda: rail.setIconSize(QSize(scaled(ICON), scaled(ICON))))
        for place in self.places.values():
            name = f"go.{place.name}"
            go = partial(Places.go, name=place.name)
            self._add_actions(ActionSpec(name, Menu.GO, place.title, place.icon, (place.key,), run=go, group="places"))
            rail.addAction(self._actions[name])
            self._add_panel_actions(place)
        self._actions[f"go.{self.current}"].setChecked(True)
        self._view.addToolBar(Qt.ToolBarArea.LeftToolBarArea, rail)
        return rail

    def _add_actions(self, *specs: ActionSpec["Places"]) -> None:
        self._actions.add(specs, lambda: self)

    def _add_panel_actions(self, spec: PlaceSpec | CompanionSpec) -> None:
        """They wait until the panel is built, and show it before they do something."""
        self._actions.add(spec.actions, partial(self._seen, spec.name))
        for action in spec.actions:
            self._actions.refuse(action.name, self.tr("The catalogue is not open yet."))

    def _seen(self, name: str) -> QWidget:
        """The widget of a place or companion, which is shown unless it is seen already."""
        widget = self[name]
        if not widget.isVisible():
            (self.go if name in self.places else self.go_beside)(name)
        return widget

    def _add_companion(self, spec: CompanionSpec) -> None:
        dock = QDockWidget(spec.title, self._view)
        dock.setObjectName(f"dock.{spec.name}")
        dock.setAccessibleName(spec.title)
        dock.installEventFilter(self)
        self._titles[spec.name] = CompanionTitle(dock, self.workspace.icons)
        self._docks[spec.name] = dock
        self._view.addDockWidget(spec.area, dock)
        title = self.tr("To {panel}").format(panel=spec.title)
        go = partial(Places.go_beside, name=spec.name)
        self._add_actions(ActionSpec(f"go.{spec.name}", Menu.GO, title, spec.icon, (spec.key,), run=go))
        title, keys = self.tr("Show {panel}").format(panel=spec.title), (f"Shift+{spec.key}",)
        name = f"show.{spec.name}"
        self._add_actions(ActionSpec(name, Menu.VIEW, title, spec.icon, keys, toggle=lambda _, on: dock.setVisible(on)))
        dock.visibilityChanged.connect(lambda _: self._actions[name].setChecked(not dock.isHidden()))
        self._add_panel_actions(spec)

    @Slot(str)
    def go_beside(self, name: str) -> None:
        """Go to a companion; where the present place has no room for it, to the first that has."""
        if self.current not in self.companions[name].places:
            self.show(self.companions[name].places[0])
        self._build(name)
        dock = self._docks[name]
        dock.show()
        dock.raise_()
        if name in self.widgets:
            focus_within(self.widgets[name])
        self.went_beside.emit(name)

    def _remember(self, name: str) -> None:
        """The arrangement around the place; of the strip only what was shown or hidden meanwhile.

        Of one that stands alone nothing: its arrangement is that of before.
        """
        if name == self._bare:
            self._away = self._find_hidden()
            return
        if self._in_strip:
            hidden = self._find_hidden()
            if hidden == self._hidden:
                return
            self._restore(name)
            for dock in self._docks.values():
                dock.setHidden(dock in hidden)
        self._arrangements[name] = bytes(self._view.saveState(LAYOUT).data())

    def _note_sizes(self) -> None:
        """How much room somebody gives to the companions, in pixels of normal text; a smaller window takes some."""
        for name, dock in self._standing():
            size = dock.width() if is_upright(self._view, dock) else dock.height()
            self._sizes[f"{self.current}/{'strip' if self._in_strip else name}"] = size * 100 // scaled(100)

    def _give_wanted_sizes(self) -> None:
        for name, dock in self._standing():
            self._give(dock, name)

    @Slot()
    def _give_heights(self) -> None:
        for name, dock in self._standing():
            if not lacks_room(self._view) and not is_upright(self._view, dock):
                self._give(dock, name)

    def _standing(self) -> list[tuple[str, QDockWidget]]:
        """The companions that stand around the place."""
        return [(name, dock) for name, dock in self._docks.items() if not dock.isHidden() and not dock.isFloating()]

    def _give(self, dock: QDockWidget, name: str) -> None:
        """As much as somebody gave to it, or else as at first."""
        spec, wanted, most = self.companions[name], self._sizes.get(f"{self.current}/{name}"), 60
        if wanted is None:
            wanted, most = spec.size, dict(spec.less).get(self.current, most)
        upright = is_upright(self._view, dock)
        across = self._view.width() if upright else self._view.height()
        direction = Qt.Orientation.Horizontal if upright else Qt.Orientation.Vertical
        self._view.resizeDocks([dock], [min(scaled(wanted), across * most // 100)], direction)

    def _find_hidden(self) -> set[QDockWidget]:
        return {dock for dock in self._docks.values() if dock.isHidden()}

    def _restore(self, name: str) -> None:
        state = self._arrangements.get(name)
        if not state or not self._view.restoreState(state, LAYOUT):
            self._arrange_as_at_first(name)
        elif not lacks_room(self._view):
            self._give_wanted_sizes()

    def _arrange(self, name: str) -> None:
        """Put the companions of a place where they were; those of other places are hidden."""
        self._restore(name)
        self._in_strip = lacks_room(self._view)
        style = Qt.ToolButtonStyle
        self.rail.setToolButtonStyle(style.ToolButtonIconOnly if self._in_strip else style.ToolButtonTextUnderIcon)
        if self._in_strip:
            self._put_in_strip(name)
        for companion, dock in self._docks.items():
            belongs = name in self.companions[companion].places
            if not belongs or (name == self._bare and dock in self._away):
                dock.hide()
            elif name == self._bare:
                dock.show()
            where = self.tr("This stands beside {places}.")
            titles = ", ".join(self.places[place].title for place in self.companions[companion].places)
            self._actions.judge(f"show.{companion}", "" if belongs else where.format(places=titles))
        self._hidden = self._find_hidden()
        show_tabs(self._view, self._docks.values())

    def _put_in_strip(self, name: str) -> None:
        """All companions of a place as tabs, to the right of it: that is where a window has most to give."""
        docks = [self._docks[companion] for companion, spec in self.companions.items() if name in spec.places]
        strip = [dock for dock in docks if not dock.isFloating()]
        hidden = [dock for dock in strip if dock.isHidden()]
        for dock in strip:
            self._view.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
            if dock is not strip[0]:
                self._view.tabifyDockWidget(strip[0], dock)
        for dock in hidden:
            dock.hide()
        self._give_strip()

    def _give_strip(self) -> None:
        """As much as somebody gave to it, or half of the window."""
        strip, across = [dock for _, dock in self._standing()], self._view.width()
        wanted = self._sizes.get(f"{self.current}/strip")
        size = across // 2 if wanted is None else min(scaled(wanted), across * 70 // 100)
        if strip:
            self._view.resizeDocks(strip, [size] * len(strip), Qt.Orientation.Horizontal)

    def _arrange_as_at_first(self, name: str) -> None:
        for companion, dock in self._docks.items():
            spec = self.companions[companion]
            dock.setFloating(False)
            self._view.addDockWidget(spec.area, dock)
            most = dict(spec.less).get(name, 100)
            has_room = most >= 50 or self._view.height() * most // 100 >= scaled(ROOM_BELOW)
            dock.setVisible(name in spec.places and has_room)
            self._sizes.pop(f"{name}/{companion}", None)
            self._give(dock, companion)
