"""Hop 1: sends commands for the forms, and turns what comes back into one of the five ends."""

from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from uuid import UUID, uuid4

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desk.application.session import Connection, Light, Session
from desk.cqrs.errors import Cancelled, Conflict, OutcomeUnknown, StoreError, UnknownEvent
from desk.cqrs.messages import Outcome
from desk.domain.commands import BookCommand
from desk.domain.errors import InvalidCommand, RuleBroken
from desk.domain.sentences import describe
from desk.gui.background import Bridge
from desk.gui.books.saving import Saving

ASK_AGAIN_AFTER = 2000
"""Milliseconds until an unknown outcome is asked for again while the light is green."""


class End(Enum):
    """The five ends of a command, and the sixth that must not be."""

    DONE = "done"
    REFUSED = "refused"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ended: in words, and by field where fields are wrong."""

    end: End
    sentence: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    outcome: Outcome | None = None


@dataclass(slots=True, eq=False)
class Sending:
    """One command under way: it keeps its id however often it is sent."""

    command: BookCommand
    label: str
    watcher: "Watcher"
    id: UUID = field(default_factory=uuid4)
    ending: Ending | None = None


class Watcher(QObject):
    """Whoever sent a command and wants to know; may be gone by the time that it ends.

    Signals:
        ended: the command ended, or its end is not known yet (Ending).
    """

    ended = Signal(object)  # Ending


class Commands(QObject):
    """Sends commands, and settles unknown outcomes by sending the same command again.

    Signals:
        sent: a command went out (Sending).
        ended: a command ended, whether its form is still open or not (Sending).
    """

    sent = Signal(object)  # Sending
    ended = Signal(object)  # Sending

    def __init__(self, bridge: Bridge, saving: Saving) -> None:
        super().__init__()
        self._bridge, self._saving = bridge, saving
        self._session: Session | None = None
        self._unsettled: list[Sending] = []
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(ASK_AGAIN_AFTER)
        self._again.timeout.connect(self.settle)
        bridge.connection_changed.connect(self._connection_changed)

    @property
    def session(self) -> Session | None:
        """Where queries can be asked; None before it is open."""
        return self._session

    def open(self, session: Session) -> None:
        """From now on commands can be sent."""
        self._session = session

    def close(self) -> None:
        """Send nothing more."""
        self._session = None
        self._again.stop()

    def send(self, command: BookCommand, label: str) -> Sending:
        """Send a new command; ``label`` names it for people. Its watcher hears how it ends."""
        sending = Sending(command, label, Watcher(self))
        self._saving.begin(command.book_id)
        self._dispatch(sending)
        return sending

    def again(self, sending: Sending) -> None:
        """Send the same command with the same id: stored twice it cannot be."""
        if sending not in self._unsettled:
            self._saving.begin(sending.command.book_id)
        self._forget(sending)
        self._dispatch(sending)

    @Slot()
    def settle(self) -> None:
        """Ask again for every outcome that is not known."""
        for sending in list(self._unsettled):
            self.again(sending)

    def _dispatch(self, sending: Sending) -> None:
        if self._session is None:
            self._end(
                sending, Ending(End.UNAVAILABLE, self.tr("The catalogue is not open yet. Try again in a moment."))
            )
            return
        self.sent.emit(sending)
        future = self._session.execute(sending.command, command_id=sending.id)
        self._bridge.call(future, partial(self._stored, sending), partial(self._failed, sending), self)

    def _stored(self, sending: Sending, outcome: Outcome) -> None:
        position = outcome.receipt.position if outcome.receipt else None
        self._saving.stored(sending.command.book_id, position)
        self._end(sending, Ending(End.DONE, outcome=outcome))

    def _failed(self, sending: Sending, error: Exception) -> None:
        ending = ending_of(error)
        if ending.end is End.UNKNOWN:
            self._unsettled.append(sending)
            if self._session is not None and self._session.connection.light is Light.GREEN:
                self._again.start()
        else:
            self._saving.given_up(sending.command.book_id)
        self._end(sending, ending)
        if ending.end is End.BUG:
            raise error

    def _end(self, sending: Sending, ending: Ending) -> None:
        sending.ending = ending
        self.ended.emit(sending)
        sending.watcher.ended.emit(ending)

    def _forget(self, sending: Sending) -> None:
        if sending in self._unsettled:
            self._unsettled.remove(sending)

    @Slot(object)
    def _connection_changed(self, connection: object) -> None:
        if isinstance(connection, Connection) and connection.light is Light.GREEN:
            self.settle()


def ending_of(error: Exception) -> Ending:
    """What an exception of the bus means for the user."""
    match error:
        case RuleBroken():
            return Ending(End.REFUSED, describe(error.code, error.params))
        case InvalidCommand():
            fields = tuple((wrong.field, describe(wrong.code, wrong.params)) for wrong in error.errors)
            return Ending(End.REFUSED, describe(error.code, error.params), fields)
        case Conflict():
            return Ending(End.CONFLICT)
        case OutcomeUnknown():
            return Ending(End.UNKNOWN, str(error))
        case StoreError() | Cancelled() | UnknownEvent():
            return Ending(End.UNAVAILABLE, str(error))
    return Ending(End.BUG, str(error))
