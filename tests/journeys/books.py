"""Books for the journeys, put there through the bus."""

from uuid import UUID, uuid4

from desk.domain.commands import BookCommand, CreateBook
from tests.journeys.window import RealWindow

BOOKS = (
    ("9780141439587", "Emma", "Jane Austen", 1816),
    ("9780141439518", "Pride and Prejudice", "Jane Austen", 1813),
    ("9782070360024", "L'Étranger", "Albert Camus", 1942),
    ("9780140449136", "Crime and Punishment", "Fyodor Dostoevsky", None),
)


def send(desk: RealWindow, *commands: BookCommand) -> None:
    """Send commands as another client would, and wait until they are stored."""
    for future in [desk.session.commands.execute(command) for command in commands]:
        future.result(60)


def isbn_of(number: int) -> str:
    """A right ISBN for each number."""
    twelve = f"979{number:09d}"
    total = sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(twelve))
    return f"{twelve}{-total % 10}"


def put_books(desk: RealWindow) -> dict[str, UUID]:
    """Four books, all listed; their ids by title. A window that goes on has them once and for all."""
    if desk.books:
        return desk.books
    ids = {title: uuid4() for _, title, _, _ in BOOKS}
    send(
        desk,
        *(
            CreateBook(book_id=ids[title], isbn=isbn, title=title, authors=(author,), published_year=year)
            for isbn, title, author, year in BOOKS
        ),
    )
    desk.until(lambda: desk.count() == len(BOOKS))
    desk.until(lambda: all("listed" in desk.cells(row) for row in range(desk.count())))
    desk.books = ids
    return ids
