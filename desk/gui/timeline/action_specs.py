"""The actions of a history that are in the menu; its keys are in :mod:`desk.gui.timeline.history_keys`."""

from typing import TYPE_CHECKING

from desk.gui.frame.actions import QT_TRANSLATE_NOOP, ActionSpec, Menu

if TYPE_CHECKING:
    from desk.gui.timeline.panel import HistoryPanel

HISTORY_ACTIONS: tuple[ActionSpec["HistoryPanel"], ...] = (
    ActionSpec(
        "history.picture",
        Menu.HISTORY,
        QT_TRANSLATE_NOOP("actions", "&Picture or page…"),
        "save",
        ("Ctrl+Shift+S",),
        QT_TRANSLATE_NOOP("actions", "Copy or save the timeline as a picture, or all of the history as a page"),
        run=lambda history: history.make_picture(),
        begins=True,
    ),
    ActionSpec(
        "history.inspector",
        Menu.HISTORY,
        QT_TRANSLATE_NOOP("actions", "&Inspector at the right, or below"),
        "card",
        ("Ctrl+Shift+I",),
        QT_TRANSLATE_NOOP("actions", "Put the event's details at the right of axis and table, or back below the axis"),
        run=lambda history: history.move_inspector(),
    ),
)
