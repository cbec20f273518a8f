"""The event index of a real session: built when it is asked for, told of, asked as of moments, kept past a restart."""

import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desk.application.catalogue import BookQuestion, BookRow
from desk.application.event_index import (
    GetMoment,
    GetPastHits,
    IndexNotReady,
    IndexPart,
    IndexRefused,
    PartPhase,
    PartState,
    phase_of,
)
from desk.application.queries import GetAllBooks, GetBookById, GetCounts
from desk.application.session import Session, SessionEvent
from desk.cqrs.messages import Consistency
from desk.domain.commands import CorrectBookDetails, CreateBook
from desk.runtime import event_index
from desk.runtime.event_index import EventIndex
from desk.runtime.options import Options
from desk.runtime.runtime import open_runtime, open_session
from tests.runtime.test_runtime import live
from tests.waiting import until

BOOKS = IndexPart.BOOKS


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    opened = open_session(Options(tmp_path, user="ada"))
    live(opened)
    yield opened
    opened.close()


def corrected(session: Session, *titles: str) -> tuple[UUID, list[int]]:
    """A book with one title after the other, and the positions of the events that gave it each."""
    book_id = uuid4()
    isbn = "9780306406157" if titles[0] == "Emma" else "9780140449136"
    made = CreateBook(book_id=book_id, isbn=isbn, title=titles[0], authors=("Jane Austen",))
    positions = [position_of(session, made)]
    until(lambda: row_of(session, book_id).state == "listed")
    for title in titles[1:]:
        seen = row_of(session, book_id).revision
        positions.append(position_of(session, CorrectBookDetails(book_id=book_id, title=title, seen_revision=seen)))
    return book_id, positions


def position_of(session: Session, command: CreateBook | CorrectBookDetails) -> int:
    """Where the command's event stands, once the read model has it."""
    receipt = session.commands.execute(command, consistency=Consistency.READ_YOUR_WRITES).result(60).receipt
    assert receipt is not None
    return receipt.position


def row_of(session: Session, book_id: UUID) -> BookRow:
    card = session.queries.ask(GetBookById(book_id)).result(60)
    assert card is not None
    return card.row


def built(session: Session) -> int:
    """The position that the index holds, once it has the last event of a book."""
    assert session.index is not None
    session.index.build(BOOKS).result(60)
    return next(part.position for part in session.index.parts() if part.part is BOOKS) or 0


def title_at(session: Session, book_id: UUID, at: int) -> str:
    card = session.queries.ask(GetBookById(book_id, at=at)).result(60)
    return card.row.title if card else "none"


def test_it_is_told_of_while_it_is_built_and_answers_as_of_moments(session: Session) -> None:
    heard: list[PartState] = []

    def hear(event: SessionEvent) -> None:
        if isinstance(event, PartState):
            heard.append(event)

    session.listen(hear)
    book_id, (first, second) = corrected(session, "Emma", "Emma, a novel")
    with pytest.raises(IndexNotReady):
        session.queries.ask(GetCounts(at=first)).result(60)
    assert session.index is not None
    assert session.index.reader(first) is None
    built(session)
    assert {state.phase for state in heard if state.part is BOOKS} == {PartPhase.BUILDING, PartPhase.READY}
    assert title_at(session, book_id, first) == "Emma"
    assert title_at(session, book_id, second) == "Emma, a novel"
    assert title_at(session, book_id, first - 1) == "none"
    assert session.queries.ask(GetCounts(at=first)).result(60).pending == 1
    reader = session.index.reader(first)
    assert reader is not None
    with closing(reader):
        ids = session.queries.ask(GetAllBooks(BookQuestion("emma"), at=first)).result(60)
        assert [row.title for row in reader.page(ids)] == ["Emma"]
    (hits,) = session.queries.ask(GetPastHits("ever:novel", (book_id,))).result(60)
    assert [one.value for one in hits.values] == ["Emma, a novel"]
    moment = session.queries.ask(GetMoment(session.moments.now())).result(60)
    assert moment is not None
    assert moment.position >= second


def test_it_follows_what_happens_and_goes_on_after_a_restart(session: Session, tmp_path: Path) -> None:
    corrected(session, "Emma")
    built(session)
    book_id, (_, second) = corrected(session, "Persuasion", "Persuasions")
    until(lambda: built(session) >= second)
    assert title_at(session, book_id, second) == "Persuasions"
    session.close()
    with closing(open_session(Options(tmp_path, user="ada"))) as again:
        assert again.index is not None
        assert phase_of(again.index.parts(), BOOKS) is PartPhase.READY
        assert title_at(again, book_id, second) == "Persuasions"


def test_another_program_reads_it_and_does_not_build_it(session: Session, tmp_path: Path) -> None:
    book_id, (position,) = corrected(session, "Emma")
    with closing(open_session(Options(tmp_path, user="bob"))) as beside:
        assert beside.index is not None
        with pytest.raises(IndexRefused, match="ask for it there"):
            beside.index.build(BOOKS).result(60)
        until(lambda: built(session) >= position)
        beside.index.build(BOOKS).result(60)
        assert title_at(beside, book_id, position) == "Emma"
        beside.index.drop(BOOKS)
        assert phase_of(beside.index.parts(), BOOKS) is PartPhase.READY


def test_a_file_that_was_damaged_between_sessions_is_put_aside_and_built_anew(session: Session, tmp_path: Path) -> None:
    book_id, (position,) = corrected(session, "Emma")
    until(lambda: built(session) >= position)
    session.close()
    file = tmp_path / "event-index.sqlite"
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 200_000)
    with closing(open_session(Options(tmp_path, user="ada"))) as again:
        live(again)
        until(lambda: built(again) >= position)
        assert title_at(again, book_id, position) == "Emma"
    assert list(tmp_path.glob("event-index.sqlite.damaged-*"))


def test_building_gives_way_from_when_something_is_asked_for_until_it_has_ended_and_been_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_runtime(Options(tmp_path, user="ada"))) as runtime:
        index, first, second = runtime.session.index, Future[None](), Future[None]()
        assert isinstance(index, EventIndex)
        assert index.gives_way_for() <= 0
        index.give_way(first)
        index.give_way(second)
        first.set_exception(TimeoutError())
        later = time.monotonic() + 0.5  # longer than it takes to be seen
        until(lambda: time.monotonic() > later)
        assert index.gives_way_for() > 0, "the second one has not ended"
        second.cancel()
        until(lambda: index.gives_way_for() <= 0)
        monkeypatch.setattr(event_index, "_SEEN_AFTER", 60.0)
        index.give_way(second)
        assert index.gives_way_for() > 0, "it is to be seen yet"
