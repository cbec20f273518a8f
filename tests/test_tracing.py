"""Spans in OpenTelemetry's form, where it is installed."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from desk.cqrs.plugins.telemetry import Span

sdk = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")

from desk.tracing import OpenTelemetryExport  # noqa: E402 - only where it is installed

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_story_is_a_trace_and_its_spans_keep_their_times_and_outcomes() -> None:
    story, message = uuid4(), uuid4()
    collected = sdk.InMemorySpanExporter()
    export = OpenTelemetryExport("1", collected)
    export(Span("LendCopy", message, story, BEGIN, 12.5))
    export(Span("handle", message, story, BEGIN + timedelta(milliseconds=1), 2.0, "Conflict", 2))
    export.close()
    whole, part = collected.get_finished_spans()
    assert {whole.context.trace_id, part.context.trace_id} == {story.int}
    assert (whole.name, part.name) == ("LendCopy", "handle")
    assert whole.end_time - whole.start_time == 12_500_000
    assert whole.start_time == int(BEGIN.timestamp()) * 10**9
    assert part.status.description == "Conflict"
    assert part.attributes == {"desk.message_id": str(message), "desk.attempt": 2}


def test_a_full_queue_drops_spans_and_never_waits() -> None:
    collected = sdk.InMemorySpanExporter()
    export = OpenTelemetryExport("1", collected)
    for _ in range(10_000):
        export(Span("work", None, uuid4(), BEGIN, 1.0))
    export.close()
    assert 0 < len(collected.get_finished_spans()) <= 10_000
