"""Bookmarks: set with a note, walked, changed, taken away; kept on this computer through a restart."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from desk.application.bookmarks import Bookmark
from desk.cqrs.errors import StoreUnavailable
from desk.gui.timeline.bookmarks import BookmarkDialog
from desk.gui.timeline.panel import HistoryPanel
from desk.projection.local import open_local
from desk.runtime.options import Options
from desk.runtime.runtime import open_runtime
from tests.gui.timeline.fake_history import FakeHistory, recorded
from tests.gui.timeline.hands import press_key

STREAM = "order-1"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Notebook:
    """Keeps bookmarks in memory; refuses where ``trouble`` says why."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, int], Bookmark] = {}
        self.trouble = ""

    def bookmarks(self, stream: str) -> tuple[Bookmark, ...]:
        return tuple(self.kept[key] for key in sorted(self.kept) if key[0] == stream)

    def keep_bookmark(self, bookmark: Bookmark) -> None:
        if self.trouble:
            raise StoreUnavailable(self.trouble)
        self.kept[bookmark.stream, bookmark.revision] = bookmark

    def forget_bookmark(self, stream: str, revision: int) -> None:
        del self.kept[stream, revision]


@pytest.fixture
def notebook(session: FakeHistory) -> Notebook:
    session.notebook = notebook = Notebook()
    return notebook


@pytest.fixture
def panel(
    qtbot: QtBot, session: FakeHistory, notebook: Notebook, make_panel: Callable[[], HistoryPanel]
) -> HistoryPanel:
    session.add(STREAM, *(recorded(STREAM, number) for number in range(10)))
    notebook.keep_bookmark(Bookmark(STREAM, 2, "here it began", NOON))
    panel = make_panel()
    panel.show_stream(STREAM)
    qtbot.waitUntil(lambda: bool(session.tails) and list(panel.bookmarks.shown) == [2])
    return panel


def dialog(panel: HistoryPanel) -> BookmarkDialog:
    press_key(panel.canvas, Qt.Key.Key_B)
    return panel.canvas.findChildren(BookmarkDialog)[-1]


def save(asked: BookmarkDialog) -> None:
    buttons = asked.findChild(QDialogButtonBox)
    assert buttons is not None
    buttons.button(QDialogButtonBox.StandardButton.Save).click()


def test_b_bookmarks_with_a_note_and_brackets_walk_through_bookmarks(
    qtbot: QtBot, panel: HistoryPanel, notebook: Notebook
) -> None:
    panel.controller.go(7)
    asked = dialog(panel)
    asked.note.setText("  and here it ended ")
    save(asked)
    qtbot.waitUntil(lambda: list(panel.bookmarks.shown) == [2, 7])
    assert notebook.kept[STREAM, 7].note == "and here it ended"
    said: list[str] = []
    panel.workspace.said.connect(said.append)
    for key, revision in ((Qt.Key.Key_BracketLeft, 2), (Qt.Key.Key_BracketLeft, 2), (Qt.Key.Key_BracketRight, 7)):
        press_key(panel.canvas, key)
        assert panel.revision == revision
    assert said == ["here it began", "There is no further bookmark.", "and here it ended"]


def test_a_bookmark_is_changed_and_taken_away_by_the_same_key(
    qtbot: QtBot, panel: HistoryPanel, notebook: Notebook
) -> None:
    panel.controller.go(2)
    asked = dialog(panel)
    assert asked.note.text() == "here it began"
    asked.note.setText("changed")
    save(asked)
    qtbot.waitUntil(lambda: panel.bookmarks.shown[2].note == "changed")
    again = dialog(panel)
    assert again.remove.isEnabled()
    again.remove.click()
    qtbot.waitUntil(lambda: not panel.bookmarks.shown)
    assert notebook.kept == {}


def test_a_flag_stands_on_the_axis_and_what_cannot_be_kept_is_said(
    qtbot: QtBot, panel: HistoryPanel, notebook: Notebook
) -> None:
    with_flag = panel.canvas.grab().toImage()
    panel.bookmarks.forget(2)
    qtbot.waitUntil(lambda: not panel.bookmarks.shown)
    assert panel.canvas.grab().toImage() != with_flag
    notebook.trouble = "The disk is full."
    with qtbot.waitSignal(panel.workspace.said) as said:
        panel.bookmarks.keep(3, "x")
    assert said.args == ["The disk is full."]
    assert not panel.bookmarks.shown


def test_another_stream_has_bookmarks_of_its_own(qtbot: QtBot, panel: HistoryPanel, session: FakeHistory) -> None:
    session.add("order-2", *(recorded("order-2", number) for number in range(4)))
    panel.show_stream("order-2")
    qtbot.waitUntil(lambda: panel.model.full.stream == "order-2")
    assert panel.bookmarks.shown == {}
    panel.show_stream(STREAM)
    qtbot.waitUntil(lambda: list(panel.bookmarks.shown) == [2])


def test_bookmarks_are_there_after_a_restart_and_in_files_of_before(tmp_path: Path) -> None:
    with closing(open_local(tmp_path / "local.sqlite")):
        pass
    for expected in ((), (Bookmark("a", 3, "é\x00", NOON),)):
        with closing(open_runtime(Options(tmp_path, user="ada"))) as runtime:
            kept = runtime.session.bookmarks
            assert kept is not None
            assert kept.bookmarks("a") == expected
            kept.keep_bookmark(Bookmark("a", 3, "é\x00", NOON))
            assert kept.bookmarks("b") == ()


def test_the_overview_of_the_whole_history_shows_where_bookmarks_are(panel: HistoryPanel, qtbot: QtBot) -> None:
    def is_flagged(row: int) -> bool:
        picture = panel.overview.grab().toImage()
        spot = picture.pixelColor(round(panel.overview.flag_x(row) + 2), 4)
        return spot == panel.canvas.timeline_style.notice

    assert is_flagged(2)
    assert not is_flagged(6)
    panel.controller.go(6)
    panel.bookmarks.keep(6, "")
    qtbot.waitUntil(lambda: is_flagged(6))
    panel.bookmarks.forget(2)
    qtbot.waitUntil(lambda: not is_flagged(2))
