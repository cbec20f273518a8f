"""The last frame as a still: the whole story numbered, with times, as an SVG or a PNG file."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from desk.gui.flow.picture import FlowPicture
from desk.gui.frame.workspace import Workspace
from desk.gui.widgets.files import ask_for_file

SCALE: Final = 2
"""Pixels of a PNG for each of the picture's."""
ROOM: Final = 1.4
"""Of the smallest picture, the size of one that is not seen."""
_LINE: Final = 1.35
"""Height of a line of the list beneath, in that of the text."""


def ask_where(parent: QWidget, save: Callable[[Path], None]) -> None:
    """Ask for a file, and give it to ``save``."""
    kinds = ";;".join((_tr("SVG picture (*.svg)"), _tr("PNG picture (*.png)")))
    dialog = ask_for_file(parent, _tr("Save the picture"), kinds, save, saved_as="flow.svg")
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix("png" if "png" in chosen else "svg"))


def keep_still(seen: FlowPicture, workspace: Workspace, title: str, lines: list[str], path: Path) -> str:
    """Write what is shown, also while something else stands in its place; the sentence that says what came of it."""
    picture = seen
    if not seen.isVisible():
        picture = FlowPicture(seen.replay, workspace.theme, workspace.icons)
        picture.take_from(seen)
        picture.resize(picture.minimumSizeHint() * ROOM)
    try:
        _save_still(picture, title, lines, path)
    except OSError as error:
        return _tr("Nothing was saved: {why}").format(why=error.strerror or error)
    return _tr("The picture is in {file}.").format(file=path)


def _save_still(picture: FlowPicture, title: str, lines: list[str], path: Path) -> None:
    """Write what is shown, with the list of its hops beneath it. Raises OSError where the file cannot be written."""
    size = _size_of(picture, lines)
    if path.suffix.lower() == ".svg":
        path.touch()  # the generator says nothing of a file that it cannot write
        generator = QSvgGenerator()
        generator.setFileName(str(path))
        generator.setSize(size)
        generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
        generator.setTitle(title)
        _paint(QPainter(generator), picture, title, lines, size)
        return
    image = QImage(size * SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SCALE)
    _paint(QPainter(image), picture, title, lines, size)
    if not image.save(str(path), "PNG"):  # type: ignore[call-overload]
        raise OSError(f"{path} cannot be written")


def _size_of(picture: FlowPicture, lines: list[str]) -> QSize:
    em = picture.style_now.em
    return QSize(picture.width(), round(picture.height() + em * (3 + _LINE * len(lines))))


def _paint(painter: QPainter, picture: FlowPicture, title: str, lines: list[str], size: QSize) -> None:
    style, plan, em = picture.style_now, picture.plan, picture.style_now.em
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0, 0, size.width(), size.height()), style.ground)
    painter.setFont(style.mark)
    painter.setPen(style.ink)
    painter.drawText(QRectF(em, 0.4 * em, size.width() - 2 * em, 1.6 * em), Qt.AlignmentFlag.AlignVCenter, title)
    painter.translate(0, 1.6 * em)
    picture.paint_ways(painter)
    for station, look in picture.looks().items():
        painter.save()
        picture.paint_box(painter, plan.box(station), look)
        painter.restore()
    painter.translate(0, picture.height())
    painter.setFont(style.small)
    painter.setPen(style.ink)
    metrics = QFontMetricsF(style.small)
    for number, line in enumerate(lines):
        told = metrics.elidedText(line, Qt.TextElideMode.ElideRight, size.width() - 2 * em)
        place = QRectF(em, number * _LINE * em, size.width() - 2 * em, _LINE * em)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, told)
    painter.end()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Flow", text)
