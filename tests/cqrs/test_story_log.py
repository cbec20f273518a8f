"""What becomes of a command, stage by stage; what is joined to its story later; and who is told of it at once."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest

from desk.cqrs.bus import CommandBus
from desk.cqrs.dryrun import Refusal
from desk.cqrs.endings import End, EndedCommand
from desk.cqrs.errors import Cancelled, Conflict, OutcomeUnknown, StoreUnavailable
from desk.cqrs.faults import FaultLog
from desk.cqrs.gate import ReadModelGate
from desk.cqrs.live_feed import EVENTS_TOLD, Batch, LiveFeed
from desk.cqrs.message_log import MessageKind, MessageLog
from desk.cqrs.messages import Envelope, Origin, Outcome, Sender
from desk.cqrs.plugins.retry import ATTEMPTS, ConflictRetry
from desk.cqrs.plugins.span_lines import span_lines
from desk.cqrs.plugins.telemetry import Telemetry
from desk.cqrs.plugins.validation import Validation
from desk.cqrs.registering import place_of
from desk.cqrs.store import Receipt, Recorded
from desk.cqrs.stories import Later, Part, Story
from desk.cqrs.story_log import REMEMBERED, StoryLog
from tests.moments import REAL
from tests.waiting import until

SENDER = Sender("ada", REAL)


@dataclass(frozen=True, slots=True)
class Say:
    word: str
    fails: tuple[Exception, ...] = ()


class Unsaid(Exception):
    """Not to be said."""

    code = "Unsaid"


def check(env: Envelope[Say]) -> None:
    if not env.message.word:
        raise Unsaid


def refusals(error: Exception) -> Refusal | None:
    return Refusal("Unsaid", "Say something.") if isinstance(error, Unsaid) else None


@dataclass
class Talk:
    """A command bus whose stories are told. The handler fails as its command says, once with each."""

    faults: FaultLog = field(default_factory=lambda: FaultLog(REAL))
    ended: list[EndedCommand] = field(default_factory=list)
    position: int = 0
    tries: dict[UUID, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.feed = LiveFeed(self.faults)
        self.messages = MessageLog(REAL, self.faults, self.feed.message, self.feed.event)
        self.stories = StoryLog(REAL, refusals, self.ended.append, messages=self.messages, tell=self.feed.story)
        self.telemetry = Telemetry(self.stories, self.messages)
        self.gate = ReadModelGate()
        self.bus = CommandBus(self.gate, lanes=2, refusals=refusals, faults=self.faults, stories=self.stories)
        self.bus.use(self.telemetry, Validation({Say: check}), ConflictRetry())
        self.bus.register(Say, self.handle, lambda _command: "words")
        self.bus.seal()

    def handle(self, env: Envelope[Any]) -> Outcome:
        tried = self.tries[env.id] = self.tries.get(env.id, 0) + 1
        with self.stories.appending(()):
            if tried <= len(env.message.fails):
                raise env.message.fails[tried - 1]
            self.position += 1
            return Outcome(Receipt("words", self.position, self.position, (uuid4(),)))

    def say(self, word: str, *fails: Exception, trigger: UUID | None = None) -> tuple[Envelope[Say], Future[Outcome]]:
        env = SENDER.envelope(Say(word, fails), trigger_id=trigger)
        return env, self.bus.execute(env)

    def said(self, word: str = "hello") -> Story:
        """Say it, and wait for its story."""
        env, future = self.say(word)
        future.result(60)
        return self.story(env)

    def story(self, env: Envelope[Say]) -> Story:
        (found,) = [one for one in self.stories.stories() if one.envelope.id == env.id]
        return found

    def names(self, env: Envelope[Say]) -> list[tuple[str, int, str]]:
        return [(span.name, span.attempt, span.outcome) for span in self.telemetry.spans(env.correlation_id)]

    def close(self) -> None:
        self.bus.close()
        self.gate.close()


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    monkeypatch.setattr("desk.cqrs.plugins.retry.LONGEST_PAUSE", 0.005)
    opened = Talk()
    yield opened
    opened.close()


def test_a_story_has_each_plugin_the_handler_and_its_place(talk: Talk) -> None:
    env, future = talk.say("hello")
    outcome = future.result(60)
    story = talk.story(env)
    assert story.envelope is env
    assert story.outcome is outcome, "a reference and no copy"
    passed = [(stage.name, stage.part, stage.attempt, stage.outcome) for stage in story.stages]
    assert passed == [
        ("Telemetry", Part.PLUGIN, 0, "ok"),
        ("Validation", Part.PLUGIN, 0, "ok"),
        ("Conflict retry", Part.PLUGIN, 0, "ok"),
        ("Talk.handle", Part.HANDLER, 1, "ok"),
        ("append", Part.STEP, 1, "ok"),
    ]
    assert (story.ending.end, story.ended_by, story.stream) == (End.SUCCEEDED, "append", "words")
    assert story.handler.module == __name__
    assert story.handler.line == Talk.handle.__code__.co_firstlineno
    inside = [(stage.start, stage.start + stage.milliseconds) for stage in story.stages]
    assert all(a <= c and d <= b for (a, b), (c, d) in pairwise(inside)), "each lies in the last"
    assert inside[0][1] <= story.milliseconds


@pytest.mark.parametrize(
    ("fails", "end", "by", "attempts"),
    [
        ((), End.SUCCEEDED, "append", 1),
        ((Conflict("words", 1),), End.SUCCEEDED, "append", 2),
        (tuple(Conflict("words", n) for n in range(ATTEMPTS)), End.CONFLICT, "append", ATTEMPTS),
        ((Conflict("words", 1), StoreUnavailable("It is away.")), End.STORE_AWAY, "append", 2),
        ((OutcomeUnknown("It was lost."),), End.UNKNOWN, "append", 1),
        ((Unsaid(),), End.REFUSED, "append", 1),
        ((Cancelled(),), End.CANCELLED, "append", 1),
        ((ZeroDivisionError("oh"),), End.FAILED, "append", 1),
    ],
)
def test_each_end_names_who_ended_the_command_and_after_how_many_attempts(
    talk: Talk, fails: tuple[Exception, ...], end: End, by: str, attempts: int
) -> None:
    env, future = talk.say("hello", *fails)
    error = future.exception(60)
    story = talk.story(env)
    assert (story.ending.end, story.ended_by, story.ending.attempts) == (end, by, attempts)
    assert [attempt.outcome for attempt in story.attempts][:-1] == ["Conflict"] * (attempts - 1)
    assert (story.outcome is None) is (error is not None)
    assert story.ending.sentence
    (ended,) = talk.ended
    assert (ended.ending, ended.stream) == (story.ending, "words")


def test_a_plugin_that_refuses_ends_the_command_before_any_attempt(talk: Talk) -> None:
    env, future = talk.say("")
    assert isinstance(future.exception(60), Unsaid)
    story = talk.story(env)
    assert (story.ended_by, story.ending.sentence, story.ending.attempts) == ("Validation", "Say something.", 0)
    assert [(stage.name, stage.outcome) for stage in story.stages] == [
        ("Telemetry", "Unsaid"),
        ("Validation", "Unsaid"),
    ]
    assert talk.names(env) == [("Say", 1, "Unsaid"), ("validate", 1, "Unsaid")]


def test_spans_are_the_whole_and_one_for_each_stage(talk: Talk) -> None:
    env, future = talk.say("hello", Conflict("words", 1))
    future.result(60)
    assert talk.names(env) == [
        ("Say", 1, "ok"),
        ("validate", 1, "ok"),
        ("handle", 1, "Conflict"),
        ("append", 1, "Conflict"),
        ("handle", 2, "ok"),
        ("append", 2, "ok"),
    ]
    whole, *parts = talk.telemetry.spans(env.correlation_id)
    assert all(part.milliseconds <= whole.milliseconds and part.message_id == env.id for part in parts)


def test_while_telemetry_is_off_no_story_is_kept_and_the_end_is_told_all_the_same(talk: Talk) -> None:
    talk.telemetry.enabled = False
    env, future = talk.say("hello")
    future.result(60)
    assert talk.stories.stories() == ()
    assert [one.envelope for one in talk.ended] == [env]
    assert [one.message_id for one in talk.messages.messages()] == [env.id]


def test_later_stages_are_joined_by_the_position_of_the_event(talk: Talk) -> None:
    first, second = talk.said("one"), talk.said("two")
    talk.stories.reached(Later.RECEIVE, 1)
    talk.stories.reached(Later.PROJECT, 1)
    talk.stories.reached(Later.REPAINT, 2)
    one, two = talk.stories.stories()
    assert (one.number, two.number) == (first.number, second.number)
    assert (two.received, two.projected) == (None, None)
    assert None not in (one.received, one.projected, one.repainted, two.repainted)
    names = [name for name, *_ in talk.names(one.envelope)]
    assert names[-3:] == ["receive", "project", "repaint"]


def test_news_that_is_quicker_than_the_answer_is_joined_all_the_same(talk: Talk) -> None:
    talk.stories.reached(Later.PROJECT, 1)
    story = talk.said()
    assert story.projected == story.acknowledged
    (projected,) = [span for span in talk.telemetry.spans() if span.name == "project"]
    assert projected.milliseconds == 0


def test_what_process_managers_sent_because_of_its_events_is_told_in_either_order(talk: Talk) -> None:
    cause = talk.said("cause")
    env, future = talk.say("effect", trigger=cause.event_ids[0])
    future.result(60)
    assert talk.story(cause.envelope).led_to == (env.id,)
    quick_event = uuid4()
    quick, future = talk.say("quicker than the answer", trigger=quick_event)
    future.result(60)
    slow = SENDER.envelope(Say("slow"))
    run_with_event(talk.stories, slow, quick_event)
    assert talk.story(slow).led_to == (quick.id,)


def run_with_event(stories: StoryLog, env: Envelope[Say], event_id: UUID) -> None:
    """A command whose event has the id that an earlier one names as its trigger."""

    def handler(_env: Envelope[Any]) -> Outcome:
        stories.keep()
        return Outcome(Receipt("words", 9, 900, (event_id,)))

    stories.whole(lambda _command: "words", place_of(handler), handler)(env)


def test_the_last_stories_are_kept_in_their_order_and_no_more(talk: Talk) -> None:
    numbers = [talk.said().number for _ in range(REMEMBERED + 5)]
    assert [one.number for one in talk.stories.stories()] == numbers[-REMEMBERED:]
    talk.stories.reached(Later.PROJECT, talk.position)
    assert all(one.projected is not None for one in talk.stories.stories())


def test_a_command_within_a_command_has_a_story_of_its_own(talk: Talk) -> None:
    inner = SENDER.on_behalf_of(Origin.PROCESS_MANAGER).envelope(Say("within"))
    handle = talk.handle

    def nested(env: Envelope[Any]) -> Outcome:
        if env.message.word == "around":
            talk.bus.execute_inline(inner)
        return handle(env)

    talk.handle = nested  # type: ignore[method-assign]
    other = CommandBus(talk.gate, lanes=1, stories=talk.stories)
    other.use(talk.telemetry)
    other.register(Say, nested, lambda _command: "others")
    other.seal()
    env = SENDER.envelope(Say("around"))
    other.execute(env).result(60)
    other.close()
    within, around = talk.story(inner), talk.story(env)
    assert [stage.name for stage in within.stages].count("append") == 1
    assert [stage.name for stage in around.stages].count("append") == 1
    assert (within.stream, around.stream) == ("words", "others")


def test_spans_are_exported_as_one_json_object_a_line(talk: Talk) -> None:
    env, future = talk.say("hello")
    future.result(60)
    lines = list(span_lines(talk.telemetry.spans(env.correlation_id)))
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    first = json.loads(lines[0])
    assert (first["name"], first["correlationId"], first["outcome"]) == ("Say", str(env.id), "ok")
    assert first["startedAt"].endswith("Z")


# The live feed


@contextmanager
def delivering(feed: LiveFeed) -> Iterator[None]:
    thread = threading.Thread(target=feed.run)
    thread.start()
    try:
        yield
    finally:
        feed.stop()
        thread.join(60)
        assert not thread.is_alive()


def recorded(number: int) -> Recorded:
    return Recorded(uuid4(), "words", number, number, "Said", b"{}", b"{}", datetime.now(UTC))


def test_a_story_comes_at_once_and_again_when_more_of_it_is_known(talk: Talk) -> None:
    batches: list[Batch] = []
    with delivering(talk.feed):
        leave = talk.feed.listen(batches.append)
        story = talk.said()
        until(lambda: bool(batches))
        assert [one.number for one in batches[0].stories] == [story.number]
        assert [one.kind for one in batches[0].messages] == [MessageKind.COMMAND]
        talk.stories.reached(Later.PROJECT, talk.position)
        until(lambda: len(batches) == 2)
        assert [(one.number, one.projected is not None) for one in batches[1].stories] == [(story.number, True)]
        leave()
        talk.said()
        talk.said()
    assert len(batches) == 2, "who has left hears nothing more"


def test_the_events_of_a_replay_are_only_counted_and_a_few_are_told(talk: Talk) -> None:
    batches: list[Batch] = []
    talk.feed.listen(batches.append)
    for number in range(EVENTS_TOLD + 50):
        talk.messages.event(recorded(number))
    with delivering(talk.feed):
        until(lambda: len(batches) == 1)
        for number in range(3):
            talk.messages.event(recorded(number))
        until(lambda: sum(batch.events for batch in batches) == EVENTS_TOLD + 53)
    assert (batches[0].events, batches[0].messages) == (EVENTS_TOLD + 50, ())
    assert {one.name for batch in batches for one in batch.messages} == {"Said"}


def test_a_listener_that_throws_is_a_fault_and_stops_nobody_else(talk: Talk) -> None:
    batches: list[Batch] = []

    def throw(_batch: Batch) -> None:
        raise ZeroDivisionError("not today")

    talk.feed.listen(throw)
    talk.feed.listen(batches.append)
    with delivering(talk.feed):
        for number in range(1, 4):
            talk.said()
            until(lambda number=number: sum(len(batch.stories) for batch in batches) == number)  # type: ignore[misc]
    assert [fault.source for fault in talk.faults.faults()] == ["Live feed"]
