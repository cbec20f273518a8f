"""Which module and line ran at a station, found by looking at the very objects that ran."""

import inspect
from collections.abc import Iterable

from desk.application.command_events import ENTRY_OF, Subject
from desk.application.flow.rounds import Station
from desk.cqrs.publisher import StorePublisher
from desk.cqrs.registering import HandlerPlace, place_of
from desk.cqrs.report import WiringReport
from desk.cqrs.stories import Story
from desk.domain import book, isbn_claim


def places_at(station: Station, story: Story, plugins: Iterable[object], wiring: WiringReport) -> list[HandlerPlace]:
    """Of a command's way the functions that ran at this station, in their order, as far as they can be found.

    ``plugins`` are the objects themselves. A projection is in a layer of its own: what ran there says the wiring.
    """
    message = story.envelope.message
    match station:
        case Station.FORM | Station.PROCESS_MANAGER:
            return [_place_of_class(type(message))]
        case Station.BUS:
            return [place_of(plugin) for plugin in plugins if callable(plugin)]
        case Station.AGGREGATE:
            entry = ENTRY_OF.get(type(message))
            domain = isbn_claim if entry is not None and entry.about is Subject.ISBN else book
            return [story.handler, place_of(domain.decide), place_of(domain.evolve)]
        case Station.STORE:
            return [place_of(StorePublisher.publish_all)]
        case Station.READ_MODEL:
            events = {type(event).__name__ for attempt in story.attempts for event in attempt.decided}
            return [place for wire in wiring.projections for event, place in wire.places if event in events]


def _place_of_class(kind: type) -> HandlerPlace:
    try:
        line = inspect.getsourcelines(kind)[1]
    except (OSError, TypeError):  # a frozen program has no source beside it
        line = 0
    return HandlerPlace(kind.__qualname__, kind.__module__, line)
