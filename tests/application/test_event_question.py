"""What is asked of events of any system: words, names, times, values at paths."""

import json
import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from desk.application.event_json import event_json, event_line
from desk.application.event_question import (
    EventQuestion,
    JsonPath,
    PathCondition,
    UnreadableQuestion,
    expression,
    matches,
    name_pattern,
    one_of,
)
from desk.cqrs.store import Recorded

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def event(
    data: object = b"", *, metadata: bytes = b"", type: str = "OrderPlaced", stream: str = "order-17"
) -> Recorded:
    stored = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Recorded(uuid4(), stream, 0, 10, type, stored, metadata, NOON)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("berlin", True),
        ("BERLIN harbour", True),
        ("berl", False),
        ("berl*", True),
        ("erlin", False),
        ("R-1001", True),
        ("1001-R", False),
        ("reykjavik", True),
        ("Reykjavík", True),
        ("second", True),
        ("nsecond", False),
        ("mira", True),
        ("berlin nobody", False),
    ],
)
def test_words_are_found_whole_in_payload_and_metadata(text: str, found: bool) -> None:
    """The payload is written as many programs do: with escapes for every sign beyond ASCII, and for ends of lines."""
    order = event(
        {"city": "Berlin", "street": "1 Harbour Road", "reader": "R-1001", "to": "Reykjavík", "note": "first\nsecond"},
        metadata=b'{"user": "Mira"}',
    )
    assert b"\\u00ed" in order.data
    assert b"\\nsecond" in order.data
    assert matches(EventQuestion(text=text), order) is found


ORDER = {
    "total": 120,
    "weight": 1.5,
    "paid": True,
    "coupon": None,
    "customer": {"city": "Berlin", "first name": "Ada"},
    "lines": [{"sku": "A"}, {"sku": "B"}],
}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("$.total > 100", True),
        ("$.total>=120", True),
        ("$.total > 120", False),
        ('$.total = "120"', False),
        ("$.weight < 2", True),
        ('$.customer.city = "Berlin"', True),
        ("$.customer.city = Berlin", True),
        ("$.customer.city = 'Berlin'", True),
        ('$.customer.city > "Aachen"', True),
        ("$.customer.city > 100", False),
        ('$.customer."first name" = "Ada"', True),
        ("$.lines[1].sku = B", True),
        ("$.lines[2].sku = B", False),
        ("$.paid = true", True),
        ("$.paid = 1", False),
        ("$.total = true", False),
        ("$.coupon = null", True),
        ("$.coupon", True),
        ("$.discount", False),
        ("$.discount != 5", False),
        ("$.total != 5", True),
        ('$.total != "x"', True),
        ("$.total != 120", False),
        ("$.customer > 5", False),
    ],
)
def test_a_condition_holds_for_values_of_its_own_kind(condition: str, holds: bool) -> None:
    asked = PathCondition.parse(condition)
    assert asked.holds(ORDER) is holds
    assert PathCondition.parse(str(asked)) == asked


@pytest.mark.parametrize(
    "text", ["total > 100", "$..total", "$.a b = 1", "$.a = {}", "$.a > true", "$.a >", "", "$.a[x]"]
)
def test_what_is_no_condition_is_refused_with_how_one_looks(text: str) -> None:
    with pytest.raises(UnreadableQuestion, match=r"\$"):
        PathCondition.parse(text)


def test_a_payload_that_is_no_document_meets_no_condition() -> None:
    for data in (b"", b"\xff\xfe", b"{", b"[1]", b'{"total": NaN}'):
        assert not matches(EventQuestion(paths=(PathCondition.parse("$.total > 1"),)), event(data))


@pytest.mark.parametrize(
    ("typed", "name", "is_meant"),
    [
        ("order 17", "order-000017", True),
        ("17 ORDER", "order-000017", True),
        ("order 18", "order-000017", False),
        ("*-2026*", "order-2026-1", True),
        ("order-*", "preorder-1", False),
        ("order-*", "Order-1", True),
        ("a.c", "abc", False),
        ("order*", "order-1\n2", True),
    ],
)
def test_a_name_is_meant_by_its_parts_or_by_a_pattern(typed: str, name: str, is_meant: bool) -> None:
    assert (one_of((name_pattern(typed),)).search(name) is not None) is is_meant


@pytest.mark.parametrize(
    ("typed", "name", "is_meant"),
    [
        (r"^order-\d+7$", "order-000017", True),
        (r"^order-\d+7$", "order-000018", False),
        ("(?i)ORDER", "order-1", True),
        ("ORDER", "order-1", False),
        ("a|b", "xb", True),
        (r"^(\w-)?x", "a-x", True),
        (r"(\d{2}-){2}", "11-22-", True),
        (r"[(+*]\)", "+)", True),
        ("(?=order).*1", "order-1", True),
    ],
)
def test_a_regular_expression_is_searched_for(typed: str, name: str, is_meant: bool) -> None:
    assert (one_of((expression(typed), "^never$")).search(name) is not None) is is_meant


@pytest.mark.parametrize("typed", ["order-(", "[a-", "*", "a{2}{3}", "(?i)(", "(?P<a>b", "a(?i)b"])
def test_what_is_no_regular_expression_is_refused_with_where(typed: str) -> None:
    with pytest.raises(UnreadableQuestion, match="is no regular expression: "):
        expression(typed)


@pytest.mark.parametrize("typed", ["(a+)+$", "(a|a)*b", "^(a?a)+$", "(x(a*b)y)*", "([a-z]+.){2,}", "((a+))+"])
def test_an_expression_that_could_take_for_ever_is_refused(typed: str) -> None:
    with pytest.raises(UnreadableQuestion, match="can take for ever"):
        expression(typed)


def test_one_of_several_types_or_streams_is_enough_and_a_category_has_to_be_met() -> None:
    one = event({}, type="OrderPaid", stream="order-17")
    assert matches(EventQuestion(types=("Other",), type_patterns=("^OrderP",)), one)
    assert not matches(EventQuestion(types=("Other",), type_patterns=("^P",)), one)
    assert matches(EventQuestion(streams=("^x", "7$")), one)
    assert not matches(EventQuestion(streams=("7$",), category="invoice"), one)
    assert matches(EventQuestion(streams=("7$",), category="order"), one)


def test_types_times_names_and_correlations_are_conditions_too() -> None:
    correlation = str(uuid4())
    one = event({}, metadata=json.dumps({"$correlationId": correlation}).encode())
    assert matches(
        EventQuestion(types=("OrderPlaced", "Other"), streams=("order",), correlation=correlation.upper()), one
    )
    assert not matches(EventQuestion(types=("Other",)), one)
    assert not matches(EventQuestion(correlation=str(uuid4())), one)
    assert matches(EventQuestion(since=NOON), one)
    assert not matches(EventQuestion(until=NOON), one)


def test_a_path_is_written_as_a_database_reads_it() -> None:
    assert str(JsonPath.parse('$.a."b c"[0].d')) == '$.a."b c"[0].d'


def test_an_event_on_one_line_is_the_same_document() -> None:
    odd = event(b'{\r\n "long": ' + b"7" * 400 + b',\n "text": "a\\nb"}')
    assert json.loads(event_line(odd)) == json.loads(event_json(odd))
    assert not re.search(r"[\r\n]", event_line(odd))
