"""Every code has words for people."""

import string

import pytest

from desk.domain.errors import FieldCode, RefusalCode
from desk.domain.sentences import SENTENCES, describe

CODES = (*RefusalCode, *FieldCode)


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    assert set(SENTENCES) == set(CODES)


def test_no_two_codes_have_one_name() -> None:
    assert len(SENTENCES) == len(RefusalCode) + len(FieldCode)


@pytest.mark.parametrize("code", CODES)
def test_a_sentence_begins_and_ends_like_one_and_shows_no_code(code: str) -> None:
    sentence = SENTENCES[code]
    assert sentence[0].isupper() or sentence[0] == "{"
    assert sentence.endswith(".")
    assert code not in sentence


@pytest.mark.parametrize("code", CODES)
def test_a_sentence_names_its_values_in_braces(code: str) -> None:
    names = [name for _, name, _, _ in string.Formatter().parse(SENTENCES[code]) if name is not None]
    filled = describe(code, {name: f"<{name}>" for name in names})
    assert all(f"<{name}>" in filled for name in names)
    assert "{" not in filled


def test_a_value_that_is_missing_is_a_bug_and_not_half_a_sentence() -> None:
    with pytest.raises(KeyError):
        describe(RefusalCode.COPY_IS_LOST, {})
