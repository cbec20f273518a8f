"""Hop 7: what events of an ISBN's stream change in the read model's rows."""

from typing import Final

from desk.cqrs.store import Recorded
from desk.domain.events import IsbnClaimed, IsbnReleased
from desk.projection.books import Handler
from desk.projection.changes import CLAIM, RowChanges


def _claimed(changes: RowChanges, event: IsbnClaimed, recorded: Recorded) -> None:
    changes.note(CLAIM, event.isbn, event.book_id.bytes, recorded.revision, recorded.position)


def _released(changes: RowChanges, event: IsbnReleased, recorded: Recorded) -> None:
    changes.note(CLAIM, event.isbn, None, recorded.revision, recorded.position)


CLAIM_HANDLERS: Final[dict[type, Handler]] = {IsbnClaimed: _claimed, IsbnReleased: _released}
