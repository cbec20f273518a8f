"""Why an event happened and what followed: trees out of what metadata, the read model and the stream itself say."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest

from desk.application.catalogue import TracedEvent
from desk.application.inspection.causes import MOST, CauseGraph, CauseKind, CauseNode, CausesQueryHandler, GetCauses
from desk.cqrs.errors import StreamNotFound
from desk.cqrs.metadata import Metadata, encode_metadata
from tests.application.inspection.streams import STREAM, reader_of, stored
from tests.domain.story import BOOK, added, cancelled, created, lent, listed, placed, returned, set_aside, uid

AT = datetime(2026, 3, 2, tzinfo=UTC)
PLACE, RETURN = uid("place hold"), uid("return copy")
EVENTS = stored(
    (
        created(),
        listed(),
        added(1),
        lent(1, "R-7"),
        placed("R-8"),
        returned(1, "R-7"),
        set_aside(1, "R-8"),
        cancelled("R-8", 1),
    ),
    commands=(*(uid(f"c{n}") for n in range(4)), PLACE, RETURN, RETURN, uid("cancel")),
)


def walk(nodes: tuple[CauseNode, ...]) -> Iterator[CauseNode]:
    for node in nodes:
        yield node
        yield from walk(node.followers)


def lines(nodes: tuple[CauseNode, ...], depth: int = 0) -> list[str]:
    """The tree as text: indented, with what is said of each."""
    found: list[str] = []
    for node in nodes:
        marks = [
            f"r{node.revision}" if node.revision is not None else "",
            f"({node.relation})" if node.relation else "",
            "here" if node.is_here else "",
            "above" if node.told_above else "",
            "circle" if node.in_circle else "",
        ]
        found.append("  " * depth + " ".join((node.type or node.kind.value, *filter(None, marks))))
        found += lines(node.followers, depth + 1)
    return found


def causes(revision: int, trace: tuple[TracedEvent, ...] = (), since: int | None = None) -> tuple[CauseNode, ...]:
    handler = CausesQueryHandler(reader_of(EVENTS), lambda _correlation: trace)
    return handler(GetCauses(STREAM, revision, since)).roots


def test_a_hold_can_be_followed_from_its_placing_over_the_return_that_set_the_copy_aside_to_its_end() -> None:
    assert lines(causes(4)) == [
        "command",
        "  HoldPlaced r4 here",
        "    CopySetAside r6 (hold)",
        "      HoldCancelled r7 (hold)",
    ]
    assert lines(causes(6)) == [
        "command",
        "  HoldPlaced r4",
        "    CopySetAside r6 (hold) here",
        "      HoldCancelled r7 (hold)",
        "command",
        "  CopyReturned r5",
        "  CopySetAside r6 here above",
    ]


def test_what_process_managers_did_in_other_streams_stands_below_what_made_them_do_it() -> None:
    first = EVENTS[0]
    command = uid("c0")
    trace = (
        TracedEvent(first.id, STREAM, 0, "BookCreated", AT, "ada", command, None),
        TracedEvent(uid("claimed"), "isbn-9780306406157", 0, "IsbnClaimed", AT, "ada", uid("claim"), first.id),
        TracedEvent(EVENTS[1].id, STREAM, 1, "BookListed", AT, "ada", uid("c1"), uid("claimed")),
    )
    assert lines(causes(0, trace)) == [
        "CreateBook",
        "  BookCreated r0 here",
        "    ClaimIsbn",
        "      IsbnClaimed r0",
        "        ListBook",
        "          BookListed r1",
    ]
    streams = {node.type: node.stream for node in walk(causes(0, trace))}
    assert streams["IsbnClaimed"] == "isbn-9780306406157"


def test_a_cause_that_is_an_event_s_id_is_that_event_and_one_that_is_nowhere_is_a_stub() -> None:
    first, second, *_ = EVENTS
    meta = Metadata(causation_id=first.id)
    lost = Metadata(causation_id=uid("lost"))
    foreign = [
        replace(first, stream="order-1", metadata=encode_metadata(lost)),
        replace(second, stream="order-1", metadata=encode_metadata(meta)),
    ]
    handler = CausesQueryHandler(reader_of(foreign), lambda _correlation: ())
    roots = handler(GetCauses("order-1", 1)).roots
    assert lines(roots) == ["missing", "  BookCreated r0", "    BookListed r1 here"]
    assert roots[0].kind is CauseKind.MISSING
    with pytest.raises(StreamNotFound):
        handler(GetCauses("order-1", 9))


def test_a_circle_is_told_once_and_flagged() -> None:
    first, second, *_ = EVENTS
    pair = [
        replace(first, stream="order-1", metadata=encode_metadata(Metadata(causation_id=second.id))),
        replace(second, stream="order-1", metadata=encode_metadata(Metadata(causation_id=first.id))),
    ]
    roots = CausesQueryHandler(reader_of(pair), lambda _correlation: ())(GetCauses("order-1", 0)).roots
    assert lines(roots) == ["BookCreated r0 here", "  BookListed r1", "    BookCreated r0 here circle"]


def test_of_more_than_two_hundred_effects_those_of_one_type_are_counted() -> None:
    graph = CauseGraph()
    root = uuid5(BOOK, "root")
    graph.add(CauseNode(root, CauseKind.COMMAND, "Bulk"))
    for number in range(MOST + 50):
        effect: UUID = uuid5(BOOK, str(number))
        graph.add(CauseNode(effect, CauseKind.EVENT, "Tagged" if number % 2 else "Priced", "s", number, float(number)))
        graph.link(root, effect)
    (node,) = graph.tree([root])
    assert sorted((each.type, each.count) for each in node.followers) == [("Priced", 125), ("Tagged", 125)]


def test_of_several_events_all_causes_are_told_together() -> None:
    here = {node.revision for node in walk(causes(6, since=3)) if node.is_here}
    assert here == {4, 5, 6}
