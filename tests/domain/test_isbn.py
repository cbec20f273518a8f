"""ISBNs of both lengths, with and without hyphens, and what spreadsheets make of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import FieldCode, InvalidField
from desk.domain.isbn import Isbn, is_isbn13, restore_lost_zeros
from desk.domain.sentences import describe


def check10(nine: str) -> str:
    """By definition: the digits times 10, 9, … 1 add up to a multiple of 11."""
    return next(
        last
        for value, last in enumerate("0123456789X")
        if (sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) + value) % 11 == 0
    )


NINE_DIGITS = st.text("0123456789", min_size=9, max_size=9)
ISBN10S = NINE_DIGITS.map(lambda nine: nine + check10(nine))


@pytest.mark.parametrize(
    "written",
    [
        "0306406152",
        "0-306-40615-2",
        "9780306406157",
        "978-0-306-40615-7",
        " 978 0 306 40615 7 ",
        "978‑0‑306‑40615‑7",
        "978–0–306–40615–7",
        "ISBN 0-306-40615-2",
        "isbn-13: 978-0-306-40615-7",
        "ISBN-10 0306406152",
    ],
)
def test_every_way_of_writing_an_isbn_gives_the_same_thirteen_digits(written: str) -> None:
    assert Isbn.parse(written).digits == "9780306406157"


@pytest.mark.parametrize("written", ["080442957X", "080442957x", "0-8044-2957-x"])
def test_a_check_digit_of_ten_is_written_as_either_x(written: str) -> None:
    assert Isbn.parse(written) == Isbn("9780804429573")
    assert Isbn.parse(written).as_isbn10 == "080442957X"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", FieldCode.MISSING),
        (" - ", FieldCode.MISSING),
        ("ISBN", FieldCode.MISSING),
        ("9.78E+12", FieldCode.ISBN_DAMAGED_BY_SPREADSHEET),
        ("9,78031E+12", FieldCode.ISBN_DAMAGED_BY_SPREADSHEET),
        ("978e10", FieldCode.ISBN_DAMAGED_BY_SPREADSHEET),
        ("unknown", FieldCode.ISBN_CHARACTERS),
        ("03064061S2", FieldCode.ISBN_CHARACTERS),
        ("٠٣٠٦٤٠٦١٥٢", FieldCode.ISBN_CHARACTERS),
        ("X306406152", FieldCode.ISBN_CHARACTERS),
        ("306406152", FieldCode.ISBN_LENGTH),
        ("97803064061570", FieldCode.ISBN_LENGTH),
        ("4006381333931", FieldCode.ISBN_PREFIX),
        ("0306406153", FieldCode.ISBN_CHECK_DIGIT),
        ("9780306406158", FieldCode.ISBN_CHECK_DIGIT),
        ("978030640615X", FieldCode.ISBN_CHECK_DIGIT),
    ],
)
def test_what_is_no_isbn_is_refused_with_its_reason(written: str, code: FieldCode) -> None:
    with pytest.raises(InvalidField) as refused:
        Isbn.parse(written)
    assert (refused.value.field, refused.value.code) == ("isbn", code)
    assert describe(refused.value.code, refused.value.params)


@given(ISBN10S)
def test_an_isbn_of_ten_survives_the_way_to_thirteen_digits_and_back(written: str) -> None:
    isbn = Isbn.parse(written)
    assert isbn.as_isbn10 == written
    assert Isbn.parse(isbn.digits) == isbn
    assert is_isbn13(isbn.digits)


@given(ISBN10S, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(written: str, place: int, step: int) -> None:
    wrong = str((int(written[place]) + step) % 10)
    with pytest.raises(InvalidField):
        Isbn.parse(written[:place] + wrong + written[place + 1 :])


@given(ISBN10S, st.integers(0, 7))
def test_two_swapped_neighbours_are_always_found_in_an_isbn_of_ten(written: str, place: int) -> None:
    swapped = written[:place] + written[place + 1] + written[place] + written[place + 2 :]
    if swapped != written:
        with pytest.raises(InvalidField):
            Isbn.parse(swapped)


@given(st.text(max_size=20))
def test_any_text_is_an_isbn_or_refused(written: str) -> None:
    try:
        digits = Isbn.parse(written).digits
    except InvalidField:
        return
    assert is_isbn13(digits)


def test_an_isbn_cannot_be_built_around_its_check() -> None:
    with pytest.raises(InvalidField):
        Isbn("9780306406158")


def test_an_isbn_of_979_has_no_form_of_ten() -> None:
    assert Isbn.parse("979-10-90636-07-1").as_isbn10 is None


@given(ISBN10S)
def test_zeros_that_a_spreadsheet_took_away_are_found_again(written: str) -> None:
    shortened = written.lstrip("0")
    expected = written if 6 <= len(shortened) <= 9 else None
    assert restore_lost_zeros(shortened) == expected


@pytest.mark.parametrize("written", ["2005019", "5018", "306406152.0", "", "0306406152", "9780306406157"])
def test_zeros_are_not_put_before_what_is_no_shortened_isbn(written: str) -> None:
    assert restore_lost_zeros(written) is None


def test_lost_zeros_are_not_put_back_silently() -> None:
    assert restore_lost_zeros("2005018") == "0002005018"
    with pytest.raises(InvalidField):
        Isbn.parse("2005018")
