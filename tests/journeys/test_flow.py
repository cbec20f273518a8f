"""Journey: a command on its way through the real window, and what goes wrong there, done to the real parts."""

import os
import re
from contextlib import closing
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import Qt

from desk.application.catalogue import BookCard
from desk.application.flow.replay import ReplayPhase
from desk.application.flow.rounds import Cargo, Station
from desk.application.queries import GetBookById
from desk.application.scenarios.scenario import Speed
from desk.application.session import Light
from desk.cqrs.endings import End
from desk.cqrs.store import NO_STREAM, NewEvent
from desk.domain.commands import AddCopy, CorrectBookDetails, CreateBook, LendCopy
from desk.domain.streams import book_stream
from desk.gui.flow.panel import FlowPanel
from desk.gui.widgets.question import Question
from desk.store.eventstoredb import EventStoreDB
from tests.journeys.books import isbn_of
from tests.journeys.conftest import Windows
from tests.journeys.window import RealWindow
from tests.node.processes import start_node


@pytest.fixture
def thrown(shared: Windows) -> RealWindow:
    """A window on a throw-away catalogue, for all that leave it whole and choose no book."""
    return shared.again(throw_away=True)


@pytest.fixture
def desk(shared: Windows) -> RealWindow:
    """A window on a catalogue that is kept."""
    return shared.again()


def flow_of(desk: RealWindow) -> FlowPanel:
    desk.trigger("go.flow")
    panel = desk.window.places["flow"]
    assert isinstance(panel, FlowPanel)
    assert desk.window.focusWidget() is panel.picture.boxes[Station.FORM], "keys go to the picture"
    return panel


def a_listed_book(desk: RealWindow) -> UUID:
    desk.books[str(len(desk.books))] = book_id = uuid4()
    isbn = isbn_of(len(desk.books))
    book = CreateBook(book_id=book_id, isbn=isbn, title="The Hobbit", authors=("J. R. R. Tolkien",))
    desk.session.commands.execute(book).result(60)
    desk.until(lambda: "CopyAdded" in types(desk, book_id) or "BookListed" in types(desk, book_id))
    for _ in range(2):
        desk.session.commands.execute(AddCopy(book_id=book_id)).result(60)
    desk.until(lambda: has_two_copies(desk.session.queries.ask(GetBookById(book_id)).result(60)))
    return book_id


def has_two_copies(card: BookCard | None) -> bool:
    return card is not None and card.row.copies_total == 2


def types(desk: RealWindow, book_id: UUID) -> list[str]:
    return [event.type for event in desk.runtime.store.read_stream(book_stream(book_id))] if desk.runtime else []


def newest_is_shown(desk: RealWindow, panel: FlowPanel) -> bool:
    stories, told = desk.session.diagnostics.stories(), panel.replay.round
    return bool(stories) and told is not None and told.story.number == stories[-1].number


def shown_through(desk: RealWindow, panel: FlowPanel) -> None:
    """The newest command, from the first hop to the last one that has happened."""
    panel.set_pace(Speed.LIVE)
    desk.until(lambda: newest_is_shown(desk, panel))
    told = panel.replay.round
    assert told is not None
    desk.until(lambda: panel.replay.phase in (ReplayPhase.DONE, ReplayPhase.WAITING))


def test_what_is_shown_of_a_loan_is_what_was_stored(thrown: RealWindow) -> None:
    desk = thrown
    book_id = a_listed_book(desk)
    panel = flow_of(desk)
    loan = LendCopy(book_id=book_id, copy_no=2, loan_id=uuid4(), patron="R-17")
    outcome = desk.session.commands.execute(loan).result(60)
    shown_through(desk, panel)
    desk.until(lambda: panel.replay.at == 6)
    told = panel.replay.round
    assert told is not None
    assert outcome.receipt is not None
    assert told.end is End.SUCCEEDED
    assert f"position {outcome.receipt.position:,}" in panel.picture.boxes[Station.STORE].look.lines
    assert all(hop.milliseconds is not None for hop in told.hops)
    assert panel.words.lines()[-1].startswith("6. The query's way back")


def fewer_wait(panel: FlowPanel, than: int) -> bool:
    return panel.picture.state is not None and panel.picture.state.waiting < than


def test_the_gap_grows_is_let_through_and_answers_the_old_in_between(thrown: RealWindow) -> None:
    desk = thrown
    book_id = a_listed_book(desk)
    panel = flow_of(desk)
    desk.until(lambda: panel.picture.state is not None and panel.picture.state.waiting == 0)
    desk.qtbot.mouseClick(panel.failures.stopping, Qt.MouseButton.LeftButton)
    desk.until(lambda: panel.picture.state is not None and panel.picture.state.paused)
    desk.session.commands.execute(LendCopy(book_id=book_id, copy_no=1, loan_id=uuid4(), patron="R-17")).result(60)
    shown_through(desk, panel)
    desk.session.commands.execute(AddCopy(book_id=book_id)).result(60)
    shown_through(desk, panel)
    desk.until(lambda: panel.picture.state is not None and panel.picture.state.waiting == 2)
    assert panel.replay.phase is ReplayPhase.WAITING
    panel.gap.at_once.click()
    desk.until(lambda: "That is the old answer." in panel.room.remark.text())
    assert "2 of 2 copies available" in panel.room.remark.text()
    panel.gap.later.click()
    desk.until(lambda: "Waiting until" in panel.room.remark.text())
    desk.until(lambda: "paused" in panel.room.remark.text())
    panel.gap.later.click()
    for _ in range(2):
        desk.until(panel.gap.stepping.isEnabled)
        waiting = panel.picture.state.waiting if panel.picture.state is not None else 0
        panel.gap.stepping.click()
        desk.until(partial(fewer_wait, panel, waiting))
    desk.until(lambda: "They agree." in panel.room.remark.text())
    assert "2 of 3 copies available" in panel.room.remark.text()
    desk.qtbot.mouseClick(panel.failures.stopping, Qt.MouseButton.LeftButton)
    desk.until(lambda: panel.picture.state is not None and not panel.picture.state.paused)
    desk.until(lambda: panel.replay.phase is ReplayPhase.DONE)


def test_the_killed_node_is_gone_and_desk_is_whole_afterwards(thrown: RealWindow) -> None:
    desk = thrown
    book_id = a_listed_book(desk)
    panel = flow_of(desk)
    pid = desk.session.about.node_pid
    assert pid is not None
    desk.qtbot.mouseClick(panel.failures.killing, Qt.MouseButton.LeftButton)
    assert str(pid) in panel.room.remark.text()
    desk.until(lambda: panel.picture.boxes[Station.STORE].look.trouble)
    desk.until(lambda: desk.session.about.node_pid not in (pid, None))
    desk.until(lambda: desk.session.connection.state.light is Light.GREEN)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    desk.until(lambda: not panel.picture.boxes[Station.STORE].look.trouble)
    assert "is back after" in panel.room.remark.text()
    is_whole(desk, panel, book_id)


def is_whole(desk: RealWindow, panel: FlowPanel, book_id: UUID) -> None:
    """A further command goes all the way, and nothing is lost or twice."""
    before = types(desk, book_id)
    desk.session.commands.execute(AddCopy(book_id=book_id)).result(60)
    assert types(desk, book_id) == [*before, "CopyAdded"]
    shown_through(desk, panel)
    desk.until(lambda: panel.replay.at == 6)
    assert desk.session.faults is not None
    assert desk.session.faults.wanted() == ()
    assert desk.session.commands.outbox.waiting() == ()


def test_a_lost_answer_is_shown_as_not_known_and_settled(thrown: RealWindow) -> None:
    desk = thrown
    book_id = a_listed_book(desk)
    panel = flow_of(desk)
    shown_through(desk, panel)
    desk.qtbot.mouseClick(panel.failures.losing, Qt.MouseButton.LeftButton)
    assert "lost" in panel.failures.wanted.text()
    panel.set_pace(Speed.SLOW)
    desk.session.commands.execute(AddCopy(book_id=book_id)).exception(60)
    desk.until(lambda: panel.replay.round is not None and panel.replay.round.end is End.UNKNOWN)
    told = panel.replay.round
    assert told is not None
    assert "nobody knows" in told.hops[-1].sentence
    assert not told.hops[-1].arrives
    assert types(desk, book_id)[-1] == "CopyAdded", "it was stored"
    desk.until(lambda: desk.session.commands.outbox.waiting() == ())
    assert types(desk, book_id).count("CopyAdded") == 3
    shown_through(desk, panel)
    assert panel.replay.round is not None
    assert (panel.replay.round.number, panel.replay.round.sender_name) == (2, "Outbox")
    is_whole(desk, panel, book_id)


def test_a_faster_writer_sends_the_command_round_again(thrown: RealWindow) -> None:
    desk = thrown
    book_id = a_listed_book(desk)
    panel = flow_of(desk)
    shown_through(desk, panel)
    desk.qtbot.mouseClick(panel.failures.overtaking, Qt.MouseButton.LeftButton)
    desk.until(lambda: "second writer" in panel.failures.wanted.text())
    lending = LendCopy(book_id=book_id, copy_no=1, loan_id=uuid4(), patron="R-17")
    outcome = desk.session.commands.execute(lending).result(60)
    shown_through(desk, panel)
    told = panel.replay.round
    assert told is not None
    assert (told.attempts, outcome.attempts) == (2, 2)
    back = [hop for hop in told.hops if (hop.origin, hop.target) == (Station.STORE, Station.BUS)]
    assert [hop.cargo for hop in back] == [Cargo.REFUSAL]
    assert types(desk, book_id)[-2:] == ["CopyAdded", "CopyLent"]
    is_whole(desk, panel, book_id)


def test_a_poison_event_is_parked_and_heals_when_it_is_tried_again(thrown: RealWindow) -> None:
    desk = thrown
    book_id = a_listed_book(desk)
    panel = flow_of(desk)
    shown_through(desk, panel)
    desk.qtbot.mouseClick(panel.failures.poisoning, Qt.MouseButton.LeftButton)
    desk.session.commands.execute(AddCopy(book_id=book_id)).result(60)
    shown_through(desk, panel)
    care = desk.session.care
    assert care is not None
    desk.until(lambda: [one.stream for one in care.lists().parked] == [book_stream(book_id)])
    desk.until(lambda: any("parked" in line for line in panel.words.lines()))
    assert panel.replay.phase is ReplayPhase.WAITING
    assert panel.picture.boxes[Station.READ_MODEL].look.trouble == "1 parked"
    assert panel.failures.healing.isVisible()
    desk.qtbot.mouseClick(panel.failures.healing, Qt.MouseButton.LeftButton)
    desk.until(lambda: care.lists().parked == ())
    desk.until(lambda: "Healed" in panel.room.remark.text() and not panel.failures.healing.isVisible())
    desk.until(lambda: panel.replay.phase is ReplayPhase.DONE)
    assert "3 of 3 available" in panel.words.lines()[-1]
    is_whole(desk, panel, book_id)


def test_what_was_asked_for_can_be_taken_back(thrown: RealWindow) -> None:
    desk = thrown
    book_id = a_listed_book(desk)
    panel = flow_of(desk)
    shown_through(desk, panel)
    for button in (panel.failures.losing, panel.failures.poisoning):
        desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.failures.taking_back.isVisible()
    desk.qtbot.mouseClick(panel.failures.taking_back, Qt.MouseButton.LeftButton)
    assert not panel.failures.wanted.isVisible()
    is_whole(desk, panel, book_id)


def test_a_conflict_that_only_a_person_can_decide_turns_back_at_the_aggregate(thrown: RealWindow) -> None:
    desk = thrown
    book_id = a_listed_book(desk)
    panel = flow_of(desk)
    for title in ("The Hobbit, or there and back again", "The Hobbit, illustrated"):
        late = CorrectBookDetails(book_id=book_id, seen_revision=1, title=title)
        future = desk.session.commands.execute(late)
        future.exception(60)
    shown_through(desk, panel)
    told = panel.replay.round
    assert told is not None
    assert told.end is End.CONFLICT
    assert panel.picture.boxes[Station.STORE].look.cargo is None
    assert re.search(r"[Ll]ook at the book again", panel.room.caption.text())


def test_a_catalogue_that_is_kept_stops_its_projection_after_one_question_and_nothing_else_fails(
    desk: RealWindow,
) -> None:
    panel = flow_of(desk)
    failures = panel.failures
    for button in (failures.killing, failures.losing, failures.overtaking, failures.poisoning):
        assert not button.isEnabled()
        assert "throw-away" in button.toolTip()
    desk.qtbot.mouseClick(failures.stopping, Qt.MouseButton.LeftButton)
    desk.until(lambda: desk.dialogs(Question))
    desk.qtbot.mouseClick(desk.dialogs(Question)[0].stay, Qt.MouseButton.LeftButton)
    desk.until(lambda: not desk.dialogs(Question))
    care = desk.session.care
    assert care is not None
    assert not care.state().paused
    assert not failures.stopping.isChecked()
    desk.qtbot.mouseClick(failures.stopping, Qt.MouseButton.LeftButton)
    desk.until(lambda: desk.dialogs(Question))
    desk.qtbot.mouseClick(desk.dialogs(Question)[0].go_on, Qt.MouseButton.LeftButton)
    desk.until(lambda: care.state().paused and failures.stopping.isChecked())
    desk.qtbot.mouseClick(failures.stopping, Qt.MouseButton.LeftButton)
    desk.until(lambda: not care.state().paused)


def test_a_new_book_goes_through_three_rounds(desk: RealWindow) -> None:
    """The form's command, and what the process manager did next, twice."""
    panel = flow_of(desk)
    panel.set_pace(Speed.STEP)
    known = [story.number for story in desk.session.diagnostics.stories()]
    form = desk.form("book.new")
    for name, text in (("isbn", "9780261103573"), ("title", "The Hobbit"), ("authors", "J. R. R. Tolkien")):
        desk.type_into(form, name, text)
    desk.submit(form)
    desk.until(lambda: panel.replay.round is not None and panel.replay.round.story.number not in known)
    seen: list[tuple[int, str, Station]] = []

    def is_through() -> bool:
        told = panel.replay.round
        assert told is not None
        if not seen or seen[-1][1] != told.title:
            seen.append((told.number, told.title, told.sender))
        desk.qtbot.keyClick(panel.picture.boxes[Station.FORM], Qt.Key.Key_Space)
        return len(seen) == 3 and panel.replay.phase is ReplayPhase.DONE

    desk.until(is_through)
    manager = Station.PROCESS_MANAGER
    assert seen == [(1, "Create book", Station.FORM), (2, "Claim ISBN", manager), (3, "List book", manager)]


def test_in_a_store_elsewhere_events_arrive_by_stream_and_type(open_window: Windows, tmp_path: Path) -> None:
    node = start_node(tmp_path / "elsewhere")
    try:
        uri = f"esdb://127.0.0.1:{node.port}?tls=false"
        desk = open_window.without_waiting(tmp_path / "here", store=uri)
        desk.until_live()
        panel = flow_of(desk)
        assert panel.arrivals.isVisible()
        desk.until(lambda: panel.arrivals.is_following)
        events = tuple(NewEvent(uuid4(), name, b"{}", b"{}") for name in ("OrderPlaced", "OrderPaid"))
        with closing(EventStoreDB(uri, "foreign")) as store:
            store.append("order-17", NO_STREAM, events, timeout=10)
        desk.until(lambda: panel.arrivals.streams["order-17"] == 2)
        assert set(panel.arrivals.types) >= {"OrderPlaced", "OrderPaid"}
        open_window.close()
    finally:
        node.stop()
