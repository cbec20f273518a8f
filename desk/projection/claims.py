"""Hop 7: the rows of claimed ISBNs: what events of an ISBN's stream do to them."""

from typing import Final

from desk.cqrs.store import Recorded
from desk.domain.events import IsbnClaimed, IsbnReleased
from desk.projection.changes import RowChange, RowChanges
from desk.projection.projections import Handler, Projection

# A released ISBN keeps its row, without a book, so that its revision stays known.
_TABLES: Final = {
    "isbn_claims": """
        CREATE TABLE isbn_claims (
            isbn TEXT PRIMARY KEY,
            book_id BLOB,
            claimed_at REAL NOT NULL,
            revision INTEGER NOT NULL
        ) WITHOUT ROWID""",
}

_CLAIM: Final = RowChange(
    """
    INSERT INTO isbn_claims (isbn, book_id, revision, claimed_at)
    SELECT column1, column2, column3, (SELECT shown_at FROM activity WHERE activity.position = column4)
    FROM (VALUES {rows}) WHERE TRUE
    ON CONFLICT (isbn) DO UPDATE SET
        book_id = excluded.book_id, claimed_at = excluded.claimed_at, revision = excluded.revision
    WHERE isbn_claims.revision < excluded.revision""",
    4,
)


def _set(changes: RowChanges, event: IsbnClaimed | IsbnReleased, recorded: Recorded) -> None:
    owner = event.book_id.bytes if isinstance(event, IsbnClaimed) else None
    changes.note(_CLAIM, (event.isbn,), owner, recorded.revision, recorded.position)


_HANDLERS: Final[dict[type, Handler]] = {IsbnClaimed: _set, IsbnReleased: _set}

CLAIMS: Final = Projection("claims", 5, _TABLES, _HANDLERS, (_CLAIM,))
