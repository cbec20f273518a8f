"""Hop 1: what was done in this window, newest last, and what of it was taken back: for Undo and Redo."""

from dataclasses import dataclass
from enum import Enum
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from desk.application.compensations import GetUndoing, Undoing
from desk.application.undo import Compensation, Irreversible, repetition
from desk.cqrs.errors import StoreError
from desk.cqrs.messages import Outcome
from desk.domain.commands import BookCommand
from desk.gui.background import Bridge
from desk.gui.books.commands import Commands, End, Submission

MOST = 100
"""How many commands are remembered; older ones are in the history all the same."""


class Direction(Enum):
    """Which way a command of this stack goes."""

    UNDO = "undo"
    REDO = "redo"


@dataclass(slots=True, eq=False)
class Entry:
    """One command that was stored. ``undoing`` is None until it is known how the book was before.

    ``again`` is the command that does it once more, after it was taken back.
    """

    command: BookCommand
    undoing: Undoing | None = None
    problem: str = ""
    again: BookCommand | None = None

    @property
    def description(self) -> str:
        """What was done, in a few words; empty while that is not known."""
        return self.undoing.description if self.undoing else ""

    @property
    def compensation(self) -> Compensation | None:
        """What takes it back, where something does."""
        way = self.undoing.way if self.undoing else None
        return way if isinstance(way, Compensation) else None

    @property
    def why_not(self) -> str:
        """Why nothing takes it back; empty where something does, or it is not known yet."""
        way = self.undoing.way if self.undoing else None
        return way.reason if isinstance(way, Irreversible) else self.problem


class UndoStack(QObject):
    """Listens to the commands that end. A new command forgets what could have been done again.

    Signals:
        changed: what can be taken back or done again is something else now.
    """

    changed = Signal()

    def __init__(self, commands: Commands, bridge: Bridge) -> None:
        super().__init__()
        self._commands, self._bridge = commands, bridge
        self._done: list[Entry] = []
        self._undone: list[Entry] = []
        self._sent: list[tuple[BookCommand, Entry, Direction]] = []
        commands.ended.connect(self._ended)

    @property
    def last_done(self) -> Entry | None:
        """What Undo is about."""
        return self._done[-1] if self._done else None

    @property
    def last_undone(self) -> Entry | None:
        """What Redo is about."""
        return self._undone[-1] if self._undone else None

    def __len__(self) -> int:
        return len(self._done)

    def sending(self, command: BookCommand, entry: Entry, direction: Direction) -> None:
        """This command is about to be sent in order to take an entry back, or to do it again."""
        remembered = {id(each) for each in (*self._done, *self._undone) if each is not entry}
        self._sent = [sent for sent in self._sent if id(sent[1]) in remembered]
        self._sent.append((command, entry, direction))

    def forget(self, entry: Entry) -> None:
        """An entry that the book refuses to take back stands in nobody's way."""
        self._done = [each for each in self._done if each is not entry]
        self._undone = [each for each in self._undone if each is not entry]
        self.changed.emit()

    @Slot(object)
    def _ended(self, submission: object) -> None:
        if not isinstance(submission, Submission) or submission.result is None:
            return
        entry, direction = self._sender_of(submission.command)
        if submission.result.end is End.REFUSED and entry is not None:
            self.forget(entry)
        outcome = submission.result.outcome
        if submission.result.end is not End.DONE or outcome is None:
            return
        self._sent = [sent for sent in self._sent if sent[1] is not entry]
        if entry is not None:
            self.forget(entry)
        if direction is Direction.UNDO and entry is not None:
            self._taken_back(entry, outcome)
        else:
            self._stored(submission.command, outcome, is_new=entry is None)

    def _sender_of(self, command: BookCommand) -> tuple[Entry | None, Direction | None]:
        # By identity: somebody may ask for the very same in a form, and that is a command of its own.
        return next(((entry, way) for sent, entry, way in self._sent if sent is command), (None, None))

    def _taken_back(self, entry: Entry, outcome: Outcome) -> None:
        if outcome.receipt is None:
            return
        entry.again = repetition(entry.command, outcome.events, outcome.receipt.revision, self._commands.moments.new_id)
        self._undone.append(entry)
        self.changed.emit()

    def _stored(self, command: BookCommand, outcome: Outcome, *, is_new: bool) -> None:
        session = self._commands.session
        if not outcome.events or outcome.receipt is None or session is None:
            return
        if is_new:
            self._undone.clear()
        entry = Entry(command)
        self._done = [*self._done[1 - MOST :], entry]
        question = GetUndoing(command, outcome.events, outcome.receipt.revision)
        self._bridge.call(
            session.queries.ask(question), partial(self._known, entry), partial(self._not_known, entry), self
        )
        self.changed.emit()

    def _known(self, entry: Entry, undoing: Undoing) -> None:
        entry.undoing = undoing
        self.changed.emit()

    def _not_known(self, entry: Entry, error: Exception) -> None:
        entry.problem = self.tr("It is not known how the book was before: {reason}").format(reason=error)
        self.changed.emit()
        if not isinstance(error, StoreError):
            raise error
