"""Events are values, and their lists are complete; what of them is stored for ever is kept by the codec's tests."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields

import pytest

from desk.domain.errors import CorruptHistory
from desk.domain.events import BOOK_EVENTS, ISBN_EVENTS, Event
from tests.domain.samples import SAMPLES


def kinds() -> Iterator[type[Event]]:
    yield from BOOK_EVENTS
    yield from ISBN_EVENTS


def test_every_event_has_one_sample() -> None:
    assert Counter(type(sample) for sample in SAMPLES) == Counter(kinds())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_an_event_is_a_value(sample: Event) -> None:
    same = type(sample)(**{field.name: getattr(sample, field.name) for field in fields(sample)})
    assert same == sample
    assert hash(same) == hash(sample)
    assert not hasattr(sample, "__dict__")


def test_an_exception_for_corrupt_histories_says_what_was_found() -> None:
    assert str(CorruptHistory("twice")) == "twice"
