"""Moments and revisions as people type them; what is neither gets a sentence that says what can be typed."""

from datetime import datetime, timedelta, timezone

import pytest

from desk.application.typed_moment import NotUnderstood, parse_moment, parse_revision

ZONE = timezone(timedelta(hours=2))
NOW = datetime(2026, 3, 4, 15, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("now", NOW),
        ("2026-03-02 14:00", datetime(2026, 3, 2, 14, tzinfo=ZONE)),
        ("2026-03-02 14:00:07", datetime(2026, 3, 2, 14, 0, 7, tzinfo=ZONE)),
        ("2.3.2026 14:00", datetime(2026, 3, 2, 14, tzinfo=ZONE)),
        ("2026-03-02T14:00:00+00:00", datetime(2026, 3, 2, 16, tzinfo=ZONE)),
        ("  Yesterday  9:05 ", datetime(2026, 3, 3, 9, 5, tzinfo=ZONE)),
        ("14:00", datetime(2026, 3, 4, 14, tzinfo=ZONE)),
        ("3 days ago", NOW - timedelta(days=3)),
        ("an hour ago", NOW - timedelta(hours=1)),
        ("2 weeks ago", NOW - timedelta(days=14)),
    ],
)
def test_a_moment_is_understood_in_the_zone_of_whoever_types(typed: str, meant: datetime) -> None:
    found = parse_moment(typed, NOW)
    assert found == meant
    assert found.tzinfo is not None


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("yesterday", "2026-03-03"),
        ("today", "2026-03-04"),
        ("2026-03-02", "2026-03-02"),
        ("2.3.2026", "2026-03-02"),
        ("2026-02", "2026-02-28"),
        ("2025-12", "2025-12-31"),
    ],
)
def test_a_day_or_a_month_alone_means_its_end(typed: str, day: str) -> None:
    found = parse_moment(typed, NOW)
    assert (found.date().isoformat(), found.hour, found.minute, found.second) == (day, 23, 59, 59)


@pytest.mark.parametrize(
    "typed", ["", "soon", "2026-13-01", "2026-02-30", "25:00", "yesterday noon", "9999999 weeks ago"]
)
def test_what_is_no_moment_gets_a_sentence_that_says_what_can_be_typed(typed: str) -> None:
    with pytest.raises(NotUnderstood, match=r"is no moment\. Type a day or a time, such as 2026-03-02 14:00"):
        parse_moment(typed, NOW)


def test_a_revision_is_a_number_that_the_stream_has() -> None:
    assert parse_revision(" 41 ", 0, 87) == 41
    assert parse_revision("r41", 0, 87) == 41
    with pytest.raises(NotUnderstood, match=r"There is no revision 88 here\. Type a number from 0 to 87\."):
        parse_revision("88", 0, 87)
    for typed in ("", "x", "-1", "4.5", "٤"):
        with pytest.raises(NotUnderstood, match="Type a number from 3 to 87"):
            parse_revision(typed, 3, 87)
