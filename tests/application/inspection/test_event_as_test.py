"""An event copied as a test: what is copied runs, passes, and fails where the domain would decide otherwise."""

from dataclasses import replace

import pytest

from desk.application.inspection.event_as_test import EventAsTestQueryHandler, GetEventAsTest
from desk.cqrs.store import Recorded
from tests.application.inspection.streams import REGISTRY, STREAM, CommandedBook, commanded, reader_of


def handler(book: CommandedBook, *, journal: bool = True) -> EventAsTestQueryHandler:
    return EventAsTestQueryHandler(reader_of(book.events), book.journal if journal else lambda _wanted: (), REGISTRY)


def run(text: str) -> str:
    """Run what was copied as a module of its own; the name of its test."""
    names: dict[str, object] = {}
    exec(compile(text, "copied.py", "exec"), names)
    (name,) = [name for name in names if name.startswith("test_")]
    test = names[name]
    assert callable(test)
    test()
    return name


def spread(events: list[Recorded], count: int) -> list[int]:
    """So many revisions, of as many types as there are."""
    first = {event.type: event.revision for event in reversed(events)}
    rest = [event.revision for event in events if event.revision not in first.values()]
    return sorted([*first.values(), *rest[: max(count - len(first), 0)]])[:count]


def test_twenty_copied_tests_run_and_name_their_event_and_command() -> None:
    book = commanded(3)
    copied = handler(book)
    revisions = spread(book.events, 20)
    assert len(revisions) == 20
    for revision in revisions:
        text = copied(GetEventAsTest(STREAM, revision))
        assert run(text).endswith(f"at_revision_{revision}")
        assert "decide(before, command, moment, Policy()) == (" in text


@pytest.mark.parametrize("seed", [1, 5])
def test_without_the_command_what_the_event_changed_is_tested(seed: int) -> None:
    book = commanded(seed)
    copied = handler(book, journal=False)
    for revision in spread(book.events, 20):
        text = copied(GetEventAsTest(STREAM, revision))
        run(text)
        assert "assert changes_of_book(before, after) == {" in text


def test_a_copied_test_fails_where_the_domain_would_decide_otherwise() -> None:
    book = commanded(3)
    lent = next(event for event in book.events if event.type == "CopyLent")
    text = handler(book)(GetEventAsTest(STREAM, lent.revision))
    head, _, asserted = text.rpartition("== (")
    with pytest.raises(AssertionError):
        run(f"{head}== ({asserted.replace('copy_no=', 'copy_no=9', 1)}")
    other = handler(book, journal=False)(GetEventAsTest(STREAM, lent.revision))
    with pytest.raises(AssertionError):
        run(other.replace("'available', 'onLoan'", "'available', 'lost'"))


def test_an_event_of_another_system_is_given_when_then_in_json() -> None:
    events = [replace(event, stream="order-7", data=b'{"total": %d}' % event.revision) for event in commanded(3).events]
    book = CommandedBook(events[:5], [])
    text = handler(book)(GetEventAsTest("order-7", 4))
    assert text.startswith("Given the last 4 events of order-7 before it\n{")
    assert text.count('"revision":') == 5
    assert '"data": {"total": 4}' in text.partition("Then")[2]
