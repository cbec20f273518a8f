"""Spans: what became of a message, stage by stage, and what is joined to it later by its position."""

import json
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from desk.cqrs.bus import CommandBus
from desk.cqrs.errors import Conflict
from desk.cqrs.faults import FaultLog
from desk.cqrs.gate import ReadModelGate
from desk.cqrs.messages import Envelope, Outcome, Sender
from desk.cqrs.plugins.retry import ConflictRetry
from desk.cqrs.plugins.span_lines import span_lines
from desk.cqrs.plugins.telemetry import AWAITED, PROJECT, RECEIVE, REMEMBERED, REPAINT, Span, Telemetry
from desk.cqrs.plugins.validation import Validation
from desk.cqrs.store import Receipt

SENDER = Sender(user="ada")


@dataclass(frozen=True, slots=True)
class Say:
    word: str
    conflicts: int = 0


class Unsaid(Exception):
    """Not to be said."""

    code = "Unsaid"


def check(env: Envelope[Say]) -> None:
    if not env.message.word:
        raise Unsaid


@dataclass
class Talk:
    """A command bus with telemetry."""

    bus: CommandBus
    telemetry: Telemetry
    position: int = 0
    conflicts: int = 0

    def handle(self, env: Envelope[Any]) -> Outcome:
        if self.conflicts < env.message.conflicts:
            self.conflicts += 1
            raise Conflict("words", 1)
        with self.telemetry.timed("append", env):
            self.position += 1
        return Outcome(Receipt("words", self.position, self.position))

    def say(self, word: str, conflicts: int = 0) -> tuple[Envelope[Say], Future[Outcome]]:
        env = SENDER.envelope(Say(word, conflicts))
        return env, self.bus.execute(env)

    def names(self, env: Envelope[Say]) -> list[tuple[str, int, str]]:
        return [(span.name, span.attempt, span.outcome) for span in self.telemetry.spans(env.correlation_id)]


@pytest.fixture
def talk() -> Iterator[Talk]:
    gate = ReadModelGate()
    bus, telemetry = CommandBus(gate, lanes=1), Telemetry()
    opened = Talk(bus, telemetry)
    bus.use(telemetry, Validation({Say: check}), ConflictRetry(), telemetry.attempts())
    bus.register(Say, opened.handle, lambda _command: "words")
    bus.seal()
    yield opened
    bus.close()
    gate.close()


def test_a_command_has_a_span_for_the_whole_and_one_for_each_stage(talk: Talk) -> None:
    env, future = talk.say("hello")
    future.result(5)
    assert talk.names(env) == [
        ("Say", 1, "ok"),
        ("validate", 1, "ok"),
        ("handle", 1, "ok"),
        ("append", 1, "ok"),
    ]
    whole, *parts = talk.telemetry.spans(env.correlation_id)
    assert all(part.milliseconds <= whole.milliseconds for part in parts)
    assert all(part.message_id == env.id for part in parts)


def test_each_attempt_is_a_span_with_its_outcome(talk: Talk) -> None:
    env, future = talk.say("hello", conflicts=2)
    assert future.result(5).attempts == 3
    handled = [one for one in talk.names(env) if one[0] == "handle"]
    assert handled == [("handle", 1, "Conflict"), ("handle", 2, "Conflict"), ("handle", 3, "ok")]


def test_a_message_that_is_refused_by_validation_is_not_handled(talk: Talk) -> None:
    env, future = talk.say("")
    with pytest.raises(Unsaid):
        future.result(5)
    assert talk.names(env) == [("Say", 1, "Unsaid"), ("validate", 1, "Unsaid")]


def test_later_stages_are_joined_by_the_position_of_the_event(talk: Talk) -> None:
    first, ended = talk.say("one")
    ended.result(5)
    second, ended = talk.say("two")
    ended.result(5)
    talk.telemetry.reached(RECEIVE, 1)
    talk.telemetry.reached(PROJECT, 1)
    talk.telemetry.reached(REPAINT, 2)
    assert [name for name, *_ in talk.names(first)][-3:] == [RECEIVE, PROJECT, REPAINT]
    assert [name for name, *_ in talk.names(second)][-1:] == [REPAINT]
    assert PROJECT not in [name for name, *_ in talk.names(second)]


def test_news_that_is_quicker_than_the_answer_is_joined_all_the_same(talk: Talk) -> None:
    talk.telemetry.reached(PROJECT, 1)
    env, future = talk.say("hello")
    future.result(5)
    (projected,) = [span for span in talk.telemetry.spans(env.correlation_id) if span.name == PROJECT]
    assert projected.milliseconds == 0


def test_the_journal_and_what_is_awaited_are_bounded(talk: Talk) -> None:
    story, now = uuid4(), datetime.now(UTC)
    for _ in range(REMEMBERED + 10):
        talk.telemetry.note("work", story, now, 1.0)
    assert len(talk.telemetry.spans()) == REMEMBERED
    for _ in range(AWAITED + 5):
        talk.say("hello")[1].result(5)
    talk.telemetry.reached(PROJECT, talk.position)
    assert len([span for span in talk.telemetry.spans() if span.name == PROJECT]) <= AWAITED


def test_an_export_that_fails_is_recorded_and_taken_off() -> None:
    faults = FaultLog()
    telemetry = Telemetry(faults)
    exported: list[Span] = []

    def export(span: Span) -> None:
        exported.append(span)
        raise OSError("the collector is away")

    telemetry.export = export
    for _ in range(2):
        telemetry.note("work", uuid4(), datetime.now(UTC), 1.0)
    assert len(exported) == 1
    assert [fault.source for fault in faults.faults()] == ["Export of spans"]


def test_spans_are_exported_as_one_json_object_a_line(talk: Talk) -> None:
    env, future = talk.say("hello")
    future.result(5)
    lines = list(span_lines(talk.telemetry.spans(env.correlation_id)))
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    first = json.loads(lines[0])
    assert (first["name"], first["correlationId"], first["outcome"]) == ("Say", str(env.id), "ok")
    assert first["startedAt"].endswith("Z")
