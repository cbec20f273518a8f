"""The fields of a title stand in one table, and whatever has some of them has them all."""

from dataclasses import MISSING, fields
from typing import Any, get_type_hints

import pytest

from desk.domain.commands import CorrectBookDetails, CreateBook
from desk.domain.details import DETAIL_PARSERS, BookDetails, CorrectedDetails, details_given, details_of
from desk.domain.events import BookCreated, BookDetailsCorrected
from desk.domain.state import Book
from desk.domain.values import UNSET, Unset
from tests.domain.samples import SAMPLES


def test_every_field_has_its_rule_and_can_be_corrected() -> None:
    known, corrected = get_type_hints(BookDetails), get_type_hints(CorrectedDetails)
    assert list(known) == list(corrected) == list(DETAIL_PARSERS)
    assert {name: hint | Unset for name, hint in known.items()} == corrected
    assert {field.default for field in fields(CorrectedDetails)} == {UNSET}


def test_a_field_that_older_events_lack_has_a_default_that_its_rule_leaves_alone() -> None:
    optional = {field.name: field.default for field in fields(BookDetails) if field.default is not MISSING}
    assert optional.keys() == DETAIL_PARSERS.keys() - {"title", "authors"}
    assert {name: DETAIL_PARSERS[name](value) for name, value in optional.items()} == optional


@pytest.mark.parametrize("kind", [CreateBook, BookCreated, Book, CorrectBookDetails, BookDetailsCorrected])
def test_commands_events_and_state_have_every_field(kind: Any) -> None:
    assert {field.name for field in fields(kind)} >= DETAIL_PARSERS.keys()


def test_details_are_taken_out_by_name() -> None:
    (created,) = (sample for sample in SAMPLES if isinstance(sample, BookCreated))
    assert BookDetails(**details_of(created)) == BookDetails(
        title=created.title,
        authors=created.authors,
        publisher=created.publisher,
        published_year=created.published_year,
        language=created.language,
        subjects=created.subjects,
    )
    correction = BookDetailsCorrected(book_id=created.book_id, publisher=None, subjects=("a",))
    assert details_given(correction) == {"publisher": None, "subjects": ("a",)}
