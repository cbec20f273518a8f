"""Names of the two kinds of streams, both ways, and the ids that an import derives from an ISBN.

A category is what stands before the first hyphen, so that none may hold one itself.
"""

from typing import Final
from uuid import UUID, uuid5

from desk.domain.isbn import is_isbn13

BOOK_CATEGORY: Final = "book"
ISBN_CATEGORY: Final = "isbn"


def book_stream(book_id: UUID) -> str:
    """The stream of one book."""
    return f"{BOOK_CATEGORY}-{book_id}"


def isbn_stream(isbn: str) -> str:
    """The stream that says who owns an ISBN (13 digits)."""
    return f"{ISBN_CATEGORY}-{isbn}"


def book_id_of(stream: str) -> UUID | None:
    """The book whose stream this is; None for every name that `book_stream` would not give."""
    category, _, rest = stream.partition("-")
    if category != BOOK_CATEGORY:
        return None
    try:
        book_id = UUID(rest)
    except ValueError:
        return None
    return book_id if str(book_id) == rest else None


def isbn_of(stream: str) -> str | None:
    """The ISBN whose stream this is; None for every name that `isbn_stream` would not give."""
    category, _, rest = stream.partition("-")
    return rest if category == ISBN_CATEGORY and is_isbn13(rest) else None


def import_id(namespace: UUID, isbn: str, earlier_deleted: int) -> UUID:
    """Id of an imported book and of the command that creates it: a second import repeats the same commands.

    `earlier_deleted` counts the deleted books of that ISBN, so that a deleted book can be imported again.
    """
    return uuid5(namespace, f"{isbn}/{earlier_deleted}")
