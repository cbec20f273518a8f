"""Hop 2: spans as lines of JSON, one object a line, for other programs to read."""

import json
from collections.abc import Iterable, Iterator

from desk.cqrs.metadata import instant_text
from desk.cqrs.plugins.telemetry import Span


def span_lines(spans: Iterable[Span]) -> Iterator[str]:
    """Each span as one line that ends with a line feed; times in UTC, durations in milliseconds."""
    for span in spans:
        fields = {
            "name": span.name,
            "correlationId": str(span.correlation_id),
            "messageId": None if span.message_id is None else str(span.message_id),
            "startedAt": instant_text(span.started_at),
            "milliseconds": round(span.milliseconds, 3),
            "outcome": span.outcome,
            "attempt": span.attempt,
        }
        yield json.dumps(fields, ensure_ascii=False) + "\n"
