"""The Streams place: the store's streams at the left, and beside them those that are open, each in a tab."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import zip_longest
from typing import Final, TypeAlias

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, Qt, Slot
from PySide6.QtGui import QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QTabBar, QTabWidget, QWidget

from desk.application.event_links import LINK_BEGINS
from desk.application.queries import Source
from desk.cqrs.store import Recorded
from desk.gui.frame.looked_at import store_key
from desk.gui.frame.panel import STREAMS
from desk.gui.frame.text_size import follow_text, scale, scaled
from desk.gui.frame.workspace import Workspace
from desk.gui.streams.compare_tab import CompareTab
from desk.gui.streams.event_facts import STORY, STREAM
from desk.gui.streams.explorer import StreamExplorer
from desk.gui.streams.filter_bar import FilterChip, chips_of
from desk.gui.streams.kept import KeptStreams, read_state
from desk.gui.streams.lanes_dialog import LanesDialog
from desk.gui.streams.lanes_tab import LanesTab
from desk.gui.streams.link_opening import LinkOpening
from desk.gui.streams.schema_tab import SchemaTab
from desk.gui.streams.story_tab import StoryTab
from desk.gui.streams.titles import StreamTitles
from desk.gui.streams.torn_off import TornOff, tab_title
from desk.gui.streams.tree_tab import TreeTab
from desk.gui.streams.view import StreamTab
from desk.gui.widgets.boxes import column, row, split
from desk.gui.widgets.controls import MenuOffer, add_keys, alternatives, icon_button, passing_menu
from desk.gui.widgets.visible_text import visible

_ROOM_FOR_BOTH: Final = 440
"""Pixels of normal text in which the explorer and what is open stand side by side; in less either is shown."""
_EXPLORER: Final = 390
"""Pixels of normal text that the explorer has until somebody drags its edge: the name of a book's stream is whole..."""
_SHARE: Final = 27
"""...where that is not more than so many hundredths of the place."""
OtherTab: TypeAlias = TreeTab | LanesTab
"""What is shown of streams that is no stream by itself."""


class StreamsPanel(QWidget):
    """Tabs remember what they show; the widths of one are those of the next."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.workspace = workspace
        self._store = store_key(workspace.ports)
        self._arrangement: tuple[str, str] | None = None
        self._torn: list[TornOff] = []
        self.kept = KeptStreams(self)
        self.links = LinkOpening(workspace, self.open_source, self.open_event, self)
        self.setObjectName("streams")
        self.setAccessibleName(self.tr("Streams"))
        self.titles = StreamTitles(workspace, self)
        self.explorer = StreamExplorer(workspace, self.kept, self.titles)
        self.tabs = _Tabs(documentMode=True, tabsClosable=True, movable=True, usesScrollButtons=True)
        self.tabs.tabBar().setAccessibleName(self.tr("Open streams"))
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setElideMode(Qt.TextElideMode.ElideMiddle)
        self.tabs.tabBar().setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.more = icon_button(workspace.icons, "book-new", self.tr("Open another stream in a tab of its own"))
        self.more.setAccessibleName(self.tr("New tab"))
        self.tabs.setCornerWidget(self.more)
        self.parts = split(self.explorer, self.tabs, sizes=[scaled(_EXPLORER), scaled(900)])
        self.parts.setStretchFactor(1, 1)
        self.parts.setCollapsible(0, True)
        self.which = self.finding, self.reading = alternatives(
            self,
            (self.tr("&Find"), self.tr("All streams of the store (Ctrl+P); there is no room for more")),
            (self.tr("&Open"), self.tr("What is open; there is no room for more")),
        )
        self.finding.clicked.connect(self.show_explorer)
        self.reading.clicked.connect(self.show_open)
        self.reading.setChecked(True)
        column(row(*self.which, None, spacing=0), self.parts, on=self)
        self._connect()
        self._wide: int | None = None
        """What somebody gave the explorer, in pixels of normal text."""
        self.parts.splitterMoved.connect(self._note_width)
        follow_text(self, self._follow_text)
        self.add_view()

    def _connect(self) -> None:
        self.workspace.source_wanted.connect(self.go_to)
        self.titles.changed.connect(self._changed)
        self.explorer.wanted.connect(self.go_to)
        self.explorer.wanted_beside.connect(self.open_beside)
        self.tabs.currentChanged.connect(self.show_open)
        self.explorer.lanes_wanted.connect(self.ask_lanes)
        self.more.clicked.connect(lambda: self.open_beside(""))
        bar = self.tabs.tabBar()
        bar.installEventFilter(self)
        bar.customContextMenuRequested.connect(self._open_menu)
        self.tabs.tabCloseRequested.connect(self.close_tab)
        self.tabs.currentChanged.connect(self._changed)
        add_keys(self, {"Ctrl+W": lambda: self.close_tab(bar.currentIndex()), "Ctrl+P": self.show_explorer})

    # What can be done with it

    @property
    def view(self) -> StreamTab:
        """The stream in front; where another kind of tab is, the first stream."""
        view = self.tabs.currentWidget()
        if isinstance(view, StreamTab):
            return view
        return self.views[0] if self.views else self.add_view()

    @property
    def views(self) -> tuple[StreamTab, ...]:
        """All tabs, also those that were torn off."""
        return tuple(one for one in (*self._inside, *(torn.view for torn in self._torn)) if isinstance(one, StreamTab))

    @property
    def _inside(self) -> list[StreamTab | OtherTab]:
        """All tabs but those that were torn off."""
        inside = (self.tabs.widget(number) for number in range(self.tabs.count()))
        return [tab for tab in inside if isinstance(tab, StreamTab | OtherTab)]

    @Slot()
    def show_explorer(self) -> None:
        """To the streams of the store."""
        self.finding.setChecked(True)
        self._fit()
        self.explorer.box.setFocus()

    def begin_search(self) -> None:
        """Search the stream in front; where there is none, for a stream."""
        view = self.tabs.currentWidget()
        if not (isinstance(view, StreamTab) and view.isVisible() and view.filtering.ask_for_text()):
            self.show_explorer()

    @Slot()
    def show_open(self) -> None:
        """To what is open; the history beside it is that of what is in front."""
        self.reading.setChecked(True)
        self._fit()
        front = self.tabs.currentWidget()
        if self.isVisible() and isinstance(front, StreamTab | LanesTab):
            front.look()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        before, either = not self.reading.isHidden(), self.width() < scaled(_ROOM_FOR_BOTH)
        for button, part in zip(self.which, (self.explorer, self.tabs), strict=True):
            button.setVisible(either)
            part.setVisible(not either or button.isChecked())
        if not either and (before or self._wide is None):
            self._share()

    def go_to(self, text: str) -> None:
        """To a source by its name, or to an event by a link."""
        if text.startswith(LINK_BEGINS):
            self.links.open(text)
        else:
            self.open_source(text)

    def open_source(self, text: str) -> StreamTab:
        """Show a stream, ``$all``, or a category as ``book-*`` in the tab that has it, else in the one in front."""
        for view in self.views:
            if view.name == text and text:
                self._bring(view)
                return view
        view = self.view
        self._bring(view)
        view.open_source(text)
        return view

    def open_event(self, event: Recorded) -> None:
        """Show an event where it stands in its stream."""
        self.open_source(event.stream).go_to_event(event)

    def follow(self, goal: str) -> None:
        """Where a link of an event leads: to a stream, or to a story."""
        if goal.startswith(STREAM):
            self.open_beside(goal.removeprefix(STREAM))
        else:
            self._add_tab(StoryTab(self.workspace, goal.removeprefix(STORY)))

    def look_at_schema(self, type_name: str) -> None:
        """Show what the payloads of a type look like."""
        self._add_tab(SchemaTab(self.workspace, type_name))

    def ask_lanes(self, *first: str) -> None:
        """Ask which streams are to be seen side by side: these and the one in front, or else all that are open."""
        names = [view.name for view in self.views]
        checked = (*first, self.view.name) if first else names
        offered = (*names, *self.kept.favourites, *self.kept.looked_at)
        dialog = LanesDialog(self.workspace, checked, offered, self, self.titles.of)
        dialog.chosen.connect(self.show_lanes)
        dialog.open()

    def show_lanes(self, sources: Iterable[Source], *, by_correlation: bool = False) -> None:
        """Show streams side by side."""
        lanes = LanesTab(self.workspace, self.kept, self.titles, sources)
        lanes.by[by_correlation].click()
        lanes.goal_wanted.connect(self.follow)
        self._add_tab(lanes)

    def mark(self, event: Recorded) -> None:
        """This one is what others are compared with."""
        self.kept.mark(event)
        place = f"{event.revision}@{visible(event.stream)}"
        self.workspace.say(self.tr("{event} is marked: choose another event to compare it with.").format(event=place))

    def compare(self, wanted: tuple[Recorded, bool]) -> None:
        """Compare an event, or the state as of it, with the marked one."""
        event, wants_states = wanted
        if self.kept.marked is None:
            self.workspace.say(self.tr("Mark an event first: it is compared with that."))
        else:
            self._add_tab(CompareTab(self.workspace, self.kept.marked, event, of_states=wants_states))

    def open_beside(self, text: str, chips: Sequence[FilterChip] = ()) -> None:
        """Show it in a tab of its own."""
        view = self.add_view()
        self.tabs.setCurrentWidget(view)
        if text:
            view.open_source(text, chips=chips)
        else:
            view.bar.field.setFocus()

    def add_view(self) -> StreamTab:
        """One more tab, which shows nothing yet."""
        view = StreamTab(self.workspace, self.kept)
        view.named.connect(self._changed)
        view.bar.link_given.connect(self.links.open)
        view.filtering.everywhere_wanted.connect(partial(self.open_beside, "$all"))
        view.goal_wanted.connect(self.follow)
        view.schema_wanted.connect(self.look_at_schema)
        view.marked.connect(self.mark)
        view.compared.connect(self.compare)
        if self._arrangement is not None:
            view.arrange(*self._arrangement)
        self._put_in(view)
        return view

    def close_tab(self, number: int) -> None:
        """Close a tab; the last one becomes empty."""
        view = self._take_out(number)
        if view is not None:
            view.stop()
            view.deleteLater()

    def _take_out(self, number: int) -> StreamTab | OtherTab | None:
        """A tab that is one no more; in place of the last there is an empty one."""
        view = self.tabs.widget(number)
        if not isinstance(view, StreamTab | OtherTab):
            return None
        if self.tabs.count() == 1:
            self.add_view()
        self.tabs.removeTab(number)
        return view

    def tear_off(self, number: int) -> None:
        """Put a tab into a window of its own; closing that brings it back."""
        view = self._take_out(number) if isinstance(self.tabs.widget(number), StreamTab) else None
        if isinstance(view, StreamTab):
            self._torn.append(TornOff(view, self, self.take_back))

    def take_back(self, torn: TornOff) -> None:
        """A torn off tab stands here again."""
        self._torn.remove(torn)
        self._put_in(torn.view)

    def stop(self) -> None:
        """Read no more; to be called before the session closes."""
        self.explorer.stop()
        for tab in {*self.views, *self._inside}:
            tab.stop()
        for torn in self._torn:
            torn.end()

    def save_state(self) -> QByteArray:
        """What is to be remembered: widths, and for each store what is kept of it and which tabs are open."""
        opened = [view for view in self.views if view.name]
        filters = [[(chip.kind, chip.text) for chip in view.filtering.chips] for view in opened]
        lanes = [(number, tab) for number, tab in enumerate(self._inside) if isinstance(tab, LanesTab)]
        front = self.tabs.currentWidget()
        mine = self.kept.state() | {
            "open": [view.name for view in opened],
            "filters": filters,
            "lanes": [(number, list(map(str, tab.lanes.sources)), tab.by_correlation) for number, tab in lanes],
            "front": front.name if isinstance(front, StreamTab | OtherTab) else "",
        }
        stores = read_state(self.workspace.settings.panel_state(STREAMS)).get("stores", {})  # another may have gone on
        state = {"wide": self._wide, "view": self.view.arrangement(), "stores": stores | {self._store: mine}}
        return QByteArray(json.dumps(state).encode())

    def restore_state(self, saved: QByteArray) -> None:
        """The inverse of :meth:`save_state`; what makes no sense is passed over."""
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            state = read_state(saved)
            mine = state["stores"].get(self._store, {})
            self.kept.restore(mine)
            for number, (name, saved) in enumerate(zip_longest(mine.get("open", ()), mine.get("filters", ()))):
                view = self.add_view() if number else self.view
                view.open_source(str(name), chips=chips_of(saved))
            for number, names, *by in mine.get("lanes", ()):
                self.show_lanes(map(Source.parse, names), by_correlation=by == [True])
                self.tabs.tabBar().moveTab(self.tabs.count() - 1, number)
            front = (tab for tab in self._inside if tab.name == mine.get("front"))
            self.tabs.setCurrentWidget(next(front, self._inside[0]))
            parts, columns = state["view"]
            self._wide = int(state["wide"]) if state.get("wide") else None
            self._share()
            self._arrangement = (str(parts), str(columns))
            for view in self.views:
                view.arrange(*self._arrangement)

    # Within

    def showEvent(self, event: QShowEvent) -> None:
        """Where nothing is open yet, that is which is looked at elsewhere."""
        super().showEvent(event)
        self._share()
        self._fit()
        place = self.workspace.place
        if place is not None and not any(view.name for view in self.views):
            self.view.open_source(place.stream, place.revision)

    def _follow_text(self) -> None:
        self.explorer.setMinimumWidth(scaled(110))
        self._share()
        self._fit()

    def _share(self) -> None:
        """Larger names need more room, but most of the place is for what is open."""
        total = sum(self.parts.sizes())
        wide = min(scaled(self._wide or _EXPLORER), total // 2 if self._wide else total * _SHARE // 100)
        self.parts.setSizes([wide, total - wide])

    def _note_width(self) -> None:
        """How wide the explorer is wanted, in pixels of normal text."""
        if not self.explorer.isHidden():
            self._wide = round(self.parts.sizes()[0] / scale())

    def _add_tab(self, tab: OtherTab) -> None:
        tab.event_wanted.connect(self.open_event)
        self._put_in(tab)
        self.tabs.setCurrentWidget(tab)

    def _put_in(self, tab: StreamTab | OtherTab) -> None:
        self.tabs.addTab(tab, self.tr("New tab"))
        self._changed()

    def _bring(self, view: StreamTab) -> None:
        self.tabs.setCurrentWidget(view)
        self.show_open()
        if self.tabs.indexOf(view) < 0:
            view.window().raise_()
            view.window().activateWindow()

    def _changed(self) -> None:
        """One tab alone needs no bar; all are named; the focus goes to the field of the one in front."""
        self.tabs.tabBar().setVisible(self.tabs.count() > 1)
        for number, tab in [(self.tabs.indexOf(tab), tab) for tab in self._inside if tab.name]:
            title = tab.title if isinstance(tab, LanesTab) else self.titles.of(tab.name)
            self.tabs.setTabText(number, tab_title(title))
            self.tabs.setTabToolTip(number, visible(tab.name))
        front = self.tabs.currentWidget()
        if front is not None:
            self.setFocusProxy(front.bar.field if isinstance(front, StreamTab) else front)
        self.explorer.show_at(front.name if isinstance(front, StreamTab) else "")

    def _open_menu(self, at: QPoint) -> None:
        number = self.tabs.tabBar().tabAt(at)
        if number < 0:
            return
        view, offers = self.tabs.widget(number), list[MenuOffer]()
        if isinstance(view, StreamTab) and view.name:
            offers.append((self.tr("&Side by side with…"), partial(self.ask_lanes, view.name)))
        offers.append((self.tr("&Tear off"), partial(self.tear_off, number)))
        offers.append((self.tr("&Close"), partial(self.close_tab, number)))
        passing_menu(self.tabs, offers).popup(self.tabs.tabBar().mapToGlobal(at))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A double click tears a tab off."""
        if event.type() is QEvent.Type.MouseButtonDblClick and isinstance(watched, QTabBar):
            self.tear_off(self.tabs.currentIndex())
            return True
        return super().eventFilter(watched, event)


class _Tabs(QTabWidget):
    """Without the lines that Qt draws beside the bar: something of them stays where that is hidden."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """All of it is within."""
