"""How a stream becomes a state, step by step, and which fields that state has: one way for each kind of stream."""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from desk.application.book_fields import Changes, Fields, changes_of_book, compare_fields, fields_of_book
from desk.application.inspection.merged_payloads import MergedPayloads
from desk.cqrs.errors import UnknownEvent
from desk.cqrs.metadata import parse_schema
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import Recorded
from desk.domain import book, isbn_claim
from desk.domain.errors import CorruptHistory
from desk.domain.isbn_claim import IsbnClaim
from desk.domain.streams import book_id_of, isbn_of
from desk.records import dataclass

S = TypeVar("S")


class CannotFold(Exception):
    """An event cannot follow the state before it, or is not understood; the text is a sentence."""


class Fold(Protocol[S]):
    """A fold of recorded events. States are immutable, and share what does not change."""

    @property
    def note(self) -> str:
        """What has to be said beside a state of this fold; mostly nothing."""

    @property
    def initial(self) -> S:
        """The state before the first event."""

    def evolve(self, state: S, event: Recorded) -> S:
        """The state after one more event. Raises CannotFold."""

    def fields(self, state: S) -> Fields:
        """The state as fields under stable keys, in the order in which they are shown."""

    def changes(self, before: S, after: S) -> Changes:
        """The fields that differ between a state and a later one."""


FoldOf: TypeAlias = Callable[[str], "Fold[Any] | None"]
"""The fold for the stream of this name; None where there is none."""


@dataclass(frozen=True)
class DomainFold(Generic[S]):
    """The fold of an aggregate of the domain: what its events become, and its fields."""

    registry: EventRegistry
    initial: S
    step: Callable[[S, Any], S]
    fields: Callable[[S], Fields]
    changes: Callable[[S, S], Changes]
    note = ""

    def evolve(self, state: S, event: Recorded) -> S:
        try:
            schema = parse_schema(event.metadata)
            return self.step(state, self.registry.decode(event.type, schema, event.data))
        except (UnknownEvent, CorruptHistory, ValueError) as error:
            raise CannotFold(f"The state cannot be shown from revision {event.revision} on: {error}.") from None


def every_fold(registry: EventRegistry) -> FoldOf:
    """Those of the domain, and a merge of payloads for any other stream but the server's own."""
    known, merge = domain_folds(registry), MergedPayloads()

    def fold_of(stream: str) -> Fold[Any] | None:
        return known(stream) or (None if stream.startswith("$") else merge)

    return fold_of


def domain_folds(registry: EventRegistry) -> FoldOf:
    """The folds of books and of claims of ISBNs, by the names of their streams."""
    books = DomainFold(registry, book.INITIAL, book.evolve, fields_of_book, changes_of_book)
    claims = DomainFold(registry, isbn_claim.INITIAL, isbn_claim.evolve, _claim_fields, _claim_changes)

    def fold_of(stream: str) -> Fold[Any] | None:
        if book_id_of(stream) is not None:
            return books
        return claims if isbn_of(stream) is not None else None

    return fold_of


def _claim_fields(claim: IsbnClaim) -> Fields:
    return {"owner": str(claim.owner)} if claim.owner is not None else {}


def _claim_changes(before: IsbnClaim, after: IsbnClaim) -> Changes:
    return compare_fields(_claim_fields(before), _claim_fields(after))
