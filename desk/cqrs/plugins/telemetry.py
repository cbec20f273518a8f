"""Hop 2: the plugin by which the story of a command is kept, and stories as spans, for what draws or exports times.

A command's spans are: the whole, named as the message; ``validate``, until its handler begins; ``handle``, one for each
attempt; ``append``. Then, each measured from the acknowledgement on: ``receive`` (the event came back), ``project``
(the read model holds it), ``repaint`` (the window shows it). A query has the whole.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from desk.cqrs.endings import OK
from desk.cqrs.message_log import MessageKind, MessageLog, MessageRecord
from desk.cqrs.messages import Envelope
from desk.cqrs.pipeline import Proceed
from desk.cqrs.stories import APPEND, Later, Part, Story
from desk.cqrs.story_log import StoryLog
from desk.records import dataclass

VALIDATE, HANDLE = "validate", "handle"


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of work. ``started_at`` is UTC; ``outcome`` "ok" or a failure's code; ``attempt`` counts from 1."""

    name: str
    message_id: UUID | None
    correlation_id: UUID
    started_at: datetime
    milliseconds: float
    outcome: str = OK
    attempt: int = 1


class Telemetry:
    """The plugin: while it is on, the stories of commands are kept."""

    name = "Telemetry"
    in_dry_runs = False

    def __init__(self, stories: StoryLog, messages: MessageLog) -> None:
        self.enabled = True
        self._stories, self._messages = stories, messages

    def __call__(self, env: Envelope[Any], proceed: Proceed) -> Any:
        self._stories.keep()
        return proceed(env)

    def spans(self, correlation_id: UUID | None = None) -> tuple[Span, ...]:
        """Spans in the order in which they began; of one story, or of all."""
        found = [span for story in self._stories.stories() for span in spans_of(story)]
        found += spans_of_queries(self._messages.messages())
        wanted = [span for span in found if correlation_id in (None, span.correlation_id)]
        return tuple(sorted(wanted, key=_order))


def spans_of(story: Story) -> Iterator[Span]:
    """The whole of a command, its parts, and what came later, as far as that is known."""

    def span(name: str, start: float, milliseconds: float, outcome: str = OK, attempt: int = 1) -> Span:
        env, at = story.envelope, story.started_at + timedelta(milliseconds=start)
        return Span(name, env.id, env.correlation_id, at, milliseconds, outcome, attempt)

    code, handled = story.ending.code, [stage for stage in story.stages if stage.part is Part.HANDLER]
    yield span(story.name, 0.0, story.milliseconds, code)
    yield span(VALIDATE, 0.0, handled[0].start, OK) if handled else span(VALIDATE, 0.0, story.milliseconds, code)
    for stage in handled:
        yield span(HANDLE, stage.start, stage.milliseconds, stage.outcome, stage.attempt)
    for stage in story.stages:
        if stage.name == APPEND:
            yield span(APPEND, stage.start, stage.milliseconds, stage.outcome, stage.attempt)
    for later in Later:
        when = story.when(later)
        if when is not None:
            yield span(later.value, story.acknowledged, when - story.acknowledged)


def spans_of_queries(messages: Iterable[MessageRecord]) -> Iterator[Span]:
    """The queries among messages."""
    for one in messages:
        if one.kind is MessageKind.QUERY and one.correlation_id is not None:
            yield Span(one.name, one.message_id, one.correlation_id, one.at, one.milliseconds, one.outcome)


def _order(span: Span) -> tuple[datetime, float]:
    """By beginning; of those that begin at once a part comes after its whole, and a later stage after an earlier."""
    later = span.name in {one.value for one in Later}
    return span.started_at, span.milliseconds if later else -span.milliseconds
