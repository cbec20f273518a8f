"""Whatever is sent and whatever goes wrong: a story says what the sender was told and what the store holds."""

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.cqrs.endings import End
from desk.cqrs.errors import Conflict, OutcomeUnknown, StoreUnavailable, StreamNotFound
from desk.cqrs.messages import Outcome
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.plugins.origin import NotForUsers
from desk.cqrs.plugins.retry import ATTEMPTS, EditConflict
from desk.cqrs.stories import Story
from desk.domain.book import INITIAL
from desk.domain.commands import AddCopy, CorrectBookDetails, ListBook, ReturnCopy
from desk.domain.errors import InvalidCommand, RuleBroken
from desk.domain.streams import book_stream
from tests.application.desk_in_memory import DeskInMemory, a_book, open_desk
from tests.application.test_plugins import registering
from tests.waiting import until

FAULTS = ("none", "conflict", "conflicts without end", "refused by the store", "lost answer", "store away")
COMMANDS = ("create", "add copy", "return", "correct", "correct too late", "wrong year", "internal", "again")


@dataclass
class Shelf:
    """A desk, the book that commands are about, and the last command that was sent."""

    desk: DeskInMemory
    book_id: UUID
    last: tuple[object, UUID]

    def command(self, kind: str) -> tuple[object, UUID]:
        book_id, seen = self.book_id, self.revision()
        made: dict[str, Any] = {
            "create": lambda: a_book(book_id),
            "add copy": lambda: AddCopy(book_id=book_id),
            "return": lambda: ReturnCopy(book_id=book_id, copy_no=1),
            "correct": lambda: CorrectBookDetails(book_id=book_id, seen_revision=seen, title=f"Emma {uuid4()}"),
            "correct too late": lambda: CorrectBookDetails(book_id=book_id, seen_revision=0, title=f"Emma {uuid4()}"),
            "wrong year": lambda: CorrectBookDetails(book_id=book_id, seen_revision=seen, published_year=2999),
            "internal": lambda: ListBook(book_id=book_id),
        }
        return self.last if kind == "again" else (made[kind](), uuid4())

    def revision(self) -> int:
        return max(0, len(self.stored()) - 1)

    def stored(self) -> list[Any]:
        try:
            return list(self.desk.store.read_stream(book_stream(self.book_id)))
        except StreamNotFound:
            return []


@given(
    listed=st.booleans(),
    steps=st.lists(st.tuples(st.sampled_from(COMMANDS), st.sampled_from(FAULTS)), min_size=1, max_size=12),
)
def test_a_storys_end_attempts_and_events_are_those_of_the_future_and_of_the_store(
    listed: bool, steps: list[tuple[str, str]]
) -> None:
    desk = open_desk()
    try:
        with mock.patch("desk.cqrs.plugins.retry.LONGEST_PAUSE", 0.005):
            book_id = uuid4()
            shelf = Shelf(desk, book_id, (a_book(book_id), uuid4()))
            if listed:
                desk.send(shelf.last[0], command_id=shelf.last[1])
                desk.as_process_manager(ListBook(book_id=book_id))
            for kind, fault in steps:
                send_and_compare(shelf, kind, fault)
    finally:
        desk.close()


def send_and_compare(shelf: Shelf, kind: str, fault: str) -> None:
    desk, before = shelf.desk, shelf.stored()
    command, command_id = shelf.last = shelf.command(kind)
    cause_fault(desk, fault)
    future = desk.begin(command, command_id=command_id)
    future.exception(60)
    story = desk.buses.stories.stories()[-1]
    desk.store.come_back()
    desk.store._planned.clear()
    desk.store._answers_to_lose = 0
    assert (story.envelope.message, story.envelope.id) == (command, command_id)
    compare_end(story, future)
    new = shelf.stored()[len(before) :]
    compare_events(story, new, future)
    compare_states(shelf, story, new)


def cause_fault(desk: DeskInMemory, fault: str) -> None:
    if fault == "conflict":
        desk.store.fail_next(Conflict("book", 1))
    elif fault == "conflicts without end":
        for _ in range(ATTEMPTS):
            desk.store.fail_next(Conflict("book", 1))
    elif fault == "refused by the store":
        desk.store.fail_next(StoreUnavailable("The disk is full."))
    elif fault == "lost answer":
        desk.store.lose_next_answer()
    elif fault == "store away":
        desk.store.go_away()


def compare_end(story: Story, future: "Future[Outcome]") -> None:
    error, ending = future.exception(0), story.ending
    assert ending.attempts == len(story.attempts)
    assert ending.sentence
    match error:
        case None:
            outcome = future.result(0)
            assert story.outcome is outcome
            assert (ending.end, ending.attempts) == (End.SUCCEEDED, outcome.attempts)
            stored = outcome.receipt is not None and not outcome.repeated
            assert story.ended_by == ("append" if stored else "decide")
        case NotForUsers():
            assert (ending.end, story.ended_by, ending.attempts) == (End.REFUSED, "Origin check", 0)
        case InvalidCommand():
            assert (ending.end, story.ended_by, ending.attempts) == (End.REFUSED, "Validation", 0)
        case RuleBroken():
            assert (ending.end, story.ended_by, ending.code) == (End.REFUSED, "decide", error.code.value)
        case EditConflict():
            assert (ending.end, story.ended_by, ending.code) == (End.CONFLICT, "decide", "EditConflict")
        case Conflict():
            assert (ending.end, story.ended_by, ending.attempts) == (End.CONFLICT, "append", error.attempts)
        case OutcomeUnknown():
            assert (ending.end, story.ended_by, ending.sentence) == (End.UNKNOWN, "append", str(error))
        case StoreUnavailable():
            assert (ending.end, ending.sentence) == (End.STORE_AWAY, str(error))
            assert story.ended_by in ("load", "decide", "append")
        case _:
            raise AssertionError(f"{error!r} is none of the five ends")


def compare_events(story: Story, new: list[Any], future: "Future[Outcome]") -> None:
    """What is new in the store is what the last attempt has given to it, and what the receipt names."""
    given = story.attempts[-1].appended if story.attempts else ()
    if story.ending.end in (End.SUCCEEDED, End.UNKNOWN) and given:
        assert [(one.id, one.type, one.data, one.metadata) for one in new] == [
            (one.id, one.type, one.data, one.metadata) for one in given
        ]
    else:
        assert new == []
    assert {parse_metadata(one.metadata).command_id for one in new} <= {story.envelope.id}
    if story.ending.end is End.SUCCEEDED:
        outcome = future.result(0)
        assert story.event_ids == tuple(one.id for one in new)
        assert outcome.repeated or story.attempts[-1].decided == outcome.events
    else:
        assert story.event_ids == ()


def compare_states(shelf: Shelf, story: Story, new: list[Any]) -> None:
    """Before and after are what the stream folds to at those revisions."""
    books, stream = shelf.desk.buses.aggregates.books, book_stream(shelf.book_id)
    for attempt in story.attempts:
        if attempt.version is None:
            continue
        assert attempt.before == (books.load(stream, upto=attempt.version).state if attempt.version >= 0 else INITIAL)
        if attempt.outcome == "ok":
            assert attempt.after == books.load(stream).state
    if new:
        assert story.attempts[-1].version == new[0].revision - 1


def test_a_story_leads_from_a_command_to_those_that_its_process_manager_sent(desk: DeskInMemory) -> None:
    book, command_id = a_book(), uuid4()
    with registering(desk):
        desk.send(book, command_id=command_id)
        until(lambda: len(desk.types(book_stream(book.book_id))) == 2)
        until(lambda: len(desk.buses.stories.stories()) == 3)
    created, claimed, listed = desk.buses.stories.stories()
    assert [one.name for one in (created, claimed, listed)] == ["CreateBook", "ClaimIsbn", "ListBook"]
    assert created.led_to == (claimed.envelope.id, listed.envelope.id)
    assert {one.envelope.trigger_id for one in (claimed, listed)} == {created.event_ids[0]}
    assert claimed.stream == f"isbn-{book.isbn}"


@pytest.mark.parametrize("kind", ["AddCopy", "CorrectBookDetails"])
def test_a_story_says_where_its_handler_is(desk: DeskInMemory, kind: str) -> None:
    book_id = uuid4()
    desk.send(a_book(book_id))
    command = {"AddCopy": AddCopy(book_id=book_id)}.get(kind) or CorrectBookDetails(
        book_id=book_id, seen_revision=0, title="Emma"
    )
    desk.begin(command).exception(60)
    place = desk.buses.stories.stories()[-1].handler
    assert place.module == "desk.application.handlers"
    assert place.name == ("AggregateHandler" if kind == "AddCopy" else "CorrectionHandler")
    assert place.line > 0
