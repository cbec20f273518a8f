"""Links to events: written and read the same, never to a different event, and why one leads nowhere."""

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.application.event_links import (
    EventAddress,
    LinkTarget,
    UnreadableLink,
    address_of,
    limits_of,
    read_address,
    what_is_hidden,
    why_dangling,
    wrong_event,
)
from desk.application.stream_extent import DELETED_FROM, StreamExtent, StreamSettings
from tests.gui.timeline.fake_history import recorded

NAMES = st.text(min_size=1).filter(lambda name: name.strip() == name and not name.startswith("desk://"))


@given(
    NAMES, st.none() | st.integers(0, 2**63 - 1), st.none() | st.uuids(), st.sampled_from(["", "a:1", "[::1]:2113,b:2"])
)
def test_a_link_says_what_it_was_made_of(stream: str, revision: int | None, event_id: object, store: str) -> None:
    address = EventAddress(stream, revision, event_id, store)  # type: ignore[arg-type]
    assert read_address(str(address)) == address


def test_a_name_and_a_revision_are_an_address_too() -> None:
    assert read_address("order-17@4") == EventAddress("order-17", 4)
    assert read_address("mail@home") == EventAddress("mail@home")
    for wrong in (
        "desk://open?revision=3",
        "desk://shut?stream=a",
        "desk://open?stream=a&revision=x",
        "desk://open?stream=a&id=7",
    ):
        with pytest.raises(UnreadableLink):
            read_address(f"desk://{wrong}")


def test_another_event_at_the_same_place_is_never_taken_for_the_one_that_is_meant() -> None:
    event = recorded("order-17", 4)
    address = read_address(str(address_of(event, "")))
    assert wrong_event(address, event) == ""
    assert "has another event at revision 4" in wrong_event(address, replace(event, id=uuid4()))
    assert "no event of revision 4" in wrong_event(address, None)


def test_a_link_that_leads_nowhere_says_why() -> None:
    target = LinkTarget.of(recorded("links", 0, "$>", data=b"3@gauge"))
    assert target == LinkTarget("gauge", 3)
    assert LinkTarget.of(recorded("links", 0, "$>", data=b"nonsense")) is None
    kept = StreamSettings(0, max_count=10)
    assert "begins with revision 30 now (only the newest 10" in why_dangling(target, StreamExtent(30, 39, kept))
    assert "ends with revision 1" in why_dangling(target, StreamExtent(0, 1, None))
    assert "was deleted" in why_dangling(
        target, StreamExtent(None, None, StreamSettings(0, truncate_before=DELETED_FROM))
    )
    assert "never was" in why_dangling(target, StreamExtent(None, None, None))


def test_what_a_streams_own_metadata_hide_is_said_in_words() -> None:
    settings = StreamSettings(0, max_count=10, max_age=3600, truncate_before=5, acl={"$r": "ops"})
    words = limits_of(StreamExtent(5, 9, settings))
    for part in ("newest 10 events", "3,600 seconds", "before revision 5", "own access list"):
        assert part in words
    assert what_is_hidden(StreamExtent(5, 9, settings)) == f"5 earlier events cannot be read any more: {words}"
    assert limits_of(StreamExtent(0, 9, None)) == what_is_hidden(StreamExtent(0, 9, None)) == what_is_hidden(None) == ""
