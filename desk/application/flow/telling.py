"""Tells the story of a command as a round of hops between the stations, with what really was and how long it took."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from desk.application.command_events import ENTRY_OF, SentBy, Subject
from desk.application.flow.rounds import Cargo, Hop, QueryAnswer, Round, Station
from desk.application.flow.values import names_of, value_of, values_of
from desk.application.spelling import name_of
from desk.cqrs.endings import OK, End
from desk.cqrs.errors import Conflict, OutcomeUnknown, StoreUnavailable
from desk.cqrs.messages import Origin
from desk.cqrs.store import NO_STREAM, Receipt
from desk.cqrs.stories import APPEND, DECIDE, LOAD, Attempt, Part, Stage, Story
from desk.domain.state import Book
from desk.domain.streams import book_id_of
from desk.records import dataclass

_SENDERS: Final = {Origin.USER: "Form", Origin.IMPORT: "Import", Origin.PROCESS_MANAGER: "Process manager"}
_NOTHING: Final[Mapping[str, int]] = MappingProxyType({})
_NAMES: Final = {Subject.ISBN: "ISBN claim"}
"""Of aggregates, as they stand in a sentence; all others are books."""


def tell(
    story: Story,
    number: int = 1,
    *,
    parked: Mapping[str, int] = _NOTHING,
    trigger: object | None = None,
    answer: QueryAnswer | None = None,
    book: str = "",
    resent: bool = False,
    healed: bool = False,
) -> Round:
    """The round of a story; ``trigger`` is the event that made a process manager send it, ``answer`` what a query got
    afterwards, ``book`` the title of the book. ``resent``: the outbox sent it, as an earlier answer was lost;
    ``healed``: its events had been parked, and were tried again.

    ``parked`` are the streams whose events wait for somebody's decision, each from a revision on: what the read model
    came past without taking it in has not happened there.
    """
    telling = _Telling(story, is_parked(story, parked), trigger, answer, book, resent, healed)
    return Round(
        story=story,
        number=number,
        title=name_of(story.envelope.message),
        value=value_of(story.envelope.message),
        sender=telling.sender,
        sender_name=telling.sender_name,
        hops=tuple(telling.hops()),
        plugins=telling.plugins(),
        turned_back_by=telling.turned_back_by,
        lines=telling.lines(),
        book=book,
    )


def trigger_of(story: Story, stories: Collection[Story]) -> object | None:
    """The event because of which a process manager sent the command, where the story that stored it is known."""
    event_id = story.envelope.trigger_id
    for one in stories if event_id is not None else ():
        if event_id in one.event_ids and one.outcome is not None:
            return one.outcome.events[one.event_ids.index(event_id)]
    return None


def is_parked(story: Story, parked: Mapping[str, int]) -> bool:
    """Whether events that it stored wait for somebody's decision."""
    receipt = story.outcome.receipt if story.outcome is not None and story.event_ids else None
    return receipt is not None and story.stream in parked and receipt.revision >= parked[story.stream]


def is_resent(story: Story, stories: Collection[Story]) -> bool:
    """Whether the same command was sent before."""
    return any(one.envelope.id == story.envelope.id and one.number < story.number for one in stories)


def book_title(story: Story, stories: Collection[Story]) -> str:
    """The title of the book that a story is about: its own, or that of what was done for the same reason."""
    same = (one for one in stories if one.envelope.correlation_id == story.envelope.correlation_id)
    states = [state for one in (story, *same) for run in one.attempts[::-1] for state in (run.after, run.before)]
    return next((state.title for state in states if isinstance(state, Book) and state.title), "")


def round_number(story: Story, stories: Collection[Story]) -> int:
    """Which of the rounds of its correlation a story is, from 1, by when they began."""
    began = (story.started_at, story.number)
    same = (one for one in stories if one.envelope.correlation_id == story.envelope.correlation_id)
    return 1 + sum(1 for one in same if (one.started_at, one.number) < began)


@dataclass(slots=True)
class _Telling:
    story: Story
    parked: bool
    trigger: object | None
    answer: QueryAnswer | None
    book: str
    resent: bool
    healed: bool

    @property
    def sender(self) -> Station:
        is_managed = self.story.envelope.origin is Origin.PROCESS_MANAGER
        return Station.PROCESS_MANAGER if is_managed else Station.FORM

    @property
    def sender_name(self) -> str:
        entry = ENTRY_OF.get(type(self.story.envelope.message))
        if entry is not None and entry.sent_by is not SentBy.ANYBODY:
            name: str = entry.sent_by.value
            return name
        return "Outbox" if self.resent else _SENDERS[self.story.envelope.origin]

    @property
    def about(self) -> str:
        """What the aggregate is called."""
        entry = ENTRY_OF.get(type(self.story.envelope.message))
        return _NAMES.get(entry.about, "book") if entry is not None else "aggregate"

    @property
    def receipt(self) -> Receipt | None:
        """What this very run has stored."""
        outcome = self.story.outcome
        return outcome.receipt if outcome is not None and self.story.event_ids else None

    @property
    def turned_back_by(self) -> str:
        is_plugin = any(stage.name == self.story.ended_by for stage in self.stages(Part.PLUGIN))
        return self.story.ended_by if is_plugin and self.story.outcome is None else ""

    def stages(self, part: Part) -> list[Stage]:
        return [stage for stage in self.story.stages if stage.part is part]

    def plugins(self) -> tuple[tuple[str, str], ...]:
        """What was refused further inside has passed them: only who refused it did not let it pass."""
        refused, code = self.turned_back_by, self.story.ending.code
        return tuple((one.name, code if one.name == refused else OK) for one in self.stages(Part.PLUGIN))

    def stage(self, name: str, attempt: int) -> Stage | None:
        found = (stage for stage in self.story.stages if stage.name == name and stage.attempt == attempt)
        return next(found, None)

    # The hops

    def hops(self) -> Iterator[Hop]:
        yield from self._to_the_bus()
        for attempt in self.story.attempts:
            yield from self._through_the_aggregate(attempt)
        if not self.story.attempts:
            yield self._answer(Station.BUS)
        if self.receipt is not None:
            yield from self._to_the_readers()

    def _to_the_bus(self) -> Iterator[Hop]:
        value, name = value_of(self.story.envelope.message), name_of(self.story.envelope.message)
        handled = self.stages(Part.HANDLER)
        took = handled[0].start if handled else self.story.milliseconds
        passed = sum(1 for stage in self.stages(Part.PLUGIN))
        if self.sender is Station.PROCESS_MANAGER:
            heard = type(self.trigger).__name__ if self.trigger is not None else "an event"
            said = f"{self.sender_name} hears of {heard}, and decides what comes next."
            carried = value_of(self.trigger) if self.trigger is not None else "event"
            yield Hop(Station.STORE, self.sender, Cargo.EVENT, carried, said)
        said = f"{self.sender_name} sends {name}, and {_counted(passed, 'plugin')} let it pass."
        if not handled:
            said = f"{self.sender_name} sends {name} to the command bus."
        yield Hop(self.sender, Station.BUS, Cargo.COMMAND, value, said, 0.0, took)

    def _through_the_aggregate(self, attempt: Attempt) -> Iterator[Hop]:
        number = attempt.number
        appended = self.stage(APPEND, number)
        yield self._decision(attempt)
        if appended is None:
            yield self._answer(Station.AGGREGATE, number)
            return
        is_away = appended.outcome == StoreUnavailable.code
        names = names_of(attempt.decided)
        said = f"{names} is appended at exactly revision {(attempt.version or 0) + 1:,}."
        if attempt.version in (None, NO_STREAM):
            said = f"{names} begins a new stream."
        yield Hop(
            Station.AGGREGATE,
            Station.STORE,
            Cargo.EVENT,
            values_of(attempt.decided),
            said,
            appended.start,
            appended.milliseconds,
            number,
            arrives=not is_away,
        )
        later = next((stage for stage in self.stages(Part.HANDLER) if stage.attempt > number), None)
        if appended.outcome == Conflict.code and later is not None:
            done = appended.start + appended.milliseconds
            said = f"Somebody was faster: back to the bus, and attempt {number + 1} begins."
            yield Hop(Station.STORE, Station.BUS, Cargo.REFUSAL, "conflict", said, done, later.start - done, number)
            return
        yield self._answer(Station.AGGREGATE if is_away else Station.STORE, number)

    def _decision(self, attempt: Attempt) -> Hop:
        number, value = attempt.number, value_of(self.story.envelope.message)
        found = [stage for name in (LOAD, DECIDE) if (stage := self.stage(name, number)) is not None]
        begin = found[0].start if found else None
        took = found[-1].start + found[-1].milliseconds - begin if begin is not None else None
        if attempt.version is None:
            said = f"The {self.about} could not be loaded from its events."
        elif attempt.decided:
            said = f"{self._at(attempt)} decides: {names_of(attempt.decided)}."
        elif attempt.outcome == OK:
            said = f"{self._at(attempt)} has nothing new to decide."
        else:
            said = f"{self._at(attempt)} looks at its rules, and refuses."
        return Hop(Station.BUS, Station.AGGREGATE, Cargo.COMMAND, value, said, begin, took, number)

    def _at(self, attempt: Attempt) -> str:
        is_new = attempt.version in (None, NO_STREAM)
        return f"A new {self.about}" if is_new else f"The {self.about} at revision {attempt.version:,}"

    def _answer(self, origin: Station, attempt: int = 0) -> Hop:
        """What the sender is told: good or bad, it is the end."""
        ending, story = self.story.ending, self.story
        last = [stage.start + stage.milliseconds for stage in story.stages if stage.attempt and stage.part is Part.STEP]
        begin = max(last, default=0.0) if attempt else 0.0
        told = ending.sentence.replace(story.stream, f"“{self.book}”") if self.book else ending.sentence
        hop = Hop(
            origin,
            self.sender,
            Cargo.REFUSAL,
            ending.end.value,
            told,
            begin,
            max(0.0, story.milliseconds - begin),
            attempt,
            end=ending.end,
        )
        if ending.end is End.SUCCEEDED:
            receipt = self.receipt
            value = f"revision {receipt.revision:,}" if receipt else "nothing new"
            said = f"Stored as revision {receipt.revision:,}, at position {receipt.position:,}." if receipt else ""
            return replace(hop, cargo=Cargo.ANSWER, value=value, sentence=said or told)
        if ending.code == OutcomeUnknown.code:
            said = "The answer is lost: stored or not, nobody knows. The outbox will ask."
            return replace(hop, cargo=Cargo.ANSWER, value="?", sentence=said, arrives=False)
        return hop

    def _to_the_readers(self) -> Iterator[Hop]:
        story, receipt = self.story, self.receipt
        assert receipt is not None
        acknowledged, projected = story.acknowledged, None if self.parked else story.projected
        events = story.outcome.events if story.outcome is not None else ()
        said = f"The projection takes in {names_of(events)}: rows and checkpoint, one transaction."
        if self.parked:
            said = "The projection failed for this event: it is parked, and waits."
        elif projected is None:
            said = "Stored, and not yet in the read model: a query gets the old answer."
        elif self.healed:
            said = f"{names_of(events)} was parked, is tried again, and is in the read model now."
        yield Hop(
            Station.STORE,
            Station.READ_MODEL,
            Cargo.EVENT,
            values_of(events),
            said,
            acknowledged,
            None if projected is None or self.healed else projected - acknowledged,
            pending=projected is None,
        )
        if book_id_of(story.stream) is not None:  # of a claim nobody asks
            yield self._query(receipt.revision, projected)

    def _query(self, revision: int, projected: float | None) -> Hop:
        answer = self.answer if projected is not None else None
        value, said = f"revision {revision:,}", "not asked yet"
        if answer is not None:
            row = answer.card.row if answer.card is not None else None
            value = said = "no such book"
            if row is not None:
                value, copies = f"revision {row.revision:,}", f"{row.copies_available} of {row.copies_total} available"
                said = f"{value}, {copies if row.copies_total else row.state}"
        return Hop(
            Station.READ_MODEL,
            Station.FORM,
            Cargo.VIEW,
            value,
            f"The query's way back: {said}.",
            projected,
            None if answer is None else answer.milliseconds,
            pending=answer is None,
        )

    # What the stations have to show

    def lines(self) -> Mapping[Station, tuple[str, ...]]:
        story, receipt = self.story, self.receipt
        message = story.envelope.message
        name, value = name_of(message), value_of(message)
        lines: dict[Station, tuple[str, ...]] = {self.sender: (name, value) if value != name.lower() else (name,)}
        lines[Station.BUS] = (
            (f"{self.turned_back_by}:", story.ending.code) if self.turned_back_by else self._plugin_lines()
        )
        if story.attempts:
            last = story.attempts[-1]
            lines[Station.AGGREGATE] = (self._revisions(last), names_of(last.decided) or self._undecided(last))
        if receipt is not None and story.outcome is not None:
            events = story.outcome.events
            lines[Station.STORE] = (names_of(events), f"position {receipt.position:,}")
            lines[Station.READ_MODEL] = (f"revision {receipt.revision:,}", values_of(events))
        elif any(stage.name == APPEND for stage in story.stages):
            lines[Station.STORE] = (story.ending.end.value,)
        return lines

    def _plugin_lines(self) -> tuple[str, ...]:
        attempts = len(self.story.attempts)
        again = (_counted(attempts, "attempt"),) if attempts > 1 else ()
        return (f"{_counted(len(self.stages(Part.PLUGIN)), 'plugin')} passed", *again)

    def _undecided(self, attempt: Attempt) -> str:
        if attempt.version is None:
            return self.story.ending.end.value
        return "nothing new" if attempt.outcome == OK else "refused"

    def _revisions(self, attempt: Attempt) -> str:
        if attempt.version is None:
            return "not loaded"
        if attempt.version == NO_STREAM:
            return "new"
        after = f" → {attempt.version + len(attempt.decided):,}" if attempt.decided else ""
        return f"revision {attempt.version:,}{after}"


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"
