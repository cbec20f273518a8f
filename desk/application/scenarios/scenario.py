"""What a scenario is made of: cues, each with a sentence, steps that are done, what is waited for, and expectations."""

from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID, uuid5

from desk.cqrs.identity import NAMESPACE
from desk.domain.commands import BookCommand
from desk.records import dataclass

DONE: Final = "done"
"""The end that a command is expected to have where its step says none; others are codes of refusals and failures."""


class Wait(StrEnum):
    """What a cue waits for: a key of the speaker's, the read model holding all that is stored, the store answering."""

    KEY = "key"
    READ_MODEL = "read model"
    STORE = "store"


class Speed(StrEnum):
    """How fast Flow shows what happened."""

    LIVE = "live"
    SLOW = "slow"
    STEP = "step by step"


class FailureKind(StrEnum):
    """What is made to go wrong, and how it is taken back."""

    KILL_NODE = "kill the node"
    LOSE_ANSWER = "lose the next answer"
    OVERTAKE = "a second writer is faster"
    POISON = "poison event"
    HEAL = "heal"
    STOP_PROJECTION = "stop the projection"
    STEP_PROJECTION = "step the projection"
    DELAY_PROJECTION = "delay the projection"
    RESUME_PROJECTION = "resume the projection"


@dataclass(frozen=True, slots=True)
class Send:
    """Give a command to the bus. ``ends`` is :data:`DONE` or the code that it is to end with; ``attempts``, where it
    is given, how often it was tried. ``sees_newest``: the book's newest revision is the one that was seen.
    """

    command: BookCommand
    ends: str = DONE
    attempts: int | None = None
    sees_newest: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """Press a key or several, in Qt's portable notation: ``Ctrl+K``, or a text that is typed."""

    keys: str


@dataclass(frozen=True, slots=True)
class Show:
    """Show a place or companion of the window, a book in it where one is named, and one of its pages (in Streams: a
    stream; of the history: a tab beside it, or a scale of its axis) where it has several.
    """

    place: str
    book_id: UUID | None = None
    page: str = ""


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Have Flow show what follows at this speed."""

    speed: Speed


@dataclass(frozen=True, slots=True)
class Fail:
    """Make something go wrong: for this book, by this command of a second writer, for so many seconds."""

    failure: FailureKind
    book_id: UUID | None = None
    command: BookCommand | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ForeignAppend:
    """Another client appends an event to a stream, at its end, without asking anybody. ``data`` is JSON."""

    stream: str
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class RebuildRows:
    """Build the read model anew from the store; the old one is deleted."""


Step: TypeAlias = Send | Press | Show | SetSpeed | Fail | ForeignAppend | RebuildRows


@dataclass(frozen=True, slots=True)
class ExpectRow:
    """What the read model says of a book. None: not asked. ``missing``: it knows no such book."""

    book_id: UUID
    name: str
    missing: bool = False
    state: str | None = None
    title: str | None = None
    copies: int | None = None
    available: int | None = None


@dataclass(frozen=True, slots=True)
class ExpectEvents:
    """The types of all events of a stream, the oldest first."""

    stream: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExpectReadModel:
    """Of the read model as a whole: books shown, events that wait, streams parked, differences the doctor finds."""

    books: int | None = None
    waiting: int | None = None
    parked: int | None = None
    differences: int | None = None


Expectation: TypeAlias = ExpectRow | ExpectEvents | ExpectReadModel


@dataclass(frozen=True, slots=True)
class Cue:
    """One stop of a talk. ``line`` is where its header stands in the file, from 1; ``at`` sets the clock before it.

    ``waits`` are waited for in their order, ``seconds`` after them; expectations are asked before a key and seconds.
    """

    line: int
    say: str
    notes: str = ""
    press: str = ""
    at: datetime | None = None
    steps: tuple[Step, ...] = ()
    waits: tuple[Wait, ...] = (Wait.KEY,)
    seconds: float = 0.0
    expectations: tuple[Expectation, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A talk: all its ids and times follow from ``clock`` (the moment of its first command, UTC) and ``seed``."""

    title: str
    clock: datetime
    seed: int
    cues: tuple[Cue, ...]
    notes: str = ""


def scenario_id(seed: int, kind: str, name: object) -> UUID:
    """The id that something of a scenario has in every run: a book, a hold, a loan or a command by its name."""
    return uuid5(NAMESPACE, f"scenario/{seed}/{kind}/{name}")
