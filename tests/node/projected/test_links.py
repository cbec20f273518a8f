"""What the five system projections write for which events."""

import re

from esdbclient import EventStoreDBClient, StreamState

from tests.node.projected.reading import append, fresh, link, notes, read, texts, thing, written


def test_a_category_links_to_each_of_its_events_in_their_order(client: EventStoreDBClient) -> None:
    category = fresh()
    events = [thing(), thing(), thing()]
    append(client, f"{category}-1", *events[:2])
    append(client, f"{category}-2-x", events[2])
    links = written(client, f"$ce-{category}", f"0@{category}-2-x")
    assert texts(links) == [f"0@{category}-1", f"1@{category}-1", f"0@{category}-2-x"]
    assert [event.id for event in read(client, f"$ce-{category}", resolve_links=True)] == [e.id for e in events]


def test_a_link_notes_its_cause_and_is_no_json(client: EventStoreDBClient) -> None:
    category = fresh()
    event = thing(metadata=b'{"$correlationId":"one trail","other":1}')
    append(client, f"{category}-1", event)
    (link,) = written(client, f"$ce-{category}", f"0@{category}-1")
    (source,) = read(client, f"{category}-1")
    assert (link.type, link.content_type, link.id == event.id) == ("$>", "application/octet-stream", False)
    noted = notes(link)
    assert re.fullmatch(r"\d+:-1:1:4", noted.pop("$v"))
    assert noted == {
        "$c": source.commit_position,
        "$p": source.commit_position,
        "$o": f"{category}-1",
        "$causedBy": str(event.id),
        "$correlationId": "one trail",
    }


def test_a_stream_of_links_may_be_read_by_ordinary_users(client: EventStoreDBClient) -> None:
    category = fresh()
    append(client, f"{category}-1", thing())
    written(client, f"$ce-{category}", f"0@{category}-1")
    metadata, revision = client.get_stream_metadata(f"$ce-{category}")
    assert (metadata, revision) == ({"$acl": {"$r": "$all", "$mr": "$all"}}, 0)


def test_a_type_links_to_its_events_but_not_to_those_of_the_system(client: EventStoreDBClient) -> None:
    kind, stream = fresh("Kind"), fresh()
    append(client, stream, thing(kind), thing("Other"))
    append(client, f"${stream}", thing(kind))
    append(client, stream, thing(kind))
    assert texts(written(client, f"$et-{kind}", f"2@{stream}")) == [f"0@{stream}", f"2@{stream}"]


def test_a_correlation_id_links_to_the_events_that_name_it(client: EventStoreDBClient) -> None:
    trail, stream = fresh("trail"), fresh()
    named = f'{{"$correlationId":"{trail}"}}'.encode()
    append(
        client,
        stream,
        thing(metadata=named),
        thing(metadata=b"[" + named + b"]"),
        thing(metadata=named[:-1]),
        thing(metadata=named, data=b"no JSON", json=False),
        thing(metadata=b'{"$correlationId":7}'),
    )
    append(client, stream, link(f"0@{stream}"), thing(metadata=named))
    links = written(client, f"$bc-{trail}", f"6@{stream}")
    assert texts(links) == [f"0@{stream}", f"3@{stream}", f"6@{stream}"]
    assert [notes(event).get("$correlationId") for event in links] == [trail, None, trail]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z", notes(event)["$eventTimestamp"]) for event in links)


def test_each_stream_and_each_metadata_stream_is_linked_to_once(client: EventStoreDBClient) -> None:
    category = fresh()
    append(client, f"{category}-1", thing(), thing())
    client.set_stream_metadata(f"{category}-1", metadata={"colour": "blue"}, current_version=StreamState.ANY)
    append(client, f"{category}-1", thing())
    append(client, f"{category}-2", thing())
    everything = texts(written(client, "$streams", f"0@{category}-2"))
    assert [text for text in everything if category in text] == [
        f"0@{category}-1",
        f"0@$${category}-1",
        f"0@{category}-2",
    ]
    names = read(client, f"$category-{category}")
    assert [(event.type, event.data.decode()) for event in names] == [
        ("$@", f"{category}-1"),
        ("$@", f"{category}-2"),
    ]
    assert read(client, f"$category-{category}", resolve_links=True) == names


def test_what_says_it_is_json_and_is_not_is_left_out(client: EventStoreDBClient) -> None:
    category = fresh()
    events = [thing(data=b"{"), thing(data=b""), thing(data=b"\xff", json=False), thing(metadata=b"no JSON"), thing()]
    append(client, f"{category}-1", *events)
    links = written(client, f"$ce-{category}", f"4@{category}-1")
    assert texts(links) == [f"{n}@{category}-1" for n in (2, 3, 4)]


def test_the_end_of_a_stream_is_linked_to_and_its_other_metadata_are_not(client: EventStoreDBClient) -> None:
    category = fresh()
    append(client, f"{category}-1", thing())
    client.set_stream_metadata(f"{category}-1", metadata={"colour": "blue"}, current_version=StreamState.ANY)
    client.delete_stream(f"{category}-1", current_version=StreamState.ANY)
    append(client, f"{category}-2", thing())
    client.tombstone_stream(f"{category}-2", current_version=StreamState.ANY)
    ended = [f"1@$${category}-1", f"{2**63 - 1}@{category}-2"]
    links = written(client, f"$ce-{category}", ended[1])
    assert texts(links) == [f"0@{category}-1", ended[0], f"0@{category}-2", ended[1]]
    assert [notes(event).get("$deleted") for event in links] == [None, -1, None, -1]
    assert {notes(event)["$o"] for event in links[:2]} == {f"{category}-1"}
    deleted = [text for text in texts(written(client, "$et-$deleted", ended[1])) if category in text]
    assert deleted == [f"1@{category}-1", ended[1]]


def test_links_of_users_are_followed_into_their_own_category_and_into_no_type(client: EventStoreDBClient) -> None:
    category, elsewhere = fresh(), fresh()
    target = thing()
    append(client, f"{elsewhere}-1", target)
    append(client, f"{category}-1", link(f"0@{elsewhere}-1"), link(f"9@{elsewhere}-1"), link("nonsense"), thing())
    links = written(client, f"$ce-{category}", f"3@{category}-1")
    assert texts(links) == [f"0@{elsewhere}-1", "nonsense", f"3@{category}-1"]
    assert notes(links[0])["$causedBy"] == str(target.id)
    assert notes(links[0])["$o"] == f"{category}-1"
    assert not [text for text in texts(read(client, "$et-$>")) if category in text]


def test_names_that_are_not_ascii_are_linked_to(client: EventStoreDBClient) -> None:
    category = fresh("Bücher")
    append(client, f"{category}-ä1", thing("Geändert"))
    (link,) = written(client, f"$ce-{category}", f"0@{category}-ä1")
    assert notes(link)["$o"] == f"{category}-ä1"
    assert len(read(client, f"$ce-{category}", resolve_links=True)) == 1
