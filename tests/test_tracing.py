"""Stories in OpenTelemetry's form, where it is installed."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from desk.cqrs.endings import CommandEnding, End
from desk.cqrs.live_feed import Batch
from desk.cqrs.message_log import MessageKind, MessageRecord
from desk.cqrs.messages import Sender
from desk.cqrs.registering import HandlerPlace
from desk.cqrs.stories import Part, Stage, Story
from desk.domain.commands import AddCopy
from tests.moments import REAL

sdk = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")

from desk.tracing import OpenTelemetryExport  # noqa: E402 - only where it is installed

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
STAGES = (
    Stage("handle it", Part.HANDLER, 1.0, 2.0, "Conflict", 1),
    Stage("append", Part.STEP, 1.5, 1.0, "Conflict", 1),
    Stage("handle it", Part.HANDLER, 4.0, 5.0, "ok", 2),
    Stage("append", Part.STEP, 5.0, 3.0, "ok", 2),
)


def story(number: int) -> Story:
    env = Sender("ada", REAL).envelope(AddCopy(book_id=uuid4()))
    ending, place = CommandEnding(End.SUCCEEDED, "ok", "Stored.", 2), HandlerPlace("handle it", "here", 7)
    return Story(number, env, "book-1", place, BEGIN, 12.5, STAGES, (), ending, "append", None)


def test_a_story_is_a_trace_and_its_spans_keep_their_times_and_outcomes_and_are_sent_once() -> None:
    one, collected = story(1), sdk.InMemorySpanExporter()
    export = OpenTelemetryExport("1", collected)
    export(Batch((one,), (), 0))
    export(Batch((replace(one, projected=20.0),), (), 0))
    export(Batch((replace(one, projected=20.0, received=9.0),), (), 0))
    export.close()
    spans = collected.get_finished_spans()
    assert {span.context.trace_id for span in spans} == {one.envelope.correlation_id.int}
    names = [span.name for span in spans]
    assert names == ["AddCopy", "validate", "handle", "handle", "append", "append", "project", "receive"]
    whole, part, projected = spans[0], spans[2], spans[6]
    assert whole.end_time - whole.start_time == 12_500_000
    assert whole.start_time == int(BEGIN.timestamp()) * 10**9
    assert part.status.description == "Conflict"
    assert spans[3].attributes == {"desk.message_id": str(one.envelope.id), "desk.attempt": 2}
    assert projected.end_time - projected.start_time == 12_000_000, "from the acknowledgement on"


def test_a_query_is_a_span_and_a_full_queue_drops_spans_and_never_waits() -> None:
    collected = sdk.InMemorySpanExporter()
    export = OpenTelemetryExport("1", collected)
    for _ in range(10_000):
        asked = MessageRecord(BEGIN, MessageKind.QUERY, "GetCounts", "ok", uuid4(), uuid4(), 1.0)
        export(Batch((), (asked,), 0))
    export.close()
    assert 0 < len(collected.get_finished_spans()) <= 10_000
    assert {span.name for span in collected.get_finished_spans()} == {"GetCounts"}
