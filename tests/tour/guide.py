"""Leads the real window through a tour: waits for what a step brings about, asserts it, and takes its pictures."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QDialog, QWidget

from desk.application.session import Light
from desk.gui.books.dialog import CommandDialog
from desk.gui.frame.theme import ThemeMode
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.importing.part import ImportPart

PATIENCE = 60_000
"""Milliseconds that anything may take on a busy machine."""
LOOK_AGAIN = 15
"""Milliseconds between two looks at what is waited for."""
SETTLE = 120
"""Milliseconds for what comes a moment later: counts, cards, the end of a scrolling."""
REPAINT = 30
"""Milliseconds for the other colours."""
SIZE = (1440, 940)
TITLE_BAR = 30

Step = tuple[str, Callable[["Guide"], None]]


class TourProblem(Exception):
    """A step did not show what it should."""


class Guide(QObject):
    """Owns the tour of one window. ``problem`` is empty while all is well."""

    def __init__(self, window: WorkspaceView, importing: ImportPart, folder: Path, out: Path, scale: int) -> None:
        super().__init__(window)
        self.window, self.importing = window, importing
        self.folder = folder
        self.problem = ""
        self._out, self._scale, self._number = out, scale, 0
        self._writer = ThreadPoolExecutor(1, "pictures")
        self._written: list[Future[bool]] = []

    def start(self, steps: Sequence[Step]) -> None:
        """Begin as soon as the window lives."""
        self.window.window().resize(*SIZE)
        QTimer.singleShot(0, lambda: self._walk(steps))

    def _walk(self, steps: Sequence[Step]) -> None:
        try:
            self.window.theme.set_mode(ThemeMode.LIGHT)
            self.until(lambda: self.window.session is not None, "the session opens")
            self.until(lambda: self._light() is Light.GREEN, "the light turns green")
            for name, step in steps:
                self._number += 1
                step(self)
                self.take_pictures(name)
            self.show(all(written.result() for written in self._written), f"{self._out} can be written to")
        except TourProblem as problem:
            self.problem = f"step {self._number}: {problem}"
        except Exception as error:  # noqa: BLE001 - whatever a step meets, the tour ends and says so
            self.problem = f"step {self._number}: {type(error).__name__}: {error}"
        finally:
            self._writer.shutdown()
            self._close_dialogs()
            self.window.window().close()

    def _light(self) -> Light | None:
        return self.window.session.connection.state.light if self.window.session else None

    # Waiting and asserting

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Let the window live until something is so. Raises TourProblem after a minute."""
        loop, look, end = QEventLoop(), QTimer(), QTimer()
        look.timeout.connect(lambda: loop.quit() if condition() else None)
        end.setSingleShot(True)
        end.timeout.connect(lambda: loop.exit(1))
        look.start(LOOK_AGAIN)
        end.start(PATIENCE)
        if not condition() and loop.exec() != 0:
            raise TourProblem(f"it did not come about that {what}")

    def show(self, condition: object, what: str) -> None:
        """Assert what a picture is to show."""
        if not condition:
            raise TourProblem(f"it is not so that {what}")

    def rest(self, milliseconds: int = SETTLE) -> None:
        """Let the window live for a moment."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    # What is seen and done

    @property
    def titles(self) -> list[str]:
        model = self.window.part.view.model
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    def trigger(self, action: str) -> None:
        """Choose an action, once it is enabled."""
        chosen = self.window.actions_by_name[action]
        self.until(chosen.isEnabled, f"{action} is enabled")
        chosen.trigger()

    def form(self, action: str) -> CommandDialog:
        """Open a form by its action."""
        self.trigger(action)
        self.until(lambda: self.forms, f"the form of {action} opens")
        return self.forms[0]

    def submit(self, form: CommandDialog) -> None:
        """Press the form's button and wait until it has closed."""
        form.submit.click()
        self.until(lambda: not self.forms, "the form closes")

    def select(self, title: str) -> None:
        """Choose the book of this title."""
        self.until(lambda: title in self.titles, f"{title} is in the table")
        self.window.part.view.table.selectRow(self.titles.index(title))
        chosen = self.window.part.chosen
        self.until(lambda: chosen.card is not None and chosen.card.row.title == title, f"{title} is chosen")
        self.until(lambda: chosen.permissions is not None, "what the book permits is known")

    def panel(self, name: str) -> QWidget:
        """The widget of a panel, brought to the front."""
        self.trigger(f"go.{name}")
        widget = self.window.places[name]
        self.until(widget.isVisible, f"{name} is visible")
        return widget

    @property
    def forms(self) -> list[CommandDialog]:
        """The forms that are open."""
        return [form for form in self.window.findChildren(CommandDialog) if form.isVisible()]

    def _close_dialogs(self) -> None:
        for dialog in self.window.window().findChildren(QDialog):
            if dialog.isVisible():
                dialog.reject()

    # Pictures

    def take_pictures(self, name: str) -> None:
        """One in each of the themes, beginning with the present one; written meanwhile."""
        self.rest()
        modes = (ThemeMode.DARK, ThemeMode.LIGHT) if self.window.theme.is_dark else (ThemeMode.LIGHT, ThemeMode.DARK)
        for mode in modes:
            if mode is not modes[0]:
                self.window.theme.set_mode(mode)
                self.rest(REPAINT)
            path = self._out / f"{self._number:02}-{name}-{mode}-{self._scale}x.png"
            self._written.append(self._writer.submit(self._picture().toImage().save, str(path)))

    def _picture(self) -> QPixmap:
        """The window with its open dialogs over it, as a screen would show them."""
        picture = self.window.window().grab()
        dialogs = [dialog for dialog in self.window.window().findChildren(QDialog) if dialog.isVisible()]
        if dialogs:
            painter = QPainter(picture)
            for dialog in dialogs:
                self._paint_dialog(painter, dialog)
            painter.end()
        return picture

    def _paint_dialog(self, painter: QPainter, dialog: QDialog) -> None:
        """A dialog in the middle, with the title bar that a window manager would give it."""
        image, palette = dialog.grab(), dialog.palette()
        left = (self.window.width() - dialog.width()) // 2
        top = max(TITLE_BAR, (self.window.height() - dialog.height()) // 3)
        title = QRect(left, top - TITLE_BAR, dialog.width(), TITLE_BAR)
        painter.fillRect(title, palette.mid().color())
        painter.setPen(palette.windowText().color())
        painter.drawText(title, Qt.AlignmentFlag.AlignCenter, dialog.windowTitle())
        painter.drawPixmap(QPoint(left, top), image)
        painter.setPen(palette.mid().color())
        painter.drawRect(left - 1, top - TITLE_BAR - 1, dialog.width() + 1, dialog.height() + TITLE_BAR + 1)
