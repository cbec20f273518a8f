"""The dialog says how the connection is, live and word for word, and keeps what a person notes about the store."""

from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desk.application.session import ConnectionRecord, Light
from desk.gui.connection.dialog import ConnectionDialog
from desk.gui.connection.part import ConnectionPart
from desk.gui.widgets.question import Question
from tests.gui.fake_session import FakeSession

ANSWER = "failed to connect to all addresses; last error: <UNKNOWN>: ipv4:127.0.0.1:9: Connection refused"


@pytest.fixture
def open_dialog(connection: ConnectionPart, qtbot: QtBot) -> Callable[[], ConnectionDialog]:
    """Opens the dialog as the light does."""

    def show() -> ConnectionDialog:
        qtbot.mouseClick(connection.light, Qt.MouseButton.LeftButton)
        assert connection.dialog is not None
        return connection.dialog

    return show


def put_away(dialog: ConnectionDialog) -> None:
    dialog.discard()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_what_was_tried_and_answered_is_said_word_for_word_and_can_be_copied(
    open_dialog: Callable[[], ConnectionDialog], session: FakeSession, connection: ConnectionPart, qtbot: QtBot
) -> None:
    session.elsewhere = "store.example.org:2113"
    session.connect(Light.RED, "Refused.", 60.0, tried="esdb://store.example.org:2113", answered=ANSWER)
    qtbot.waitUntil(lambda: "Refused." in connection.light.text())
    dialog = open_dialog()
    page = dialog.state
    assert page.answer.toPlainText() == ANSWER
    assert page.answer.isReadOnly()
    assert page.sentence.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard
    qtbot.mouseClick(page.copying, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    for part in ("Refused.", "store.example.org:2113", "esdb://store.example.org:2113", ANSWER):
        assert part in copied
    assert "process" not in copied, "a store elsewhere has no process here"
    put_away(dialog)


def test_try_now_is_there_where_it_is_not_green_and_the_dialog_follows(
    open_dialog: Callable[[], ConnectionDialog],
    session: FakeSession,
    connection: ConnectionPart,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr("desk.gui.connection.watch.time", Mock(monotonic=lambda: now[0]))
    session.connect(Light.AMBER, "Nobody answers.", 5.0, answered=ANSWER)
    qtbot.waitUntil(lambda: "Nobody" in connection.light.text())
    dialog = open_dialog()
    page = dialog.state
    qtbot.waitUntil(page.trying.hasFocus)
    assert page.next_try.text() == "Next try in 5 s."
    now[0] += 1
    qtbot.waitUntil(lambda: page.next_try.text() == "Next try in 4 s.")
    qtbot.keyClick(page.trying, Qt.Key.Key_Space)
    assert session.tried_now == 1
    assert page.next_try.text() == "Trying now…"
    session.connect(Light.GREEN, "Connected.")
    qtbot.waitUntil(lambda: page.sentence.text() == "Connected.")
    assert not page.trying.isEnabled()
    assert not page.answer.isVisible()
    assert page.next_try.text() == ""
    put_away(dialog)


def test_an_answer_that_is_selected_stays_selected_while_it_is_the_same(
    open_dialog: Callable[[], ConnectionDialog], session: FakeSession, connection: ConnectionPart, qtbot: QtBot
) -> None:
    session.connect(Light.AMBER, "Nobody answers.", 5.0, answered=ANSWER)
    qtbot.waitUntil(lambda: "Nobody" in connection.light.text())
    dialog = open_dialog()
    dialog.state.answer.selectAll()
    session.connect(Light.AMBER, "Still nobody.", 10.0, answered=ANSWER)
    qtbot.waitUntil(lambda: dialog.state.sentence.text() == "Still nobody.")
    assert dialog.state.answer.textCursor().selectedText() == ANSWER
    put_away(dialog)


@pytest.mark.parametrize("same", [True, False])
def test_whether_the_store_is_the_same_is_asked_with_two_plain_answers(
    open_dialog: Callable[[], ConnectionDialog],
    session: FakeSession,
    connection: ConnectionPart,
    qtbot: QtBot,
    same: bool,
) -> None:
    session.ask_which("Is it the same?")
    qtbot.waitUntil(lambda: "Is it the same?" in connection.light.text())
    dialog = open_dialog()
    page = dialog.state
    assert page.same.isVisible()
    assert page.consequence.isVisible()
    qtbot.mouseClick(page.same if same else page.other, Qt.MouseButton.LeftButton)
    assert session.decided == [same]
    assert not page.other.isEnabled(), "one answer is enough"
    session.ask_which("")
    qtbot.waitUntil(lambda: not page.same.isVisible())
    put_away(dialog)


def test_what_is_noted_is_kept_and_told(
    open_dialog: Callable[[], ConnectionDialog], session: FakeSession, connection: ConnectionPart, qtbot: QtBot
) -> None:
    dialog = open_dialog()
    page = dialog.record
    dialog.pages.setCurrentIndex(1)
    assert not page.keeping.isEnabled()
    qtbot.keyClicks(page.name, "  The  branch ")
    page.colour.setCurrentIndex(page.colour.findData("teal"))
    assert page.may_write.isChecked()
    page.production.click()
    assert not page.may_write.isChecked()
    assert not page.may_write.isEnabled()
    assert "never written to by hand" in page.remark.text()
    with qtbot.waitSignal(page.kept):
        qtbot.mouseClick(page.keeping, Qt.MouseButton.LeftButton)
    assert session.record == ConnectionRecord("The branch", "teal", production=True)
    assert page.said.text() == "Kept."
    qtbot.waitUntil(lambda: connection.mark.production.isVisible())
    dialog.reject()
    assert not dialog.isVisible(), "nothing would be lost"


def test_a_disk_that_takes_nothing_is_a_sentence_and_what_was_typed_stays(
    open_dialog: Callable[[], ConnectionDialog], session: FakeSession, qtbot: QtBot
) -> None:
    session.unwritable = OSError(28, "No space left on device")
    dialog = open_dialog()
    page = dialog.record
    dialog.pages.setCurrentIndex(1)
    page.name.setText("The branch")
    qtbot.keyClick(page.name, Qt.Key.Key_Return)
    qtbot.waitUntil(page.trouble.isVisible)
    assert "No space left on device" in page.trouble.text.text()
    assert str(Path("/nonexistent")) in page.trouble.text.text()
    assert page.name.text() == "The branch"
    assert page.keeping.isEnabled()
    session.unwritable = None
    with qtbot.waitSignal(page.kept):
        qtbot.mouseClick(page.keeping, Qt.MouseButton.LeftButton)
    assert not page.trouble.isVisible()
    put_away(dialog)


def test_closing_asks_where_something_is_not_kept(
    open_dialog: Callable[[], ConnectionDialog], session: FakeSession, qtbot: QtBot
) -> None:
    dialog = open_dialog()
    dialog.record.name.setText("The branch")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    question = dialog.findChild(Question)
    assert question is not None
    question.go_on.click()
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert session.record.name == ""
