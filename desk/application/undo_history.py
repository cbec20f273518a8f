"""Hop 1: the commands of one desk in the order of their sending, and which of them Undo and Redo are about.

Nothing here asks or sends: whoever does tells what came of it. An entry that cannot be taken back now can be skipped:
the ones before it come into reach, and as soon as the book permits it again, it is offered again.
"""

from collections.abc import Iterator
from dataclasses import field
from typing import TYPE_CHECKING

from desk.application.done import Done, Successors, describe_command, follow, successors
from desk.application.undo import Direction
from desk.records import dataclass

if TYPE_CHECKING:
    from desk.application.compensations import Offer
    from desk.domain.commands import BookCommand

MOST = 100
"""How many commands are remembered; older ones are in the history all the same."""


@dataclass(slots=True, eq=False)
class Entry:
    """One command that was stored. ``done`` is None until it is known what the command met, and ``offer`` until it is
    known what can be done about it now; ``problem`` says why that is not known. ``rest_of`` is the entry whose first
    half was taken back already.
    """

    command: "BookCommand"
    events: tuple[object, ...] = ()
    revision: int = -1
    done: Done | None = None
    offer: "Offer | None" = None
    problem: str = ""
    skipped: bool = False
    rest_of: "Entry | None" = None
    _missed: list[Successors] = field(default_factory=list)

    @property
    def description(self) -> str:
        """What was done, in a few words; empty while that is not known."""
        return describe_command(self.done) if self.done else ""

    @property
    def possible(self) -> "BookCommand | None":
        """The command to send, where one is known."""
        return self.offer.command if self.offer else None

    def met(self, done: Done) -> None:
        """It is known now what the command met; what took whose place meanwhile, is followed."""
        for those in self._missed:
            done = follow(done, those)
        self.done, self.problem = done, ""

    def follow(self, those: Successors) -> None:
        """Something that it is about may have a successor."""
        if self.done is None:
            self._missed.append(those)
        else:
            self.done = follow(self.done, those)


class UndoHistory:
    """What was done, and what of it was taken back; each newest last, and at most :data:`MOST`."""

    def __init__(self) -> None:
        self._lists: dict[Direction, list[Entry]] = {Direction.UNDO: [], Direction.REDO: []}

    def __iter__(self) -> Iterator[tuple[Direction, Entry]]:
        return iter([(direction, entry) for direction, entries in self._lists.items() for entry in entries])

    def count(self, direction: Direction) -> int:
        """How many there are, with those that were skipped."""
        return len(self._lists[direction])

    def offered(self, direction: Direction) -> Entry | None:
        """What Undo or Redo is about: the newest that was not skipped."""
        return next((entry for entry in reversed(self._lists[direction]) if not entry.skipped), None)

    def direction_of(self, entry: Entry) -> Direction | None:
        """Whether it can be taken back or done again; None where it is forgotten."""
        return next((direction for direction, each in self if each is entry), None)

    def stored(self, entry: Entry) -> None:
        """A new command was stored: what could have been done again is forgotten."""
        self._lists[Direction.REDO] = []
        self._add(Direction.UNDO, entry)

    def learned(self, entry: Entry, offer: "Offer") -> None:
        """What can be done about an entry now; one that was skipped comes back when something can."""
        entry.offer, entry.problem = offer, ""
        entry.skipped = entry.skipped and offer.command is None

    def skip(self, entry: Entry) -> None:
        """Go on to the one before. What will never be possible is forgotten, anything else may come back."""
        if entry.offer is not None and entry.offer.for_good:
            self._remove(entry)
        else:
            entry.skipped = True

    def taken_back(self, entry: Entry, events: tuple[object, ...]) -> None:
        """These events took it back. Where they leave something to take back, that is next."""
        done = entry.done
        rest = done.rest() if done else None
        undone = self._lists[Direction.UNDO]
        if rest is not None and entry in undone:
            undone.insert(undone.index(entry) + 1, Entry(entry.command, done=rest, rest_of=entry))
        self._remove(entry)
        if entry.rest_of is None and events:
            entry.offer = None
            self._add(Direction.REDO, entry)
        if done is not None:
            those = successors(done, events)
            for _, each in self:
                each.follow(those)

    def done_again(self, entry: Entry, again: Entry) -> None:
        """It was done again, as a new command; what else was taken back is from now on about what began anew."""
        done = entry.done
        self._remove(entry)
        self._add(Direction.UNDO, again)
        if done is not None:
            those = successors(done, again.events)
            for each in self._lists[Direction.REDO]:
                each.follow(those)

    def _add(self, direction: Direction, entry: Entry) -> None:
        self._lists[direction] = [*self._lists[direction][1 - MOST :], entry]

    def _remove(self, entry: Entry) -> None:
        for direction, entries in self._lists.items():
            self._lists[direction] = [each for each in entries if each is not entry]
