"""Small pictures that are copied look as if they were painted where they are, at any scale, and are painted once."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from desk.application.command_events import ChangeKind
from desk.gui.widgets.axis.shapes import Stamps, paint_shape, shape_of

pytestmark = pytest.mark.usefixtures("qapp")
AT, REACH = QPointF(20, 16), QPointF(11, 11)


def paint_mark(painter: QPainter) -> None:
    paint_shape(painter, shape_of(ChangeKind.LENT, 13.0), QPointF(), QColor("teal"), QColor("white"))


def picture(stamps: Stamps | None, ratio: float, scale: float) -> QImage:
    image = QImage(round(40 * ratio * scale), round(32 * ratio * scale), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.gray)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(scale, scale)
        if stamps is not None:
            stamps.put(painter, "lent", AT, REACH, paint_mark)
        else:
            painter.translate(AT)
            paint_mark(painter)
    return image


def differing(one: QImage, other: QImage) -> int:
    """The greatest difference of a channel of any pixel."""
    pairs = zip(bytes(one.constBits()), bytes(other.constBits()), strict=True)
    return max(abs(a - b) for a, b in pairs)


@pytest.mark.parametrize(("ratio", "scale"), [(1.0, 1.0), (2.0, 1.0), (1.0, 2.0), (2.0, 1.5)])
def test_a_copied_mark_is_as_sharp_as_a_painted_one(ratio: float, scale: float) -> None:
    stamps = Stamps()
    picture(stamps, 1.0, 1.0)  # one for another scale is there already
    assert differing(picture(stamps, ratio, scale), picture(None, ratio, scale)) <= 3


def test_a_picture_is_painted_once_for_each_key_and_scale() -> None:
    painted: list[float] = []
    stamps, image = Stamps(), QImage(80, 64, QImage.Format.Format_ARGB32_Premultiplied)
    with QPainter(image) as painter:
        for key in ("one", "other", "one", "one"):
            stamps.put(painter, key, AT, REACH, lambda own: painted.append(own.transform().m11()))
        painter.scale(2, 2)
        stamps.put(painter, "one", AT, REACH, lambda own: painted.append(own.transform().m11()))
    assert len(painted) == 3
