"""Hop 1: keeps what Undo and Redo are about in step with the books, whoever changes them."""

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, Signal, Slot

from desk.application.catalogue import Announcement
from desk.application.compensations import GetDone, GetOffer, Offer
from desk.application.session import Connection, Light
from desk.application.undo import Direction
from desk.application.undo_history import Entry, UndoHistory
from desk.domain.streams import book_stream
from desk.gui.books.commands import CommandSender, FormEnd, Submission, result_of

if TYPE_CHECKING:
    from desk.application.done import Done
    from desk.cqrs.messages import Outcome
    from desk.domain.commands import BookCommand
    from desk.gui.widgets.background import GuiBridge


class UndoStack(QObject):
    """Listens to the commands that end, and asks again what can be done about them whenever their books change.

    Signals:
        changed: what can be taken back or done again is something else now, or is known by now.
    """

    changed = Signal()

    def __init__(self, commands: CommandSender, bridge: "GuiBridge") -> None:
        super().__init__()
        self._commands, self._bridge = commands, bridge
        self._history = UndoHistory()
        self._shown: dict[Direction, Entry | None] = {}
        self._sent: list[tuple[BookCommand, Entry, Direction]] = []
        self._asking: dict[Entry, bool] = {}  # whether to ask once more when the answer has come
        self._was_live = True
        commands.ended.connect(self._ended)
        bridge.announced.connect(self._announced)
        bridge.connection_changed.connect(self._connection_changed)

    def offered(self, direction: Direction) -> Entry | None:
        """What Undo or Redo is about; its offer is None while it is being asked for."""
        return self._history.offered(direction)

    def count(self, direction: Direction) -> int:
        """How many commands there are, with those that were skipped."""
        return self._history.count(direction)

    def sending(self, command: "BookCommand", entry: Entry, direction: Direction) -> None:
        """This command is about to be sent in order to take an entry back, or to do it again."""
        remembered = {each for _, each in self._history if each is not entry}
        self._sent = [sent for sent in self._sent if sent[1] in remembered]
        self._sent.append((command, entry, direction))

    def skip(self, entry: Entry) -> None:
        """Go on to the one before it."""
        self._history.skip(entry)
        self._tell()

    def look(self, entry: Entry) -> None:
        """Ask what can be done about an entry now."""
        session, direction = self._commands.session, self._history.direction_of(entry)
        if entry in self._asking:
            self._asking[entry] = True
            return
        if session is None or direction is None:
            return
        self._asking[entry] = False
        if entry.done is None:
            answer = session.queries.ask(GetDone(entry.command, entry.events, entry.revision))
            self._bridge.call(answer, partial(self._met, entry), partial(self._failed, entry), self)
            return
        offer = session.queries.ask(GetOffer(entry.done, direction))
        self._bridge.call(offer, partial(self._learned, entry, direction), partial(self._failed, entry), self)

    def _met(self, entry: Entry, done: "Done") -> None:
        entry.met(done)
        del self._asking[entry]
        self.look(entry)

    def _learned(self, entry: Entry, direction: Direction, offer: Offer) -> None:
        # It may have been taken back, or done again, since it was asked about.
        is_answer = self._history.direction_of(entry) is direction
        if is_answer:
            self._history.learned(entry, offer)
        if self._asking.pop(entry) or not is_answer:
            self.look(entry)
        self._tell(fresh=entry)

    def _failed(self, entry: Entry, error: Exception) -> None:
        del self._asking[entry]
        reason = self.tr("It is not known whether this is possible now: {reason}").format(reason=error)
        self._history.learned(entry, Offer(reason))
        self._tell(fresh=entry)
        if result_of(error).end is FormEnd.BUG:
            raise error

    def _tell(self, *, fresh: Entry | None = None) -> None:
        """Say that something changed; whatever comes into sight by that is asked for, as books changed meanwhile."""
        for direction in Direction:
            entry = self.offered(direction)
            if entry is not None and entry is not self._shown.get(direction) and entry is not fresh:
                entry.offer = None
                self.look(entry)
            self._shown[direction] = entry
        self.changed.emit()

    def _refresh(self, streams: frozenset[str] | None = None) -> None:
        """Ask again about what is in sight, and about what might come back; of these books, or of all."""
        for direction, entry in self._history:
            about = book_stream(book_of(entry))
            in_question = entry.skipped or entry is self.offered(direction)
            if in_question and (streams is None or about in streams):
                self.look(entry)

    @Slot(object)
    def _announced(self, announcement: Announcement) -> None:
        if announcement.live:
            self._refresh(announcement.streams if self._was_live else None)
        self._was_live = announcement.live

    @Slot(object)
    def _connection_changed(self, connection: Connection) -> None:
        if connection.light is Light.GREEN:
            self._refresh()

    @Slot(object)
    def _ended(self, submission: Submission) -> None:
        if submission.result is None:
            return
        entry, direction = self._sender_of(submission.command)
        outcome, end = submission.result.outcome, submission.result.end
        if end is FormEnd.REFUSED and entry is not None:
            self.look(entry)
        if end is not FormEnd.DONE or outcome is None:
            return
        self._sent = [sent for sent in self._sent if sent[1] is not entry]
        self._stored(submission.command, outcome, entry, direction)
        self._tell()
        self._refresh(frozenset((book_stream(submission.command.book_id),)))

    def _stored(
        self, command: "BookCommand", outcome: "Outcome", entry: Entry | None, direction: Direction | None
    ) -> None:
        if entry is not None and (direction is Direction.UNDO or outcome.receipt is None):
            self._history.taken_back(entry, outcome.events)
        elif outcome.events and outcome.receipt is not None:
            stored = Entry(command, outcome.events, outcome.receipt.revision)
            if entry is None:
                self._history.stored(stored)
            else:
                self._history.done_again(entry, stored)

    def _sender_of(self, command: "BookCommand") -> tuple[Entry | None, Direction | None]:
        # By identity: somebody may ask for the very same in a form, and that is a command of its own.
        return next(((entry, way) for sent, entry, way in self._sent if sent is command), (None, None))


def book_of(entry: Entry) -> UUID:
    """The book that it is about by now."""
    return entry.done.command.book_id if entry.done else entry.command.book_id
