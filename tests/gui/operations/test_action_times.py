"""Spans become actions: one for each action, with the messages that came of it in their order."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from desk.cqrs.plugins.telemetry import Span
from desk.gui.operations.action_times import Action, actions

BEGIN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def span(story: UUID, name: str, start: float, took: float, message: UUID | None = None, outcome: str = "ok") -> Span:
    """A span that began so many milliseconds after the story."""
    return Span(name, message or story, story, BEGIN + timedelta(milliseconds=start), took, outcome)


def registration(story: UUID) -> list[Span]:
    """A book taken in, and the claim of its ISBN that followed by itself."""
    claim = uuid4()
    return [
        span(story, "CreateBook", 0, 4),
        span(story, "validate", 0, 1),
        span(story, "handle", 1, 3),
        span(story, "project", 4, 20),
        span(story, "ClaimIsbn", 10, 5, claim),
        span(story, "handle", 11, 4, claim),
    ]


def told(*spans: Span, hidden: frozenset[str] = frozenset(), most: int = 9) -> tuple[Action, ...]:
    return actions(spans, lambda name: name not in hidden, most)


def test_a_story_has_the_stages_of_each_message_beneath_it() -> None:
    story = uuid4()
    [one] = told(*registration(story))
    assert (one.correlation_id, one.name, one.answered_after, one.milliseconds) == (story, "CreateBook", 4, 24)
    assert [(bar.name, bar.start, bar.is_stage) for bar in one.bars] == [
        ("CreateBook", 0, False),
        ("validate", 0, True),
        ("handle", 1, True),
        ("project", 4, True),
        ("ClaimIsbn", 10, False),
        ("handle", 11, True),
    ]


def test_the_newest_stories_come_first_and_only_so_many() -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    spans = [span(story, "AddCopy", 100 * number, 1) for number, story in enumerate((first, second, third))]
    assert [one.correlation_id for one in told(*spans, most=2)] == [third, second]


def test_questions_can_be_left_out() -> None:
    asked, done = uuid4(), uuid4()
    spans = (span(asked, "GetCounts", 0, 1), span(done, "AddCopy", 5, 1))
    assert [one.name for one in told(*spans, hidden=frozenset({"GetCounts"}))] == ["AddCopy"]


def test_a_refused_command_tells_its_code() -> None:
    story = uuid4()
    [one] = told(span(story, "ReturnCopy", 0, 2, outcome="CopyNotOnLoan"), span(story, "validate", 0, 1))
    assert one.outcome == "CopyNotOnLoan"


def test_of_a_story_whose_beginning_was_forgotten_nothing_is_told() -> None:
    story = uuid4()
    assert told(span(story, "repaint", 4, 20)) == ()
