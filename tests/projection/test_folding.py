"""What counts as the same text, and what counts as a word."""

import pytest

from desk.projection.folding import fold, meanings


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Émile Zola", "emile zola"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Łódź, Øst & Æsir", "lodz, ost & aesir"),
        ("  two\t words ", "two words"),
        ("İstanbul ırmak", "istanbul irmak"),
        ("Ångström", "angstrom"),
        ("The Old Man", "the old man"),
        ("ﬁnal ²", "final 2"),
        ("Ελλάς", "ελλασ"),
    ],
)
def test_accents_case_and_ligatures_are_folded_and_articles_stay(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"quoted" -minus', ["quoted", "minus"]),
        ("O'Brien AND NOT (x*)", ["o", "brien", "and", "not", "x"]),
        ("snake_case", ["snake", "case"]),
        ("- * \" '", []),
        ("Война и мир", ["воина", "и", "мир"]),
        ("1984 a novel", ["1984", "a", "novel"]),
        ("1914–1918, 1939", ["1914", "1918", "1939"]),
    ],
)
def test_words_are_letters_and_digits_only(text: str, found: list[str]) -> None:
    assert meanings(text) == ([found] if found else [])


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("978-0-306-40615-7", [["9780306406157"], ["978", "0", "306", "40615", "7"]]),
        ("978 0 306", [["9780306"], ["9789780306"], ["978", "0", "306"]]),
        ("0-306-40615-2", [["978030640615"], ["0", "306", "40615", "2"]]),
        ("080442957X", [["978080442957"], ["080442957x"]]),
        ("0-8044-2957-x", [["978080442957"], ["0", "8044", "2957", "x"]]),
        ("0", [["9780"], ["0"]]),
        ("0-306-4", [["97803064"], ["0", "306", "4"]]),
        ("1984", [["9781984"], ["1984"]]),
        ("9780306406157", [["9780306406157"]]),
        ("12345678901", [["12345678901"]]),
        ("0804X", [["0804x"]]),
    ],
)
def test_a_number_may_also_be_an_isbn_or_the_beginning_of_one_however_it_is_written(
    text: str, meant: list[list[str]]
) -> None:
    assert meanings(text) == meant
