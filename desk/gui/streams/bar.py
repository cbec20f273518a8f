"""The line above a stream's events: which source, which page, live or not."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCompleter,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from desk.application.event_links import LINK_BEGINS
from desk.application.streampages import place_of
from desk.cqrs.store import Recorded
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.streams.kept import KeptStreams
from desk.gui.streams.reading import Reading
from desk.gui.widgets.boxes import row
from desk.gui.widgets.controls import icon_button, quiet, text_button
from desk.gui.widgets.counting import counted
from desk.gui.widgets.cut_label import CutLabel
from desk.gui.widgets.placeholder import set_placeholder
from desk.gui.widgets.visible_text import visible

SUGGESTED: Final = ("$all", "book-*", "isbn-*")


class StreamBar(QWidget):
    """A field for the source, buttons for the pages, a switch for live.

    Signals:
        chosen: (str) somebody typed or chose a source.
        link_given: (str) somebody typed a link to an event.
    """

    chosen = Signal(object)  # str
    link_given = Signal(object)  # str

    def __init__(self, icons: Icons, kept: KeptStreams) -> None:
        super().__init__()
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
        self.state = quiet(CutLabel())
        follow_text(self.state, lambda: self.state.setMinimumWidth(scaled(60)))
        self.oldest = icon_button(icons, "first", self.tr("Oldest page (Ctrl+Home)"))
        self.older = icon_button(icons, "previous", self.tr("Older page (Ctrl+Page Up)"))
        self.newer = icon_button(icons, "next", self.tr("Newer page (Ctrl+Page Down)"))
        self.newest = icon_button(icons, "last", self.tr("Newest page (Ctrl+End)"))
        self.go = icon_button(icons, "search", self.tr("Go to a revision, position, date or event's id (Ctrl+G)"))
        self.go.setAccessibleName(self.tr("Go to"))
        self.filter = icon_button(icons, "filter", self.tr("Filter by type, text, value or time (Ctrl+Shift+F)"))
        self.filter.setAccessibleName(self.tr("Filter"))
        self.new = QPushButton()
        self.new.setToolTip(self.tr("Go to what is new (Ctrl+End)"))
        self.new.hide()
        self.live = text_button(self.tr("&Live"), self.tr("Show new events as they come (Ctrl+Space)"), checkable=True)
        self.live.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        icons.put(self.live, "live")
        pages = row(self.oldest, self.older, self.newer, self.newest, spacing=0)
        rest = row((self.state, 1), self.new, self.filter, self.go, pages, self.live, spacing=6)
        self._halves = (row(label, (self.field, 1), spacing=6), rest)
        self._row = row(*((half, 1) for half in self._halves), on=self, margins=(10, 6, 8, 6))
        kept.changed.connect(self._offer)
        self._offer()

    def minimumSizeHint(self) -> QSize:
        """Room for either of both halves is enough: where there is not more they stand below each other."""
        wide = max(half.minimumSize().width() for half in self._halves)
        return QSize(wide + 18, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = sum(half.minimumSize().width() for half in self._halves) + scaled(70)
        direction = QBoxLayout.Direction
        self._row.setDirection(direction.LeftToRight if self.width() >= needed else direction.TopToBottom)

    def _offer(self) -> None:
        """What was looked at, and what is always worth offering, while somebody types."""
        self._names.setStringList(list(dict.fromkeys((*self._kept.looked_at, *SUGGESTED))))

    def _choose(self, *_: object) -> None:
        name = self.field.text().strip()
        if name.startswith(LINK_BEGINS):
            self.link_given.emit(name)
        elif name:
            self.chosen.emit(name)

    def show_name(self, name: str) -> None:
        """This source is open: of a long name the front is seen, which has the category, and the tip has all of it."""
        self.field.setText(name)
        self.field.setCursorPosition(0)
        self.field.setToolTip(visible(name))

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


def nothing_shown(state: Reading, tr: Callable[[str], str]) -> str:
    """Why there is no event."""
    if state.source is None:
        return tr("Type a stream's name, a category as book-*, or $all.")
    if state.problem or state.missing:
        return state.problem or state.missing
    return tr("Reading…") if state.busy else tr("There are no events in {source}.").format(source=state.source)


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
