"""Hop 1: sends commands for the forms, and turns what comes back into one of the five ends."""

import re
from dataclasses import dataclass
from enum import Enum
from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from desk.application.outbox import GivenUp
from desk.application.session import Session
from desk.cqrs.errors import Cancelled, Conflict, OutcomeUnknown, StoreError, UnknownEvent
from desk.cqrs.messages import Outcome
from desk.cqrs.moments import Moments
from desk.domain.commands import BookCommand
from desk.domain.errors import InvalidCommand, RuleBroken
from desk.gui.background import Bridge
from desk.gui.books.saving import Saving
from desk.gui.rich import sentence_of


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
    """One command under way: once it has an id, when it is first sent, it keeps that however often it is sent."""

    command: BookCommand
    label: str
    id: UUID | None = None
    ending: Ending | None = None


class Commands(QObject):
    """Sends commands; those whose answer was lost wait in the session's outbox, which settles them.

    Signals:
        sent: a command went out (Sending).
        ended: a command ended, or its end is not known yet; whether its form is still open or not (Sending).
    """

    sent = Signal(object)  # Sending
    ended = Signal(object)  # Sending

    def __init__(self, bridge: Bridge, saving: Saving) -> None:
        super().__init__()
        self._bridge, self._saving = bridge, saving
        self._session: Session | None = None
        self._moments: Moments | None = None

    @property
    def session(self) -> Session | None:
        """Where queries can be asked; None before it is open."""
        return self._session

    @property
    def moments(self) -> Moments:
        """The session's source of moments and ids; whoever asks has something out of a session in hand."""
        assert self._moments is not None
        return self._moments

    def open(self, session: Session) -> None:
        """From now on commands can be sent; those that wait since an earlier run are followed to their end."""
        self._session, self._moments = session, session.moments
        for waiting in session.commands.outbox.waiting():
            sending = Sending(waiting.command, spoken_name(waiting.command), waiting.command_id)
            sending.ending = Ending(End.UNKNOWN, waiting.problem)
            self._saving.begin(waiting.command.book_id)
            self._await(sending)

    def close(self) -> None:
        """Send nothing more."""
        self._session = None

    def send(self, command: BookCommand, label: str) -> Sending:
        """Send a new command; ``label`` names it for people. ``ended`` may say how it ends before this returns."""
        sending = Sending(command, label)
        self._dispatch(sending)
        return sending

    def again(self, sending: Sending) -> None:
        """Send the same command with the same id: stored twice it cannot be."""
        unknown = sending.ending is not None and sending.ending.end is End.UNKNOWN
        sending.ending = None
        if not unknown or self._session is None or sending.id is None:
            self._dispatch(sending)
            return
        try:
            future = self._session.commands.outbox.resend(sending.id)
        except KeyError:
            return  # settled in this moment, and its ending is on its way
        self._bridge.call(future, lambda _outcome: None, partial(self._still_unknown, sending), self)

    def _dispatch(self, sending: Sending) -> None:
        self._saving.begin(sending.command.book_id)
        if self._session is None:
            sentence = self.tr("The catalogue is not open yet. Try again in a moment.")
            self._given_up(sending, Ending(End.UNAVAILABLE, sentence))
            return
        if sending.id is None:
            sending.id = self.moments.new_id()
        self.sent.emit(sending)
        future = self._session.commands.execute(sending.command, command_id=sending.id)
        self._bridge.call(future, partial(self._stored, sending), partial(self._failed, sending), self)

    def _await(self, sending: Sending) -> None:
        """Hear how a command of the outbox ends."""
        if self._session is not None and sending.id is not None:
            future = self._session.commands.outbox.ending(sending.id)
            self._bridge.call(future, partial(self._stored, sending), partial(self._failed, sending), self)

    def _stored(self, sending: Sending, outcome: Outcome) -> None:
        position = outcome.receipt.position if outcome.receipt else None
        self._saving.stored(sending.command.book_id, position)
        self._end(sending, Ending(End.DONE, outcome=outcome))

    def _failed(self, sending: Sending, error: Exception) -> None:
        ending = ending_of(error)
        if ending.end is End.UNKNOWN:
            self._end(sending, ending)
            self._await(sending)
            return
        self._given_up(sending, ending)
        if ending.end is End.BUG:
            raise error

    def _still_unknown(self, sending: Sending, error: Exception) -> None:
        """Asking again came to nothing: the first attempt may be stored all the same."""
        if sending.ending is None and not isinstance(error, RuleBroken | Conflict):
            self._end(sending, Ending(End.UNKNOWN, str(error)))

    def _given_up(self, sending: Sending, ending: Ending) -> None:
        self._saving.given_up(sending.command.book_id)
        self._end(sending, ending)

    def _end(self, sending: Sending, ending: Ending) -> None:
        sending.ending = ending
        self.ended.emit(sending)


def spoken_name(command: object) -> str:
    """A command's name as words: LendCopy is "Lend copy"."""
    words = re.findall("[A-Z][a-z]*", type(command).__name__)
    return " ".join([words[0], *(word.lower() for word in words[1:])])


def ending_of(error: Exception) -> Ending:
    """What an exception of the bus means for the user."""
    match error:
        case RuleBroken():
            return Ending(End.REFUSED, sentence_of(error))
        case InvalidCommand():
            fields = tuple((wrong.field, sentence_of(wrong)) for wrong in error.errors)
            return Ending(End.REFUSED, sentence_of(error), fields)
        case Conflict():
            return Ending(End.CONFLICT)
        case GivenUp():
            return Ending(End.REFUSED, str(error))
        case OutcomeUnknown():
            return Ending(End.UNKNOWN, str(error))
        case StoreError() | Cancelled() | UnknownEvent():
            return Ending(End.UNAVAILABLE, str(error))
    return Ending(End.BUG, str(error))
