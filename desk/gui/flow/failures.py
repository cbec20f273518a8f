"""What goes wrong, as buttons: each the real thing, done to the real parts."""

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QSignalBlocker, QTimer, Signal, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from desk.application.care import ReadModelCare, ReadModelState, RetryOutcome
from desk.application.catalogue import BookCard
from desk.application.flow.rounds import Round
from desk.application.queries import GetBookById
from desk.application.session import FaultRefused, FaultsPort
from desk.cqrs.errors import StoreError
from desk.domain.commands import AddCopy
from desk.domain.state import Life
from desk.domain.streams import book_id_of, book_stream
from desk.gui.flow.feed import FlowFeed
from desk.gui.frame.workspace import Workspace, announce
from desk.gui.widgets.background import saying
from desk.gui.widgets.boxes import column
from desk.gui.widgets.masking import short
from desk.gui.widgets.question import Question
from desk.gui.widgets.wrapping import WrappingRow

LOOKED_AGAIN = 500
"""Milliseconds after which what is still to come is looked at again, while something is."""


class Failures(QWidget):
    """Five buttons, and a line that says what was asked for and has not happened yet.

    Signals:
        chosen: something is about to go wrong.
        said: what was done, or why it was not (str).
    """

    chosen = Signal()
    said = Signal(str)

    def __init__(self, workspace: Workspace, feed: FlowFeed) -> None:
        super().__init__()
        self._session, self._bridge = workspace.ports, workspace.bridge
        self._selection, self._feed = workspace.selection, feed
        self._round: Round | None = None
        self.killing = self._button(self.tr("Kill the node"), self._kill)
        self.stopping = QPushButton(self.tr("Stop the projection"))
        self.stopping.setCheckable(True)
        self.stopping.clicked.connect(self._stop_or_go_on)
        self.losing = self._button(self.tr("Lose the next answer"), self._lose)
        self.overtaking = self._button(self.tr("Faster writer"), self._overtake)
        self.poisoning = self._button(self.tr("Poison event"), self._poison)
        self.healing = self._button(self.tr("Try again"), self._heal)
        self.taking_back = self._button(self.tr("Take back"), self._take_back)
        self.wanted = QLabel(wordWrap=True)
        failures = (self.killing, self.stopping, self.losing, self.overtaking, self.poisoning)
        buttons = QWidget()
        buttons.setLayout(WrappingRow(*failures, self.healing, self.taking_back))
        column(buttons, self.wanted, on=self)
        self._timer = QTimer(self, interval=LOOKED_AGAIN)
        self._timer.timeout.connect(self.refresh)
        self._bridge.read_model_changed.connect(self._read_model_changed)
        self._selection.book_changed.connect(self.refresh)
        feed.parked_changed.connect(self.refresh)
        self.refresh()

    def show_round(self, told: Round | None) -> None:
        """The command whose book is meant, where none is chosen."""
        self._round = told
        self.refresh()

    @property
    def book_id(self) -> UUID | None:
        """The book that a failure is about: the one that is chosen, or that of the command that is shown."""
        if self._selection.book_id is not None:
            return self._selection.book_id
        return book_id_of(self._round.story.stream) if self._round is not None else None

    @Slot()
    def refresh(self) -> None:
        """What can be done now, and what was asked for."""
        faults, care = self._session.faults, self._session.care
        wanted = faults.wanted() if faults is not None else ()
        here = "" if faults is not None else self.tr("This store is not a node of Desk's own.")
        only = self.tr("Something fails in earnest by this: only in a throw-away catalogue, as on a stage.")
        thrown = here or ("" if faults is not None and faults.throw_away else only)
        about = thrown or ("" if self.book_id is not None else self.tr("Choose a book first, or change one."))
        unkept = "" if care is not None else self.tr("Another program keeps this read model.")
        self._allow(self.killing, thrown, self.tr("A crash of the store's process; Desk starts another one."))
        self._allow(self.stopping, unkept, self.tr("Events are stored, and no longer come to the read model."))
        self._allow(self.losing, about, self.tr("The next change of the book is stored, and its answer is lost."))
        self._allow(self.overtaking, about, self.tr("Somebody adds a copy just before the next change is stored."))
        self._allow(self.poisoning, about, self.tr("The projection fails for the next event of the book."))
        self.healing.setVisible(bool(self._feed.parked))
        self._allow(self.healing, unkept, self.tr("Take the failure back, and apply what is parked."))
        self.taking_back.setVisible(bool(wanted))
        self._say_wanted(" ".join(wanted))
        if wanted and not self._timer.isActive():
            self._timer.start()
        elif not wanted:
            self._timer.stop()
        if care is not None:
            self._read_model_changed(care.state())

    def _say_wanted(self, sentences: str) -> None:
        """Of the book in hand by its title, and aloud once it is new."""
        stream, title = book_stream(self.book_id) if self.book_id is not None else "", ""
        card, told = self._selection.card, self._round
        if card is not None and card.row.book_id == self.book_id:
            title = card.row.title
        elif told is not None and told.story.stream == stream:
            title = told.book
        text = short(sentences.replace(stream, f"“{title}”") if title else sentences)
        if text != self.wanted.text():
            self.wanted.setText(text)
            announce(self.wanted, text)
        self.wanted.setVisible(bool(text))

    def _allow(self, button: QPushButton, refused: str, tip: str) -> None:
        button.setEnabled(not refused)
        button.setToolTip(refused or tip)
        button.setAccessibleDescription(refused or tip)

    def _button(self, text: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, autoDefault=False)
        button.clicked.connect(lambda _checked=False: act())
        return button

    def _kill(self) -> None:
        self._do(lambda faults: self.tr("The node {pid} is killed.").format(pid=faults.kill_node()))

    # The projection, in any catalogue after one question

    def _stop_or_go_on(self) -> None:
        care = self._session.care
        if care is None:
            return
        if not self.stopping.isChecked():
            care.resume()
            return
        self._show_stopped(stopped=False)
        faults = self._session.faults
        if faults is not None and faults.throw_away:
            self._stop(care)
            return
        detail = self.tr("Tables and cards show no change until it goes on. Nothing is lost.")
        stop, leave = self.tr("Stop it"), self.tr("Leave it")
        text = self.tr("Stop the projection?")
        Question(self, text, detail, stay=leave, go_on=stop, then=lambda: self._stop(care))

    def _stop(self, care: ReadModelCare) -> None:
        self.chosen.emit()
        care.pause()

    @Slot(object)
    def _read_model_changed(self, state: ReadModelState) -> None:
        self._show_stopped(stopped=state.paused)

    def _show_stopped(self, *, stopped: bool) -> None:
        with QSignalBlocker(self.stopping):
            self.stopping.setChecked(stopped)
        self.stopping.setText(self.tr("Let it go on") if stopped else self.tr("Stop the projection"))

    # What stores events, or fails for one: in throw-away catalogues only

    def _lose(self) -> None:
        self._about_book(lambda faults, book: faults.lose_next_answer(book_stream(book)))

    def _poison(self) -> None:
        self._about_book(lambda faults, book: faults.fail_handler(book_stream(book)))

    def _overtake(self) -> None:
        """Only a listed book takes a copy from whoever is faster."""
        if self.book_id is not None:
            answer = self._session.queries.ask(GetBookById(self.book_id))
            self._bridge.call(answer, self._overtake_in, saying(self.said.emit, StoreError), self)

    def _overtake_in(self, card: BookCard | None) -> None:
        if card is None or card.row.state != Life.LISTED:
            self.said.emit(self.tr("Only of a listed book somebody else can add a copy."))
            return
        self._do(lambda faults: faults.overtake(AddCopy(book_id=card.row.book_id)))

    def _about_book(self, act: Callable[[FaultsPort, UUID], None]) -> None:
        book = self.book_id
        if book is not None:
            self._do(lambda faults: act(faults, book))

    def _heal(self) -> None:
        """The switch is taken back, and what is parked is tried again."""
        faults, care = self._session.faults, self._session.care
        if care is None:
            return
        for stream in self._feed.parked:
            if faults is not None:
                faults.heal_handler(stream)
            self._bridge.call(care.retry(stream), self._healed, saying(self.said.emit, StoreError), self)
        self.refresh()

    def _healed(self, outcome: RetryOutcome) -> None:
        if outcome.waiting:
            self.said.emit(self.tr("It is still parked: {error}").format(error=outcome.error))
        else:
            self.said.emit(self.tr("Healed: what was parked is in the read model."))

    def _take_back(self) -> None:
        self._do(lambda faults: faults.take_back())

    def _do(self, act: Callable[[FaultsPort], str | None]) -> None:
        faults = self._session.faults
        if faults is None:
            return
        self.chosen.emit()
        try:
            told = act(faults)
        except FaultRefused as refused:
            told = str(refused)
        self.refresh()
        if told:
            self.said.emit(told)
