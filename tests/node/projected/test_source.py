"""Which events are projected, and what is known of them."""

import pytest

from desk.node.projected.source import category_of, is_projected, is_valid_json


@pytest.mark.parametrize(
    ("stream", "category"),
    [
        ("book-1", "book"),
        ("book-1-2", "book"),
        ("book-", "book"),
        ("book--1", "book"),
        ("book", None),
        ("-book", None),
        ("$book-1", None),
        ("$$book-1", None),
    ],
)
def test_a_category_is_what_comes_before_the_first_hyphen(stream: str, category: str | None) -> None:
    assert category_of(stream) == category


@pytest.mark.parametrize(
    ("stream", "projected"),
    [("book-1", True), ("$$book-1", True), ("$ce-book", False), ("$$$ce-book", False), ("$$", True), ("$", False)],
)
def test_ordinary_streams_and_their_metadata_are_projected(stream: str, *, projected: bool) -> None:
    assert is_projected(stream, "any type") is projected


@pytest.mark.parametrize("data", [b"{}", b" [1] ", b'"x"', b"null", b"1" * 5000, b"1e999", '{"ä":"\\ud800"}'.encode()])
def test_any_value_is_json(data: bytes) -> None:
    assert is_valid_json(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{} x",
        b"{,}",
        b"[1,]",
        b"NaN",
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        b'"\xff"',
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_what_is_cut_or_in_another_encoding_or_too_deep_is_not(data: bytes) -> None:
    assert not is_valid_json(data)
