"""What a view shows while it has a filter: the hits in place of pages, and how far somebody looked for them."""

from collections import Counter
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton

from desk.application.event_search import ChosenBy
from desk.application.filtering import StreamFilter, types_of
from desk.application.queries import Source
from desk.application.session import Connection, Light, Session
from desk.application.timeline.words import moment_text
from desk.cqrs.store import Recorded
from desk.gui.streams.filter_bar import CHANGED, TEXT, TYPE, FilterBar, FilterChip
from desk.gui.streams.filtered import FilteredReader, Search
from desk.gui.streams.model import KEPT, StreamTableModel
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.controls import later, take_return
from desk.gui.widgets.counting import counted
from desk.gui.widgets.visible_text import visible
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class TypeCount:
    """A type that occurs in what is shown, or would without the filter by types."""

    name: str
    count: int
    is_chosen: bool = False
    is_left_out: bool = False


class Filtering(QObject):
    """The filter of one view.

    Signals:
        began: hits are shown from now on, and there is none yet.
        ended: pages are shown again.
        changed: there are more hits, or it looked further.
        everywhere_wanted: (tuple of FilterChip) all streams are to be searched for the same.
        types_changed: other types occur, or others of them are chosen.
    """

    began = Signal()
    ended = Signal()
    changed = Signal()
    everywhere_wanted = Signal(object)  # tuple[FilterChip, ...]
    types_changed = Signal()

    def __init__(
        self,
        session: Session,
        bridge: GuiBridge,
        model: StreamTableModel,
        source: Callable[[], Source | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._model, self._source = model, source
        self._was_busy = False
        self.bar = FilterBar(lambda: session.moments.now().astimezone())
        self.bar.hide()
        self._chips: tuple[FilterChip, ...] = ()
        """Those of a source that nobody has seen yet."""
        self.everywhere = QPushButton(self.tr("Search all streams"))
        self.everywhere.setToolTip(self.tr("Look for the same in $all, in a tab of its own"))
        self.everywhere.clicked.connect(lambda: self.everywhere_wanted.emit(self.bar.chips))
        take_return(self.everywhere)
        self.everywhere.hide()
        self.reader = FilteredReader(session, bridge, self)
        self._counts: Counter[str] = Counter()
        self._soon = later(self, 50, self.types_changed.emit)
        for change in (model.modelReset, model.rowsInserted, model.rowsRemoved):
            change.connect(self._soon.start)
        self.bar.changed.connect(self._begin)
        self.bar.stopped.connect(self.reader.stop)
        self.bar.further.connect(self.look_further)
        self.reader.found.connect(self._show)
        self.reader.changed.connect(self._tell)
        bridge.connection_changed.connect(self._try_again)

    @property
    def is_on(self) -> bool:
        """Whether hits are shown in place of pages."""
        return self.reader.is_on

    @property
    def can_go_on(self) -> bool:
        """Whether there may be more hits further back."""
        return self.reader.state.before is not None and len(self._model.events) < KEPT

    def toggle(self) -> None:
        """Show the line of filters, and go there; or take it, and all that is in it, away."""
        if self._source() is None:
            return
        self.offer()
        if not (self.bar.typing.isVisible() and self.end()):
            self._show_line()

    def end(self) -> bool:
        """Take the line of filters, and all that is in it, away; whether it was there."""
        was_there = self.bar.isVisible()
        self.clear()
        self.bar.hide()
        return was_there

    def take_back(self) -> bool:
        """Take the newest of several conditions away, else the line with all that is in it; whether it was there."""
        if len(self.bar.chips) < 2:
            return self.end()
        self.bar.take_away(self.bar.chips[-1])
        return True

    def ask_for_text(self) -> bool:
        """Show the line of filters, and go there for a text to look for; whether there is anything to look in."""
        if self._source() is None:
            return False
        self.offer()
        self.bar.kind.setCurrentIndex(self.bar.kind.findData(TEXT))
        self._show_line()
        return True

    def _show_line(self) -> None:
        self.bar.typing.show()
        self.bar.show()
        self.bar.field.setFocus()

    def put(self, kind: str, text: str) -> None:
        """One more condition."""
        self._put((FilterChip(kind, text),))

    def _put(self, chips: Sequence[FilterChip]) -> None:
        self.offer()
        self.bar.typing.show()
        self.bar.show()
        self.bar.put(*chips)

    @property
    def chips(self) -> tuple[FilterChip, ...]:
        """The conditions, also while nobody has seen the source yet."""
        return self._chips or self.bar.chips

    def clear(self) -> None:
        """No condition any more."""
        was_on = self.is_on
        self.forget()
        if was_on:
            self.ended.emit()

    def forget(self, chips: Sequence[FilterChip] = ()) -> None:
        """Another source is to be shown, with these conditions: others were about the one before."""
        self._chips = tuple(chips)
        self.bar.clear()
        self.reader.look(Source(), StreamFilter())

    def begin(self) -> None:
        """The other source is seen: its conditions count from now on."""
        chips, self._chips = self._chips, ()
        if chips:
            self._put(chips)

    def offer(self) -> None:
        """Say to the line of filters what the source is, and which types occur in what is shown."""
        source = self._source()
        if source is not None:
            self.bar.offer(source, types_of(self._model.events))

    def wanted_of(self, events: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
        """Those of some that have just come that are to be shown."""
        if not self.is_on:
            return events
        return tuple(event for event in events if self.reader.wanted.lets_through(event))

    def look_further(self) -> None:
        """Another hundred hits, further back."""
        if self.can_go_on:
            self.reader.look_further()

    def pause(self) -> None:
        """Look no further while nobody sees it."""
        self._was_busy = self.reader.state.busy
        if self._was_busy:
            self.reader.stop()

    def resume(self) -> None:
        """Go on where it was."""
        if self._was_busy and self.is_on:
            self._was_busy = False
            self.reader.look_further()

    def _try_again(self, connection: Connection) -> None:
        """The store is back: what failed without it is asked once more, as soon as somebody sees it."""
        if connection.light is Light.GREEN and self.reader.state.problem:
            self._was_busy = True
            if self.bar.isVisible():
                self.resume()

    def say_nothing(self) -> str:
        """What stands in place of hits while there is none; how far it looked is said above."""
        state = self.reader.state
        if state.busy or state.problem:
            return self.tr("Looking…") if state.busy else ""
        source = self._source() or Source()
        if self.can_go_on:
            return self.tr("Nothing in {source} so far.").format(source=visible(str(source)))
        return self.tr("Nothing in {source} is what the filter wants.").format(source=visible(str(source)))

    def say(self) -> str:
        """How far it looked, and by whom the hits were chosen; a sentence of parts."""
        return _sentence(self.reader.state, len(self._model.events), self.tr)

    def _begin(self) -> None:
        source = self._source()
        if source is None:
            return
        self.offer()
        wanted = self.bar.filter()
        if wanted.is_empty:
            self.clear()
            return
        self._model.show(())
        self.began.emit()
        self.reader.look(source, wanted)

    def types(self) -> tuple[TypeCount, ...]:
        """The types that occur, the most frequent ones first; with a filter by types also those that it leaves out."""
        counts = Counter(event.type for event in self._model.events)
        chosen = {chip.text for chip in self.bar.chips if chip.kind == TYPE}
        if not chosen:
            self._counts = counts
        order = sorted(self._counts.keys() | counts.keys() | chosen, key=lambda name: (-self._counts[name], name))
        return tuple(
            TypeCount(name, counts[name], name in chosen, is_left_out=bool(chosen) and name not in chosen)
            for name in order
        )

    def choose_type(self, name: str) -> None:
        """Show only events of this type, and of others that are chosen; or do so no longer."""
        chip = FilterChip(TYPE, name)
        if chip not in self.bar.chips:
            # Room is dear: nobody wants to type something more.
            self.bar.typing.setVisible(self.bar.isVisible() and self.bar.typing.isVisible())
            self.offer()
            self.bar.show()
            self.bar.put(chip)
        else:
            self.bar.take_away(chip)
            self.bar.setVisible(bool(self.bar.chips))
        self.types_changed.emit()

    def _show(self, events: tuple[Recorded, ...]) -> None:
        self._model.prepend(events)
        self.changed.emit()

    def _tell(self) -> None:
        state, source = self.reader.state, self._source() or Source()
        is_narrow = source.stream is not None or source.category is not None
        can_widen = is_narrow and CHANGED not in (chip.kind for chip in self.bar.chips)
        self.everywhere.setVisible(self.is_on and can_widen and not (state.busy or state.problem))
        if self.is_on:
            self.bar.say(self.say(), looking=state.busy, more=self.can_go_on)
            self.changed.emit()


def _sentence(state: Search, hits: int, tr: Callable[[str], str]) -> str:
    if state.problem:
        return state.problem
    parts = [counted(hits, tr("1 event found"), tr("{n} events found"))]
    if state.total is not None and state.total > hits:
        parts = [tr("{n} of {total} events found").format(n=f"{hits:,}", total=f"{state.total:,}")]
    by = {
        ChosenBy.SERVER: tr("chosen by the server"),
        ChosenBy.INDEX: tr("found in the index"),
        ChosenBy.NARROWED: tr("{n} that the server chose looked at, from the newest backwards"),
        ChosenBy.LOOKING: tr("{n} looked at, from the newest backwards"),
        None: tr("looking…"),
    }
    parts.append(by[state.by].format(n=f"{state.looked_at:,}"))
    if state.by in (ChosenBy.LOOKING, ChosenBy.NARROWED) and state.before is not None and state.back_to is not None:
        parts.append(tr("back to {when}").format(when=moment_text(state.back_to.timestamp())))
    elif state.by is not None and state.before is None:
        parts.append(tr("these are all"))
    if state.missing:
        parts.append(state.missing)
    return " · ".join(parts)
