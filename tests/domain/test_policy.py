"""The moment of a decision and the library's numbers."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from desk.domain.policy import Moment, Policy


def test_the_librarys_numbers_are_these_unless_somebody_changes_them() -> None:
    assert Policy() == Policy(loan_days=21, renewals=2, pickup_days=5)


def test_an_instant_is_kept_as_utc_and_the_day_as_the_user_saw_it() -> None:
    tokyo = timezone(timedelta(hours=9))
    moment = Moment(datetime(2024, 3, 2, 8, 0, tzinfo=tokyo), date(2024, 3, 2))
    assert moment.now == datetime(2024, 3, 1, 23, 0, tzinfo=UTC)
    assert moment.now.tzinfo is UTC
    assert moment.today == date(2024, 3, 2)


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Moment(datetime(2024, 3, 1), date(2024, 3, 1))  # noqa: DTZ001 - that is the point
