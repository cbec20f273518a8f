"""JSON is read as it is written, whatever its size and depth; what is none is known to be none."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.application.json_document import ARRAY, NO_NUMBER, NUMBER, OBJECT, JsonDocument, document_of
from tests.rounds import few_or_all

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def read(data: bytes) -> JsonDocument:
    document = document_of(data)
    assert document is not None
    return document


def rebuilt(document: JsonDocument, value: int = 0) -> Any:
    """The Python value that a reader would make, by way of the document's own functions alone."""
    kind, children = document.kinds[value], list(document.children(value))
    assert len(children) == document.counts[value]
    assert [document.rows[child] for child in children] == list(range(len(children)))
    assert all(document.parents[child] == value for child in children)
    if kind == OBJECT:
        return {document.name(child): rebuilt(document, child) for child in children}
    if kind == ARRAY:
        return [rebuilt(document, child) for child in children]
    written = document.text[document.starts[value] : document.ends[value]]
    said = json.loads(written)
    assert document.content(value) == (said if isinstance(said, str) else written)
    return said


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_every_document_holds_what_was_written(value: object, indent: Any, plain: bool) -> None:
    data = json.dumps(value, indent=indent, ensure_ascii=plain).encode("utf-8", "surrogatepass")
    document = document_of(data)
    assert document is not None
    if not document.repaired:
        assert rebuilt(document) == value


@given(st.text(alphabet='[]{}",:1 atrue\\nl.-e', max_size=12))
def test_what_is_no_json_is_told_from_what_is(text: str) -> None:
    try:
        json.loads(text, strict=False)
        is_json = True
    except ValueError:
        is_json = False
    assert (document_of(text.encode()) is not None) == is_json


def test_numbers_stand_as_they_were_written_and_nan_is_told_from_them() -> None:
    document = read(b'{"a": 0.10, "b": ' + b"7" * 5000 + b', "c": [NaN, -Infinity]}')
    _, a, b, c, nan, infinite = range(6)
    assert document.content(a) == "0.10"
    assert document.content(b) == "7" * 5000
    assert (document.kinds[a], document.kinds[nan], document.kinds[infinite]) == (NUMBER, NO_NUMBER, NO_NUMBER)
    assert document.path(infinite) == "$.c[1]"
    assert document.counts[c] == 2


def test_a_key_twice_is_there_twice_and_odd_names_are_quoted_in_paths() -> None:
    document = read('{"a": 1, "a": 2, "no word": {"ö": 3}}'.encode())
    assert [document.path(value) for value in range(1, 5)] == ["$.a", "$.a", '$."no word"', '$."no word".ö']


def test_bytes_that_are_no_utf8_are_shown_and_said() -> None:
    document = read(b'{"name": "caf\xe9"}')
    assert document.repaired
    assert document.content(1) == "caf�"


@pytest.mark.parametrize("limit", range(1, 20))
def test_a_cut_text_ends_with_a_whole_character(limit: int) -> None:
    document = read(rb'"a\\\u00e9\n\\\"x\ud83d\ude00end"')
    assert document.content(0).startswith(document.content(0, limit).removesuffix("\ud83d"))


def test_brackets_within_brackets_need_no_recursion() -> None:
    depth = few_or_all(50_000, 500_000)
    document = read(b"[" * depth + b"]" * depth)
    assert len(document) == depth
    assert document_of(b"[" * depth) is None


def test_names_and_contents_are_found_whatever_their_case() -> None:
    document = read('{"City": "Reykjavík", "more": {"note": "no CITY here \\u00c9"}}'.encode())
    assert [document.path(value) for value in document.find("city")] == ["$.City", "$.more.note"]
    assert [document.path(value) for value in document.find("é")] == ["$.more.note"]
