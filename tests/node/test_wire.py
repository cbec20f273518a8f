"""What is put together from bytes is what protobuf reads."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from desk.node.records import Proposed, StoredEvent
from desk.node.wire import (
    created_field,
    id_bytes,
    id_text,
    recorded_event,
    resolved_response,
    stored_response,
    stream_field,
    structured_id,
    varint,
    with_structured_ids,
)
from tests.node.wiring import ReadResp, proposed, uuid_of

NUMBERS = st.integers(0, 2**63 - 1)
TEXTS = st.text(min_size=1, max_size=300).map(lambda text: text.encode("utf-8", "replace").decode())


def stored(event: Proposed, stream: str = "s", revision: int = 0, position: int = 1) -> StoredEvent:
    response = stored_response(event, stream_field(stream), created_field(1), revision, position)
    return StoredEvent(position, stream, revision, event.type, response)


@given(
    st.uuids(), TEXTS, TEXTS, st.binary(max_size=300), st.binary(max_size=300), NUMBERS, NUMBERS, st.booleans(), NUMBERS
)
def test_an_event_comes_back_as_it_was_written(
    event_id: uuid.UUID,
    stream: str,
    kind: str,
    data: bytes,
    metadata: bytes,
    revision: int,
    position: int,
    is_json: bool,
    created: int,
) -> None:
    event = Proposed(event_id.bytes, kind, is_json, data, metadata)
    message = ReadResp.FromString(
        stored_response(event, stream_field(stream), created_field(created), revision, position)
    )
    recorded = message.event.event
    assert recorded.id.string == str(event_id)
    assert recorded.stream_identifier.stream_name.decode() == stream
    assert dict(recorded.metadata) == {
        "type": kind,
        "created": str(created),
        "content-type": "application/json" if is_json else "application/octet-stream",
    }
    assert (recorded.data, recorded.custom_metadata) == (data, metadata)
    assert (recorded.stream_revision, recorded.commit_position, recorded.prepare_position) == (
        revision,
        position,
        position,
    )
    assert message.event.commit_position == position


@given(NUMBERS)
def test_a_number_is_written_as_protobuf_does(number: int) -> None:
    message = ReadResp(first_stream_position=number)
    assert message.SerializeToString() == b"\x28" + varint(number)


@given(st.uuids())
def test_an_id_is_the_same_in_both_forms(event_id: uuid.UUID) -> None:
    assert id_bytes(structured_id(event_id.bytes)) == event_id.bytes
    assert id_bytes(uuid_of(str(event_id).upper())) == event_id.bytes
    assert id_text(event_id.bytes) == str(event_id)


def test_structured_ids_change_nothing_else() -> None:
    event = proposed(b'{"n":1}')
    plain = ReadResp.FromString(stored(event).response)
    changed = ReadResp.FromString(with_structured_ids(stored(event).response))
    assert id_bytes(changed.event.event.id) == event.id
    changed.event.event.id.CopyFrom(plain.event.event.id)
    assert changed == plain


def test_a_resolved_link_has_the_links_position_and_both_events() -> None:
    target, link = stored(proposed(b"target"), "t", 3, 7), stored(proposed(b"3@t", "$>"), "l", 0, 9)
    message = ReadResp.FromString(resolved_response(link, target)).event
    assert message.event == recorded_event(target.response)
    assert message.link == recorded_event(link.response)
    assert message.commit_position == link.position
    assert not ReadResp.FromString(resolved_response(link, None)).event.HasField("event")
