"""Hop 6: what is durable comes back from the store to the event bus and to stories, whoever stored it."""

from typing import Final

from desk.application.wiring import Buses
from desk.cqrs.faults import FaultLog
from desk.cqrs.known_store import KnownStore
from desk.cqrs.process import Positions
from desk.cqrs.source import MessageSource, SourceBridge
from desk.cqrs.store import Filter, Recorded
from desk.cqrs.stories import Later

NAME: Final = "event bus"
FEED: Final = Filter("^(book|isbn)-")


def event_bridge(buses: Buses, store: KnownStore, positions: Positions, faults: FaultLog) -> SourceBridge:
    """The bridge from the store to the listeners, from where it was at the end of the last run; give it a thread."""

    def received(event: Recorded) -> None:
        buses.stories.reached(Later.RECEIVE, event.position)
        buses.log.event(event)
        buses.events.publish(event)

    return SourceBridge(NAME, MessageSource(store.store, FEED, faults), received, store, positions)
