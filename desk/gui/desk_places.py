"""The places and companions that come with Desk: the one module of the window that knows them all.

Each is loaded when it is built: the window is painted before, and needs none of them for that.
"""

from functools import partial

from PySide6.QtCore import QCoreApplication, Qt

from desk.gui.frame.panel import CARD, CATALOGUE, FLOW, HISTORY, OPERATIONS, STREAMS, CompanionSpec, PlaceSpec
from desk.gui.streams.action_specs import STREAM_ACTIONS
from desk.gui.timeline.action_specs import HISTORY_ACTIONS
from desk.gui.timeline.history_keys import HISTORY_KEYS

_tr = partial(QCoreApplication.translate, "places")


def desk_places() -> tuple[PlaceSpec, ...]:
    """In the order of the rail. Ctrl+5 is kept for one to come."""
    return (
        PlaceSpec(CATALOGUE, _tr("Catalogue"), "book", "Ctrl+1", ""),
        PlaceSpec(
            STREAMS,
            _tr("Streams"),
            "streams",
            "Ctrl+2",
            "desk.gui.streams.panel:StreamsPanel",
            (
                ("Ctrl+P", _tr("Find a stream")),
                ("Ctrl+W", _tr("Close the tab")),
                ("Ctrl+G", _tr("Go to a revision, position, date or event's id")),
                ("Ctrl+Shift+F", _tr("Filter, or filter no more")),
                ("Ctrl+Home, Ctrl+End", _tr("First or newest page")),
                ("Ctrl+PgUp, Ctrl+PgDown", _tr("Previous or next page")),
                ("Ctrl+Space", _tr("Follow live, or stop")),
                ("Return", _tr("History of the event's stream")),
            ),
            STREAM_ACTIONS,
        ),
        PlaceSpec(
            FLOW,
            _tr("Flow"),
            "flow",
            "Ctrl+3",
            "desk.gui.flow.panel:FlowPanel",
            (
                ("Space, Backspace", _tr("On or back by a hop")),
                ("R", _tr("The same command again")),
                ("S", _tr("Next pace: slow, step by step, live")),
                ("M", _tr("With or without travel")),
                ("W", _tr("The way in words")),
                ("Left, Right, Return", _tr("Choose and open a station")),
            ),
        ),
        PlaceSpec(
            OPERATIONS,
            _tr("Operations"),
            "operations",
            "Ctrl+4",
            "desk.gui.operations.panel:OperationsPanel",
            at_once=True,
        ),
    )


def desk_companions() -> tuple[CompanionSpec, ...]:
    """What stands beside the places."""
    return (
        CompanionSpec(CARD, _tr("Card"), "card", "F7", (CATALOGUE,), Qt.DockWidgetArea.RightDockWidgetArea, 380, ""),
        CompanionSpec(
            HISTORY,
            _tr("History"),
            "history",
            "F8",
            (CATALOGUE, STREAMS),
            Qt.DockWidgetArea.BottomDockWidgetArea,
            560,
            "desk.gui.timeline.panel:HistoryPanel",
            (
                *((", ".join(keys), _tr(words)) for _, keys, words in HISTORY_KEYS),
                ("+, -, 0", _tr("Zoom in, zoom out, show all")),
            ),
            HISTORY_ACTIONS,
            # What an event has in it is what one looks at streams for, and stands above the history.
            less=((CATALOGUE, 53), (STREAMS, 36)),
        ),
    )
