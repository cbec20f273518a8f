"""Hop 6: is the store that answers the one whose events were followed before? Decided once for each connection.

A checkpoint says nothing about another store: followed from there, events would be missed in silence. A store may have
an id of its own, which decides. Of others some events are remembered, spread over the log (witnesses): one that is
still in its place means the same store, another event in its place means another one. Where none is there any more,
as after a scavenge, it is not known, and a person is asked; nothing is emptied or repeated meanwhile.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final, Protocol
from uuid import UUID

from desk.cqrs.errors import StoreError, StoreNotRecognised
from desk.cqrs.moments import Moments
from desk.cqrs.store import EventStore
from desk.records import dataclass

MOST_WITNESSES: Final = 32
SAVE_EVERY: Final = 1.0
"""Seconds between two savings of what was witnessed."""

ANOTHER_ID: Final = "This is another event store than before: it has another id."
ANOTHER_EVENT: Final = "This is another event store than before, or one put back from a backup: it holds other events."
SHORTER: Final = "This is another event store than before, or one put back from a backup: its log ends earlier."
NOT_KNOWN: Final = (
    "Whether this is the event store of before is not known: none of the events that were remembered of it is there."
    " They may have been scavenged. Nothing more is read from it until you say whether it is the same."
)


@dataclass(frozen=True, slots=True)
class Witness:
    """An event that was seen in a store: its position, and its id."""

    position: int
    event_id: UUID


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What is remembered of a store. ``key`` stands for it beside checkpoints; witnesses by position, at most 32.

    ``store_id`` is what the store calls itself, None where it has no id.
    """

    key: UUID
    store_id: UUID | None = None
    witnesses: tuple[Witness, ...] = ()

    def having_seen(self, event: Witness) -> "Acquaintance":
        """With this event as the latest witness, where it is later than those there are."""
        if self.witnesses and event.position <= self.witnesses[-1].position:
            return self
        return replace(self, witnesses=_spread((*self.witnesses, event)))


class StoreMemory(Protocol):
    """Where it is kept, durably, what is known of a store and of whom each checkpoint is.

    Writing raises StoreUnavailable where the disk refuses.
    """

    def acquaintance(self) -> Acquaintance | None:
        """What is remembered; None at the very beginning."""

    def remember(self, acquaintance: Acquaintance) -> None:
        """Keep it, in place of what was remembered."""

    def followed(self, name: str) -> UUID:
        """The key of the store that this follower's checkpoint is of; that of the first one where nothing was noted."""

    def begin_anew(self, name: str, key: UUID) -> None:
        """The follower's checkpoint in this memory is forgotten; from now on it follows the store of this key."""


class KnownStore:
    """An event store, and whether it is still the same. One for all followers; safe to use from several threads.

    ``on_question`` is called with a sentence when a person has to say whether the store is the same
    (:meth:`decide`), and with an empty one when that is settled; on a follower's thread.
    """

    def __init__(
        self,
        store: EventStore,
        memory: StoreMemory,
        moments: Moments,
        on_question: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        self.store, self._moments = store, moments
        self._memory, self._on_question = memory, on_question
        self._guard = threading.Lock()
        self._known: Acquaintance | None = None
        self._check = 0  # the number of the last one
        self._holds = False
        self._reason = ""
        self._began: dict[str, tuple[int, UUID]] = {}  # by follower: under which check, and with which store
        self._question = self._told = ""
        self._decision: bool | None = None
        self._unsaved = False
        self._saved = 0.0

    @property
    def question(self) -> str:
        """A sentence while somebody has to say whether the store is the same; else empty."""
        return self._question

    def place_of(
        self, follower: str, checkpoint: Witness | None, start_over: Callable[[str], None] = lambda _reason: None
    ) -> int | None:
        """The position after which to follow; None for "from the very beginning".

        Where the checkpoint is of another store, ``start_over`` is called with a sentence before that is noted, so
        that it is called again after a crash. Raises StoreError: StoreNotRecognised while the question is open.
        """
        try:
            with self._guard:
                known = self._recognise(follower, checkpoint)
                self._began[follower] = (self._check, known.key)
                reason = self._reason
        finally:
            self._tell_question()
        if self._memory.followed(follower) == known.key:
            return None if checkpoint is None else checkpoint.position
        if checkpoint is not None:
            start_over(reason or ANOTHER_EVENT)
        self._memory.begin_anew(follower, known.key)
        return None

    def lost(self, follower: str) -> None:
        """This follower's feed has dropped: what answers next may be another store.

        Several followers lose one connection: only the first of them has the store looked at again.
        """
        with self._guard:
            if self._began.get(follower, (0,))[0] == self._check:
                self._holds = False

    def note(self, follower: str, position: int, event_id: UUID) -> None:
        """This follower has had this event; it may be remembered. The disk is written once a second at most."""
        with self._guard:
            known = self._known
            if known is None or self._began.get(follower, (0, None))[1] != known.key:
                return  # of the store before
            self._known = known.having_seen(Witness(position, event_id))
            self._unsaved = self._unsaved or self._known is not known
            if time.monotonic() - self._saved >= SAVE_EVERY:
                self._save()

    def save(self) -> None:
        """Keep what was witnessed up to now."""
        with self._guard:
            self._save()

    def decide(self, *, same: bool) -> None:
        """A person has said whether the store is the same; followers that are woken now go by it. Never waits."""
        if self._question:
            self._decision = same

    def _recognise(self, follower: str, checkpoint: Witness | None) -> Acquaintance:
        known = self._known or self._memory.acquaintance() or self._first_acquaintance()
        seen = known
        if checkpoint is not None and self._memory.followed(follower) == known.key:
            seen = known.having_seen(checkpoint)
        if self._holds and seen is known:
            return known
        verdict = self._judge(seen)
        if verdict is None:
            self._question = NOT_KNOWN
            raise StoreNotRecognised(NOT_KNOWN)
        if (verdict.key, verdict.store_id) != (known.key, known.store_id):
            self._memory.remember(verdict)
        else:
            self._unsaved = self._unsaved or verdict != known
        self._check += not self._holds
        self._known, self._holds, self._decision, self._question = verdict, True, None, ""
        return verdict

    def _first_acquaintance(self) -> Acquaintance:
        """Checkpoints of which nothing was noted are of this one, whatever the first look at the store says."""
        first = Acquaintance(self._moments.new_id())
        self._memory.remember(first)
        return first

    def _judge(self, seen: Acquaintance) -> Acquaintance | None:
        """The store of before, as it is known now, or a new one; None where that cannot be said."""
        store_id = self.store.store_id()
        if store_id is not None and seen.store_id is not None and store_id != seen.store_id:
            return self._another(store_id, ANOTHER_ID)
        told = replace(seen, store_id=store_id or seen.store_id)
        if not seen.witnesses:
            return told
        head = self.store.head()
        if head is None or head < seen.witnesses[-1].position:
            return self._another(store_id, SHORTER)
        for witness in reversed(seen.witnesses):
            there = self.store.event_at(witness.position)
            if there is not None:
                return told if there.id == witness.event_id else self._another(store_id, ANOTHER_EVENT)
            if store_id is not None and store_id == seen.store_id:
                return told  # scavenged, as its id says
        return self._decided(told, head)

    def _decided(self, seen: Acquaintance, head: int) -> Acquaintance | None:
        if self._decision is None:
            return None
        if not self._decision:
            return self._another(seen.store_id, ANOTHER_EVENT)
        last = self.store.event_at(head)
        return replace(seen, witnesses=() if last is None else (Witness(head, last.id),))

    def _another(self, store_id: UUID | None, reason: str) -> Acquaintance:
        self._reason = reason
        return Acquaintance(self._moments.new_id(), store_id)

    def _tell_question(self) -> None:
        question = self._question
        if question != self._told:
            self._told = question
            self._on_question(question)

    def _save(self) -> None:
        if self._unsaved and self._known is not None:
            self._saved = time.monotonic()
            with suppress(StoreError):  # the disk is full, say: fewer witnesses only mean an earlier question
                self._memory.remember(self._known)
                self._unsaved = False


def _spread(witnesses: Sequence[Witness]) -> tuple[Witness, ...]:
    """At most 32, the first and the last among them: of the others the one whose neighbours are closest is left out."""
    if len(witnesses) <= MOST_WITNESSES:
        return tuple(witnesses)
    gaps = [witnesses[n + 1].position - witnesses[n - 1].position for n in range(1, len(witnesses) - 1)]
    closest = 1 + gaps.index(min(gaps))
    return (*witnesses[:closest], *witnesses[closest + 1 :])
