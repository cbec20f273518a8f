"""The real window over a real session, driven as a person would: by its actions, keys and widgets."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, TypeVar
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from desk.application.session import Light, Session
from desk.gui.books.dialog import CommandDialog
from desk.gui.frame.garbage import GarbageCollection
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.window import MainWindow
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.importing.part import ImportPart
from desk.runtime.options import Options
from desk.runtime.runtime import Runtime, open_runtime
from desk.store.eventstoredb import EventStoreDB

D = TypeVar("D", bound=QDialog)

PATIENCE = 120_000
"""Milliseconds that anything may take on a busy machine."""


def holds(condition: Callable[[], object]) -> bool:
    """Whether something is so by now. Where rows are still to come there is no last one: that is told by whoever waits
    in vain.
    """
    try:
        return bool(condition())
    except (LookupError, ValueError) as early:
        raise AssertionError(repr(early)) from early


class RealWindow:
    """A window on a data directory, from its opening to its closing."""

    size: ClassVar = QSize(1400, 900)

    def __init__(
        self,
        qtbot: QtBot,
        app: QApplication,
        data_dir: Path,
        node_command: tuple[str, ...] | None = None,
        store: str | None = None,
        *,
        throw_away: bool = False,
    ) -> None:
        self.qtbot, self.data_dir, self.throw_away, self.closed = qtbot, data_dir, throw_away, False
        self.books: dict[str, UUID] = {}
        self.runtime: Runtime | None = None
        self._store: EventStoreDB | None = None
        self.garbage = GarbageCollection()
        self.theme = Theme(app, ThemeMode.LIGHT)
        self.faults: list[object] = []
        self.settings = Settings(data_dir / "settings.ini")
        self.frame = MainWindow(self.theme, self.settings, self._extend)
        self.frame.fault_found.connect(self.faults.append)
        self.frame.resize(self.size)
        self.frame.show()
        self.window = self.frame.open_workspace(
            lambda: self._opened(Options(data_dir, store, user="ada", node_command=node_command, throw_away=throw_away))
        )

    def _extend(self, view: WorkspaceView) -> None:
        """What each workspace is given that it does not know by itself."""
        self.importing = ImportPart(view)

    def _opened(self, options: Options) -> Session:
        self.runtime = open_runtime(options)
        return self.runtime.session

    def until(self, condition: Callable[[], object], patience: int = PATIENCE) -> None:
        """Let the window live until something is so."""
        self.qtbot.waitUntil(lambda: holds(condition), timeout=patience)

    def until_live(self) -> None:
        """Wait for the session and the green light."""
        self.until(lambda: self.window.session is not None)
        self.until(lambda: self.session.connection.state.light is Light.GREEN)

    @property
    def session(self) -> Session:
        session = self.window.session
        assert session is not None
        return session

    @property
    def store_uri(self) -> str:
        """Where another program finds the node."""
        port = json.loads((self.data_dir / "node.port").read_text())["port"]
        return f"esdb://127.0.0.1:{port}?tls=false"

    @property
    def store(self) -> EventStoreDB:
        """Another program's way to the store; made when it is first needed."""
        if self._store is None:
            self._store = EventStoreDB(self.store_uri, "foreign")
        return self._store

    # What is seen

    @property
    def titles(self) -> list[str]:
        """The titles of the table's rows, in their order."""
        model = self.window.part.view.model
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    def cells(self, row: int) -> list[str]:
        """A row of the table, as texts."""
        model = self.window.part.view.model
        return [str(model.index(row, column).data()) for column in range(model.columnCount())]

    def count(self) -> int:
        return int(self.window.part.view.model.rowCount())

    # What is done

    def trigger(self, action: str) -> None:
        """Choose an action from a menu, or press its key."""
        chosen = self.window.actions_by_name[action]
        assert chosen.isEnabled(), f"{action} is disabled: {chosen.toolTip()}"
        chosen.trigger()

    def form(self, action: str) -> CommandDialog:
        """Open a form by its action."""
        self.until(lambda: self.window.actions_by_name[action].isEnabled())
        self.trigger(action)
        self.until(lambda: self.dialogs(CommandDialog))
        return self.dialogs(CommandDialog)[0]

    def dialogs(self, kind: type[D]) -> list[D]:
        """Open dialogs of a kind."""
        open_ones = (each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible())
        return [each for each in open_ones if (parent := each.parentWidget()) and parent.window() is self.frame]

    def type_into(self, form: CommandDialog, name: str, text: str) -> None:
        """Type into a field of a form, in place of what is there."""
        field = form.line(name).field
        field.setFocus()
        self.qtbot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.qtbot.keyClicks(field, text)

    def submit(self, form: CommandDialog) -> None:
        """Press the form's button and wait until it has closed."""
        self.qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
        self.until(lambda: not self.dialogs(CommandDialog))

    def search(self, text: str) -> None:
        """Type into the search box."""
        box = self.window.part.view.search
        box.clear()
        self.qtbot.keyClicks(box, text)

    def select(self, title: str) -> None:
        """Click on the row of a title and wait for its card."""
        self.until(lambda: title in self.titles)
        self.window.part.view.table.selectRow(self.titles.index(title))
        chosen = self.window.part.chosen
        self.until(lambda: chosen.card is not None and chosen.card.row.title == title)
        self.until(lambda: chosen.permissions is not None)

    def close(self) -> None:
        """Close the window and wait until everything behind it is closed; closing twice does nothing."""
        if self.closed:
            return
        self.closed = True
        if self._store is not None:
            self._store.close()
        with self.qtbot.waitSignal(self.frame.gone, timeout=PATIENCE):
            self.frame.stop()
        self.frame.deleteLater()
        self.theme.close()
        self.garbage.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
