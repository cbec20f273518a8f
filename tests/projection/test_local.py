"""Positions, outbox and journal outlive the program, and several threads may use them."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from desk.application.refusals import RefusedCommand
from desk.projection.local import JOURNAL_LENGTH, LocalFile, open_local
from tests.projection.library import an_id


def test_a_position_is_there_after_a_restart_and_position_0_is_not_none(tmp_path: Path) -> None:
    local = LocalFile(tmp_path / "local.sqlite")
    assert local.load("registration") is None
    local.save("registration", 0, an_id("a"))
    local.close()
    again = LocalFile(tmp_path / "local.sqlite")
    assert again.load("registration") == (0, an_id("a"))
    again.save("registration", 100, an_id("b"))
    assert again.load("registration") == (100, an_id("b"))
    assert again.load("other") is None
    again.close()


def test_the_outbox_keeps_commands_in_their_order_until_they_are_settled(tmp_path: Path) -> None:
    local = LocalFile(tmp_path / "local.sqlite")
    for name in ("c", "a", "b"):
        local.put(an_id(name), name.encode())
    local.put(an_id("c"), b"again")
    local.remove(an_id("a"))
    local.remove(an_id("never there"))
    local.close()
    again = LocalFile(tmp_path / "local.sqlite")
    assert again.waiting() == [(an_id("c"), b"again"), (an_id("b"), b"b")]
    again.close()


def test_the_journal_of_refused_commands_forgets_its_oldest_and_survives(tmp_path: Path) -> None:
    local = LocalFile(tmp_path / "local.sqlite")
    begin = datetime(2024, 3, 1, tzinfo=UTC)
    entries = [
        RefusedCommand(begin + timedelta(seconds=number), "LendCopy", an_id(number), "CopyIsLost", "It is lost.", "ada")
        for number in range(JOURNAL_LENGTH + 5)
    ]
    for entry in entries:
        local.keep_refused(entry)
    local.close()
    again = LocalFile(tmp_path / "local.sqlite")
    assert again.refused() == tuple(reversed(entries[5:]))
    again.close()


def test_several_threads_may_save_at_once(tmp_path: Path) -> None:
    local = LocalFile(tmp_path / "local.sqlite")

    def save(name: str) -> None:
        for position in range(50):
            local.save(name, position, an_id(position))

    threads = [threading.Thread(target=save, args=(f"manager {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {local.load(f"manager {number}") for number in range(4)} == {(49, an_id(49))}
    local.close()


def test_a_damaged_file_is_put_aside_and_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "local.sqlite"
    path.write_bytes(b"not a database" * 100)
    local = open_local(path)
    local.save("Test", 7, UUID(int=1))
    assert local.load("Test") == (7, UUID(int=1))
    local.close()
    assert (tmp_path / "local.sqlite.damaged").exists()
