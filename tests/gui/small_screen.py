"""Opens every dialog on a screen of 900x600 with text of 200 % and prints what is cut off: a process of its own, since
a process has one screen. ``python -m tests.gui.small_screen`` with Qt's ``offscreen`` set up by :func:`environment`.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest.mock import Mock
from uuid import uuid4

from PySide6.QtCore import QElapsedTimer, QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QDialog, QLabel, QScrollArea, QWidget

from desk.application.acts import DeleteStream, TombstoneStream
from desk.cli.stage import scenario_port
from desk.domain.commands import LendCopy
from desk.gui.frame.application import make_application
from desk.gui.frame.crash import Problem
from desk.gui.frame.problems import bug_dialog, log_dialog
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.window import MainWindow
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.importing.demo_dialog import DemoDialog
from desk.gui.importing.part import ImportPart
from desk.gui.stage.action_specs import add_stage
from desk.gui.streams.act_dialogs import AppendDialog, MetadataDialog, RemovalDialog
from desk.gui.streams.go_to import GoToDialog
from desk.gui.streams.index_bar import IndexDialog
from desk.gui.streams.lanes_dialog import LanesDialog
from desk.gui.timeline.bookmarks import BookmarkDialog
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.timeline.picture_dialog import PictureDialog
from desk.gui.widgets.scrolled import FRAME
from tests.gui.fake_session import FakeSession

SCREEN: Final = (900, 600)
PERCENT: Final = 200
PATIENCE: Final = 60_000
"""Milliseconds until a dialog is given up."""

ACTIONS: Final = (
    *("book.new", "book.correct", "book.delete", "copy.add", "catalogue.import"),
    *("copy.lend", "copy.return", "hold.place"),
    *("help.keys", "view.plugins", "help.about", "window.connect", "stage.play"),
)
"""Those that open a dialog."""

BUILT_ALONE: Final = (
    *("append", "metadata", "delete", "tombstone", "go to"),
    *("index", "lanes", "picture", "bookmark", "demo"),
)
"""Those that need a history, streams or rights before they could be opened by hand."""


def environment(folder: Path) -> dict[str, str]:
    """Variables with which Qt has such a screen."""
    screen = {"name": "small", "x": 0, "y": 0, "width": SCREEN[0], "height": SCREEN[1], "dpr": 1}
    set_up = folder / "screens.json"
    set_up.write_text(json.dumps({"screens": [{**screen, "logicalDpi": 96, "logicalBaseDpi": 96}]}))
    return {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={set_up}"}


def scrolled(widget: QWidget, dialog: QWidget) -> bool:
    """Whether it lies in something that scrolls down; sideways nothing is to be scrolled."""
    parent = widget.parentWidget()
    while parent is not None and parent is not dialog:
        if isinstance(parent, QAbstractScrollArea):
            return True
        parent = parent.parentWidget()
    return False


def has_room(widget: QWidget) -> bool:
    """Whether all of its words are there."""
    if isinstance(widget, QAbstractButton):
        return not widget.text() or widget.width() >= widget.minimumSizeHint().width()
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.height() >= widget.heightForWidth(widget.width())
    if isinstance(widget, QLabel):
        return widget.width() >= widget.minimumSizeHint().width()
    return True


def cut_off(dialog: QDialog) -> Iterator[str]:
    """What cannot be read or reached."""
    room = dialog.screen().availableGeometry()
    if not room.contains(dialog.frameGeometry()):
        yield f"the dialog is {dialog.frameGeometry()} on a screen of {room}"
    for widget in dialog.findChildren(QWidget):
        parent = widget.parentWidget()
        if not widget.isVisible() or parent is None or widget.window() is not dialog:
            continue
        if not has_room(widget):
            words = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
            yield f"{type(widget).__name__} “{words}” is {widget.size()} and wants {widget.sizeHint()}"
        across = parent.width() < widget.x() + widget.width() or widget.x() < 0
        below = parent.height() < widget.y() + widget.height() and not scrolled(widget, dialog)
        if (across or below) and not isinstance(parent.parentWidget(), QAbstractScrollArea):
            yield f"{type(widget).__name__} {widget.geometry()} is outside of {type(parent).__name__} {parent.rect()}"
        sideways = isinstance(widget, QScrollArea) and widget.horizontalScrollBar().isVisible()
        if sideways:
            yield f"{type(widget).__name__} scrolls sideways"


class SmallScreen:
    """A window on it, with a book that is chosen."""

    def __init__(self, app: QApplication, folder: Path) -> None:
        self.app = app
        self.theme = Theme(app, ThemeMode.LIGHT, PERCENT)
        self.frame = MainWindow(self.theme, Settings(folder / "settings.ini"), self._extend, lambda _: self._never)
        session = FakeSession()
        book = session.add("The Hobbit", "9780261102217", copies=1)
        self._lend = partial(session.change, LendCopy(book_id=book, copy_no=1, loan_id=uuid4(), patron="R-4711"))
        self.frame.show()
        self.view = self.frame.open_workspace(lambda: session.session)
        self.until(lambda: self.view.session is not None and self.view.part.model.rowCount() == 1)
        self.view.part.view.choose(book)
        self.until(lambda: self.view.part.chosen.card is not None)
        self._folder = folder

    @staticmethod
    def _never() -> Any:
        raise AssertionError

    def _extend(self, view: WorkspaceView) -> None:
        ImportPart(view)
        add_stage(view, lambda: scenario_port(self._folder))

    def until(self, condition: Callable[[], object]) -> None:
        clock = QElapsedTimer()
        clock.start()
        while not condition():
            self.app.processEvents()
            if clock.elapsed() > PATIENCE:
                raise TimeoutError

    def dialogs(self) -> list[QDialog]:
        return [one for one in self.app.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]

    def openers(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """What opens each dialog."""
        for name in ACTIONS:
            if name == "copy.return":
                self._lend()
                self.until(self.view.actions_by_name[name].isEnabled)
            yield name, self.view.actions_by_name[name].trigger
        problem = Problem("ValueError: a bug", "the report\n" * 200)
        log = Path("/home/somebody/.local/share/desk/desk.log")
        yield "a mistake", bug_dialog(problem, log, self.frame).open
        yield "log", log_dialog(log, "a line\n" * 200, self.frame).open
        yield "connection", self.view.status.connection.show_dialog
        yield "what is noted", self._show_noted
        yield from zip(BUILT_ALONE, (dialog.open for dialog in self._build_alone()), strict=True)

    def _build_alone(self) -> Iterator[QDialog]:
        workspace, view, moments = self.view.workspace, self.view, FakeSession().moments
        history = view.places["history"]
        assert isinstance(history, HistoryPanel)
        acts = Mock(refusal=lambda: "The record of the connection does not say that it may be written to by hand.")
        delete, tombstone = partial(RemovalDialog, DeleteStream), partial(RemovalDialog, TombstoneStream)
        for made in (AppendDialog, MetadataDialog, delete, tombstone):
            yield made("order-17", workspace, acts, view)
        yield GoToDialog(Mock(), view)
        yield IndexDialog(lambda _limits: None, moments.now(), view)
        yield LanesDialog(view.workspace, ("order-17",), ("order-17", "payment-000017"), view)
        yield PictureDialog(workspace, history.canvas, "The Hobbit", view)
        yield BookmarkDialog(history.bookmarks, 3, None, history.canvas)
        yield DemoDialog(Mock(), view.bridge, Path("/nonexistent"), view, moments)

    def _show_noted(self) -> None:
        self.view.status.connection.show_dialog()
        dialog = self.view.status.connection.dialog
        assert dialog is not None
        dialog.pages.setCurrentIndex(1)

    def look(self, name: str, opener: Callable[[], object], pictures: Path | None) -> Iterator[str]:
        opener()
        self.until(self.dialogs)
        dialog = self.dialogs()[-1]
        if isinstance(dialog, DemoDialog):
            self.until(lambda: not dialog.leaving.is_running)  # there are no books to load, and it asks before it stops
        for _ in range(5):  # hints of wrapped texts settle
            self.app.processEvents()
        yield from (f"{name}: {what}" for what in cut_off(dialog))
        if pictures is not None:
            dialog.grab().save(str(pictures / f"{name}.png"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        getattr(dialog, "discard", dialog.reject)()
        self.until(lambda: not self.dialogs())


def main() -> None:
    """Print what is cut off, a line each; with a folder as argument draw the dialogs there."""
    pictures = Path(sys.argv[1]) if sys.argv[1:] else None
    with tempfile.TemporaryDirectory() as folder:
        small = SmallScreen(make_application(["desk"]), Path(folder))
        if not QRect(0, 0, *SCREEN).contains(QRect(QPoint(), small.frame.size() + FRAME)):
            sys.stdout.write(f"the window is {small.frame.size()}, and has no room for its frame\n")
        for name, opener in small.openers():
            said = [*small.look(name, opener, pictures), f"seen: {name}"]
            sys.stdout.write("".join(f"{line}\n" for line in said))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
