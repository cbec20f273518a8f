"""Documents are compared value by value, and a stream that nobody knows has its payloads merged."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.application.comparing import (
    Difference,
    GetMergedState,
    MergedStateHandler,
    compare,
    compare_events,
)
from desk.application.inspection.merged_payloads import ENDED, MergedPayloads, MergedState, flattened, merged
from desk.cqrs.errors import StreamNotFound
from desk.cqrs.store import NO_STREAM, NewEvent, Recorded
from tests.gui.timeline.fake_history import recorded
from tests.memory_store import MemoryStore

DOCUMENTS = st.dictionaries(
    st.text(alphabet="abc", max_size=2),
    st.recursive(
        st.none() | st.integers(-9, 9) | st.text(alphabet="xy", max_size=2),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="abc", max_size=2), inner),
        max_leaves=4,
    ),
)
SLOW = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def event(type_name: str, payload: object, revision: int = 0) -> Recorded:
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return recorded("order-1", revision, type_name, data=data)


def folded(*events: Recorded) -> MergedState:
    fold, state = MergedPayloads(), MergedState()
    for one in events:
        state = fold.evolve(state, one)
    return state


def test_objects_are_merged_deep_and_arrays_replaced() -> None:
    state = folded(
        event("OrderPlaced", {"customer": {"name": "Ada", "city": "Bath"}, "lines": [1, 2], "note": "x"}),
        event("OrderChanged", {"customer": {"city": "Oslo"}, "lines": [3], "note": None}),
        event("ReceiptPrinted", b"%PDF"),
        event("Counted", [1, 2]),
        event("$metadata", {"customer": "nobody"}),
    )
    assert state.document == {"customer": {"name": "Ada", "city": "Oslo"}, "lines": [3], "note": None}
    assert MergedPayloads().fields(state) == {
        "customer.name": "Ada",
        "customer.city": "Oslo",
        "lines": [3],
        "note": None,
    }


@pytest.mark.parametrize("ending", ["OrderDeleted", "CustomerRemoved"])
def test_a_type_that_says_so_ends_it_and_what_follows_begins_again(ending: str) -> None:
    state = folded(event("Placed", {"a": 1}), event(ending, {"why": "gone"}))
    assert MergedPayloads().fields(state)[ENDED] == ending
    assert ENDED not in MergedPayloads().fields(folded(event(ending, {}), event("Placed", {"a": 2})))


@SLOW
@given(DOCUMENTS, DOCUMENTS)
def test_merging_changes_neither_document_and_the_later_values_win(
    below: dict[str, object], above: dict[str, object]
) -> None:
    copies = json.dumps(below), json.dumps(above)
    result = merged(below, above)
    assert (json.dumps(below), json.dumps(above)) == copies
    values = dict(flattened(result))
    for path, value in flattened(above):
        if value != {}:
            assert values[path] == value
    assert merged(result, above) == result


@SLOW
@given(DOCUMENTS, DOCUMENTS)
def test_a_comparison_has_every_value_of_both_sides_once(first: dict[str, object], second: dict[str, object]) -> None:
    found = compare(first, second)
    assert len({value.path for value in found}) == len(found)
    there = {value.path: value for value in compare(second, first)}
    opposite = {Difference.ADDED: Difference.GONE, Difference.GONE: Difference.ADDED}
    for value in found:
        other = there[value.path]
        assert (other.first, other.second) == (value.second, value.first)
        assert other.difference is opposite.get(value.difference, value.difference)
    assert all(value.difference is Difference.SAME for value in compare(first, first))


def test_two_events_are_compared_with_what_stands_beside_them() -> None:
    found = {
        value.path: (value.first, value.second, value.difference)
        for value in compare_events(
            event("Placed", {"total": 1, "same": [1], "gone": None}),
            replace(event("Changed", {"total": 1.5, "same": [1], "new": "x"}), revision=4),
        )
    }
    assert found["$.event.type"] == ('"Placed"', '"Changed"', Difference.CHANGED)
    assert found["$.event.revision"] == ("0", "4", Difference.CHANGED)
    assert found["$.data.total"] == ("1", "1.5", Difference.CHANGED)
    assert found["$.data.same[0]"] == ("1", "1", Difference.SAME)
    assert found["$.data.gone"] == ("null", "", Difference.GONE)
    assert found["$.data.new"] == ("", '"x"', Difference.ADDED)
    odd = compare_events(event("Printed", b"\x00\xff"), event("Printed", b"\x00\xfe"))
    assert [(value.first, value.second) for value in odd if value.path == "$.data"] == [('"00ff"', '"00fe"')]


def test_a_stream_is_merged_up_to_a_revision() -> None:
    store, ask = MemoryStore(), None
    events = [NewEvent(uuid4(), "Set", json.dumps({"n": n}).encode(), b"") for n in range(5)]
    store.append("counter", NO_STREAM, tuple(events), timeout=1)
    ask = MergedStateHandler(store)
    assert json.loads(ask(GetMergedState("counter", 2))) == {"n": 2}
    assert json.loads(ask(GetMergedState("counter"))) == {"n": 4}
    with pytest.raises(StreamNotFound):
        ask(GetMergedState("nowhere"))
