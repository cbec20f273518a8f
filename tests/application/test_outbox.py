"""Commands whose answer was lost are kept, settled by sending them again, and never done twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from desk.application.command_events import ENTRY_OF
from desk.application.envelopes import EnvelopeCodec
from desk.application.outbox import GivenUp, Outbox, WaitingCommand
from desk.application.wiring import Buses, ThreadLocalReaders, compose
from desk.cqrs.errors import OutcomeUnknown, StoreUnavailable
from desk.cqrs.messages import Envelope, Origin, Outcome, Sender
from desk.cqrs.publisher import EventOrigin
from desk.cqrs.store import Receipt
from desk.domain.commands import AddCopy, LendCopy, ListBook
from desk.domain.errors import RefusalCode, RuleBroken
from desk.projection.local import LocalFile
from tests.application.desk_in_memory import NOON, a_book
from tests.domain.samples import COMMANDS
from tests.memory_store import MemoryStore
from tests.moments import REAL
from tests.waiting import until


@dataclass
class Program:
    """Buses with an outbox over a store that may lose answers; it can end and start again over the same file."""

    store: MemoryStore
    local: LocalFile
    buses: Buses
    outbox: Outbox
    changes: list[int]
    refused: list[tuple[WaitingCommand, Exception]]

    def send(self, command: object, command_id: UUID | None = None, origin: Origin = Origin.USER) -> Outcome:
        sender = Sender("ada", REAL, origin)
        env = sender.envelope(command, command_id=command_id, issued_at=NOON)
        return self.buses.commands.execute(env).result(60)

    def end(self) -> None:
        self.buses.close()
        self.local.close()


def start(store: MemoryStore, path: Path) -> Program:
    local, changes, refused = LocalFile(path), list[int](), list[tuple[WaitingCommand, Exception]]()
    outbox = Outbox(
        local,
        lambda env: buses.commands.execute(env),
        changed=lambda: changes.append(len(outbox.waiting())),
        refused=lambda waiting, error: refused.append((waiting, error)),
    )
    buses = compose(
        store, Sender("ada", REAL), EventOrigin("here", "0"), ThreadLocalReaders(lambda: None), keeping=(outbox,)
    )
    assert outbox.adopt() == ()
    return Program(store, local, buses, outbox, changes, refused)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "local.sqlite"


@pytest.fixture
def program(path: Path) -> Iterator[Program]:
    running = start(MemoryStore(), path)
    yield running
    running.end()
    running.store.close()


def lose(program: Program, command: object) -> UUID:
    """Send a command whose answer is lost, though it is stored."""
    command_id = uuid4()
    program.store.lose_next_answer()
    with pytest.raises(OutcomeUnknown):
        program.send(command, command_id)
    return command_id


def fail(program: Program, command: object) -> UUID:
    """Send a command that is not stored, without anybody knowing."""
    command_id = uuid4()
    program.store.fail_next(OutcomeUnknown("The answer was lost."))
    with pytest.raises(OutcomeUnknown):
        program.send(command, command_id)
    return command_id


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_every_command_comes_back_from_its_bytes_as_it_was(command: Any) -> None:
    codec = EnvelopeCodec()
    env: Envelope[Any] = Sender("ada", REAL).envelope(command, trigger_id=uuid4(), issued_at=NOON)
    again = codec.decode(codec.encode(env))
    assert (again.message, again.id, again.correlation_id, again.trigger_id) == (
        command, env.id, env.correlation_id, env.trigger_id,
    )  # fmt: skip
    assert (again.user, again.origin, again.issued_at, again.today) == (env.user, env.origin, env.issued_at, env.today)
    assert codec.encode(again) == codec.encode(env)


def test_t06_an_acknowledgement_is_lost_and_the_events_are_stored_once(program: Program) -> None:
    book = a_book()
    command_id = lose(program, book)
    waiting = program.outbox.waiting()
    assert [(one.command_id, one.command, one.user, one.issued_at) for one in waiting] == [
        (command_id, book, "ada", NOON)
    ]
    ending = program.outbox.ending(command_id)
    assert program.outbox.resend(command_id).result(60).repeated
    assert ending.result(60).receipt is not None
    assert [event.type for event in program.store.read_all()] == ["BookCreated"]
    assert program.outbox.waiting() == ()
    assert program.local.waiting() == []
    assert program.changes == [1, 0]


def test_what_was_not_stored_is_stored_by_sending_it_again(program: Program) -> None:
    command_id = fail(program, a_book())
    assert not program.outbox.resend(command_id).result(60).repeated
    assert [event.type for event in program.store.read_all()] == ["BookCreated"]


def test_a_restart_sends_the_same_bytes(program: Program, path: Path) -> None:
    book = a_book()
    command_id = fail(program, book)
    program.end()
    again = start(program.store, path)
    again.outbox.resend(command_id).result(60)
    (event,) = program.store.read_all()
    twin = start(MemoryStore(), path.with_name("twin.sqlite"))
    twin.send(book, command_id)
    (expected,) = twin.store.read_all()
    assert (event.id, event.data, event.metadata) == (expected.id, expected.data, expected.metadata)
    for running in (again, twin):
        running.end()


def test_a_command_is_on_the_disk_before_it_is_sent(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, append = list[int](), program.store.append

    def looking(*args: Any, **more: Any) -> Receipt:
        kept.append(len(program.local.waiting()))
        return append(*args, **more)

    monkeypatch.setattr(program.store, "append", looking)
    program.send(a_book())
    assert kept == [1]
    assert program.local.waiting() == []
    assert program.outbox.waiting() == ()


def test_while_the_store_is_away_a_command_that_waits_goes_on_waiting(program: Program) -> None:
    """Its first attempt may be stored: that a later one was not says nothing about it."""
    command_id = lose(program, a_book())
    program.store.go_away()
    with pytest.raises(StoreUnavailable):
        program.outbox.resend(command_id).result(60)
    assert [one.command_id for one in program.outbox.waiting()] == [command_id]
    assert "away" in program.outbox.waiting()[0].problem


def test_a_command_that_the_store_could_not_take_does_not_wait(program: Program) -> None:
    program.store.fail_next(StoreUnavailable("away"))
    with pytest.raises(StoreUnavailable):
        program.send(a_book())
    assert program.outbox.waiting() == ()
    assert program.local.waiting() == []


def test_a_refusal_in_the_end_is_told_to_whoever_waits_for_it(program: Program) -> None:
    book = a_book()
    program.send(book)
    program.send(ListBook(book_id=book.book_id), origin=Origin.PROCESS_MANAGER)
    program.send(AddCopy(book_id=book.book_id))
    lend = [LendCopy(book_id=book.book_id, copy_no=1, loan_id=uuid4(), patron=f"P-{n}") for n in range(3)]
    heard, unheard = fail(program, lend[0]), fail(program, lend[1])
    program.send(lend[2])
    ending = program.outbox.ending(heard)
    for command_id in (heard, unheard):
        with pytest.raises(RuleBroken):
            program.outbox.resend(command_id).result(60)
    refusal = ending.exception(60)
    assert isinstance(refusal, RuleBroken)
    assert refusal.code is RefusalCode.COPY_IS_ON_LOAN
    assert [waiting.command_id for waiting, _error in program.refused] == [unheard]
    assert program.outbox.waiting() == ()


def test_a_discarded_command_is_never_sent_again(program: Program) -> None:
    command_id = fail(program, a_book())
    ending = program.outbox.ending(command_id)
    program.outbox.discard(command_id)
    program.outbox.send_waiting()
    assert isinstance(ending.exception(60), GivenUp)
    assert list(program.store.read_all()) == []
    with pytest.raises(KeyError):
        program.outbox.resend(command_id)


def test_commands_of_an_import_and_of_process_managers_repeat_themselves_and_are_not_kept(program: Program) -> None:
    program.store.lose_next_answer()
    with pytest.raises(OutcomeUnknown):
        program.send(a_book(), origin=Origin.IMPORT)
    assert program.outbox.waiting() == ()


def test_what_another_version_has_kept_stays_and_is_counted(program: Program, path: Path) -> None:
    stranger = uuid4()
    program.local.put(stranger, b'{"type": "LendGramophone", "schema": 1, "command": {}}')
    later = Outbox(program.local, program.outbox.resend)  # type: ignore[arg-type]
    assert later.adopt() == (stranger,)
    assert later.waiting() == ()
    assert [command_id for command_id, _data in program.local.waiting()] == [stranger]


def test_a_bug_in_a_first_attempt_is_not_repeated_for_ever(program: Program) -> None:
    program.store.fail_next(ZeroDivisionError())  # type: ignore[arg-type]  # a bug, which the store has none of
    with pytest.raises(ZeroDivisionError):
        program.send(a_book())
    assert program.local.waiting() == []


def test_what_fails_by_a_bug_is_sent_again_only_when_somebody_says_so(program: Program) -> None:
    """Else the log of faults would fill with it, every two seconds."""
    command_id = fail(program, a_book())
    program.store.fail_next(ZeroDivisionError("by nothing"))  # type: ignore[arg-type]  # a bug
    program.outbox.send_waiting()
    until(lambda: program.outbox.waiting()[0].stuck)
    assert program.outbox.waiting()[0].problem == "by nothing"
    assert program.changes == [1, 1]
    program.outbox.send_waiting()
    assert program.outbox.waiting()[0].stuck, "it was not sent"
    program.store.fail_next(StoreUnavailable("away"))
    with pytest.raises(StoreUnavailable):
        program.outbox.resend(command_id).result(60)
    assert not program.outbox.waiting()[0].stuck
    program.outbox.send_waiting()
    until(lambda: program.outbox.waiting() == ())
    assert [event.type for event in program.store.read_all()] == ["BookCreated"]


def test_bytes_that_do_not_fit_are_no_command(program: Program) -> None:
    codec = EnvelopeCodec()
    data = codec.encode(Sender("ada", REAL).envelope(a_book()))
    with pytest.raises(ValueError, match="does not fit"):
        codec.decode(data.replace(b'"today"', b'"tomorrow"'))


def test_every_command_has_a_sample() -> None:
    assert {type(command) for command in COMMANDS} == set(ENTRY_OF)


def test_switched_off_it_keeps_nothing_new_and_still_settles_what_waits(program: Program) -> None:
    waits = lose(program, a_book())
    program.outbox.enabled = False
    program.store.lose_next_answer()
    with pytest.raises(OutcomeUnknown):
        program.send(a_book())
    assert [one.command_id for one in program.outbox.waiting()] == [waits]
    assert program.outbox.resend(waits).result(60).repeated
    assert program.outbox.waiting() == ()
