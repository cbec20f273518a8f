"""Hop 9, for what was: the whole catalogue as of the playhead of History, and the ribbon that says so."""

from datetime import datetime
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QProgressBar, QSizePolicy, QToolButton, QWidget

from desk.application.event_index import (
    CatalogueMoment,
    GetMoment,
    GetMomentAt,
    IndexPart,
    IndexRefused,
    PartPhase,
    PartState,
    PastMoment,
    phase_of,
)
from desk.cqrs.errors import StoreError
from desk.gui.books.rows import absolute
from desk.gui.frame.bars import WantedBar
from desk.gui.frame.panel import HISTORY
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.frame.workspace import Escape, Workspace
from desk.gui.widgets.boxes import row
from desk.gui.widgets.controls import later
from desk.gui.widgets.counting import counted
from desk.gui.widgets.cut_label import CutLabel

COUNT_AFTER: Final = 500
"""Milliseconds after news until it is counted anew what lies between then and now."""
TINT: Final = 40
WHOLE: Final = "past.whole"
"""The action that switches between this book and the whole catalogue."""


class Ribbon(WantedBar):
    """Across the window: as of when it shows the catalogue, or how far the index is that is needed for that.

    Signals:
        pressed: the button, which ends what the ribbon tells of.
    """

    pressed = Signal()

    def __init__(self, workspace: Workspace, view: QMainWindow) -> None:
        super().__init__(self.tr("The past"), "past", view)
        self._theme = workspace.theme
        self._icons, self._sign = workspace.icons, QLabel()
        self._sign.setContentsMargins(6, 0, 6, 0)
        self.text = CutLabel()
        self.progress = QProgressBar(textVisible=False)
        follow_text(self, lambda: self.progress.setFixedWidth(scaled(140)))
        self.button = QToolButton()
        self.button.setProperty("outlined", True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.button.clicked.connect(self.pressed)
        inner = QWidget()
        inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row(self._sign, (self.text, 1), self.progress, self.button, on=inner)
        self.addWidget(inner)
        workspace.theme.changed.connect(self._renew_sign)  # a bound method: it goes with the workspace
        self._renew_sign()
        view.addToolBarBreak()
        view.addToolBar(self)
        self.end()

    def say(
        self, text: str, details: str, button: str, share: float | None = None, *, with_progress: bool = False
    ) -> None:
        """Say it in two lines, with what the button does; a share that is not known moves by itself."""
        self.progress.setVisible(with_progress)
        self.progress.setRange(0, 0 if share is None else 1000)
        self.progress.setValue(int((share or 0) * 1000))
        self.text.setText(f"{text}\n{details}" if details else text)
        self.text.setAccessibleName(self.text.text())
        self.button.setText(button)
        self.want(wanted=True)

    def end(self) -> None:
        """There is nothing to tell."""
        self.want(wanted=False)

    @Slot()
    def _renew_sign(self) -> None:
        self._sign.setPixmap(self._icons.icon("history").pixmap(scaled(18)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tint, so that nobody takes the past for the present."""
        super().paintEvent(event)
        tint = self._theme.color("notice")
        tint.setAlpha(TINT)
        QPainter(self).fillRect(self.rect(), tint)


class Past(QObject):
    """Keeps the workspace's moment at the playhead while that is wished for, and has the index built that it needs.

    Signals:
        ready: the index that somebody asked for is there.
    """

    ready = Signal()

    def __init__(self, workspace: Workspace, view: QMainWindow) -> None:
        super().__init__(view)
        self._workspace, self._actions = workspace, workspace.actions
        self.ribbon = Ribbon(workspace, view)
        self._is_wanted = self._is_building = self._is_awaited = False
        self._asking = False
        self._wishes = 0
        self._counting = later(self, COUNT_AFTER, self._count)
        self.ribbon.pressed.connect(self.end)
        workspace.playhead_moved.connect(self._follow)
        workspace.correction_wanted.connect(self.end)  # what is brought back is put into what is now
        workspace.moment_wanted.connect(self._go_to_time)
        workspace.bridge.index_changed.connect(self._index_changed)
        workspace.bridge.announced.connect(self._announced)

    def switch(self, *, on: bool) -> None:
        """The whole catalogue as of the playhead, or only this book's history."""
        if not on:
            self.end()
        elif self._workspace.playhead is not None:
            self._is_wanted = True
            self.build()
        elif self._workspace.selection.book_id is not None:
            self._is_wanted = self._is_awaited = True
            self._workspace.can_escape(Escape.PAST, self.end)
            self._workspace.companion_wanted.emit(HISTORY)
            self._workspace.say(self.tr("History is still being read. The catalogue then is shown as soon as it is."))
        else:
            self._refuse(self.tr("Choose a book first: the catalogue is shown as of an event of its history."))

    @Slot()
    def end(self) -> None:
        """Back to now; building the index is stopped, and goes on where it was when it is wanted again."""
        self._is_wanted = self._is_awaited = False
        index = self._workspace.session.index if self._workspace.session is not None else None
        if self._is_building and index is not None:
            index.pause(IndexPart.BOOKS)
        self._is_building = False
        self._actions[WHOLE].setChecked(False)
        self._show_as_of(None)

    @Slot()
    def build(self) -> None:
        """Have the event index, and show how far it is meanwhile; somebody asked about the past."""
        session = self._workspace.session
        if session is None or session.index is None:
            self._refuse(self.tr("Nothing is known here of what the catalogue was."))
            return
        index, self._is_building = session.index, True
        self._workspace.can_escape(Escape.PAST, self.end)
        if phase_of(index.parts(), IndexPart.BOOKS) is not PartPhase.READY:
            self._say_building(PartState(IndexPart.BOOKS))
        self._wishes += 1
        built, not_built = partial(self._built, self._wishes), partial(self._not_built, self._wishes)
        self._workspace.bridge.call(index.build(IndexPart.BOOKS), built, not_built, self)

    # ── within ────────────────────────────────────────────────────────────────────────────────────────────────

    def _built(self, wish: int, _done: None) -> None:
        if not self._is_building or wish != self._wishes:
            return
        self._is_building = False
        if self._is_wanted:
            self._follow()
        else:
            self._show_as_of(self._workspace.moment)
        self.ready.emit()

    def _not_built(self, wish: int, error: Exception) -> None:
        if not isinstance(error, IndexRefused | StoreError):
            raise error
        if self._is_building and wish == self._wishes:
            self._is_building = False
            self._refuse(str(error))

    def _refuse(self, why: str) -> None:
        self.end()
        self._workspace.say(why)

    @Slot()
    def _follow(self) -> None:
        if self._is_awaited:
            self._is_awaited = False
            self.build()
        elif self._is_wanted and not self._is_building and self._workspace.playhead is not None:
            self._show_as_of(self._workspace.playhead)

    @Slot(object)
    def _go_to_time(self, time: datetime) -> None:
        """To the last position whose event is shown by then."""
        session = self._workspace.session
        if session is not None:
            answer = session.queries.ask(GetMoment(time))
            self._workspace.bridge.call(answer, partial(self._show_time, time), self._not_counted, self)

    def _show_time(self, time: datetime, found: PastMoment | None) -> None:
        if found is None:
            when = absolute(time)
            self._workspace.say(self.tr("Nothing had happened by {when}.").format(when=when))
        elif self._is_wanted:
            self._show_as_of(CatalogueMoment(found.position, time))

    def _show_as_of(self, moment: CatalogueMoment | None) -> None:
        workspace = self._workspace
        workspace.show_as_of(moment)
        workspace.can_escape(Escape.PAST, self.end if moment is not None else None)
        if moment is None:
            self.ribbon.end()
            self._actions.write_nothing("")
            return
        when = absolute(moment.at)
        why = self.tr("The catalogue is shown as of {when}. Esc returns to now.")
        self._actions.write_nothing(why.format(when=when))
        self._say_moment(moment, None)
        self._count()

    def _say_moment(self, moment: CatalogueMoment, found: PastMoment | None) -> None:
        parts = []
        if found is not None:
            one, more = self.tr("1 event was stored since"), self.tr("{n} events were stored since")
            parts = [counted(found.since, one, more), *self._say_order(found)]
        text = self.tr("The catalogue as of {when}").format(when=absolute(moment.at))
        self.ribbon.say(text, " · ".join(parts), self.tr("Return to now"))

    def _say_order(self, found: PastMoment) -> list[str]:
        """How the order in which events were stored differs from that of their times; nothing where it does not."""
        later, earlier = found.included_later, found.missing_earlier
        if later and earlier:
            words = self.tr("Stored in another order: {later} later ones included, {earlier} earlier ones missing")
            return [words.format(later=f"{later:,}", earlier=f"{earlier:,}")]
        one = self.tr("1 event with a later time is included: it was stored earlier")
        more = self.tr("{n} events with later times are included: they were stored earlier")
        if earlier:
            one = self.tr("1 event with an earlier time is missing: it was stored later")
            more = self.tr("{n} events with earlier times are missing: they were stored later")
        return [counted(later or earlier, one, more)] if later or earlier else []

    def _say_building(self, state: PartState) -> None:
        parts = []
        if state.total:
            parts.append(self.tr("{n} of {all} events").format(n=f"{state.events:,}", all=f"{state.total:,}"))
        if state.rate:
            parts.append(self.tr("{n} a second").format(n=f"{int(state.rate):,}"))
        if state.left is not None:
            left = max(1, round(state.left))
            parts.append(counted(left, self.tr("1 second left"), self.tr("{n} seconds left")))
        text = self.tr("Preparing what was")
        self.ribbon.say(text, " · ".join(parts), self.tr("Cancel"), state.share, with_progress=True)

    @Slot(object)
    def _index_changed(self, state: PartState) -> None:
        if state.part is IndexPart.BOOKS and self._is_building:
            self._say_building(state)

    @Slot()
    def _announced(self) -> None:
        if self._workspace.moment is not None and not self._counting.isActive():
            self._counting.start()

    def _count(self) -> None:
        """One question at a time; the answer to one that was left behind asks for the newest moment."""
        session, moment = self._workspace.session, self._workspace.moment
        if session is None or moment is None or self._asking:
            return
        self._asking = True
        answer = session.queries.ask(GetMomentAt(moment.position, moment.at))
        self._workspace.bridge.call(answer, partial(self._counted, moment), self._not_counted, self)

    def _counted(self, moment: CatalogueMoment, found: PastMoment | None) -> None:
        self._asking = False
        if moment == self._workspace.moment:
            self._say_moment(moment, found)
        else:
            self._count()

    def _not_counted(self, error: Exception) -> None:
        self._asking = False
        if not isinstance(error, StoreError):
            raise error
