"""Spans to an OpenTelemetry collector. Off unless asked for; needs the extra ``opentelemetry``.

Where the collector is, OpenTelemetry's own variables say (``OTEL_EXPORTER_OTLP_ENDPOINT``; by default this computer).
What cannot be sent in time is dropped: no message ever waits for a collector.
"""

from datetime import timedelta
from typing import Final

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags, set_span_in_context

from desk.cqrs.plugins.telemetry import Span

LONGEST_QUEUE: Final = 2048
"""Spans that may wait to be sent."""
SHUTDOWN: Final = 2000
"""Milliseconds in which the rest is sent when Desk closes."""
_LOW_64: Final = (1 << 64) - 1


class OpenTelemetryExport:
    """Takes finished spans; a story (its correlation id) is a trace. ``exporter`` None: OTLP over HTTP."""

    def __init__(self, version: str, exporter: SpanExporter | None = None) -> None:
        resource = Resource.create({"service.name": "desk", "service.version": version})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._processor = BatchSpanProcessor(exporter or _otlp(), max_queue_size=LONGEST_QUEUE)
        self._provider.add_span_processor(self._processor)
        self._tracer = self._provider.get_tracer("desk", version)

    def __call__(self, span: Span) -> None:
        """Queue one span; never waits."""
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
        if span.outcome != "ok":
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
