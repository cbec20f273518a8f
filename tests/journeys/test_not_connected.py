"""Journey: the store is not there. Nothing is said that was not asked; what was read before is shown as of when it was;
and when a store is started there, everything arrives by itself."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from desk.application.session import Light
from desk.gui.connection.dialog import ConnectionDialog
from desk.gui.operations.list_page import ListPage
from desk.gui.operations.panel import MANAGERS, PARKED, READ_MODEL, OperationsPanel
from desk.gui.operations.read_model_page import ReadModelPage
from desk.gui.streams.panel import StreamsPanel
from desk.gui.streams.view import StreamTab
from desk.gui.timeline.panel import HistoryPanel
from tests.journeys.books import put_books
from tests.journeys.conftest import Windows
from tests.journeys.window import PATIENCE, RealWindow
from tests.test_store_identity import forget_the_store

UNTRUE = ("catalogue is empty", "three ways", "no events", "Nothing is parked.", "up to date")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def node_on(port: int, directory: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "desk", "node", "--data", str(directory), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE / 1000)


def said(desk: RealWindow) -> list[str]:
    """All texts that labels show at this moment."""
    return [label.text() for label in desk.frame.findChildren(QLabel) if label.isVisible() and label.text()]


def check_that_nothing_untrue_is_said(desk: RealWindow) -> None:
    texts = said(desk)
    assert not [text for text in texts if any(words in text for words in UNTRUE)]
    assert not [text for text in texts if text.startswith("0 ") or " · 0 " in text]


def look_at_operations(desk: RealWindow) -> OperationsPanel:
    desk.trigger("go.operations")
    panel = desk.window.places["operations"]
    assert isinstance(panel, OperationsPanel)
    return panel


def look_at_streams(desk: RealWindow, name: str) -> StreamTab:
    desk.trigger("go.streams")
    panel = desk.window.places["streams"]
    assert isinstance(panel, StreamsPanel)
    panel.open_source(name)
    return panel.view


def look_at_history(desk: RealWindow) -> HistoryPanel:
    desk.trigger("go.history")
    panel = desk.window.places["history"]
    assert isinstance(panel, HistoryPanel)
    return panel


def test_a_window_on_a_closed_port_says_what_it_does_not_know_until_a_store_is_there(
    open_window: Windows, tmp_path: Path
) -> None:
    port = free_port()
    desk = open_window.without_waiting(tmp_path, store=f"esdb://127.0.0.1:{port}?tls=false")
    window, view, status = desk.window, desk.window.part.view, desk.window.status
    desk.until(lambda: window.session is not None and "No event store answers" in status.light.text())
    desk.until(lambda: view.stack.currentWidget() is view.unknown)
    assert view.unknown.headline.text() == "Not connected"
    assert "not known" in view.unknown.sentence.text()
    assert status.books.text() == "Books: not known"
    assert status.freshness.text() == "not connected"
    assert status.position.text() == ""
    check_that_nothing_untrue_is_said(desk)
    window.part.view.choose(uuid4())
    desk.until(lambda: window.part.card.nothing.headline.text() == "Not known")
    _look_at_panels_without_a_store(desk)
    desk.trigger("go.catalogue")
    desk.qtbot.mouseClick(view.unknown.button, Qt.MouseButton.LeftButton)
    dialog = desk.dialogs(ConnectionDialog)[0]
    assert f"127.0.0.1:{port}" in dialog.state.report
    assert "onnection refused" in dialog.state.answer.toPlainText()
    assert dialog.state.trying.isEnabled()
    with node_on(port, tmp_path / "node"):
        desk.qtbot.mouseClick(dialog.state.trying, Qt.MouseButton.LeftButton)
        desk.until(lambda: not dialog.state.trying.isEnabled())
        assert desk.session.connection.state.light is Light.GREEN
        dialog.reject()
        desk.until(lambda: view.stack.currentWidget() is view.invitation)
        assert status.books.text() == "0 books"
        ids = put_books(desk)
        _see_everything_arrive(desk, ids)
    desk.close()


def _look_at_panels_without_a_store(desk: RealWindow) -> None:
    streams = look_at_streams(desk, "$all")
    desk.until(lambda: "No event store answers" in streams.message.text())
    assert "not known" in streams.bar.state.text()
    check_that_nothing_untrue_is_said(desk)
    history = look_at_history(desk)
    desk.until(lambda: "No event store answers" in history.message.text())
    check_that_nothing_untrue_is_said(desk)
    operations = look_at_operations(desk)
    for name in operations.names:
        operations.show_page(name)
        check_that_nothing_untrue_is_said(desk)
    parked, model, managers = (operations.page(name) for name in (PARKED, READ_MODEL, MANAGERS))
    assert isinstance(parked, ListPage)
    desk.until(lambda: "not known" in parked.nothing.text())
    assert isinstance(model, ReadModelPage)
    operations.show_page(READ_MODEL)
    desk.until(lambda: model.facts.text() == "nothing was read yet")
    assert isinstance(managers, ListPage)
    shown = [managers.listing.item(row, 1) for row in range(managers.listing.rowCount())]
    assert {item.text() for item in shown if item is not None} == {"waits for the store"}


def _see_everything_arrive(desk: RealWindow, ids: dict[str, UUID]) -> None:
    desk.until(lambda: desk.window.status.books.text() == "4 books")
    desk.until(lambda: desk.window.status.freshness.text() == "up to date")
    operations = look_at_operations(desk)
    parked, managers = operations.page(PARKED), operations.page(MANAGERS)
    assert isinstance(parked, ListPage)
    desk.until(lambda: "Nothing is parked." in parked.nothing.text())
    assert isinstance(managers, ListPage)
    desk.until(lambda: "live" in {managers.listing.item(0, 1).text()})  # type: ignore[union-attr]
    desk.select("Emma")
    history = look_at_history(desk)
    desk.until(lambda: history.stream == f"book-{ids['Emma']}" and len(history.model.history) >= 2)
    streams = look_at_streams(desk, "book-*")
    desk.until(lambda: len(streams.model.events) >= 8)


def test_what_an_earlier_session_read_is_shown_as_of_when_it_was(open_window: Windows, tmp_path: Path) -> None:
    port = free_port()
    store = f"esdb://127.0.0.1:{port}?tls=false"
    with node_on(port, tmp_path / "node"):
        first = open_window.without_waiting(tmp_path, store=store)
        first.until_live()
        put_books(first)
        first.until(lambda: first.window.status.books.text() == "4 books")
        first.close()
    desk = open_window.without_waiting(tmp_path, store=store)
    status, view = desk.window.status, desk.window.part.view
    desk.until(lambda: desk.count() == 4 and "No event store answers" in status.light.text())
    desk.until(lambda: status.freshness.text().startswith("as of "))
    assert status.freshness.text().endswith(", not connected")
    assert status.books.text() == "4 books"
    desk.search("no such book")
    desk.until(lambda: view.stack.currentWidget() is view.nothing)
    assert "Only what was read before" in view.nothing.sentence.text()
    desk.search("")
    desk.until(lambda: desk.count() == 4)
    check_that_nothing_untrue_is_said(desk)
    with node_on(port, tmp_path / "node"):
        desk.until(lambda: status.freshness.text() == "up to date")
        desk.close()


@pytest.mark.parametrize("same", [True, False])
def test_which_store_it_is_is_asked_in_the_dialog_and_the_answer_brings_the_books(
    open_window: Windows, tmp_path: Path, *, same: bool
) -> None:
    first = open_window()
    put_books(first)
    first.close()
    forget_the_store(tmp_path)
    desk = open_window.without_waiting(tmp_path)
    view, part = desk.window.part.view, desk.window.status.connection
    desk.until(lambda: desk.window.session is not None and part.watch.connection.light is Light.RED)
    desk.until(lambda: view.stack.currentWidget() is view.unknown)
    check_that_nothing_untrue_is_said(desk)
    assert desk.window.status.freshness.text().endswith("not read"), "it is connected"
    desk.qtbot.mouseClick(part.light, Qt.MouseButton.LeftButton)
    page = desk.dialogs(ConnectionDialog)[0].state
    assert page.sentence.text() == desk.session.connection.question
    desk.qtbot.mouseClick(page.same if same else page.other, Qt.MouseButton.LeftButton)
    desk.until(lambda: desk.count() == 4)
    desk.until(lambda: not page.same.isVisible() and not page.trying.isEnabled())
    assert desk.session.connection.question == ""
    desk.dialogs(ConnectionDialog)[0].reject()
    desk.close()
