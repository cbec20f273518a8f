"""The rules of each field: what is kept, what is refused, and that parsing twice changes nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import FieldCode, InvalidField
from desk.domain.sentences import describe
from desk.domain.values import (
    UNSET,
    parse_authors,
    parse_copy_no,
    parse_day,
    parse_language,
    parse_patron,
    parse_published_year,
    parse_publisher,
    parse_reason,
    parse_release_reason,
    parse_revision,
    parse_shelf_mark,
    parse_subjects,
    parse_title,
)


@pytest.mark.parametrize(
    ("parsed", "kept"),
    [
        (parse_title("  The\tTrial \n"), "The Trial"),
        (parse_title("x" * 300), "x" * 300),
        (parse_title("Cafe\u0301"), "Café"),
        (parse_title("Les MisÃ\u0083Â©rables"), "Les MisÃ\u0083Â©rables"),
        (parse_authors("Ann Lee;  Bob  Ray ;"), ("Ann Lee", "Bob Ray")),
        (parse_authors(["Ann Lee", " ", "Bob; Ray"]), ("Ann Lee", "Bob; Ray")),
        (parse_subjects(""), ()),
        (parse_subjects(["trees", "graphs"]), ("trees", "graphs")),
        (parse_subjects("Codes; codes;Straße; STRASSE"), ("Codes", "Straße")),
        (parse_subjects(["x", "X"] * 51), ("x",)),
        (parse_publisher("  "), None),
        (parse_publisher(None), None),
        (parse_publisher("Knopf "), "Knopf"),
        (parse_shelf_mark(""), None),
        (parse_shelf_mark("A 3"), "A 3"),
        (parse_published_year(""), None),
        (parse_published_year(" 1998 "), 1998),
        (parse_published_year(1998, latest=1998), 1998),
        (parse_language(" EN "), "en"),
        (parse_language("tl"), "tl"),
        (parse_language(None), None),
        (parse_patron(" r-0042a "), "R-0042A"),
        (parse_patron("A" * 32), "A" * 32),
        (parse_copy_no(1), 1),
        (parse_revision(0), 0),
        (parse_day(date(2024, 2, 29)), date(2024, 2, 29)),
        (parse_day(None), None),
        (parse_release_reason("bookDeleted"), "bookDeleted"),
    ],
)
def test_a_right_value_is_kept_in_one_form(parsed: object, kept: object) -> None:
    assert parsed == kept


REFUSED: list[tuple[Callable[[], object], str, FieldCode]] = [
    (lambda: parse_title(" \n"), "title", FieldCode.MISSING),
    (lambda: parse_title("x" * 301), "title", FieldCode.TOO_LONG),
    (lambda: parse_title("a\x00b"), "title", FieldCode.UNPRINTABLE),
    (lambda: parse_title("a\ud800b"), "title", FieldCode.UNPRINTABLE),
    (lambda: parse_authors([]), "authors", FieldCode.MISSING),
    (lambda: parse_authors(" ; "), "authors", FieldCode.MISSING),
    (lambda: parse_authors(["Ann Lee"] * 21), "authors", FieldCode.TOO_MANY),
    (lambda: parse_authors(["x" * 201]), "authors", FieldCode.TOO_LONG),
    (lambda: parse_subjects([f"x{number}" for number in range(51)]), "subjects", FieldCode.TOO_MANY),
    (lambda: parse_publisher("x" * 201), "publisher", FieldCode.TOO_LONG),
    (lambda: parse_shelf_mark("x" * 41), "shelf_mark", FieldCode.TOO_LONG),
    (lambda: parse_reason(""), "reason", FieldCode.MISSING),
    (lambda: parse_reason("x" * 201), "reason", FieldCode.TOO_LONG),
    (lambda: parse_release_reason("boredom"), "reason", FieldCode.UNKNOWN_REASON),
    (lambda: parse_published_year("MCMXC"), "published_year", FieldCode.YEAR_NOT_A_NUMBER),
    (lambda: parse_published_year("١٩٩٨"), "published_year", FieldCode.YEAR_NOT_A_NUMBER),
    (lambda: parse_published_year("-1998"), "published_year", FieldCode.YEAR_NOT_A_NUMBER),
    (lambda: parse_published_year("9" * 5000), "published_year", FieldCode.YEAR_OUT_OF_RANGE),
    (lambda: parse_published_year(0), "published_year", FieldCode.YEAR_OUT_OF_RANGE),
    (lambda: parse_published_year(999), "published_year", FieldCode.YEAR_OUT_OF_RANGE),
    (lambda: parse_published_year(10_000), "published_year", FieldCode.YEAR_OUT_OF_RANGE),
    (lambda: parse_published_year(2030, latest=2024), "published_year", FieldCode.YEAR_IN_FUTURE),
    (lambda: parse_language("eng"), "language", FieldCode.LANGUAGE_CODE),
    (lambda: parse_language("xx"), "language", FieldCode.LANGUAGE_CODE),
    (lambda: parse_language("é1"), "language", FieldCode.LANGUAGE_CODE),
    (lambda: parse_patron(" "), "patron", FieldCode.MISSING),
    (lambda: parse_patron("A" * 33), "patron", FieldCode.TOO_LONG),
    (lambda: parse_patron("A B"), "patron", FieldCode.PATRON_CHARACTERS),
    (lambda: parse_patron("STRAßE"), "patron", FieldCode.PATRON_CHARACTERS),
    (lambda: parse_copy_no(0), "copy_no", FieldCode.NOT_POSITIVE),
    (lambda: parse_revision(-1), "seen_revision", FieldCode.NOT_A_REVISION),
    (lambda: parse_day(datetime(2024, 3, 1, tzinfo=UTC)), "day", FieldCode.NOT_A_DATE),
    (lambda: parse_day(date.max), "day", FieldCode.DAY_TOO_LATE),
]


@pytest.mark.parametrize(("parse", "field", "code"), REFUSED)
def test_a_wrong_value_is_refused_with_its_reason(parse: Callable[[], object], field: str, code: FieldCode) -> None:
    with pytest.raises(InvalidField) as refused:
        parse()
    assert (refused.value.field, refused.value.code) == (field, code)
    assert describe(refused.value.code, refused.value.params)
    assert str(refused.value).startswith(f"{field}: {code}")


def test_every_reason_for_a_wrong_field_has_an_example_here_or_among_the_isbns() -> None:
    of_isbn = {code for code in FieldCode if code.value.startswith("Isbn")}
    assert {code for _, _, code in REFUSED} | of_isbn == set(FieldCode)


@pytest.mark.parametrize("parse", [parse_title, parse_publisher, parse_reason, parse_shelf_mark, parse_patron])
@given(text=st.text(max_size=40))
def test_parsing_what_was_parsed_changes_nothing(parse: Callable[[str], str | None], text: str) -> None:
    try:
        once = parse(text)
    except InvalidField:
        return
    if once is not None:
        assert parse(once) == once
        assert once.encode("utf-8").decode("utf-8") == once


@given(st.lists(st.text(max_size=10), max_size=25))
def test_parsing_parsed_names_changes_nothing(names: list[str]) -> None:
    try:
        once = parse_authors(names)
    except InvalidField:
        return
    assert parse_authors(once) == once


def test_unset_says_its_name() -> None:
    assert repr(UNSET) == "UNSET"
