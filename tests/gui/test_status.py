"""The status bar tells the truth about counts, saving, catching up and the connection."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QStatusTipEvent, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox
from pytestqt.qtbot import QtBot

from desk.application.care import ReadModelState
from desk.application.catalogue import Counts, SortKey
from desk.application.session import Fault, Light
from desk.cqrs.moments import Moments
from desk.domain.commands import LendCopy
from desk.gui.books.model import STATE
from desk.gui.books.rows import COLUMNS, record
from desk.gui.connection.light import NARROWEST
from desk.gui.frame.panel import STREAMS
from desk.gui.frame.plugins import PluginPanel
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.widgets.controls import passing_menu
from desk.gui.widgets.read_model_words import describe_read_model
from tests.gui.fake_session import FakeSession


def test_the_counts_stand_in_the_status_bar_and_follow(
    session: FakeSession, window: WorkspaceView, qtbot: QtBot
) -> None:
    assert window.status.books.text() == "0 books"
    book = session.add("The Hobbit", "9780261102217")
    session.announce(book, arrived=True)
    qtbot.waitUntil(lambda: window.status.books.text() == "1 book")
    assert window.status.books.toolTip() == ""
    window.status._take_counts(True, Counts(3, 0, 0, 1, 0))
    assert window.status.books.text() == "3 books · 1 rejected"
    assert "another one has its ISBN" in window.status.books.toolTip()


def test_a_loan_is_overdue_in_counts_and_table_once_its_day_is_over_without_any_event(
    session: FakeSession, window: WorkspaceView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = session.add("The Hobbit", "9780261102217", copies=2)
    session.change(LendCopy(book_id=book, copy_no=2, loan_id=uuid4(), patron="R-1"))
    session.announce(book, arrived=True)
    qtbot.waitUntil(lambda: window.status.books.text() == "1 book · 1 on loan")
    state = window.part.model.index(0, COLUMNS.index(SortKey.STATE))
    assert (state.data(), state.data(STATE)) == ("listed", "listed")
    later = session.moments.now() + timedelta(days=40)
    with monkeypatch.context() as patched:
        patched.setattr(Moments, "today", lambda _moments: later.date())
        window.status.clock.timeout.emit()
        qtbot.waitUntil(lambda: "1 overdue" in window.status.books.text())
        patched.setattr("desk.gui.books.model.record", lambda row, _now, ahead: record(row, later, ahead))
        window.part.model._clock.timeout.emit()
        assert (state.data(), state.data(STATE)) == ("overdue", "overdue")
        asked = len(session.asked)
        window.status.clock.timeout.emit()
        assert len(session.asked) == asked, "on the same day nothing is asked"
        session.add("Emma", "9780141439518")
        window.workspace.place_wanted.emit(STREAMS)
        before = QTextDocument()
        before.setHtml(window.status.books.text().partition("overdue")[0])
        books, at = window.status.books, window.status.books.fontMetrics().horizontalAdvance(before.toPlainText())
        qtbot.mouseClick(books, Qt.MouseButton.LeftButton, pos=QPoint(at, books.height() // 2))
        assert window.part.view.isVisible()
        qtbot.waitUntil(lambda: window.part.view.found.text() == "1 found" and state.data(STATE) == "overdue")
        assert window.part.view.search.text() == "is:overdue"
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: window.part.model.rowCount() == 2)


def test_what_just_happened_is_not_covered_by_the_tip_of_a_button_under_the_pointer(kept: WorkspaceView) -> None:
    kept.status.say("Lent copy 1 of “Emma” to R-7.")
    tip, bar = kept.actions_by_name["edit.undo"].statusTip(), kept.statusBar()
    assert tip
    QApplication.sendEvent(kept, QStatusTipEvent(tip))
    assert bar.currentMessage() == ""
    menu = passing_menu(kept)
    menu.addAction(kept.actions_by_name["edit.undo"])
    menu.popup(kept.pos())
    QApplication.sendEvent(kept, QStatusTipEvent(tip))
    assert bar.currentMessage() == tip, "a menu has no tooltips"
    menu.close()
    QApplication.sendEvent(kept, QStatusTipEvent(""))
    assert bar.currentMessage() == ""


def test_saving_is_said_while_it_lasts(kept: WorkspaceView, kept_session: FakeSession) -> None:
    book = kept_session.add("The Hobbit", "9780261102217")
    kept.part.saving.begin(book)
    assert kept.status.said.text() == "Saving…"
    kept.part.saving.given_up(book)
    assert kept.status.said.text() == ""


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ReadModelState(), "how far behind is not known"),
        (ReadModelState(progress=0.437), "catching up: 43 %"),
        (ReadModelState(7, live=True, behind=0.0), "up to date"),
        (ReadModelState(7, live=True, behind=0.0, delay=5.0), "up to date"),
        (ReadModelState(7, live=True, waiting=1, behind=12.0), "1 event, 12 ms behind"),
        (ReadModelState(7, live=True, waiting=1000, more=True, behind=2500.0), "1,000 events or more, 2.5 s behind"),
        (ReadModelState(7, live=True, paused=True, behind=0.0), "paused, nothing waits"),
        (ReadModelState(7, live=True, paused=True, waiting=1, behind=9e6), "paused, 1 event waits"),
        (ReadModelState(7, paused=True, waiting=3, progress=0.2), "paused, 3 events wait"),
        (ReadModelState(7, live=True, paused=True, waiting=1000, more=True), "paused, 1,000 events or more wait"),
        (ReadModelState(7, paused=True), "paused, what waits is not known"),
    ],
)
def test_how_the_read_model_is_in_words(state: ReadModelState, words: str) -> None:
    assert describe_read_model(state) == words


def test_plugins_are_switched_and_measured_in_a_panel(
    kept: WorkspaceView, kept_session: FakeSession, qtbot: QtBot
) -> None:
    kept.actions_by_name["view.plugins"].trigger()
    panel = kept.findChild(PluginPanel)
    assert panel is not None
    assert [box.text() for box in panel.switches] == ["Validation", "Monitoring", "Telemetry"]
    box = panel.findChild(QCheckBox, "plugin.Telemetry")
    assert box is not None
    box.click()
    assert [plugin.enabled for plugin in kept_session.plugins()] == [True, True, False]
    assert [panel.table.item(0, column).text() for column in range(8)] == [  # type: ignore[union-attr]
        "LendCopy", "12", "1", "0", "3.2", "8.4", "21.0", "2",
    ]  # fmt: skip
    panel.close()


def connected_again(window: WorkspaceView, session: FakeSession, qtbot: QtBot) -> None:
    session.connect(Light.GREEN, "Connected.")
    qtbot.waitUntil(lambda: "Live" in window.status.light.text())


def test_a_fault_behind_the_scenes_is_said_and_a_long_sentence_does_not_widen_the_window(
    kept: WorkspaceView, kept_session: FakeSession, qtbot: QtBot
) -> None:
    before = kept.minimumSizeHint().width()
    kept.bridge.fault_found.emit(Fault("A log line. " * 40, "details", datetime.now(UTC), is_bug=False))
    assert kept.status.said.text().startswith("A log line.")
    kept_session.connect(Light.RED, "This sentence goes on. " * 40)
    qtbot.waitUntil(lambda: "goes on" in kept.status.light.text())
    assert kept.minimumSizeHint().width() <= before + NARROWEST
    connected_again(kept, kept_session, qtbot)


def test_what_the_status_bar_cuts_off_is_whole_in_a_tooltip_of_several_lines(
    kept: WorkspaceView, kept_session: FakeSession, qtbot: QtBot
) -> None:
    why = "The server at <store.example.org> refused the user's name: " + "because of this and that, " * 30
    kept_session.connect(Light.RED, why + "end of it.")
    qtbot.waitUntil(lambda: "refused" in kept.status.light.text())
    assert kept.status.light.text().endswith("…")
    said = QTextDocument()
    said.setHtml(kept.status.light.toolTip())
    assert "<store.example.org>" in said.toPlainText()
    assert said.toPlainText().endswith("end of it.")
    assert kept.status.light.toolTip().startswith("<p"), "Qt breaks lines in rich texts only"
    kept.bridge.fault_found.emit(Fault(why + "the fault's end.", "", datetime.now(UTC), is_bug=False))
    kept.status.said.grab()
    said.setHtml(kept.status.said.toolTip())
    assert said.toPlainText().endswith("the fault's end.")
    kept.status.say("Short.")
    kept.status.said.grab()
    assert not kept.status.said.toolTip()
    connected_again(kept, kept_session, qtbot)
