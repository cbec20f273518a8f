"""A book's state as a snapshot keeps it: every state comes back as it was."""

import json

import pytest

from desk.application.states import book_states
from desk.domain.book import evolve
from desk.domain.state import INITIAL
from tests.domain.test_book_walk import Walk, opening_of, steps_of


def test_every_state_of_a_random_walk_comes_back_as_it_was() -> None:
    codec = book_states("1")
    for seed in range(20):
        walk, state = Walk(), INITIAL
        walk.go(opening_of(seed), steps_of(seed))
        for event in walk.history:
            state = evolve(state, event)
            assert codec.decode(codec.encode(state)) == state


def test_another_version_of_desk_has_states_of_its_own() -> None:
    assert book_states("1").schema == book_states("1").schema != book_states("2").schema


@pytest.mark.parametrize("broken", [b"", b"{}", b"[]", b"7", b"null", b'["listed"]', b"\xff"])
def test_what_is_no_state_is_a_value_error(broken: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own are children of it
        book_states("1").decode(broken)


def test_a_state_with_a_value_that_is_none_of_its_kind_is_a_value_error() -> None:
    codec = book_states("1")
    fields = json.loads(codec.encode(INITIAL))
    fields[0] = "eaten"
    with pytest.raises(ValueError, match="eaten"):
        codec.decode(json.dumps(fields).encode())
