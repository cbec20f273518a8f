"""Journey 7: processes are killed and files deleted, and nothing that was acknowledged is lost."""

import os
import signal
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from desk.application.session import Light
from desk.cqrs.errors import StoreUnavailable
from desk.domain.commands import AddCopy, CreateBook
from desk.gui.books.dialog import CommandDialog
from tests.journeys.books import isbn_of, put_books
from tests.journeys.conftest import Windows
from tests.journeys.window import RealWindow


@pytest.fixture
def desk(shared: Windows) -> RealWindow:
    """One window for those after which its node answers again."""
    return shared.again()


def lights(desk: RealWindow) -> list[Light]:
    seen: list[Light] = []
    desk.window.bridge.connection_changed.connect(lambda connection: seen.append(connection.light))
    return seen


def typed(form: CommandDialog) -> str:
    field = form.line("patron").field
    assert isinstance(field, QLineEdit)
    return field.text()


def types(desk: RealWindow, stream: str) -> list[str]:
    return [event.type for event in desk.store.read_stream(stream)]


def test_the_node_is_killed_while_a_loan_is_being_saved(desk: RealWindow) -> None:
    ids = put_books(desk)
    desk.session.commands.execute(AddCopy(book_id=ids["Emma"])).result(60)
    desk.select("Emma")
    desk.until(lambda: desk.window.actions_by_name["copy.lend"].isEnabled())
    seen = lights(desk)
    form = desk.form("copy.lend")
    desk.type_into(form, "patron", "P-17")
    pid = desk.session.about.node_pid
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
    assert desk.session.about.node_pid != pid
    assert_log_is_whole(desk.data_dir)


def assert_log_is_whole(directory: Path) -> None:
    with closing(sqlite3.connect(f"file:{directory / 'node.sqlite'}?mode=ro", uri=True)) as log:
        assert log.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_node_is_killed_between_the_commit_of_a_loan_and_its_answer(open_window: Windows, tmp_path: Path) -> None:
    """The loan is the fifth commit: it is durable, and nobody is ever told. It must be there once, and be shown."""
    killed = (sys.executable, "-m", "tests.node.killed_after_commit", str(tmp_path), "5")
    desk = open_window(node_command=killed)
    book_id = uuid4()
    desk.session.commands.execute(
        CreateBook(book_id=book_id, isbn="9780141439587", title="Emma", authors=("Jane Austen",))
    ).result(60)
    desk.until(lambda: desk.count() == 1 and "listed" in desk.cells(0))
    desk.session.commands.execute(AddCopy(book_id=book_id)).result(60)
    desk.select("Emma")
    desk.until(lambda: desk.window.actions_by_name["copy.lend"].isEnabled())
    pid, seen = desk.session.about.node_pid, lights(desk)
    form = desk.form("copy.lend")
    desk.type_into(form, "patron", "P-17")
    desk.submit(form)
    desk.until(lambda: "0 / 1" in desk.cells(0))
    desk.until(lambda: desk.session.connection.state.light is Light.GREEN)
    assert desk.session.about.node_pid != pid
    assert Light.AMBER in seen
    assert types(desk, f"book-{book_id}").count("CopyLent") == 1
    assert_log_is_whole(tmp_path)


def test_the_window_lives_while_the_store_does_not_answer(desk: RealWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """The node stands still while a person searches, selects and saves; only other threads wait for it."""
    ids = put_books(desk)
    desk.select("Crime and Punishment")
    desk.until(lambda: desk.window.actions_by_name["copy.add"].isEnabled())
    pid, waits, wait = desk.session.about.node_pid, list[str](), threading.Condition.wait
    assert pid is not None

    def noticed(self: threading.Condition, timeout: float | None = None) -> bool:
        caller = sys._getframe(2).f_code.co_name
        is_mine = threading.current_thread() is threading.main_thread()
        if is_mine and timeout != 0 and caller != "start":  # of a thread
            waits.append(caller)
        return bool(wait(self, timeout))

    monkeypatch.setattr(threading.Condition, "wait", noticed)
    os.kill(pid, signal.SIGSTOP)
    try:
        form = desk.form("copy.add")
        desk.qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
        desk.search("camus")
        desk.until(lambda: desk.titles == ["L'Étranger"])
        desk.search("")
        desk.until(lambda: len(desk.titles) == len(ids))
    finally:
        os.kill(pid, signal.SIGCONT)
    desk.until(lambda: not desk.dialogs(CommandDialog))
    assert not waits
    assert types(desk, f"book-{ids['Crime and Punishment']}").count("CopyAdded") == 1


def test_a_full_disk_is_said_and_nothing_is_half_stored(open_window: Windows) -> None:
    """The node may write files of a megabyte at most, as on a full disk."""
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20));"
    limited += "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
    limited += "from desk.node.main import main; sys.exit(main(sys.argv[2:]))"
    desk = open_window(node_command=(sys.executable, "-c", limited, "node"))
    refusal = fill_the_disk(desk)
    assert any(word in refusal.lower() for word in ("disk", "full", "space"))
    form = desk.form("book.new")
    desk.type_into(form, "isbn", "9780141439587")
    for name, text in (("title", "Emma"), ("authors", "; ".join(LONG_NAMES))):
        field = form.line(name).field
        assert isinstance(field, QLineEdit)
        field.setText(text)
    desk.qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    desk.until(lambda: form.submit.isEnabled() and form.banner.isVisible())
    field = form.line("title").field
    assert isinstance(field, QLineEdit)
    assert field.text() == "Emma"
    form.discard()
    assert_log_is_whole(desk.data_dir)


LONG_NAMES = tuple(letter * 190 for letter in "ABCDEFGHIJKLMNOPQRST")


def fill_the_disk(desk: RealWindow) -> str:
    """Store books until no more fit, several times over; the sentence of the refusal."""
    refusals = []
    for number in range(1000):
        book = CreateBook(book_id=uuid4(), isbn=isbn_of(number), title="T" * 300, authors=LONG_NAMES)
        try:
            desk.session.commands.execute(book).result(60)
        except StoreUnavailable as error:
            refusals.append(str(error))
            if len(refusals) == 3:
                return refusals[0]
    raise AssertionError("the disk never became full")


def test_a_read_model_that_was_deleted_is_rebuilt_and_one_that_was_damaged_put_aside_with_a_sentence(
    open_window: Windows, tmp_path: Path
) -> None:
    first = open_window()
    put_books(first)
    before = [first.cells(row)[:6] for row in range(first.count())]
    first.close()
    for file in tmp_path.glob("read-model.sqlite*"):
        file.unlink()
    second = open_window()
    second.until(lambda: [second.cells(row)[:6] for row in range(second.count())] == before)
    assert not second.faults
    second.close()
    (tmp_path / "read-model.sqlite").write_bytes(b"not a database" * 500)
    for companion in ("read-model.sqlite-wal", "read-model.sqlite-shm"):
        (tmp_path / companion).unlink(missing_ok=True)
    third = open_window()
    third.until(lambda: [third.cells(row)[:6] for row in range(third.count())] == before)
    assert third.faults


@pytest.mark.parametrize("kind", ["file", "read-only"])
def test_a_data_directory_that_cannot_be_used_is_said_in_the_window(
    kind: str, open_window: Windows, tmp_path: Path
) -> None:
    if kind == "read-only" and os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    place = tmp_path / "place"
    if kind == "file":
        place.write_text("")
    else:
        place.mkdir(mode=0o500)
    window = open_window.without_waiting(place)
    window.until(lambda: "--data" in window.window.part.view.opening.sentence.text())
