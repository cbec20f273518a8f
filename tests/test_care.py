"""A session's care of its read model, with the real node: rebuild, doctor, and a second session beside."""

from pathlib import Path
from uuid import uuid4

from desk.application.profile import Options
from desk.application.queries import GetBookById, GetReadModelStatus
from desk.application.session import Light
from desk.bootstrap import open_session
from desk.cqrs.messages import Consistency
from desk.domain.commands import CreateBook
from tests.projection.library import wait_until


def test_a_session_rebuilds_and_examines_what_it_keeps_and_one_beside_it_has_no_care(tmp_path: Path) -> None:
    session = open_session(Options(tmp_path, user="ada"))
    try:
        care = session.care
        assert care is not None
        wait_until(lambda: session.connection.light is Light.GREEN, 20)
        book_id = uuid4()
        created = CreateBook(book_id=book_id, isbn="9780451523068", title="Emma", authors=("Jane Austen",))
        session.execute(created, consistency=Consistency.READ_YOUR_WRITES).result(20)
        outcome = care.rebuild(lambda progress: None).future.result(30)
        assert outcome.switched
        assert care.examine(lambda progress: None).future.result(30) == ()
        card = session.ask(GetBookById(book_id)).result(10)
        assert card is not None
        assert card.row.title == "Emma"
        assert session.ask(GetReadModelStatus()).result(10).parked == len(care.parked()) == 0
        beside = open_session(Options(tmp_path, user="bob"))
        try:
            assert beside.care is None
        finally:
            beside.close()
    finally:
        session.close()
    assert not list(tmp_path.glob("*.next*"))
