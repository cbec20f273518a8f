"""Journey 7: processes are killed and files deleted, and nothing that was acknowledged is lost."""

import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from desk.application.session import Light
from desk.domain.commands import AddCopy
from desk.gui.books.dialog import CommandDialog
from tests.journeys.books import put_books
from tests.journeys.window import RealWindow


def lights(desk: RealWindow) -> list[Light]:
    seen: list[Light] = []
    desk.bridge.connection_changed.connect(lambda connection: seen.append(connection.light))
    return seen


def typed(form: CommandDialog) -> str:
    field = form.line("patron").field
    assert isinstance(field, QLineEdit)
    return field.text()


def types(desk: RealWindow, stream: str) -> list[str]:
    return [event.type for event in desk.session._store.read_stream(stream)]


def test_the_node_is_killed_while_a_loan_is_being_saved(desk: RealWindow) -> None:
    ids = put_books(desk)
    desk.session.execute(AddCopy(book_id=ids["Emma"])).result(10)
    desk.select("Emma")
    desk.until(lambda: desk.window.actions_by_name["copy.lend"].isEnabled())
    seen = lights(desk)
    form = desk.form("copy.lend")
    desk.type_into(form, "patron", "P-17")
    pid = desk.session.node_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    desk.qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    os.kill(pid, signal.SIGKILL)
    desk.until(lambda: Light.AMBER in seen)
    assert not desk.dialogs(CommandDialog) or typed(form) == "P-17"
    desk.until(lambda: seen[-1] is Light.GREEN)
    desk.until(lambda: not desk.dialogs(CommandDialog) or form.submit.isEnabled())
    if desk.dialogs(CommandDialog):
        desk.submit(form)
    desk.until(lambda: "0 / 1" in desk.cells(desk.titles.index("Emma")))
    assert types(desk, f"book-{ids['Emma']}").count("CopyLent") == 1
    assert desk.session.node_pid != pid


def test_a_deleted_read_model_is_rebuilt_and_the_table_is_the_same(open_window: Callable[[], RealWindow]) -> None:
    first = open_window()
    put_books(first)
    before, data_dir = [first.cells(row)[:6] for row in range(first.count())], first.data_dir
    first.close()
    for file in data_dir.glob("read-model.sqlite*"):
        file.unlink()
    second = open_window()
    second.until(lambda: second.count() == len(before))
    second.until(lambda: [second.cells(row)[:6] for row in range(second.count())] == before)


def test_a_damaged_read_model_is_put_aside_with_a_sentence(
    open_window: Callable[[], RealWindow], tmp_path: Path
) -> None:
    first = open_window()
    put_books(first)
    first.close()
    (tmp_path / "read-model.sqlite").write_bytes(b"not a database" * 500)
    for companion in ("read-model.sqlite-wal", "read-model.sqlite-shm"):
        (tmp_path / companion).unlink(missing_ok=True)
    second = open_window()
    second.until(lambda: second.count() == 4)
    assert second.faults


@pytest.mark.parametrize("kind", ["file", "read-only"])
def test_a_data_directory_that_cannot_be_used_is_said_in_the_window(
    kind: str, qtbot: object, qapp: object, tmp_path: Path
) -> None:
    from tests.journeys.window import RealWindow as Window

    if kind == "read-only" and os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    place = tmp_path / "place"
    if kind == "file":
        place.write_text("")
    else:
        place.mkdir(mode=0o500)
    window = Window(qtbot, qapp, place)  # type: ignore[arg-type]
    window.until(lambda: "--data" in window.window.part.view.opening.sentence.text())
    window.close()


def test_what_was_remembered_of_the_window_comes_back(open_window: Callable[[], RealWindow]) -> None:
    first = open_window()
    ids = put_books(first)
    first.select("Emma")
    second = open_window()
    second.until(lambda: second.window.part.chosen.book_id == ids["Emma"])


def test_the_log_is_whole_after_all_that(desk: RealWindow, tmp_path: Path) -> None:
    put_books(desk)
    with sqlite3.connect(f"file:{tmp_path / 'node.sqlite'}?mode=ro", uri=True) as log:
        assert log.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    log.close()
