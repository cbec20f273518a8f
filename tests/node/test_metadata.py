"""What stream metadata mean, rightly written and wrongly."""

import json

import pytest

from desk.node.metadata import TICKS, StreamMetadata, of_event, parse, with_truncate_before
from desk.node.records import MAX

VOID = StreamMetadata()


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ('{"$maxCount":3}', StreamMetadata(max_count=3)),
        ('{"$maxAge":60}', StreamMetadata(max_age=60)),
        ('{"$tb":2}', StreamMetadata(truncate_before=2)),
        ('{"$tb":0}', StreamMetadata(truncate_before=0)),
        ('{"$tb":2,"$tb":3}', StreamMetadata(truncate_before=3)),
        ('{"$tb":2,"$maxCount":0}', StreamMetadata(truncate_before=2)),
        ('{"$tb":2,"$maxCount":-1}', StreamMetadata(truncate_before=2)),
        ('{"$tb":2,"colour":null}', StreamMetadata(truncate_before=2)),
        ('\ufeff{"$tb":2}', StreamMetadata(truncate_before=2)),
        ('{"$tb":2,}', StreamMetadata(truncate_before=2)),
        ('{"$tb":2} and more', StreamMetadata(truncate_before=2)),
        ('{"a":",}","$tb":2,}', StreamMetadata(truncate_before=2)),
        ('{"$tb":2,"$acl":{"$r":["a","b"],"$w":"c"}}', StreamMetadata(truncate_before=2)),
    ],
)
def test_metadata_are_read_as_the_original_reads_them(text: str, meaning: StreamMetadata) -> None:
    assert parse(text.encode()) == meaning


@pytest.mark.parametrize(
    "text",
    [
        '{"$maxCount":"x","$tb":2}',
        '{"$maxCount":1.5,"$tb":2}',
        '{"$maxCount":null,"$tb":2}',
        '{"$maxCount":true,"$tb":2}',
        '{"$maxCount":9223372036854775808,"$tb":2}',
        '{"$maxAge":1e3,"$tb":2}',
        '{"$maxAge":99999999999999,"$tb":2}',
        '{"$tmp":"yes","$tb":2}',
        '{"$cacheControl":"x","$tb":2}',
        '{"$acl":"x","$tb":2}',
        '{"$acl":{"$r":1},"$tb":2}',
        '{"$acl":{"$x":"y"},"$tb":2}',
        '[{"$tb":2}]',
        '{"$tb":2',
        "2",
        "",
    ],
)
def test_one_wrong_value_voids_all_of_it(text: str) -> None:
    assert parse(text.encode()) == VOID


def test_metadata_that_are_not_marked_as_json_are_void() -> None:
    assert of_event(b'{"$tb":2}', is_json=False) == VOID


def test_both_a_count_and_a_revision_hide_events() -> None:
    assert StreamMetadata(max_count=6, truncate_before=4).first_visible(7) == 4
    assert StreamMetadata(max_count=2, truncate_before=4).first_visible(7) == 6
    assert StreamMetadata(max_count=100).first_visible(7) == 0


def test_the_age_is_counted_in_seconds() -> None:
    assert StreamMetadata(max_age=2).oldest_visible(5 * TICKS) == 3 * TICKS


def test_a_stream_that_is_written_again_keeps_its_other_metadata() -> None:
    changed = with_truncate_before(b'{"$tb":%d,"colour":"b\xc3\xbcn"}' % MAX, 3)
    assert changed is not None
    assert json.loads(changed) == {"$tb": 3, "colour": "bün"}
    assert with_truncate_before(b"[]", 3) is None
