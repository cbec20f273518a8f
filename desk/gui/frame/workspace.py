"""What one open session is to its places and companions, and all that they are given: nobody holds another's widget."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING, Final
from uuid import UUID

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QWidget

from desk.application.session import Session
from desk.domain.streams import book_stream
from desk.gui.books.selection import Selection
from desk.gui.frame.actions import Actions
from desk.gui.frame.icons import Icons
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme
from desk.gui.widgets.background import GuiBridge
from desk.records import dataclass

if TYPE_CHECKING:
    from desk.application.event_index import CatalogueMoment

TRAIL_LENGTH: Final = 100
"""So many steps back are remembered."""


@dataclass(frozen=True, slots=True)
class StreamPlace:
    """A stream, and the revision in it that is looked at: None for its newest event. ``title`` is for people."""

    stream: str
    revision: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class BookCorrection:
    """Values that somebody wants in fields of a book, by the domain's names of its details."""

    book_id: UUID
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ConnectionWish:
    """Another store, by its hosts and ports, should be connected to, and this be looked at there: see ``go_to``."""

    hosts: str
    address: str


class Escape(IntEnum):
    """What Esc ends where nothing that is being typed in takes it (a form, the palette): the innermost first."""

    SEARCH = 1
    SELECTION = 2
    COMPARISON = 3
    PAST = 4


class Workspace(QObject):
    """One session with what is chosen, looked at, and said in it.

    Signals, each with the new value:
        opened: the session is open (Session).
        place_changed: another stream or revision is looked at (StreamPlace or None).
        trail_changed: one can go back or forward, or no longer.
        playhead_moved: somebody went to another event of the stream that is looked at.
        moment_wanted: the catalogue should be shown as of a time that somebody typed (datetime, aware).
        moment_changed: the catalogue is shown as of another moment (Moment), or as it is now (None).
        place_wanted, companion_wanted: one of the window's should be shown (str, its name).
        search_wanted: what is shown should be searched.
        book_wanted: a book should be seen in the catalogue, whatever hides it (UUID).
        source_wanted: a stream, a category as ``book-*``, or ``$all`` should be read in Streams (str).
        connection_wanted: a store that a link leads to should be opened beside this one (ConnectionWish).
        correction_wanted: the form that corrects a book should be opened, with some fields filled (BookCorrection).
        fields_changed: fields of a book were changed by the event that is played (frozenset of str, their keys).
        attention_changed: what wants somebody's care changed (dict of str to int, by kind).
        said: a sentence for the status bar (str).
        said_no_more: one that was said there holds no longer (str).
        speed_wanted: what happened should be shown at another speed (Speed).
        told_enough: what happened until now need not be told to its end.
        motion_changed: little should move from now on, or as much as there is (bool).
        as_at_first: what is seen in this place should stand as it did at first.
    """

    opened = Signal(object)  # Session
    place_changed = Signal(object)  # StreamPlace | None
    trail_changed = Signal()
    playhead_moved = Signal()
    moment_wanted = Signal(object)  # datetime
    moment_changed = Signal(object)  # Moment | None
    place_wanted = Signal(str)
    companion_wanted = Signal(str)
    search_wanted = Signal()
    book_wanted = Signal(object)  # UUID
    source_wanted = Signal(str)
    connection_wanted = Signal(object)  # ConnectionWish
    correction_wanted = Signal(object)  # BookCorrection
    fields_changed = Signal(object)  # frozenset[str]
    attention_changed = Signal(object)  # dict[str, int]
    said = Signal(str)
    said_no_more = Signal(str)
    speed_wanted = Signal(object)  # Speed
    told_enough = Signal()
    motion_changed = Signal(bool)
    as_at_first = Signal()

    def __init__(self, bridge: GuiBridge, theme: Theme, icons: Icons, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self.bridge, self.theme, self.icons, self.settings = bridge, theme, icons, settings
        self.actions = Actions(icons, self)
        self.session: Session | None = None
        self.selection = Selection(bridge)
        self.playhead: CatalogueMoment | None = None
        self.attention: dict[str, int] = {}
        self._escapes: dict[Escape, Callable[[], object]] = {}
        self._trail: list[StreamPlace] = []
        self._at = -1
        self.selection.book_changed.connect(self.look_at_chosen)
        self.selection.card_changed.connect(self._name_place)

    def open(self, session: Session) -> None:
        """The session is there."""
        self.session = session
        self.selection.open(session)
        self.opened.emit(session)

    @property
    def ports(self) -> Session:
        """The session's, for whatever is built once it is open."""
        assert self.session is not None
        return self.session

    def close(self) -> None:
        """Nothing more is looked at."""
        self.selection.close()

    # The playhead and its trail

    @property
    def place(self) -> StreamPlace | None:
        """The stream and revision that is looked at; None before the first."""
        return self._trail[self._at] if self._trail else None

    def look_at(self, stream: str, revision: int | None = None, title: str = "") -> None:
        """Look at a stream, or at one of its events; where it was looked at already, nothing happens."""
        now = self.place
        if now is not None and now.stream == stream:
            if revision is None or now.revision == revision:
                return
            title = title or now.title
        place = StreamPlace(stream, revision, title)
        self._trail = [*self._trail[: self._at + 1], place][-TRAIL_LENGTH:]
        self._at = len(self._trail) - 1
        self._moved()

    @Slot()
    def look_at_chosen(self) -> None:
        """Look at the chosen book's history again, whatever was looked at meanwhile."""
        if self.selection.book_id is not None:
            self.look_at(book_stream(self.selection.book_id), title=self._title())

    def move_to(self, revision: int | None, playhead: "CatalogueMoment | None" = None, *, on_purpose: bool) -> None:
        """The playhead is within the stream, at an event of this moment; that is no step of the trail of its own.

        Only somebody who moves it on purpose moves the moment with it, as of which the catalogue is shown; or its
        being known at all, for which somebody may have waited.
        """
        now, before, self.playhead = self.place, self.playhead, playhead
        if now is not None and now.revision != revision:
            self._trail[self._at] = replace(now, revision=revision)
        if (on_purpose or before is None) and playhead != before:
            self.playhead_moved.emit()

    @property
    def can_go_back(self) -> bool:
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        return self._at + 1 < len(self._trail)

    @Slot()
    def go_back(self) -> None:
        """To what was looked at before."""
        if self.can_go_back:
            self._go_along(-1)

    @Slot()
    def go_forward(self) -> None:
        """To what was looked at before going back."""
        if self.can_go_forward:
            self._go_along(1)

    # The moment

    @property
    def moment(self) -> "CatalogueMoment | None":
        """As of when the catalogue is shown; None for as it is now."""
        return self.selection.moment

    def show_as_of(self, moment: "CatalogueMoment | None") -> None:
        """Show the catalogue as it was then, or as it is now."""
        if moment != self.moment:
            self.selection.show_as_of(moment)
            self.moment_changed.emit(moment)

    # What Esc ends

    def can_escape(self, what: Escape, end: Callable[[], object] | None) -> None:
        """Esc calls ``end`` once nothing further in is left to end; with None there is no such thing any more."""
        if end is not None:
            self._escapes[what] = end
        elif self._escapes.pop(what, None) is not None:
            self.said_no_more.emit(self._what_esc_ends(what))

    def escape(self) -> bool:
        """End the innermost thing; whether there was one."""
        if not self._escapes:
            return False
        what = min(self._escapes)
        end = self._escapes[what]
        self.can_escape(what, None)
        end()
        if what is Escape.PAST:
            self.say(self.tr("This is now."))
        self.say_what_is_left()
        return True

    @Slot()
    def say_what_is_left(self) -> None:
        """What Esc would end next, after it ended something."""
        self.say(self._what_esc_ends(min(self._escapes)) if self._escapes else "")

    def _what_esc_ends(self, what: Escape) -> str:
        words = {
            Escape.SELECTION: self.tr("Esc again leaves one book selected."),
            Escape.COMPARISON: self.tr("Esc again compares no more."),
            Escape.PAST: self.tr("Esc again returns to now."),
        }
        return words.get(what, "")

    # What places say and want

    def need(self, kind: str, number: int) -> None:
        """So many things of a kind want somebody's care."""
        if self.attention.get(kind) != number:
            self.attention = {**self.attention, kind: number}
            self.attention_changed.emit(self.attention)

    @Slot(str)
    def say(self, text: str) -> None:
        """Say one sentence in the status bar, and to a screen reader."""
        if text:
            self.said.emit(text)

    def want_correction(self, book_id: UUID, values: Mapping[str, object]) -> None:
        """Offer to give a book's fields these values: the form is filled, and somebody decides."""
        self.correction_wanted.emit(BookCorrection(book_id, values))

    @property
    def moves_little(self) -> bool:
        """Whether little should move: as it was chosen, or else as the system says."""
        from desk.gui.widgets.flash import system_wants_little_motion

        chosen = self.settings.reduced_motion
        return system_wants_little_motion() if chosen is None else chosen

    def reduce_motion(self, *, on: bool) -> None:
        """Whether little is to move from now on, whatever the system says."""
        if on != self.moves_little:
            self.settings.reduced_motion = on
            self.motion_changed.emit(on)

    def _go_along(self, step: int) -> None:
        """Along the trail; in the past one comes to where the stream was at the moment that is shown."""
        self._at += step
        if self.moment is not None:
            self._trail[self._at] = replace(self._trail[self._at], revision=None)
        self._moved()

    def _moved(self) -> None:
        self.place_changed.emit(self.place)
        self.trail_changed.emit()

    def name_place(self, stream: str, title: str) -> None:
        """This is what people call the stream, if it is the one that is looked at."""
        now = self.place
        if now is not None and now.stream == stream and now.title != title:
            self._trail[self._at] = replace(now, title=title)
            self.place_changed.emit(self.place)

    @Slot()
    def _name_place(self) -> None:
        """The card comes after the choice, and with it the book's title."""
        if self.selection.book_id is not None:
            self.name_place(book_stream(self.selection.book_id), self._title())

    def _title(self) -> str:
        card = self.selection.card
        return card.row.title if card is not None else ""


def announce(widget: QWidget, text: str) -> None:
    """Have a screen reader read a text that just appeared in a widget."""
    widget.setAccessibleName(text)
    QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.NameChanged))
