"""Journey: trouble behind the scenes is seen at the badge, and dealt with by mouse and keyboard."""

import sqlite3
from contextlib import closing
from typing import TypeVar
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QWidget

from desk.application.care import ParkedStream
from desk.cqrs.store import NewEvent
from desk.domain.commands import AddCopy
from desk.gui.frame.panel import TIMES
from desk.gui.operations.panel import PARKED, READ_MODEL, OperationsPanel
from desk.gui.operations.parked_streams import ParkedStreams
from desk.gui.operations.read_model_page import ReadModelPage
from desk.gui.operations.times import Times
from tests.gui.operations.contents import content_of
from tests.journeys.books import put_books
from tests.journeys.conftest import Windows
from tests.journeys.window import RealWindow

P = TypeVar("P")


@pytest.fixture
def going(shared: Windows) -> RealWindow:
    """One window for those that mend what they break."""
    return shared.again()


def page(desk: RealWindow, name: str, kind: type[P]) -> P:
    """A page of Operations, in front."""
    panel = desk.window.places["operations"]
    assert isinstance(panel, OperationsPanel)
    desk.trigger("go.operations")
    panel.show_page(name)
    desk.until(panel.page(name).isVisible)
    return content_of(panel, name, kind)


def press(desk: RealWindow, button: QWidget) -> None:
    desk.until(lambda: button.isVisible() and button.isEnabled())
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_an_event_that_makes_no_sense_is_parked_skipped_for_a_reason_and_left_out(desk: RealWindow) -> None:
    emma = put_books(desk)["Emma"]
    stream = f"book-{emma}"
    last = list(desk.store.read_stream(stream))[-1].revision
    wrong = NewEvent(uuid4(), "CopyLent", b'{"copyNo": "seven"}', b"{}")
    desk.store.append(stream, last, (wrong,), timeout=10)
    desk.until(desk.window.status.badge.isVisible)
    press(desk, desk.window.status.badge)
    parked = page(desk, PARKED, ParkedStreams)
    desk.until(lambda: isinstance(row := parked.page.chosen, ParkedStream) and row.title == "Emma")
    press(desk, parked.skipping)
    dialog = parked.page.findChild(QInputDialog)
    assert isinstance(dialog, QInputDialog)
    dialog.setTextValue("a client with a bug")
    dialog.accept()
    desk.until(lambda: not any(isinstance(row, ParkedStream) for row in parked.page.rows))
    desk.until(lambda: "a client with a bug" in parked.page.report.sentence.text())


def test_what_somebody_has_changed_in_the_read_model_is_found_repaired_and_rebuilt(
    going: RealWindow,
) -> None:
    desk = going
    put_books(desk)
    with closing(sqlite3.connect(desk.data_dir / "read-model.sqlite", timeout=5)) as file, file:
        file.execute("UPDATE books SET title = 'Ema' WHERE title = 'Emma'")
    doctor = page(desk, READ_MODEL, ReadModelPage)
    press(desk, doctor.examining)
    desk.until(lambda: any(drift.by_stream == "Emma" for drift in doctor.drifts))
    press(desk, doctor.repairing)
    desk.until(lambda: not doctor.drifts)
    press(desk, doctor.rebuilding)
    desk.until(lambda: "Rebuilt from" in doctor.state.text())
    press(desk, doctor.examining)
    desk.until(lambda: "says what the streams say" in doctor.state.text())


def test_a_loan_is_followed_from_validation_to_the_repaint(going: RealWindow) -> None:
    desk = going
    emma = put_books(desk)["Emma"]
    desk.session.commands.execute(AddCopy(book_id=emma)).result(60)
    desk.trigger("go.catalogue")
    desk.select("Emma")
    form = desk.form("copy.lend")
    desk.type_into(form, "patron", "R-1")
    desk.submit(form)
    desk.trigger("view.times")
    times = page(desk, TIMES, Times)
    stages = ["LendCopy", "validate", "handle", "append", "receive", "project", "repaint"]
    desk.until(lambda: any({*stages} <= {bar.name for bar in action.bars} for action in times.page.rows))


def test_events_are_delayed_paused_and_let_through_and_panel_and_status_bar_say_the_same(going: RealWindow) -> None:
    desk = going
    emma = put_books(desk)["Emma"]
    row, status = page(desk, READ_MODEL, ReadModelPage).delay, desk.window.status.freshness

    def both_say(words: str) -> None:
        desk.until(lambda: words in row.words.text() and row.words.text() == status.text())

    both_say("up to date")
    desk.qtbot.keyClick(row.slider, Qt.Key.Key_PageUp)
    desk.session.commands.execute(AddCopy(book_id=emma)).result(60)
    both_say("1 event, ")
    both_say("up to date")
    desk.qtbot.keyClick(row.slider, Qt.Key.Key_Home)
    both_say("up to date")
    press(desk, row.pausing)
    both_say("paused, nothing waits")
    for _ in range(2):
        desk.session.commands.execute(AddCopy(book_id=emma)).result(60)
    both_say("paused, 2 events wait")
    press(desk, row.stepping)
    both_say("paused, 1 event waits")
    press(desk, row.pausing)
    both_say("up to date")
