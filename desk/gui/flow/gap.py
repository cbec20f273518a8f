"""Eventual consistency by hand: hold events back, let them through one by one, and ask in between."""

from functools import partial
from uuid import UUID

from PySide6.QtCore import QElapsedTimer, QObject, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QSlider, QWidget

from desk.application.care import ReadModelState
from desk.application.catalogue import BookCard
from desk.application.flow.rounds import Round
from desk.application.flow.values import names_of
from desk.application.queries import GetBookById
from desk.application.session import Session
from desk.cqrs.errors import StoreError
from desk.domain.streams import book_id_of
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.wrapping import WrappingRow

LONGEST = 50
"""Tenths of a second that events can be held back for."""
COUNTED = 100
"""Milliseconds after which the time of waiting is said anew."""


class GapControls(QWidget):
    """Delay, step, and two ways to ask: at once, and once the read model holds what was stored.

    Signals:
        answered: what is stored, and what the read model answers, as one sentence (str).
    """

    answered = Signal(str)

    def __init__(self, session: Session, bridge: GuiBridge) -> None:
        super().__init__()
        self._care = session.care
        self.asking = GapQuestion(session, bridge, self)
        self.asking.told.connect(self.answered)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, LONGEST)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName(self.tr("Delay of each event"))
        follow_text(self.slider, lambda: self.slider.setFixedWidth(scaled(130)))
        self.label, self.seconds = QLabel(self.tr("&Delay of each event")), QLabel()
        self.label.setBuddy(self.slider)
        self.stepping = QPushButton(self.tr("&Let one through"))
        self.at_once = QPushButton(self.tr("&Ask now"))
        self.at_once.setToolTip(self.tr("What does the read model answer at this moment?"))
        self.later = QPushButton(self.tr("Ask and &wait"))
        self.later.setToolTip(self.tr("Read your writes: asked once the read model holds what was stored."))
        self.setLayout(WrappingRow(self.label, self.slider, self.seconds, self.stepping, self.at_once, self.later))
        self.slider.valueChanged.connect(self._hold_back)
        self.stepping.clicked.connect(self._step)
        self.at_once.clicked.connect(partial(self.asking.ask, wait=False))
        self.later.clicked.connect(partial(self.asking.ask, wait=True))
        bridge.read_model_changed.connect(self.show_state)
        follow_text(self.seconds, self._leave_room)
        self._say(0)
        for widget in (self.slider, self.stepping):
            widget.setEnabled(self._care is not None)
        if self._care is None:
            why = self.tr("Another program keeps this read model.")
            self.slider.setToolTip(why)
            self.stepping.setToolTip(why)
        else:
            self.show_state(self._care.state())

    def show_round(self, told: Round | None) -> None:
        """The command that can be asked about."""
        self.asking.about(told)
        for button in (self.at_once, self.later):
            button.setEnabled(self.asking.book_id is not None)

    @Slot(object)
    def show_state(self, state: ReadModelState) -> None:
        """The read model is in another state."""
        self.stepping.setEnabled(state.waiting > 0)
        self.stepping.setToolTip("" if state.waiting else self.tr("No event waits between store and read model."))
        if round(10 * state.delay) != self.slider.value() and not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(10 * state.delay))
            self._say(self.slider.value())

    def _leave_room(self) -> None:
        self.seconds.setMinimumWidth(self.seconds.fontMetrics().horizontalAdvance(f"{LONGEST / 10} s") + 4)

    @Slot(int)
    def _hold_back(self, tenths: int) -> None:
        if self._care is not None:
            self._care.set_delay(tenths / 10)
        self._say(tenths)

    @Slot()
    def _step(self) -> None:
        if self._care is not None:
            self._care.step()

    def _say(self, tenths: int) -> None:
        self.seconds.setText(self.tr("{n} s").format(n=f"{tenths / 10:.1f}"))


class GapQuestion(QObject):
    """Asks for the book of a command, and says the answer beside what is stored.

    Signals:
        told: the answer, or how long it has been waited for (str).
    """

    told = Signal(str)

    def __init__(self, session: Session, bridge: GuiBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._bridge = session, bridge
        self._round: Round | None = None
        self.book_id: UUID | None = None
        self._since = QElapsedTimer()
        self._timer = QTimer(self, interval=COUNTED)
        self._timer.timeout.connect(self._count)

    def about(self, told: Round | None) -> None:
        """The command that is asked about."""
        self._round = told
        self.book_id = book_id_of(told.story.stream) if told is not None else None

    def ask(self, _checked: object = None, *, wait: bool) -> None:
        """Now, or once the read model holds what was stored."""
        told, book_id = self._round, self.book_id
        if told is None or book_id is None:
            return
        receipt = told.story.outcome.receipt if told.story.outcome is not None else None
        at_least = receipt.position if wait and receipt is not None else None
        self._since.restart()
        if at_least is not None:
            self._timer.start()
            self._count()
        future = self._session.queries.ask(GetBookById(book_id), at_least=at_least)
        self._bridge.call(future, partial(self._answer, told), self._fail, self)

    @Slot()
    def _count(self) -> None:
        words = self.tr("Waiting until the read model holds it… {n} s")
        self.told.emit(words.format(n=f"{self._since.elapsed() / 1000:.1f}"))

    def _answer(self, told: Round, card: BookCard | None) -> None:
        self._timer.stop()
        took = self.tr("Answered after {n} ms. ").format(n=f"{self._since.elapsed():,}")
        self.told.emit(took + self._compared(told, card))

    def _compared(self, told: Round, card: BookCard | None) -> str:
        outcome = told.story.outcome
        receipt = outcome.receipt if outcome is not None else None
        said = self.tr("The read model does not know this book.")
        if card is not None:
            row = card.row
            said = self.tr("The read model says: revision {n}, {state}, {free} of {all} copies available.").format(
                n=f"{row.revision:,}", state=row.state, free=row.copies_available, all=row.copies_total
            )
        if outcome is None or receipt is None:
            return said
        stored = self.tr("Stored: {events}, revision {n}.").format(
            events=names_of(outcome.events), n=f"{receipt.revision:,}"
        )
        is_old = card is None or card.row.revision < receipt.revision
        return f"{stored} {said} " + (self.tr("That is the old answer.") if is_old else self.tr("They agree."))

    def _fail(self, error: Exception) -> None:
        self._timer.stop()
        if not isinstance(error, StoreError):
            raise error
        self.told.emit(str(error))
