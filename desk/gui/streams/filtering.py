"""What a view shows while it has a filter: the hits in place of pages, and how far somebody looked for them."""

from collections import Counter
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon

from desk.application.filtering import ChosenBy, types_of
from desk.application.queries import Source
from desk.application.session import Session
from desk.application.timeline.words import moment_text
from desk.cqrs.store import Recorded
from desk.gui.frame.icons import Icons
from desk.gui.streams.filter_bar import TYPE, FilterBar, FilterChip
from desk.gui.streams.filtered import FilteredReader, Search
from desk.gui.streams.model import KEPT, StreamTableModel, TypeLook
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.counting import counted


class Filtering(QObject):
    """The filter of one view.

    Signals:
        began: hits are shown from now on, and there is none yet.
        ended: pages are shown again.
        changed: there are more hits, or it looked further.
    """

    began = Signal()
    ended = Signal()
    changed = Signal()

    def __init__(
        self,
        session: Session,
        bridge: GuiBridge,
        icons: Icons,
        model: StreamTableModel,
        look: TypeLook,
        source: Callable[[], Source | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._model, self._look, self._source = model, look, source
        self._was_busy = False
        self.bar = FilterBar(icons, lambda: session.moments.now().astimezone())
        self.bar.hide()
        self.reader = FilteredReader(session, bridge, self)
        self.bar.legend.aboutToShow.connect(self._fill_legend)
        self.bar.changed.connect(self._begin)
        self.bar.stopped.connect(self.reader.stop)
        self.bar.further.connect(self.look_further)
        self.reader.found.connect(self._show)
        self.reader.changed.connect(self._tell)

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
        if self.bar.isVisible():
            self.clear()
            self.bar.hide()
        else:
            self.bar.show()
            self.bar.field.setFocus()

    def put(self, kind: str, text: str) -> None:
        """One more condition."""
        self.bar.show()
        self.bar.put(FilterChip(kind, text))

    def clear(self) -> None:
        """No condition any more."""
        was_on = self.is_on
        self.bar.clear()
        self._end()
        if was_on:
            self.ended.emit()

    def forget(self) -> None:
        """Another source is shown: conditions were about the one before."""
        self.bar.clear()
        self._end()

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

    def _fill_legend(self) -> None:
        """The types that occur in what is shown, with their marks, and how often; one chooses or leaves out."""
        self.bar.legend.clear()
        counts = Counter(event.type for event in self._model.events)
        chosen = {chip.text for chip in self.bar.chips if chip.kind == TYPE}
        for name in sorted(counts.keys() | chosen):
            words = f"{self._look.name(name)}  ({counts[name]:,})"
            action = self.bar.legend.addAction(self._look.icon(name) or QIcon(), words)
            action.setCheckable(True)
            action.setChecked(name in chosen)
            action.triggered.connect(partial(self._choose_type, name))

    def _choose_type(self, name: str) -> None:
        chip = FilterChip(TYPE, name)
        if chip in self.bar.chips:
            self.bar.take_away(chip)
        else:
            self.bar.put(chip)

    def _end(self) -> None:
        self.reader.look(Source(), type(self.reader.wanted)())
        self.bar.say("")

    def _show(self, events: tuple[Recorded, ...]) -> None:
        self._model.prepend(events)
        self.changed.emit()

    def _tell(self) -> None:
        if self.is_on:
            state = self.reader.state
            self.bar.say(self.say(), looking=state.busy, more=self.can_go_on)
            self.changed.emit()


def _sentence(state: Search, hits: int, tr: Callable[[str], str]) -> str:
    if state.problem:
        return state.problem
    parts = [counted(hits, tr("1 event found"), tr("{n} events found"))]
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
