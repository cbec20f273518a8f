"""The status bar: how many books, what is being saved, how far the read model is, and the connection's light."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QStatusTipEvent
from PySide6.QtWidgets import QApplication, QLabel, QStatusBar, QToolButton

from desk.application.session import Connection, Fault, Light, Session
from desk.cqrs.errors import StoreError
from desk.gui.books.saving import Saving
from desk.gui.connection.part import ConnectionPart
from desk.gui.frame.actions import Actions
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme
from desk.gui.frame.workspace import announce
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.controls import later
from desk.gui.widgets.counting import counted
from desk.gui.widgets.cut_label import CutLabel
from desk.gui.widgets.known import Known, describe_counts, describe_freshness, is_complete
from desk.gui.widgets.masking import is_masked
from desk.gui.widgets.rich import tooltip

if TYPE_CHECKING:
    from desk.application.catalogue import Counts, ReadModelStatus
    from desk.application.event_index import CatalogueMoment

COUNT_AFTER = 150
"""Milliseconds after news until counts are asked for; further news meanwhile wait for the same answer."""

SAID_FOR = 6000
"""Milliseconds for which something that happened is said."""


class Status(QObject):
    """Fills the window's status bar and keeps it up to date.

    Signals:
        counted: :attr:`known` is new.
        attention_wanted: the badge was pressed.
    """

    counted = Signal()
    attention_wanted = Signal()

    def __init__(
        self, bar: QStatusBar, bridge: GuiBridge, saving: Saving, theme: Theme, icons: Icons, actions: Actions
    ) -> None:
        super().__init__(bar)
        self._bridge, self._saving, self._bar = bridge, saving, bar
        self._session: Session | None = None
        self.known = Known()
        self._held_back, self._wanting = "", 0
        self._moment: CatalogueMoment | None = None
        self._is_asking_then = False
        self.books = QLabel(self.tr("Opening…"))
        self.books.linkActivated.connect(actions["catalogue.overdue"].trigger)
        self.said = CutLabel()
        self.said.setContentsMargins(20, 0, 0, 0)
        self.position = QLabel()
        self.freshness = QLabel()
        self.freshness.setContentsMargins(10, 0, 0, 0)
        self.freshness.setToolTip(self.tr("How far the table is behind the store."))
        self.connection = ConnectionPart(bridge, theme, icons, self)
        self.light = self.connection.light
        self.badge = QToolButton()
        self.badge.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.badge.clicked.connect(self.attention_wanted)
        self.badge.hide()
        icons.put(self.badge, "warning", "notice")
        plugins = QToolButton()
        plugins.setDefaultAction(actions["view.plugins"])
        plugins.setAccessibleName(self.tr("Plugins and times"))
        self._asking = later(self, COUNT_AFTER, self._ask)
        self._counted_on: date | None = None
        self.clock = QTimer(self, interval=60_000)  # what is overdue changes with the day, without any event
        self.clock.timeout.connect(self._count_for_today)
        self._forgetting = later(self, SAID_FOR, self.said.clear)
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(8, 0, 6, 0)
        bar.addWidget(self.books)
        bar.addWidget(self.said, 1)
        for widget in (self.badge, self.position, self.freshness, plugins, self.connection.mark, self.light):
            bar.addPermanentWidget(widget)
        saving.changed.connect(self._saving_changed)
        bridge.announced.connect(self._announced)
        bridge.read_model_changed.connect(self._look_again)
        self.connection.watch.changed.connect(self._look_again)
        bridge.fault_found.connect(self._fault_found)
        theme.changed.connect(self._look_changed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What a menu's line does is said here. A button has its tooltip, and would cover what just happened: after a
        form the pointer rests on whatever was below it.
        """
        is_tip = isinstance(event, QStatusTipEvent) and bool(event.tip())
        return is_tip and QApplication.activePopupWidget() is None

    def open(self, session: Session) -> None:
        """Ask this session from now on."""
        self._session = session
        self.connection.open(session)
        self._show()
        self._ask()
        self.clock.start()

    def close(self) -> None:
        """Ask nothing more."""
        self._session = None
        self.connection.close()
        self._asking.stop()
        self._forgetting.stop()
        self.clock.stop()

    @Slot(str)
    def say(self, text: str) -> None:
        """Something that just happened, told to a screen reader too; it goes after a while. On a stage it is kept for
        its end.
        """
        if is_masked():
            self._held_back = text
        elif text:
            self.said.setText(text)
            announce(self.said, text)
            self._forgetting.start()

    @Slot(str)
    def take_back(self, text: str) -> None:
        """What was said holds no longer; whatever else is said by now stays."""
        if self.said.text() == text:
            self.said.clear()

    def say_whether_open(self, *, opening: bool) -> None:
        """There is no session: it is being opened, or could not be."""
        self.books.setText(self.tr("Opening…") if opening else self.tr("Not open"))
        text = self.tr("Opening the catalogue…") if opening else self.tr("The catalogue is not open.")
        self._bridge.connection_changed.emit(Connection(Light.AMBER if opening else Light.RED, text))

    @Slot(object)
    def show_as_of(self, moment: "CatalogueMoment | None") -> None:
        """How many books there were then; with None how many there are."""
        self._moment = moment
        self._ask_then()
        self._show()

    def show_attention(self, number: int) -> None:
        """So many things want somebody's attention; the badge is there while there are any."""
        self.badge.setText(f"{number:,}")
        words = counted(number, self.tr("One thing wants your attention"), self.tr("{n} things want your attention"))
        self.badge.setToolTip(words)
        self.badge.setAccessibleName(words)
        self._wanting = number
        self.badge.setVisible(number > 0 and not is_masked())

    @Slot()
    def _look_changed(self) -> None:
        """A stage begins or ends, on which nobody is told of anything."""
        self.show_attention(self._wanting)
        held_back, self._held_back = self._held_back, ""
        self.say(held_back)

    def _ask(self) -> None:
        from desk.application.queries import GetCounts, GetReadModelStatus

        if self._session is not None:
            # What is answered was so after this moment: only what was complete by now may be called all there is.
            complete = is_complete(self._session)
            asking = self._session.queries
            self._bridge.call(asking.ask(GetReadModelStatus()), self._take_status, self._ask_later, self)
            self._counted_on = self._session.moments.today()
            counted_now = asking.ask(GetCounts(today=self._counted_on))
            self._bridge.call(counted_now, partial(self._take_counts, complete), self._ask_later, self)

    @Slot()
    def _count_for_today(self) -> None:
        if self._session is not None and self._session.moments.today() != self._counted_on:
            self._ask()

    def _ask_then(self) -> None:
        """One question at a time: the answer to one that was left behind asks for the newest moment."""
        session, moment = self._session, self._moment
        if session is None or moment is None or self._is_asking_then:
            return
        from desk.application.queries import GetCounts

        self._is_asking_then = True
        answer = session.queries.ask(GetCounts(moment.position))
        self._bridge.call(answer, partial(self._take_counts_then, moment), self._not_counted_then, self)

    def _take_counts_then(self, moment: "CatalogueMoment", counts: "Counts") -> None:
        self._is_asking_then = False
        if self._moment is not None:
            self.books.setText(describe_counts(replace(self.known, counts=counts, complete=True)))
        if self._moment != moment:
            self._ask_then()

    def _not_counted_then(self, error: Exception) -> None:
        self._is_asking_then = False
        from desk.application.catalogue import Interrupted

        if isinstance(error, Interrupted):
            self._ask_then()
        else:
            self._ask_later(error)

    def _take_status(self, status: "ReadModelStatus") -> None:
        self.known = replace(self.known, status=status)
        self._show()

    def _take_counts(self, complete: bool, counts: "Counts") -> None:
        self.known = replace(self.known, counts=counts, complete=complete)
        self._show()

    @Slot()
    def _show(self) -> None:
        """Say what is known by now; a connection that is lost takes back that it is all there is."""
        session = self._session
        if session is None:
            return
        self.known = replace(self.known, complete=self.known.complete and is_complete(session))
        if self.known.counts is not None and self._moment is None:
            self.books.setText(describe_counts(self.known))
            self.books.setToolTip(self._why_rejected(self.known.counts.rejected))
        self.freshness.setText(describe_freshness(self.known, session))
        self._show_position(self.known.status)
        self.counted.emit()

    def _why_rejected(self, number: int) -> str:
        one = self.tr("One book was rejected, because another one has its ISBN.")
        more = self.tr("{n} books were rejected, because others have their ISBNs.")
        way = self.tr("Sort by State, downwards, to see them first; a card says which book has its ISBN.")
        return tooltip(f"{counted(number, one, more)} {way}") if number else ""

    def _show_position(self, status: "ReadModelStatus | None") -> None:
        if status is None or status.rebuilding or not self.known.has_read:
            return
        text = counted(status.events, self.tr("1 event"), self.tr("{n} events"))
        if status.parked:
            text += " · " + self.tr("{n} parked").format(n=status.parked)
        self.position.setText(text)
        self.position.setToolTip(
            self.tr("The read model holds everything up to position {n}.").format(n=f"{status.position:,}")
        )

    @Slot()
    def _look_again(self) -> None:
        """The connection or the read model is otherwise: what was not complete may be so by now."""
        self._show()
        session = self._session
        if session is not None and not self.known.complete and is_complete(session) and not self._asking.isActive():
            self._asking.start()

    def _ask_later(self, error: Exception) -> None:
        # The read model is not open yet, or just being rebuilt; the next announcement asks again.
        if not isinstance(error, StoreError):
            raise error
        self.position.setToolTip(str(error))

    @Slot()
    def _announced(self) -> None:
        if not self._asking.isActive():
            self._asking.start()

    @Slot(object)
    def _fault_found(self, fault: Fault) -> None:
        if not fault.is_bug:
            self.say(fault.title)

    @Slot()
    def _saving_changed(self) -> None:
        waiting = len(self._saving)
        if waiting:
            self._forgetting.stop()
            self.said.setText(self.tr("Saving {n}…").format(n=waiting) if waiting > 1 else self.tr("Saving…"))
        elif self.said.text().startswith(self.tr("Saving")):
            self.said.clear()
