"""One event of any stream: what and where it is, its data, its metadata, and its bytes."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from html import escape
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QScrollArea,
    QWidget,
)

from desk.application.event_links import LinkTarget, why_dangling
from desk.application.stream_extent import StreamExtent
from desk.application.streampages import LINK
from desk.cqrs.messages import Query
from desk.cqrs.store import Recorded
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.frame.theme import Theme
from desk.gui.streams.event_facts import leads, origin, when, where_and_how_large
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.controls import giving_way, icon_button, later, quiet
from desk.gui.widgets.hex_view import HexView
from desk.gui.widgets.json_tree import JsonTree
from desk.gui.widgets.late_tabs import LateTabs
from desk.gui.widgets.visible_text import visible
from desk.gui.widgets.wrapping import BreakingLabel

DATA, METADATA, RAW, ABOUT = range(4)
_ROOM_FOR_VALUES: Final = 150
"""Pixels of normal text that the parts of the event have beside what is said about it; where there are not so many,
that is a part of its own.
"""


class EventDetail(QWidget):
    """Only the tab in sight is filled: a payload may be a mebibyte.

    Signals:
        wanted: (str) a link was followed: what it leads to, behind one of the beginnings in ``event_facts``.
    """

    wanted = Signal(str)

    def __init__(self, theme: Theme, bridge: GuiBridge, icons: Icons) -> None:
        super().__init__()
        self._bridge = bridge
        self.event_shown: Recorded | None = None
        self.title = giving_way(BreakingLabel())
        font = self.title.font()
        font.setWeight(QFont.Weight.DemiBold)
        self.title.setFont(font)
        self.where, self.when, self.link, self.origin = (giving_way(BreakingLabel()) for _ in range(4))
        for line in (self.where, self.when):
            quiet(line)
        for line in (self.link, self.origin):
            line.setTextFormat(Qt.TextFormat.RichText)
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
            line.linkActivated.connect(self.wanted)
        self.link.setAccessibleName(self.tr("Where the link leads"))
        self.origin.setAccessibleName(self.tr("What it came from"))
        self.data_view = JsonTree(theme, bridge)
        self.about, self._about_page = QWidget(), QScrollArea(widgetResizable=True)
        self._about_page.setFrameShape(QFrame.Shape.NoFrame)
        column(self.where, self.when, self.link, self.origin, on=self.about, spacing=1)
        self.tabs = LateTabs[JsonTree | HexView | QScrollArea]()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.tr("Event"))
        self.tabs.tabBar().setAccessibleName(self.tr("Parts of the event"))
        self.tabs.offer(self.tr("&Data"), lambda: self.data_view)
        self.tabs.offer(self.tr("&Metadata"), partial(self._metadata_view, theme))
        self.tabs.offer(self.tr("&Raw"), HexView)
        self.tabs.offer(self.tr("A&bout"), lambda: self._about_page)
        self.tabs.setTabVisible(ABOUT, False)
        self.tabs.currentChanged.connect(self._fill)
        self.copy = icon_button(icons, "clipboard", self.tr("Copy what this tab shows, whole"))
        self.copy.setAccessibleName(self.tr("Copy"))
        self.copy.clicked.connect(self._copy)
        self._texts = column(self.title, self.about, spacing=1)
        top = row((self._texts, 1), self.copy, margins=(12, 8, 6, 4))
        top.setAlignment(self.copy, Qt.AlignmentFlag.AlignTop)
        column(top, (self.tabs, 1), on=self, spacing=0)
        self._sharing = later(self, 0, self._share)
        follow_text(self, self._share)
        self.clear()

    def clear(self) -> None:
        """Show no event."""
        self.event_shown = None
        self.title.setText(self.tr("No event is selected."))
        self.where.setText("")
        self.when.setText("")
        self.link.hide()
        self.origin.hide()
        self.copy.setEnabled(False)
        self._share()
        self._fill()

    def show_event(self, event: Recorded) -> None:
        """Show one event."""
        self.event_shown = event
        self.copy.setEnabled(True)
        _say(self.title, visible(event.type))
        _say(self.where, where_and_how_large(event))
        _say(self.when, when(event))
        for label, text in ((self.link, leads(event)), (self.origin, origin(event))):
            label.setText(text)
            label.setVisible(bool(text))
        self.link.setToolTip("")
        self._share()
        self._fill()

    def explain_link(self, ask: Callable[[Query[StreamExtent]], "Future[StreamExtent]"]) -> None:
        """Where the event is a link, it leads nowhere, or another one would be shown: ask why, and say so."""
        event = self.event_shown
        target = LinkTarget.of(event) if event is not None and event.type == LINK else None
        if event is not None and target is not None:
            # Where that cannot be asked, it is not known, and nothing is said of it.
            say = partial(self._say_why, event, target)
            self._bridge.call(ask(target.question), say, lambda _error: None, self)

    def _say_why(self, event: Recorded, target: LinkTarget, extent: StreamExtent) -> None:
        if event is self.event_shown:
            why = escape(visible(why_dangling(target, extent)))
            self.link.setText(f"{leads(event)} · " + self.tr("It leads nowhere: {why}.").format(why=why))
            self._share()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._sharing.start()

    def minimumSizeHint(self) -> QSize:
        """What is said about the event asks for no room."""
        least = self.title.sizeHint().height() + self.tabs.minimumSizeHint().height() + 12
        return QSize(super().minimumSizeHint().width(), least)

    def _share(self) -> None:
        """Values first: where there is little room, what is said about the event is a tab beside them."""
        wide = self.width() - self.copy.sizeHint().width() - 24
        above = self.title.heightForWidth(wide) + self.about.heightForWidth(wide)
        apart = self.height() < above + scaled(_ROOM_FOR_VALUES)
        if apart is not self.tabs.isTabVisible(ABOUT):
            if self.tabs.currentIndex() == ABOUT:
                self.tabs.setCurrentIndex(DATA)
            self.tabs.setTabVisible(ABOUT, apart)
            if apart:
                self.about.setContentsMargins(12, 6, 6, 6)
                self._about_page.setWidget(self.about)
            else:
                self.about.setContentsMargins(0, 0, 0, 0)
                self._texts.addWidget(self._about_page.takeWidget())
            self.about.show()

    def _fill(self) -> None:
        event, tab = self.event_shown, self.tabs.currentIndex()
        for number, view in self.tabs.built:
            if isinstance(view, QScrollArea):
                continue
            if event is None or number != tab:
                view.clear()
            else:
                view.show_bytes(event.metadata if tab == METADATA else event.data)

    def _metadata_view(self, theme: Theme) -> JsonTree:
        view = JsonTree(theme, self._bridge)
        view.tree.setAccessibleName(self.tr("Metadata"))
        return view

    def _copy(self) -> None:
        event, tab = self.event_shown, self.tabs.currentIndex()
        if event is not None:
            payload = event.metadata if tab == METADATA else event.data
            text = payload.hex() if tab == RAW else payload.decode("utf-8", "replace")
            QApplication.clipboard().setText(f"{where_and_how_large(event)}\n{when(event)}" if tab == ABOUT else text)


def _say(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setToolTip(text)
