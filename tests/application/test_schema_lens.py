"""The shapes of a type's payloads over time, and fields that are optional, came later, or vanished."""

import json
import random

from desk.application.schema_lens import SchemaLens, shape_of
from desk.cqrs.store import Recorded
from tests.gui.timeline.fake_history import recorded


def events(*payloads: object) -> list[Recorded]:
    return [
        recorded("s", n, "Placed", position=10 * n, data=p if isinstance(p, bytes) else json.dumps(p).encode())
        for n, p in enumerate(payloads)
    ]


PAYLOADS = (
    {"total": 1, "coupon": "A"},
    {"total": 2, "coupon": None},
    {"total": "3", "currency": "EUR"},
    {"total": 4},
    {"total": 5, "currency": "EUR", "lines": [{"sku": 1}, {"sku": "x"}]},
    b"\x00",
)


def test_fields_come_go_and_are_optional_whatever_the_order_of_looking() -> None:
    given = events(*PAYLOADS)
    for seed in range(5):
        mixed = given[:]
        random.Random(seed).shuffle(mixed)
        lens = SchemaLens()
        lens.add(mixed[:2])
        lens.add(mixed[2:])
        fields = {field.path: field for field in lens.fields}
        assert dict(fields["total"].kinds) == {"number": 4, "text": 1}
        assert (fields["total"].optional, fields["total"].vanished, fields["total"].came_later) == (False, False, False)
        assert (fields["coupon"].optional, fields["coupon"].vanished) == (False, True)
        assert (fields["currency"].optional, fields["currency"].came_later) == (True, True)
        assert dict(fields["lines[].sku"].kinds) == {"number": 1, "text": 1}
        assert (fields["coupon"].seen.first.revision, fields["coupon"].seen.last.revision) == (0, 1)
        assert lens.no_json == 1
        assert lens.seen is not None
        assert lens.seen.count == 6
        assert [seen.first.revision for _, seen in lens.by_time] == [0, 1, 2, 3, 4]


def test_the_same_shape_is_one_with_its_first_and_last_event() -> None:
    lens = SchemaLens()
    lens.add(events({"a": 1}, {"a": 2}, {"a": 3, "b": 1}, {"a": 4}))
    assert [(shape, seen.count, seen.first.revision, seen.last.revision) for shape, seen in lens.by_time] == [
        ((("a", "number"),), 3, 0, 3),
        ((("a", "number"), ("b", "number")), 1, 2, 2),
    ]


def test_a_shape_has_each_path_once_and_deep_documents_need_no_recursion() -> None:
    assert shape_of([1, "a", [True]]) == (
        ("(whole)", "array"),
        ("[]", "array"),
        ("[]", "number"),
        ("[]", "text"),
        ("[][]", "boolean"),
    )
    deep: object = 1
    for _ in range(900):
        deep = {"a": deep}
    assert len(shape_of(deep)) == 900
