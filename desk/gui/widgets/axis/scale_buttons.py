"""Buttons that choose the scale of an axis, and zoom it."""

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton

from desk.application.timeline.scale import Mode
from desk.gui.frame.icons import Icons
from desk.gui.widgets.axis.canvas import ZOOM_STEP, TimelineCanvas


def mode_buttons(canvas: TimelineCanvas) -> dict[Mode, QToolButton]:
    """One for each scale, of which one is chosen."""
    names = {
        Mode.REVISION: (_tr("Revision"), _tr("Events at even distances")),
        Mode.TIME: (_tr("Time"), _tr("True distances in time")),
        Mode.FOLDED: (_tr("Folded"), _tr("Distances in time, long pauses folded away")),
    }
    group = QButtonGroup(canvas)
    buttons = {}
    for mode, (text, tip) in names.items():
        button = buttons[mode] = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        button.setChecked(mode is canvas.view.mode)
        button.setAccessibleDescription(tip)
        button.clicked.connect(partial(canvas.set_mode, mode))
        group.addButton(button)
    return buttons


def zoom_buttons(canvas: TimelineCanvas, icons: Icons) -> tuple[QToolButton, ...]:
    """Farther, all of it, nearer."""
    steps = (
        ("zoom-out", _tr("Zoom out (-)"), partial(canvas.zoom, 1 / ZOOM_STEP)),
        ("zoom-fit", _tr("Show everything (0)"), canvas.fit),
        ("zoom-in", _tr("Zoom in (+)"), partial(canvas.zoom, ZOOM_STEP)),
    )
    buttons = tuple(QToolButton() for _ in steps)
    for button, (icon, text, act) in zip(buttons, steps, strict=True):
        icons.put(button, icon)
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setAutoRepeat(icon != "zoom-fit")
        # The signal's own argument is none of theirs.
        button.clicked.connect(lambda _checked, act=act: act())
    return buttons


def without_gaps(buttons: Iterable[QToolButton]) -> QHBoxLayout:
    """A row of buttons that belong together."""
    row = QHBoxLayout()
    row.setSpacing(0)
    for button in buttons:
        row.addWidget(button)
    return row


def _tr(text: str) -> str:
    return QCoreApplication.translate("HistoryHeader", text)
