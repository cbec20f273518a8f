"""A history as a picture or a page for others: what of it, how wide, light or dark; copied, or saved to a file."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QWidget,
)

from desk.application.codec import event_registry
from desk.application.inspection.fold import domain_folds
from desk.application.queries import GetStreamPage, Source
from desk.application.resources import resource
from desk.application.session import Session
from desk.application.timeline.account import Teller, Told
from desk.application.timeline.look import AxisStyle
from desk.application.timeline.page import Page, page_of
from desk.application.timeline.rows import row_of
from desk.application.timeline.svg import SvgPicture, picture_of
from desk.application.timeline.writing import CannotWrite, write_whole
from desk.cqrs.errors import StoreError
from desk.cqrs.store import Recorded
from desk.gui.frame.theme import FAMILY
from desk.gui.frame.workspace import Workspace
from desk.gui.widgets.axis.canvas import TimelineCanvas
from desk.gui.widgets.background import saying, start
from desk.gui.widgets.boxes import column
from desk.gui.widgets.controls import quiet
from desk.gui.widgets.files import ask_for_file
from desk.gui.widgets.scrolled import Scrolled

WIDEST: Final = 20_000
SHARP: Final = 2
"""Pixels of a PNG for each of the picture's."""
_PAGE: Final = 500


class PictureDialog(QDialog):
    """Opened with ``open()``. Writing happens on a thread of its own; what came of it is said in the status bar."""

    def __init__(self, workspace: Workspace, canvas: TimelineCanvas, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Picture or page of the history"))
        self._workspace, self._session, self._canvas, self._title = workspace, workspace.ports, canvas, title
        self.part, self.look, self.width_box = QComboBox(), QComboBox(), QSpinBox()
        self.part.addItems([self.tr("The whole history"), self.tr("The part in sight")])
        self.look.addItems([self.tr("Light"), self.tr("Dark")])
        self.look.setCurrentIndex(workspace.theme.is_dark)
        self.width_box.setRange(200, WIDEST)
        self.width_box.setSingleStep(100)
        self.width_box.setValue(1200)
        self.width_box.setSuffix(self.tr(" pixels"))
        form = QFormLayout()
        form.addRow(self.tr("&Show"), self.part)
        form.addRow(self.tr("&Look"), self.look)
        form.addRow(self.tr("&Width"), self.width_box)
        words = self.tr("A page has every event with what it changed; any browser shows it, without Desk.")
        note = quiet(QLabel(words, wordWrap=True))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self.buttons.rejected.connect(self.reject)
        self.acts: dict[str, QPushButton] = {}
        for name, text, act in (
            ("copy", self.tr("&Copy picture"), self.copy),
            ("svg", self.tr("Save S&VG…"), partial(self._ask_where, "svg", self.save_svg)),
            ("png", self.tr("Save &PNG…"), partial(self._ask_where, "png", self.save_png)),
            ("html", self.tr("Save pa&ge…"), partial(self._ask_where, "html", self.save_page)),
        ):
            button = self.buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
            button.clicked.connect(lambda _=False, act=act: act())
            self.acts[name] = button
        column((Scrolled(column(form, note)), 1), self.buttons, on=self, margins=None)

    # What is made

    def picture(self) -> SvgPicture:
        """What was chosen."""
        look = AxisStyle.load(resource(f"themes/{'dark' if self.look.currentIndex() else 'light'}.json"))
        view = self._canvas.view
        window = view.window() if self.part.currentIndex() else None
        return SvgPicture(look, float(self.width_box.value()), view.mode, self._canvas.wish, window)

    def svg(self, font: str | None = None) -> str:
        """The picture as SVG; in one font where that is named."""
        return picture_of(self._canvas.history, self._title, self.picture(), font=font)

    def image(self) -> QImage:
        """The picture in dots."""
        renderer = QSvgRenderer(QByteArray(self.svg(FAMILY).encode()))
        image = QImage(renderer.defaultSize() * SHARP, QImage.Format.Format_RGB32)
        with QPainter(image) as painter:
            renderer.render(painter, QRectF(image.rect()))
        return image

    # Where it goes

    def copy(self) -> None:
        """Both as dots and as SVG, so that whoever pastes it takes what he can."""
        data = QMimeData()
        data.setImageData(self.image())
        data.setData("image/svg+xml", QByteArray(self.svg().encode()))
        QApplication.clipboard().setMimeData(data)
        self._workspace.say(self.tr("The picture is copied."))

    def save_svg(self, path: Path) -> None:
        """Into this file."""
        self._write(path, partial(_parts_of, self.svg()))

    def save_png(self, path: Path) -> None:
        """Into this file."""
        self._write(path, partial(_parts_of, _png(self.image())))

    def save_page(self, path: Path) -> None:
        """Into this file, all events of the stream, whatever is left out of the axis."""
        stream = self._canvas.history.stream
        self._write(path, partial(_page_parts, self._session, stream, Page(self._title, self.picture())))

    def _ask_where(self, ending: str, save: Callable[[Path], None]) -> None:
        kinds = f"{ending.upper()} (*.{ending})"
        ask_for_file(self, self.tr("Save"), kinds, save, saved_as=f"history.{ending}")

    def _write(self, path: Path, parts: Callable[[], Iterable[str | bytes]]) -> None:
        def work() -> None:
            write_whole(path, parts(), overwrite=True)  # the dialog has asked

        failed = saying(self._workspace.say, CannotWrite, StoreError)
        self._workspace.bridge.call(start(work, "picture"), partial(self._written, path), failed, self._workspace)

    def _written(self, path: Path, _nothing: object) -> None:
        self._workspace.say(self.tr("The history is in {file}.").format(file=path))


def _parts_of(whole: str | bytes) -> Iterable[str | bytes]:
    return (whole,)


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants bytes, Qt takes text only
    return bytes(buffer.data().data())


def _page_parts(session: Session, stream: str, page: Page) -> Iterable[str]:
    """Reads the stream, page by page; waits."""
    events: list[Recorded] = []
    while True:
        after = row_of(events[-1]).revision if events else None
        query = GetStreamPage(Source(stream=stream), after=after, oldest=after is None, limit=_PAGE)
        found = session.queries.ask(query).result()
        events += found.events
        if not (found.newer and found.events):
            break
    told: list[Told] = list(Teller(domain_folds(event_registry())(stream)).tell(events))
    return page_of(stream, told, page)
