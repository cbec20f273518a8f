"""The story behind an event: by the server's own list, else by finding; as a tree of causes."""

import json
from uuid import UUID, uuid4, uuid5

from desk.application.event_search import ChosenBy, EventSearch
from desk.application.story import GetStory, StoryHandler, StoryNode, correlation_stream, story_tree
from desk.cqrs.store import NO_STREAM, NewEvent, Recorded
from tests.gui.timeline.fake_history import recorded
from tests.memory_store import MemoryStore

NAMES = UUID("12345678-1234-5678-1234-567812345678")


def caused(name: str, cause: str | None, position: int, correlation: str = "c") -> Recorded:
    fields = {"$correlationId": str(uuid5(NAMES, correlation))}
    if cause is not None:
        fields["$causationId"] = str(uuid5(NAMES, cause))
    event = recorded(f"s-{name}", 0, name, position=position, metadata=json.dumps(fields).encode())
    return Recorded(uuid5(NAMES, name), event.stream, 0, position, name, b"{}", event.metadata, event.created)


def shape(nodes: tuple[StoryNode, ...]) -> list[object]:
    return [[node.event.type if node.event else "?", *shape(node.followers)] for node in nodes]


def test_events_stand_below_what_caused_them_in_the_order_of_storing() -> None:
    tree = story_tree(
        [
            caused("Shipped", "Paid", 40),
            caused("Placed", None, 10),
            caused("Reserved", "Placed", 30),
            caused("Paid", "Placed", 20),
        ]
    )
    assert shape(tree) == [["Placed", ["Paid", ["Shipped"]], ["Reserved"]]]


def test_events_of_one_command_stand_together_below_what_is_no_event() -> None:
    tree = story_tree([caused("A", "a command", 1), caused("B", "a command", 2), caused("C", "B", 3)])
    assert shape(tree) == [["?", ["A"], ["B", ["C"]]]]
    assert tree[0].cause == uuid5(NAMES, "a command")


def test_circles_are_cut_and_long_chains_need_no_recursion() -> None:
    assert shape(story_tree([caused("A", "B", 1), caused("B", "A", 2)])) == [["A", ["B"]]]
    assert shape(story_tree([caused("A", "A", 1)])) == [["A"]]
    chain = [caused(f"n{n}", f"n{n - 1}" if n else None, n) for n in range(2_000)]
    node, depth = story_tree(chain)[0], 1
    while node.followers:
        node, depth = node.followers[0], depth + 1
    assert depth == 2_000


def test_the_servers_own_list_is_read_where_there_is_one_and_else_all_is_looked_through() -> None:
    store, correlation = MemoryStore(), str(uuid4())
    metadata = json.dumps({"$correlationId": correlation}).encode()
    for stream in ("order-1", "payment-1", "other"):
        stored = metadata if stream != "other" else b""
        store.append(stream, NO_STREAM, (NewEvent(uuid4(), "Happened", b"{}", stored),), timeout=1)
    ask = StoryHandler(store, EventSearch(store, None).find)
    found = ask(GetStory(correlation))
    assert {event.stream for event in found.events} == {"order-1", "payment-1"}
    assert (found.by, found.before, found.looked_at) == (ChosenBy.LOOKING, None, 3)
    link = NewEvent(uuid4(), "$>", b"0@order-1", b"")
    store.append(correlation_stream(correlation), NO_STREAM, (link,), timeout=1)
    listed = ask(GetStory(correlation))
    assert ([event.stream for event in listed.events], listed.by) == (["order-1"], ChosenBy.SERVER)
