"""What a decision may know beside the book itself: the moment it is made in, and the library's numbers."""

from datetime import UTC, date, datetime
from typing import final

from desk.records import dataclass


@final
@dataclass(frozen=True, slots=True)
class Policy:
    """The library's numbers. Results go into events, so that another policy never changes history."""

    loan_days: int = 21
    renewals: int = 2
    pickup_days: int = 5


@final
@dataclass(frozen=True, slots=True)
class Moment:
    """When a command was issued: the instant (kept as UTC), and the local date that its user saw on the wall.

    Raises ValueError for an instant without a time zone.
    """

    now: datetime
    today: date

    def __post_init__(self) -> None:
        if self.now.utcoffset() is None:
            raise ValueError("a moment needs an aware instant")
        object.__setattr__(self, "now", self.now.astimezone(UTC))
