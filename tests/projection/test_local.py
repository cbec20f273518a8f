"""Positions and outbox outlive the program, and several threads may use them."""

import threading
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from desk.application.pickup import Deadline
from desk.cqrs.errors import StoreUnavailable
from desk.projection.local import LocalFile, open_local
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


def a_deadline(name: str, day: int) -> Deadline:
    return Deadline(an_id(name), an_id(f"{name} aside"), an_id("book"), date(2024, 3, day), an_id("story"))


def test_a_deadline_and_the_position_are_kept_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = LocalFile(tmp_path / "local.sqlite")
    local.set_deadline("HoldPickup", 100, an_id("event"), a_deadline("hold", 3))
    assert local.load("HoldPickup") == (100, an_id("event"))
    monkeypatch.setattr("desk.projection.local._SAVE", "INSERT INTO no_such_table VALUES (?, ?, ?)")
    with pytest.raises(StoreUnavailable):
        local.set_deadline("HoldPickup", 200, an_id("later"), a_deadline("other hold", 4))
    with pytest.raises(StoreUnavailable):
        local.end_deadline("HoldPickup", 300, an_id("last"), an_id("hold"))
    assert local.load("HoldPickup") == (100, an_id("event"))
    assert local.overdue(date.max) == [a_deadline("hold", 3)]
    local.close()


def test_deadlines_come_in_the_order_of_their_days_and_a_hold_has_one(tmp_path: Path) -> None:
    local = LocalFile(tmp_path / "local.sqlite")
    for name, day in (("a", 9), ("b", 2), ("c", 5), ("a", 4)):
        local.set_deadline("HoldPickup", day, an_id(name), a_deadline(name, day))
    assert [deadline.due_on.day for deadline in local.overdue(date(2024, 3, 5))] == [2, 4]
    local.drop_deadline(an_id("b aside"))
    local.end_deadline("HoldPickup", 10, an_id("end"), an_id("c"))
    assert local.overdue(date.max) == [a_deadline("a", 4)]
    local.close()
