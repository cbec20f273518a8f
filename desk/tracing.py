"""Spans to an OpenTelemetry collector. Off unless asked for; needs the extra ``opentelemetry``.

Where the collector is, OpenTelemetry's own variables say (``OTEL_EXPORTER_OTLP_ENDPOINT``; by default this computer).
What cannot be sent in time is dropped: no message ever waits for a collector.
"""

from collections import OrderedDict
from datetime import timedelta
from typing import Final

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags, set_span_in_context

from desk.cqrs.endings import OK
from desk.cqrs.live_feed import Batch
from desk.cqrs.plugins.telemetry import Span, spans_of, spans_of_queries
from desk.cqrs.stories import Later, Story

LONGEST_QUEUE: Final = 2048
"""Spans that may wait to be sent."""
SHUTDOWN: Final = 2000
"""Milliseconds in which the rest is sent when Desk closes."""
_LOW_64: Final = (1 << 64) - 1


_STORIES_REMEMBERED: Final = 1000
"""Stories of which it is known what was sent already."""
_LATER: Final = frozenset(later.value for later in Later)


class OpenTelemetryExport:
    """Takes batches of the live feed; a story (its correlation id) is a trace. ``exporter`` None: OTLP over HTTP."""

    def __init__(self, version: str, exporter: SpanExporter | None = None) -> None:
        resource = Resource.create({"service.name": "desk", "service.version": version})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._processor = BatchSpanProcessor(exporter or _otlp(), max_queue_size=LONGEST_QUEUE)
        self._provider.add_span_processor(self._processor)
        self._tracer = self._provider.get_tracer("desk", version)
        self._sent: OrderedDict[int, frozenset[str]] = OrderedDict()

    def __call__(self, batch: Batch) -> None:
        """Queue each span once; never waits."""
        for story in batch.stories:
            for span in self._news(story):
                self._send(span)
        for span in spans_of_queries(batch.messages):
            self._send(span)

    def _news(self, story: Story) -> list[Span]:
        """The spans of a story that have not been sent: all, or those of what came later."""
        spans, sent = list(spans_of(story)), self._sent.get(story.number)
        self._sent[story.number] = frozenset(span.name for span in spans)
        while len(self._sent) > _STORIES_REMEMBERED:
            self._sent.popitem(last=False)
        return spans if sent is None else [span for span in spans if span.name in _LATER - sent]

    def _send(self, span: Span) -> None:
        begin = int(span.started_at.timestamp() * 1e9)
        story = SpanContext(
            trace_id=span.correlation_id.int,
            span_id=(span.correlation_id.int & _LOW_64) or 1,
            is_remote=True,
            trace_flags=TraceFlags(TraceFlags.SAMPLED),
        )
        made = self._tracer.start_span(
            span.name,
            set_span_in_context(NonRecordingSpan(story)),
            attributes={"desk.message_id": str(span.message_id), "desk.attempt": span.attempt},
            start_time=begin,
        )
        if span.outcome != OK:
            made.set_status(Status(StatusCode.ERROR, span.outcome))
        made.end(begin + int(timedelta(milliseconds=span.milliseconds) / timedelta(microseconds=1)) * 1000)

    def close(self) -> None:
        """Send what waits, for a short while, and end."""
        self._processor.force_flush(SHUTDOWN)
        self._provider.shutdown()


def _otlp() -> SpanExporter:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    exporter: SpanExporter = OTLPSpanExporter(timeout=SHUTDOWN // 1000)
    return exporter
