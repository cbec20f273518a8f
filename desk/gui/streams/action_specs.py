"""The actions of the Streams place that are in the menu and the palette."""

from typing import TYPE_CHECKING

from desk.gui.frame.actions import QT_TRANSLATE_NOOP, ActionSpec, Menu

if TYPE_CHECKING:
    from desk.gui.streams.panel import StreamsPanel

STREAM_ACTIONS: tuple[ActionSpec["StreamsPanel"], ...] = (
    ActionSpec(
        "streams.lanes",
        Menu.HISTORY,
        QT_TRANSLATE_NOOP("actions", "Streams side &by side…"),
        "streams",
        ("Ctrl+Alt+L",),
        QT_TRANSLATE_NOOP("actions", "See several streams on one axis of time, on lanes by stream or by correlation"),
        run=lambda streams: streams.ask_lanes(),
        begins=True,
    ),
)
