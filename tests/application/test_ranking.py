"""Ranking of names for what is typed: beginnings, then words, then letters in order; the shorter before the longer."""

import pytest

from desk.application.ranking import match


def best(typed: str, *names: str) -> list[str]:
    """Those that suit, the best first."""
    found = {name: how for name in names if (how := match(typed, name)) is not None}
    return sorted(found, key=lambda name: found[name].rank)


def bold(typed: str, name: str, detail: str = "") -> str:
    """The matched letters."""
    how = match(typed, name, detail)
    assert how is not None
    both = f"{name} {detail}"
    return "".join(both[at] for at in how.letters)


def test_the_beginning_of_the_name_is_before_that_of_a_word_and_that_before_letters_in_order() -> None:
    names = ("Pale Armadillo", "The Parade", "Par", "Parade of the Dead", "Nothing of it")
    assert best("par", *names) == ["Par", "Parade of the Dead", "The Parade", "Pale Armadillo"]


def test_of_equals_the_shorter_name_is_first_and_of_letters_in_order_the_nearer() -> None:
    assert best("em", "Emma and Emil", "Emma") == ["Emma", "Emma and Emil"]
    assert best("lnd", "A land", "Long nights, days") == ["A land", "Long nights, days"]


def test_words_are_found_in_any_order_each_in_a_word_of_its_own() -> None:
    assert match("pun crime", "Crime and Punishment") is not None
    assert bold("pun crime", "Crime and Punishment") == "CrimePun"
    assert best("the th", "The Sea", "The Theory") == ["The Theory"]


@pytest.mark.parametrize(
    ("typed", "name", "letters"),
    [
        ("etr", "L'Étranger", "Étr"),
        ("ÉTRANGER", "L'Etranger", "Etranger"),
        ("strasse", "Die Straße", "Straße"),
        ("  emma  ", "Emma", "Emma"),
        ("prd", "Pride", "Prd"),
        ("aab", "a xx aab", "aab"),
        ("ete", "Un bel Été", "Été"),
        ("et", "Stra\N{COMBINING ACUTE ACCENT}ße, Été", "Ét"),
        ("ox", "\N{LATIN SMALL LIGATURE FFI}\N{COMBINING DIAERESIS} Oxford", "Ox"),
        ("ffi", "\N{LATIN SMALL LIGATURE FFI}ne", "\N{LATIN SMALL LIGATURE FFI}"),
    ],
)
def test_case_and_accents_do_not_matter_and_the_letters_are_those_of_the_name(
    typed: str, name: str, letters: str
) -> None:
    assert bold(typed, name) == letters


def test_a_detail_is_matched_by_words_behind_all_matches_of_names_by_words() -> None:
    assert bold("austen emma", "Emma", "Jane Austen") == "EmmaAusten"
    by_name, by_detail = match("aus", "Long Austere Winters", "X"), match("aus", "Emma", "Jane Austen")
    assert by_name is not None
    assert by_detail is not None
    assert by_name.rank < by_detail.rank
    assert match("jnaus", "Emma", "Jane Austen") is None


def test_nothing_typed_suits_everything_alike_and_what_does_not_occur_nothing() -> None:
    first, second = match(" ", "A"), match("", "Something longer")
    assert first is not None
    assert first == second
    assert match("xyz", "Emma") is None
    assert match("emmaa", "Emma") is None
    assert match("a", "") is None
