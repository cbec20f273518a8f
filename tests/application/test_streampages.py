"""Which events a page of a source is asked for."""

import re

import pytest

from desk.application.queries import Source
from desk.application.streampages import filter_of


def shown(source: Source, stream: str) -> bool:
    only = filter_of(source)
    return only is None or (not only.by_type and re.search(only.pattern, stream) is not None)


@pytest.mark.parametrize("stream", ["book-1", "$settings", "$$book-1", "$center-1", "$$$settings", "$streams-of-mine"])
def test_all_events_are_those_of_every_stream_that_somebody_wrote(stream: str) -> None:
    assert shown(Source.parse("$all"), stream)


@pytest.mark.parametrize(
    "stream", ["$ce-book", "$et-BookCreated", "$bc-7", "$category-book", "$streams", "$$$ce-book", "$$$streams"]
)
def test_what_projections_write_of_an_event_does_not_show_it_once_more(stream: str) -> None:
    assert not shown(Source.parse("$all"), stream)
    assert shown(Source(resolve_links=False), stream), "it is there for whoever asks for links as they are"


def test_a_category_is_chosen_by_the_server() -> None:
    assert shown(Source.parse("book-*"), "book-1")
    assert not shown(Source.parse("book-*"), "bookend-1")
