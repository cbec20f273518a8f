"""On the axis beside the events: what is to come of a book, what was refused, and plain words at the marks."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from desk.application.session import Session
from desk.application.timeline.layout import Note, Side, Wish
from desk.cqrs.messages import Consistency
from desk.domain.commands import AddCopy, CreateBook, LendCopy, PlaceHold
from desk.domain.errors import RuleBroken
from desk.domain.streams import book_stream
from desk.gui.frame.theme import Theme
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.widgets.background import GuiBridge
from desk.runtime.options import Options
from desk.runtime.runtime import open_runtime
from tests.gui.timeline.fake_history import FakeHistory, recorded
from tests.gui.workspaces import workspace_of
from tests.node.processes import wait_until

BOOK = uuid4()


@pytest.fixture
def lent(tmp_path: Path) -> Iterator[Session]:
    """A real session with a book of which a copy is lent, and a second loan of it refused."""
    with closing(open_runtime(Options(tmp_path, user="ada"))) as runtime:
        assert runtime.ready(60)
        new = CreateBook(book_id=BOOK, isbn="9780451523068", title="Emma", authors=("Jane Austen",))
        runtime.session.commands.execute(new, consistency=Consistency.READ_YOUR_WRITES).result(60)
        wait_until(lambda: runtime.session.importing.states([BOOK]) == {BOOK: "listed"})
        commands = (
            AddCopy(book_id=BOOK),
            LendCopy(book_id=BOOK, copy_no=1, loan_id=uuid4(), patron="R-1001"),
            PlaceHold(book_id=BOOK, hold_id=uuid4(), patron="R-2"),
        )
        for command in commands:
            runtime.session.commands.execute(command, consistency=Consistency.READ_YOUR_WRITES).result(60)
        again = runtime.session.commands.execute(LendCopy(book_id=BOOK, copy_no=1, loan_id=uuid4(), patron="R-3"))
        with pytest.raises(RuleBroken):
            again.result(60)
        yield runtime.session


def test_a_loan_s_due_date_and_a_refused_command_are_hollow_marks_and_marks_say_what_happened(
    qtbot: QtBot, lent: Session, bridge: GuiBridge, theme: Theme
) -> None:
    panel = HistoryPanel(workspace_of(lent, bridge, theme))
    qtbot.addWidget(panel)
    panel.resize(1500, 600)
    panel.show()
    try:
        panel.show_stream(book_stream(BOOK))
        canvas = panel.canvas
        qtbot.waitUntil(lambda: len(canvas.wish.notes) == 2)
        due = next(note for note in canvas.wish.notes if note.side is Side.DUE)
        refused = next(note for note in canvas.wish.notes if note.side is Side.REFUSED)
        assert due.text.startswith("Copy 1 is due on ")
        assert due.text.endswith("from R-1001")
        assert refused.text.startswith("Lend copy: ")
        panel.header.modes[type(canvas.view.mode).REVISION].click()
        canvas.grab()
        assert canvas.scene.now is not None
        placed = {mark.side: mark.x for mark in canvas.scene.hollow}
        assert max(mark.x for mark in canvas.scene.marks) < placed[Side.REFUSED] < canvas.scene.now < placed[Side.DUE]

        assert due.text in canvas.accessibleDescription()
        mark = next(mark for mark in canvas.scene.hollow if mark.side is Side.REFUSED)
        at = QPoint(round(mark.x), round(mark.y))
        QApplication.sendEvent(canvas, QHelpEvent(QEvent.Type.ToolTip, at, canvas.mapToGlobal(at)))
        assert QToolTip.text() == refused.text
        QToolTip.hideText()

        def said() -> set[str]:
            canvas.grab()
            return {label.text for label in canvas.scene.labels}

        qtbot.waitUntil(lambda: {"Lent copy 1 to R-1001", "Added copy 1", "Created Emma"} <= said())
    finally:
        panel.stop()


def test_the_future_moves_with_the_clock_of_the_session(
    qtbot: QtBot, lent: Session, bridge: GuiBridge, theme: Theme
) -> None:
    panel = HistoryPanel(workspace_of(lent, bridge, theme))
    qtbot.addWidget(panel)
    panel.show()
    try:
        panel.show_stream(book_stream(BOOK))
        qtbot.waitUntil(lambda: bool(panel.canvas.wish.notes))
        before = panel.canvas.wish.now
        panel.notes._minute.timeout.emit()
        assert before is not None
        assert panel.canvas.wish.now is not None
        assert before < panel.canvas.wish.now <= lent.moments.now().timestamp()
    finally:
        panel.stop()


def test_streams_of_other_systems_have_words_too_and_nothing_is_asked_of_the_journal(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    session.add("order-1", *(recorded("order-1", n, "OrderPlaced", data=b'{"total": %d}' % n) for n in range(5)))
    panel = make_panel()
    panel.show_stream("order-1")
    qtbot.waitUntil(lambda: bool(session.tails))

    def said() -> set[str]:
        panel.canvas.grab()
        return {label.text for label in panel.canvas.scene.labels}

    qtbot.waitUntil(lambda: said() == {f"OrderPlaced: total {n}" for n in range(5)})
    assert panel.canvas.wish.notes == ()


def test_what_nobody_answers_is_asked_for_once(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    session.add("order-1", *(recorded("order-1", n, "OrderPlaced") for n in range(3)))
    panel = make_panel()
    asked: list[tuple[int, int]] = []
    panel.canvas.sentences.wanted.connect(lambda first, last: asked.append((first, last)))
    panel.show_stream("order-1")
    session.streams["order-1"] = []
    qtbot.waitUntil(lambda: bool(asked))
    for _ in range(5):
        panel.canvas.grab()
        qtbot.wait(80)
    assert asked == [(0, 2)]


def test_the_line_of_the_present_stands_only_where_something_lies_ahead_of_it() -> None:
    assert not Wish(notes=(Note(1.0, Side.REFUSED, "no"),), now=2.0).shows_now
    assert Wish(notes=(Note(1.0, Side.DUE, "due"),), now=2.0).shows_now
