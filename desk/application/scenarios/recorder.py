"""Notes what somebody does in a throw-away catalogue, as the steps of a scenario. Safe to use from any thread."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from desk.application.care import ReadModelCare
from desk.application.command_events import PUBLIC
from desk.application.outbox import Outbox
from desk.application.scenarios.scenario import DONE, Fail, FailureKind, RebuildRows, Send, Show, Step
from desk.application.session import CommandsPort, FaultsPort, Session
from desk.cqrs.dryrun import DryRun
from desk.cqrs.endings import code_of
from desk.cqrs.messages import Consistency, Outcome
from desk.domain.commands import BookCommand
from desk.domain.streams import book_id_of
from desk.records import dataclass

_STILL_TO_COME = frozenset({FailureKind.LOSE_ANSWER, FailureKind.OVERTAKE, FailureKind.POISON})


class Recorder:
    """What goes through a session that was given to :meth:`over` is noted, while it is on."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._noted: list[_Noted] = []
        self._pass_time: Callable[[], object] = bool
        self.is_on = False

    def begin(self, pass_time: Callable[[], object], steps: tuple[Step, ...] = ()) -> None:
        """Note what is done from now on, behind these steps. ``pass_time`` is called before each command, so that it
        has the moment that it will have when it is played.
        """
        with self._guard:
            self._pass_time = pass_time
            self._noted, self.is_on = [_Noted(step) for step in steps], True

    def end(self) -> tuple[Step, ...]:
        """No longer; all that was done. A command whose end is not known yet is taken to be done."""
        with self._guard:
            self.is_on = False
            return tuple(noted.step for noted in self._noted)

    def over(self, session: Session) -> Session:
        """The same session, of which is heard what is sent and what is made to fail."""
        care, faults = session.care, session.faults
        return replace(
            session,
            commands=_HeardCommands(session.commands, self),
            care=None if care is None else cast("ReadModelCare", _Heard(care, self._of_care())),
            faults=None if faults is None else cast("FaultsPort", _Heard(faults, self._of_faults())),
        )

    def show(self, place: str, book_id: UUID | None) -> None:
        """A place or companion is shown, with a book or none. Of several books one after the other the last counts."""
        step = Show(place, book_id)
        with self._guard:
            before = next((noted.step for noted in reversed(self._noted) if isinstance(noted.step, Show)), None)
            if not self.is_on or step == before:
                return
            last = self._noted[-1].step if self._noted else None
            if isinstance(last, Show) and last.place == place:
                self._noted.pop()
            self._noted.append(_Noted(step))

    def note(self, step: Step, command_id: UUID | None = None) -> "_Noted":
        """Something was done; a command that is sent once more, under its id, is the same."""
        noted = _Noted(step, command_id)
        with self._guard:
            for before in self._noted:
                if command_id is not None and before.command_id == command_id:
                    return before
            if self.is_on:
                self._noted.append(noted)
                if isinstance(step, Send) or (isinstance(step, Fail) and step.command is not None):
                    self._pass_time()
        return noted

    def _of_care(self) -> "dict[str, Callable[..., object]]":
        def delay(seconds: float) -> None:
            kind = FailureKind.DELAY_PROJECTION if seconds else FailureKind.RESUME_PROJECTION
            self.note(Fail(kind, seconds=seconds))

        def retry(stream: str, *, skip_because: str = "") -> None:
            book_id = book_id_of(stream)
            if book_id is not None and not skip_because:
                self.note(Fail(FailureKind.HEAL, book_id))

        return {
            "pause": lambda: self.note(Fail(FailureKind.STOP_PROJECTION)),
            "step": lambda: self.note(Fail(FailureKind.STEP_PROJECTION)),
            "resume": lambda: self.note(Fail(FailureKind.RESUME_PROJECTION)),
            "set_delay": delay,
            "retry": retry,
            "rebuild": lambda _progress: self.note(RebuildRows()),
        }

    def _of_faults(self) -> "dict[str, Callable[..., object]]":
        def overtake(command: BookCommand, _command_id: UUID | None = None) -> None:
            self.note(Fail(FailureKind.OVERTAKE, command=command))

        return {
            "kill_node": lambda: self.note(Fail(FailureKind.KILL_NODE)),
            "lose_next_answer": lambda stream: self.note(Fail(FailureKind.LOSE_ANSWER, book_id_of(stream))),
            "fail_handler": lambda stream: self.note(Fail(FailureKind.POISON, book_id_of(stream))),
            "overtake": overtake,
            "take_back": self._take_back,
        }

    def _take_back(self) -> None:
        """Failures of books to which nothing was sent since were not seen by anybody."""
        kept, sent = list[_Noted](), set[UUID]()
        with self._guard:
            for noted in reversed(self._noted):
                step = noted.step
                if isinstance(step, Send):
                    sent.add(step.command.book_id)
                if not (isinstance(step, Fail) and step.failure in _STILL_TO_COME and _book_of(step) not in sent):
                    kept.append(noted)
            self._noted = kept[::-1]


@dataclass(slots=True, eq=False)
class _Noted:
    """A step, which changes once it is known how its command ended."""

    step: Step
    command_id: UUID | None = None

    def ended(self, future: "Future[Outcome]") -> None:
        """Its command's end is known, for now."""
        assert isinstance(self.step, Send)
        error = CancelledError() if future.cancelled() else future.exception()
        self.step = replace(self.step, ends=DONE if error is None else code_of(error))


def _book_of(step: Fail) -> UUID | None:
    return step.command.book_id if step.command is not None else step.book_id


class _Heard:
    """Stands before a port: once one of these methods has done what it does, it is told of with its arguments."""

    def __init__(self, port: object, hear: Mapping[str, Callable[..., object]]) -> None:
        self._port, self._hear = port, hear

    def __getattr__(self, name: str) -> Any:
        do, hear = getattr(self._port, name), self._hear.get(name)
        if hear is None:
            return do

        def call(*values: Any, **named: Any) -> Any:
            result = do(*values, **named)
            hear(*values, **named)
            return result

        return call


@dataclass(frozen=True, slots=True)
class _HeardCommands:
    """Satisfies :class:`~desk.application.session.CommandsPort`: commands of people are noted when they are sent."""

    port: CommandsPort
    recorder: Recorder

    @property
    def outbox(self) -> Outbox:
        return self.port.outbox

    def execute(
        self, command: object, *, command_id: UUID | None = None, consistency: Consistency = Consistency.EVENTUAL
    ) -> "Future[Outcome]":
        noted = self.recorder.note(Send(cast("BookCommand", command)), command_id) if type(command) in PUBLIC else None
        future = self.port.execute(command, command_id=command_id, consistency=consistency)
        if noted is not None:
            future.add_done_callback(noted.ended)
        return future

    def explain(self, command: object) -> "Future[DryRun]":
        return self.port.explain(command)
