"""Writes the events of a source as NDJSON, one event a line: all of them, or those that a filter wants."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, Final, TextIO

from desk.application.event_json import event_line
from desk.application.filtering import FilterEvents, StreamFilter
from desk.application.queries import GetStreamPage, Source
from desk.application.streampages import place_of
from desk.cqrs.store import Recorded

PAGE: Final = 500

Ask = Callable[[Any], "Future[Any]"]


def export_events(
    ask: Ask, source: Source, wanted: StreamFilter, sink: TextIO, told: Callable[[int], bool]
) -> int | None:
    """Write them; all of a source from the oldest on, filtered ones from the newest back, as they are found.

    ``told`` is given how many there are after each page, and says whether to go on: None where it does not. Waits;
    raises StoreError and OSError.
    """
    count = 0
    for page in _all_of(ask, source) if wanted.is_empty else _filtered(ask, source, wanted):
        for event in page:
            sink.write(event_line(event) + "\n")
        count += len(page)
        if not told(count):
            return None
    return count


def _all_of(ask: Ask, source: Source) -> Iterator[tuple[Recorded, ...]]:
    question: GetStreamPage | None = GetStreamPage(source, oldest=True, limit=PAGE)
    while question is not None:
        page = ask(question).result()
        yield page.events
        more = page.newer and page.events
        question = GetStreamPage(source, after=place_of(source, page.events[-1]), limit=PAGE) if more else None


def _filtered(ask: Ask, source: Source, wanted: StreamFilter) -> Iterator[tuple[Recorded, ...]]:
    before: int | None = None
    while True:
        found = ask(FilterEvents(source, wanted, before, PAGE)).result()
        yield found.events
        before = found.before
        if before is None:
            return
