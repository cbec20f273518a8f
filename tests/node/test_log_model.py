"""The log against a model of it that is a few lists: any sequence of writes, and what every reader then sees."""

import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from desk.node.log import Log
from desk.node.metadata import StreamMetadata
from desk.node.pages import LogPages
from desk.node.records import (
    ANY,
    MAX,
    NO_STREAM,
    STREAM_EXISTS,
    Append,
    Delete,
    Proposed,
    StreamDeleted,
    Tombstone,
    Write,
    WriteResult,
    WrongExpectedVersion,
)
from tests.node.wiring import proposed
from tests.rounds import few_or_all

STREAMS = ("a", "b", "c")
EXPECTED = st.sampled_from((ANY, ANY, NO_STREAM, STREAM_EXISTS, 0, 1, 2, 5))
NAMES = st.sampled_from(STREAMS)


def id_of(number: int) -> bytes:
    """Few ids, so that they come again."""
    return uuid.uuid5(uuid.NAMESPACE_OID, str(number)).bytes


@dataclass
class ModelStream:
    """A stream as a list of ids, and what of it is hidden."""

    ids: list[bytes] = field(default_factory=list)
    metadata: list[StreamMetadata] = field(default_factory=list)
    ended: bool = False

    @property
    def last(self) -> int:
        return len(self.ids) - 1

    @property
    def current(self) -> StreamMetadata:
        return self.metadata[-1] if self.metadata else StreamMetadata()

    @property
    def visible(self) -> list[int]:
        first = self.current.first_visible(self.last)
        return [revision for revision in range(len(self.ids)) if revision >= first]

    def decide(self, expected: int, ids: list[bytes]) -> str:
        """What becomes of a write: "write", "again", "wrong" or "deleted"."""
        if self.ended or (expected == STREAM_EXISTS and self.current.deleted):
            return "deleted"
        if expected == STREAM_EXISTS and not self.ids and not self.metadata:
            return "wrong"
        if expected in (ANY, STREAM_EXISTS):
            known = [id in self.ids for id in ids]
            if not known or not known[0]:
                return "write"
            return "again" if all(known) else "wrong"
        if expected == self.last:
            return "write"
        if expected > self.last or not ids:
            return "wrong"
        stored = self.ids[expected + 1 : expected + 1 + len(ids)]
        if stored == ids:
            return "again"
        starts_otherwise = stored[0] != ids[0]
        return "write" if starts_otherwise and expected == NO_STREAM and self.current.deleted else "wrong"


class LogMachine(RuleBasedStateMachine):
    """Writes to both, and compares."""

    @initialize()
    def open(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.path = Path(self.directory.name) / "node.sqlite"
        self.log = Log(self.path)
        self.pages = LogPages(self.path)
        self.model = {name: ModelStream() for name in STREAMS}
        self.positions: list[int] = []
        self.count = 1

    def teardown(self) -> None:
        self.pages.close()
        self.log.close()
        self.directory.cleanup()

    def written(self, write: Write) -> WriteResult | Exception:
        committed = self.log.commit([write])
        self.positions += [event.position for event in committed.events]
        self.count += len(committed.events)
        return committed.outcomes[0]

    @rule(name=NAMES, expected=EXPECTED, numbers=st.lists(st.integers(0, 12), max_size=4))
    def append(self, name: str, expected: int, numbers: list[int]) -> None:
        stream = self.model[name]
        ids = [id_of(number) for number in numbers]
        decision = stream.decide(expected, ids)
        outcome = self.written(Append(name, expected, tuple(proposed(id=id) for id in ids)))
        if decision == "write":
            deleted, first = stream.current.deleted, stream.last + 1
            stream.ids += ids
            if deleted:
                stream.metadata.append(StreamMetadata(truncate_before=first))
            assert isinstance(outcome, WriteResult)
            assert outcome.revision == stream.last
        elif decision == "again":
            assert isinstance(outcome, WriteResult)
            assert stream.ids[outcome.revision] == ids[-1]
            assert (outcome.position is not None) == (outcome.revision in stream.visible)
        else:
            assert isinstance(outcome, WrongExpectedVersion if decision == "wrong" else StreamDeleted)

    @rule(name=NAMES, expected=EXPECTED)
    def delete(self, name: str, expected: int) -> None:
        stream = self.model[name]
        decision = stream.decide(expected, [b""])
        if decision == "write" and not stream.ids and not stream.metadata:
            decision = "wrong"
        outcome = self.written(Delete(name, expected))
        if decision == "write":
            stream.metadata.append(StreamMetadata(truncate_before=MAX))
            assert isinstance(outcome, WriteResult)
        else:
            assert isinstance(outcome, WrongExpectedVersion if decision == "wrong" else StreamDeleted)

    @rule(name=NAMES, expected=EXPECTED)
    def tombstone(self, name: str, expected: int) -> None:
        stream = self.model[name]
        decision = stream.decide(expected, [b""])
        outcome = self.written(Tombstone(name, expected))
        if decision == "write":
            stream.ended = True
            assert isinstance(outcome, WriteResult)
        else:
            assert isinstance(outcome, WrongExpectedVersion if decision == "wrong" else StreamDeleted)

    @rule(name=NAMES, count=st.integers(1, 4), before=st.integers(0, 6))
    def set_metadata(self, name: str, count: int, before: int) -> None:
        stream = self.model[name]
        if stream.ended:
            return
        deleted = stream.current.deleted
        data = b'{"$maxCount":%d,"$tb":%d}' % (count, before)
        outcome = self.written(Append(f"$${name}", ANY, (Proposed(uuid.uuid4().bytes, "$metadata", True, data, b""),)))
        assert isinstance(outcome, WriteResult)
        stream.metadata.append(StreamMetadata(max_count=count, truncate_before=before))
        if deleted:
            stream.metadata.append(StreamMetadata(max_count=count, truncate_before=stream.last + 1))

    @rule()
    def open_again(self) -> None:
        self.log.close()
        self.log = Log(self.path)

    @invariant()
    def positions_only_rise(self) -> None:
        assert self.positions == sorted(set(self.positions))

    @invariant()
    def the_log_holds_every_event(self) -> None:
        page = self.pages.log_events(0, 10_000, lambda _stream, _type: True)
        assert [event.position for event in page.events][1:] == self.positions
        assert page.next is None or len(page.events) == 500

    @invariant()
    def readers_see_what_the_model_shows(self) -> None:
        for name, stream in self.model.items():
            forwards = self.pages.stream_events(name, 0, 1000)
            assert forwards.end.tombstoned == stream.ended
            assert forwards.end.missing == (not stream.ids or stream.current.deleted)
            assert [event.revision for event in forwards.events] == stream.visible
            backwards = self.pages.stream_events(name, MAX, 2, backwards=True)
            assert [event.revision for event in backwards.events] == stream.visible[:-3:-1]


LogMachine.TestCase.settings = settings(max_examples=few_or_all(15, 100), stateful_step_count=25)
TestLogAgainstAModel = LogMachine.TestCase
