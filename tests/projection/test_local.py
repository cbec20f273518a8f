"""Positions and outbox outlive the program, and several threads may use them."""

import sqlite3
import threading
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from desk.application.pickup import Deadline
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.known_store import Acquaintance, Witness
from desk.projection.local import LocalFile, LocalFileTrouble, open_local
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
    assert (tmp_path / "local.sqlite.damaged-1").exists()


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


def test_a_file_that_turns_out_damaged_behind_its_first_page_is_put_aside_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "local.sqlite"
    local = open_local(path)
    assert local.found == ""
    for number in range(300):
        local.put(an_id(number), b"x" * 100)
    local.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\x07" * (len(whole) - 4096))
    again = open_local(path)
    assert "local.sqlite.damaged-1" in again.found
    assert again.waiting() == []
    again.close()
    assert (tmp_path / "local.sqlite.damaged-1").stat().st_size == len(whole)


def test_a_file_that_another_program_keeps_is_waited_for_a_little_and_then_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.projection.local.PATIENCE", 0.3)
    path = tmp_path / "local.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LocalFileTrouble, match=r"in use by another program\. Close that one"):
        open_local(path)
    monkeypatch.setattr("desk.projection.local.PATIENCE", 60.0)
    letting_go = threading.Timer(0.3, other.close)
    letting_go.start()
    open_local(path).close()
    letting_go.join()


def test_trouble_with_the_open_file_is_a_known_error_and_said_once_until_it_works_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.projection.local.PATIENCE", 0.05)
    path, said = tmp_path / "local.sqlite", list[str]()
    local = open_local(path)
    local.on_trouble = said.append
    other = sqlite3.connect(path, isolation_level=None)
    for _ in range(2):
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="in use by another program"):
                local.save("Registration", 1, an_id("a"))
        other.execute("ROLLBACK")
        local.save("Registration", 2, an_id("b"))
    other.close()
    assert len(said) == 2
    local.close()


def test_reading_a_file_that_was_damaged_meanwhile_is_a_known_error(tmp_path: Path) -> None:
    path = tmp_path / "local.sqlite"
    local = open_local(path)
    for number in range(3000):
        local.put(an_id(number), b"x" * 1000)
    local.close()
    again = open_local(path)
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\x07" * (path.stat().st_size - 8192))
    with pytest.raises(StoreUnavailable, match=r"damaged\. Restart Desk"):
        again.waiting()
    again.close()


def test_what_is_known_of_a_store_is_there_after_a_restart(tmp_path: Path) -> None:
    first, second = Acquaintance(an_id("first")), Acquaintance(an_id("second"), an_id("id"))
    local = LocalFile(tmp_path / "local.sqlite")
    assert local.acquaintance() is None
    local.remember(first)
    for number in range(3):
        second = second.having_seen(Witness(number * 10, an_id(number)))
    local.remember(second)
    local.close()
    again = LocalFile(tmp_path / "local.sqlite")
    assert again.acquaintance() == second
    assert again.followed("registration") == first.key  # nothing was noted of it: it is of the first one
    again.close()


def test_who_begins_anew_has_no_position_any_more_and_the_others_keep_theirs(tmp_path: Path) -> None:
    local = LocalFile(tmp_path / "local.sqlite")
    local.remember(Acquaintance(an_id("first")))
    local.save("registration", 7, an_id("a"))
    local.save("pickup", 8, an_id("b"))
    local.begin_anew("registration", an_id("second"))
    local.close()
    again = LocalFile(tmp_path / "local.sqlite")
    assert again.load("registration") is None
    assert again.followed("registration") == an_id("second")
    assert again.load("pickup") == (8, an_id("b"))
    assert again.followed("pickup") == an_id("first")
    again.close()


def test_a_file_of_a_version_that_knew_no_stores_gets_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "local.sqlite"
    LocalFile(path).close()
    with sqlite3.connect(path) as db:
        for table in ("known_store", "witnesses", "followed"):
            db.execute(f"DROP TABLE {table}")
        db.execute("INSERT INTO positions (name, position, event_id) VALUES ('registration', 7, ?)", [str(an_id("a"))])
    db.close()
    local = LocalFile(path)
    assert local.acquaintance() is None
    local.remember(Acquaintance(an_id("first")))
    assert local.load("registration") == (7, an_id("a"))
    assert local.followed("registration") == an_id("first")
    local.close()
