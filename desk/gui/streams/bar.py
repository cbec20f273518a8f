"""The line above a stream's events: which source, which page, live or not."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCompleter,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from desk.application.event_links import LINK_BEGINS
from desk.application.streampages import place_of
from desk.cqrs.store import Recorded
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import scaled
from desk.gui.streams.kept import KeptStreams
from desk.gui.streams.reading import Reading
from desk.gui.widgets.counting import counted
from desk.gui.widgets.placeholder import set_placeholder

SUGGESTED: Final = ("$all", "book-*", "isbn-*")


class StreamBar(QWidget):
    """A field for the source, buttons for the pages, a switch for live.

    Signals:
        chosen: (str) somebody typed or chose a source.
        link_given: (str) somebody typed a link to an event.
    """

    chosen = Signal(object)  # str
    link_given = Signal(object)  # str

    def __init__(self, icons: Icons, kept: KeptStreams, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._kept = kept
        self._names = QStringListModel(self)
        self.field = QLineEdit()
        set_placeholder(self.field, self.tr("A stream's name, a category as book-*, or $all"))
        self.field.setClearButtonEnabled(True)
        self.field.setMinimumWidth(120)
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.field.setCompleter(completer)
        completer.activated.connect(self._choose)
        self.field.returnPressed.connect(self._choose)
        label = QLabel(self.tr("St&ream"))
        label.setBuddy(self.field)
        self.state = QLabel()
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.state.setMinimumWidth(60)
        self.state.setForegroundRole(self.state.foregroundRole().PlaceholderText)
        self.oldest = self._page_button("first", self.tr("Oldest page (Ctrl+Home)"))
        self.older = self._page_button("previous", self.tr("Older page (Ctrl+Page Up)"))
        self.newer = self._page_button("next", self.tr("Newer page (Ctrl+Page Down)"))
        self.newest = self._page_button("last", self.tr("Newest page (Ctrl+End)"))
        self.go = QToolButton()
        icons.put(self.go, "search")
        self.go.setToolTip(self.tr("Go to a revision, position, date or event's id (Ctrl+G)"))
        self.go.setAccessibleName(self.tr("Go to"))
        self.filter = QToolButton()
        icons.put(self.filter, "filter")
        self.filter.setToolTip(self.tr("Filter by type, text, value or time (Ctrl+Shift+F)"))
        self.filter.setAccessibleName(self.tr("Filter"))
        self.new = QPushButton()
        self.new.setToolTip(self.tr("Go to what is new (Ctrl+End)"))
        self.new.hide()
        self.live = QToolButton()
        self.live.setText(self.tr("&Live"))
        self.live.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.live.setCheckable(True)
        self.live.setToolTip(self.tr("Show new events as they come (Ctrl+Space)"))
        icons.put(self.live, "live")
        self._lay_out(label)
        kept.changed.connect(self._offer)
        self._offer()

    def _lay_out(self, label: QLabel) -> None:
        source, rest, pages = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        source.addWidget(label)
        source.addWidget(self.field, 1)
        rest.addWidget(self.state, 1)
        pages.setSpacing(0)
        for button in (self.oldest, self.older, self.newer, self.newest):
            pages.addWidget(button)
        for widget in (self.new, self.filter, self.go):
            rest.addWidget(widget)
        rest.addLayout(pages)
        rest.addWidget(self.live)
        self._halves = (source, rest)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(10, 6, 8, 6)
        for half in self._halves:
            half.setSpacing(6)
            self._row.addLayout(half, 1)

    def minimumSizeHint(self) -> QSize:
        """Room for either of both halves is enough: where there is not more they stand below each other."""
        wide = max(half.minimumSize().width() for half in self._halves)
        return QSize(wide + 18, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = sum(half.minimumSize().width() for half in self._halves) + scaled(70)
        direction = QBoxLayout.Direction
        self._row.setDirection(direction.LeftToRight if self.width() >= needed else direction.TopToBottom)

    def _page_button(self, icon: str, text: str) -> QToolButton:
        button = QToolButton()
        self._icons.put(button, icon)
        button.setToolTip(text)
        button.setAccessibleName(text)
        return button

    def _offer(self) -> None:
        """What was looked at, and what is always worth offering, while somebody types."""
        self._names.setStringList(list(dict.fromkeys((*self._kept.looked_at, *SUGGESTED))))

    def _choose(self, *_: object) -> None:
        name = self.field.text().strip()
        if name.startswith(LINK_BEGINS):
            self.link_given.emit(name)
        elif name:
            self.chosen.emit(name)

    def show_state(self, state: Reading, shown: Sequence[Recorded], *, filtered: bool) -> None:
        """Say how far it is, and allow what makes sense; of filtered events somebody else says how far."""
        open_, count = state.source is not None, len(shown)
        some = open_ and count > 0
        for button, sense in (
            (self.oldest, some and state.older and not filtered),
            (self.older, some and (state.older or filtered)),
            (self.newer, some and state.newer and not filtered),
            (self.newest, open_ and not filtered),
            (self.filter, open_),
            (self.live, open_),
            (self.go, open_),
        ):
            button.setEnabled(sense)
        self.live.setChecked(state.live)
        self.new.setText(self.tr("{count} new").format(count=f"{state.new:,}"))
        self.new.setVisible(state.new > 0)
        self.state.setText(_sentence(state, shown, self.tr) if open_ and not filtered else "")
        self.state.setToolTip(self.state.text())


def _sentence(state: Reading, shown: Sequence[Recorded], tr: Callable[[str], str]) -> str:
    count, extent = len(shown), state.extent
    parts = [counted(count, tr("1 event"), tr("{n} events"))]
    if extent is not None and extent.first is not None and shown and state.source is not None:
        places = [place_of(state.source, event) - extent.first + 1 for event in (shown[0], shown[-1])]
        words = tr("{first}-{last} of {count}")
        parts = [words.format(first=f"{places[0]:,}", last=f"{places[1]:,}", count=f"{extent.count:,}")]
    if not count and (state.problem or state.busy):
        parts = [] if state.busy else [tr("how many events is not known")]
    if state.problem:
        parts.append(state.problem)
    elif state.busy:
        parts.append(tr("reading…"))
    elif state.live and state.caught_up:
        parts.append(tr("live"))
    if extent is not None:
        return " · ".join(parts)
    sides = {(True, True): tr("more on both sides"), (True, False): tr("older ones before")}
    sides[(False, True)] = tr("newer ones after")
    more = sides.get((state.older, state.newer))
    return " · ".join([*parts, more] if more else parts)
