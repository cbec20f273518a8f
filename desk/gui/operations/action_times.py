"""Spans as actions: what somebody did, the messages that came of it, and what each stage took. No Qt."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from desk.cqrs.plugins.telemetry import Span
from desk.records import dataclass

STAGES: Final = ("validate", "handle", "append", "receive", "project", "repaint")
"""In the order in which an edit comes through them; any other span is a whole message, named after its type."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a waterfall: ``start`` and ``milliseconds`` count from the beginning of its story."""

    name: str
    start: float
    milliseconds: float
    outcome: str
    attempt: int

    @property
    def is_stage(self) -> bool:
        """Whether it is a part of the message above it."""
        return self.name in STAGES

    @property
    def end(self) -> float:
        """When it was over, in milliseconds of the story."""
        return self.start + self.milliseconds


@dataclass(frozen=True, slots=True)
class Action:
    """All messages of one correlation, beginning with the one that somebody sent; ``at`` in UTC.

    ``outcome`` is "ok", or the code of what went wrong with the first message.
    """

    correlation_id: UUID
    name: str
    at: datetime
    outcome: str
    bars: tuple[Bar, ...]

    @property
    def milliseconds(self) -> float:
        """Until the last of it was over."""
        return max(bar.end for bar in self.bars)

    @property
    def answered_after(self) -> float:
        """Milliseconds that the first message itself took."""
        return self.bars[0].milliseconds


def actions(spans: Iterable[Span], wanted: Callable[[str], bool], most: int) -> tuple[Action, ...]:
    """The latest stories whose first message is wanted, the newest first. Of a story half forgotten the rest is told.

    ``spans`` come in the order in which they began, as :meth:`Telemetry.spans` gives them.
    """
    told: dict[UUID, list[Span]] = {}
    for span in spans:
        told.setdefault(span.correlation_id, []).append(span)
    of_interest = [story for story in told.values() if story[0].name not in STAGES and wanted(story[0].name)]
    newest = sorted(of_interest, key=lambda story: story[0].started_at, reverse=True)[:most]
    return tuple(_action(story) for story in newest)


def _action(spans: list[Span]) -> Action:
    first = spans[0]
    messages: dict[UUID | None, list[Span]] = {}
    for span in spans:
        messages.setdefault(span.message_id, []).append(span)
    bars = tuple(_bar(span, first.started_at) for message in messages.values() for span in message)
    return Action(first.correlation_id, first.name, first.started_at, first.outcome, bars)


def _bar(span: Span, since: datetime) -> Bar:
    start = (span.started_at - since) / timedelta(milliseconds=1)
    return Bar(span.name, max(0.0, start), span.milliseconds, span.outcome, span.attempt)
