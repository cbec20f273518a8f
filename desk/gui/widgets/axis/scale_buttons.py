"""Buttons that choose the scale of an axis, and zoom it."""

from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QToolButton

from desk.application.timeline.scale import Mode
from desk.gui.frame.icons import Icons
from desk.gui.widgets.axis.canvas import ZOOM_STEP, TimelineCanvas
from desk.gui.widgets.controls import alternatives, icon_button


def mode_buttons(canvas: TimelineCanvas) -> dict[Mode, QToolButton]:
    """One for each scale, of which one is chosen."""
    names = {
        Mode.REVISION: (_tr("Revision"), _tr("Events at even distances")),
        Mode.TIME: (_tr("Time"), _tr("True distances in time")),
        Mode.FOLDED: (_tr("Folded"), _tr("Distances in time, long pauses folded away")),
    }
    buttons = dict(zip(names, alternatives(canvas, *names.values()), strict=True))
    for mode, button in buttons.items():
        button.setAccessibleDescription(button.toolTip())
        button.clicked.connect(partial(canvas.set_mode, mode))
    buttons[canvas.view.mode].setChecked(True)
    return buttons


def zoom_buttons(canvas: TimelineCanvas, icons: Icons) -> tuple[QToolButton, ...]:
    """Farther, all of it, nearer."""
    farther = icon_button(icons, "zoom-out", _tr("Zoom out (-, or Ctrl and the wheel)"))
    farther.clicked.connect(lambda: canvas.zoom(1 / ZOOM_STEP))
    everything = icon_button(icons, "zoom-fit", _tr("Show everything (0)"))
    everything.clicked.connect(canvas.fit)
    nearer = icon_button(icons, "zoom-in", _tr("Zoom in (+, or Ctrl and the wheel)"))
    nearer.clicked.connect(lambda: canvas.zoom(ZOOM_STEP))
    for button in (farther, nearer):
        button.setAutoRepeat(True)
    return farther, everything, nearer


def _tr(text: str) -> str:
    return QCoreApplication.translate("HistoryHeader", text)
