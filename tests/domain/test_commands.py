"""Commands are valid by construction: fields take their one form, and all that is wrong is said at once."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime
from typing import get_type_hints
from uuid import UUID

import pytest

from desk.domain.commands import (
    RULES,
    Command,
    CorrectBookDetails,
    CreateBook,
    LendCopy,
    PlaceHold,
    ReleaseIsbn,
    WithdrawCopy,
)
from desk.domain.errors import FieldCode, InvalidCommand, RefusalCode
from desk.domain.sentences import describe
from desk.domain.values import UNSET
from tests.domain import samples
from tests.domain.story import BOOK, NOW, uid


def test_a_command_keeps_its_fields_in_the_form_in_which_they_are_stored() -> None:
    command = CreateBook(
        book_id=BOOK,
        isbn="0-306-40615-2",
        title="  Data   Structures",
        authors=("Ann Lee ", ""),
        publisher=" ",
        language="EN",
        subjects=(" trees",),
    )
    assert command == CreateBook(
        book_id=BOOK,
        isbn="9780306406157",
        title="Data Structures",
        authors=("Ann Lee",),
        publisher=None,
        language="en",
        subjects=("trees",),
    )
    assert replace(command) == command


def test_all_wrong_fields_are_said_at_once() -> None:
    with pytest.raises(InvalidCommand) as refused:
        CreateBook(book_id=BOOK, isbn="12", title="", authors=(), published_year=3, language="english")
    assert [(error.field, error.code) for error in refused.value.errors] == [
        ("isbn", FieldCode.ISBN_LENGTH),
        ("title", FieldCode.MISSING),
        ("authors", FieldCode.MISSING),
        ("published_year", FieldCode.YEAR_OUT_OF_RANGE),
        ("language", FieldCode.LANGUAGE_CODE),
    ]
    assert refused.value.code == RefusalCode.INVALID_BOOK_DETAILS
    sentence = describe(refused.value.code, refused.value.params)
    assert sentence == "Please correct: isbn, title, authors, published year, language."
    assert "title: Missing" in str(refused.value)


@pytest.mark.parametrize("command", samples.COMMANDS, ids=lambda command: type(command).__name__)
def test_every_field_that_is_no_id_has_a_rule(command: Command) -> None:
    hints = get_type_hints(type(command))
    assert {name for name, hint in hints.items() if hint not in (UUID, UUID | None)} <= RULES.keys()
    assert not {name for name, hint in hints.items() if hint is UUID} & RULES.keys()
    assert replace(command) == command, "parsing what was parsed changes nothing"


def test_a_wrong_isbn_alone_has_a_code_of_its_own() -> None:
    with pytest.raises(InvalidCommand) as refused:
        CreateBook(book_id=BOOK, isbn="9.78E+12", title="Trees", authors=("Ann Lee",))
    assert refused.value.code == RefusalCode.INVALID_ISBN
    assert describe(refused.value.code, refused.value.params)


def test_a_correction_tells_cleared_from_untouched() -> None:
    command = CorrectBookDetails(book_id=BOOK, seen_revision=3, publisher=None, published_year=None)
    assert command.publisher is None
    assert command.published_year is None
    assert command.title is command.authors is command.language is command.subjects is UNSET


def test_a_title_can_be_left_alone_but_not_cleared() -> None:
    with pytest.raises(InvalidCommand) as refused:
        CorrectBookDetails(book_id=BOOK, seen_revision=-1, title=" ", authors=())
    assert [error.field for error in refused.value.errors] == ["seen_revision", "title", "authors"]


def test_errors_are_named_after_the_field_of_the_command() -> None:
    with pytest.raises(InvalidCommand) as refused:
        LendCopy(book_id=BOOK, copy_no=0, loan_id=uid("loan"), patron="ß", due_on=datetime(2024, 3, 1, tzinfo=UTC))
    assert [error.field for error in refused.value.errors] == ["copy_no", "patron", "due_on"]


def test_a_withdrawal_needs_a_reason() -> None:
    with pytest.raises(InvalidCommand):
        WithdrawCopy(book_id=BOOK, copy_no=1, reason=" ")


def test_an_isbn_is_released_for_a_known_reason_only() -> None:
    with pytest.raises(InvalidCommand):
        ReleaseIsbn(isbn="9780306406157", book_id=BOOK, reason="because")


def test_a_readers_number_is_kept_in_upper_case() -> None:
    assert PlaceHold(book_id=BOOK, hold_id=uid("hold"), patron="r-7").patron == "R-7"


def test_a_command_cannot_be_changed() -> None:
    command = PlaceHold(book_id=BOOK, hold_id=uid("hold"), patron="R-7")
    with pytest.raises(FrozenInstanceError):
        command.patron = str(NOW)  # type: ignore[misc]
