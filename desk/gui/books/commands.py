"""Hop 1: sends commands for the forms, and turns what comes back into one of the five ends."""

import re
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desk.application.outbox import GivenUp
from desk.cqrs.errors import Cancelled, Conflict, OutcomeUnknown, StoreError, UnknownEvent
from desk.domain.errors import InvalidCommand, RuleBroken
from desk.gui.widgets.rich import sentence_of
from desk.records import dataclass

if TYPE_CHECKING:
    from desk.application.session import Session
    from desk.cqrs.messages import Outcome
    from desk.cqrs.moments import Moments
    from desk.domain.commands import BookCommand
    from desk.gui.books.saving import Saving
    from desk.gui.frame.icons import Icons
    from desk.gui.frame.theme import Theme
    from desk.gui.widgets.background import GuiBridge

BOOK_LINK = "book:"
"""What the target of a link to a book begins with; its id follows."""


class FormEnd(Enum):
    """The five ends of a command, and the sixth that must not be."""

    DONE = "done"
    REFUSED = "refused"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended: in words, and by field where fields are wrong."""

    end: FormEnd
    sentence: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    outcome: "Outcome | None" = None


@dataclass(slots=True, eq=False)
class Submission:
    """One command under way: once it has an id, when it is first sent, it keeps that however often it is sent."""

    command: "BookCommand"
    label: str
    id: UUID | None = None
    result: CommandResult | None = None


class CommandSender(QObject):
    """Sends commands; those whose answer was lost wait in the session's outbox, which settles them.

    Signals:
        sent: a command went out (Submission).
        ended: a command ended, or its end is not known yet; whether its form is still open or not (Submission).
    """

    sent = Signal(object)  # Submission
    ended = Signal(object)  # Submission

    def __init__(self, bridge: "GuiBridge", saving: "Saving") -> None:
        super().__init__()
        self._bridge, self._saving = bridge, saving
        self.session: Session | None = None  # where queries can be asked, once it is open
        self._moments: Moments | None = None

    @property
    def moments(self) -> "Moments":
        """The session's source of moments and ids; whoever asks has something out of a session in hand."""
        assert self._moments is not None
        return self._moments

    def open(self, session: "Session") -> None:
        """From now on commands can be sent; those that wait since an earlier run are followed to their end."""
        self.session, self._moments = session, session.moments
        for waiting in session.commands.outbox.waiting():
            submission = Submission(waiting.command, spoken_name(waiting.command), waiting.command_id)
            submission.result = CommandResult(FormEnd.UNKNOWN, waiting.problem)
            self._saving.begin(waiting.command.book_id)
            self._await(submission)

    def close(self) -> None:
        """Send nothing more."""
        self.session = None

    def send(self, command: "BookCommand", label: str) -> Submission:
        """Send a new command; ``label`` names it for people. ``ended`` may say how it ends before this returns."""
        submission = Submission(command, label)
        self._dispatch(submission)
        return submission

    def again(self, submission: Submission) -> None:
        """Send the same command with the same id: stored twice it cannot be."""
        unknown = submission.result is not None and submission.result.end is FormEnd.UNKNOWN
        submission.result = None
        if not unknown or self.session is None or submission.id is None:
            self._dispatch(submission)
            return
        try:
            future = self.session.commands.outbox.resend(submission.id)
        except KeyError:
            return  # settled in this moment, and its result is on its way
        self._bridge.call(future, lambda _outcome: None, partial(self._still_unknown, submission), self)

    def _dispatch(self, submission: Submission) -> None:
        self._saving.begin(submission.command.book_id)
        if self.session is None:
            sentence = self.tr("The catalogue is not open yet. Try again in a moment.")
            self._given_up(submission, CommandResult(FormEnd.UNAVAILABLE, sentence))
            return
        if submission.id is None:
            submission.id = self.moments.new_id()
        self.sent.emit(submission)
        future = self.session.commands.execute(submission.command, command_id=submission.id)
        self._bridge.call(future, partial(self._stored, submission), partial(self._failed, submission), self)

    def _await(self, submission: Submission) -> None:
        """Hear how a command of the outbox ends."""
        if self.session is not None and submission.id is not None:
            future = self.session.commands.outbox.ending(submission.id)
            self._bridge.call(future, partial(self._stored, submission), partial(self._failed, submission), self)

    def _stored(self, submission: Submission, outcome: "Outcome") -> None:
        position = outcome.receipt.position if outcome.receipt else None
        self._saving.stored(submission.command.book_id, position)
        self._end(submission, CommandResult(FormEnd.DONE, outcome=outcome))

    def _failed(self, submission: Submission, error: Exception) -> None:
        result = result_of(error)
        if result.end is FormEnd.UNKNOWN:
            self._end(submission, result)
            self._await(submission)
            return
        self._given_up(submission, result)
        if result.end is FormEnd.BUG:
            raise error

    def _still_unknown(self, submission: Submission, error: Exception) -> None:
        """Asking again came to nothing: the first attempt may be stored all the same."""
        if submission.result is None and not isinstance(error, RuleBroken | Conflict):
            self._end(submission, CommandResult(FormEnd.UNKNOWN, str(error)))

    def _given_up(self, submission: Submission, result: CommandResult) -> None:
        self._saving.given_up(submission.command.book_id)
        self._end(submission, result)

    def _end(self, submission: Submission, result: CommandResult) -> None:
        submission.result = result
        self.ended.emit(submission)


def spoken_name(command: object) -> str:
    """A command's name as words: LendCopy is "Lend copy"."""
    words = re.findall("[A-Z][a-z]*", type(command).__name__)
    return " ".join([words[0], *(word.lower() for word in words[1:])])


def result_of(error: Exception) -> CommandResult:
    """What an exception of the bus means for the user."""
    match error:
        case RuleBroken():
            return CommandResult(FormEnd.REFUSED, sentence_of(error))
        case InvalidCommand():
            fields = tuple((wrong.field, sentence_of(wrong)) for wrong in error.errors)
            return CommandResult(FormEnd.REFUSED, sentence_of(error), fields)
        case Conflict():
            return CommandResult(FormEnd.CONFLICT)
        case GivenUp():
            return CommandResult(FormEnd.REFUSED, str(error))
        case OutcomeUnknown():
            return CommandResult(FormEnd.UNKNOWN, str(error))
        case StoreError() | Cancelled() | UnknownEvent():
            return CommandResult(FormEnd.UNAVAILABLE, str(error))
    return CommandResult(FormEnd.BUG, str(error))


@dataclass(frozen=True, slots=True)
class FormContext:
    """What every form needs."""

    commands: CommandSender
    theme: "Theme"
    icons: "Icons"
    parent: QWidget

    @property
    def moments(self) -> "Moments":
        """The session's source of moments and ids."""
        return self.commands.moments
