"""Sources of moments and ids for tests: the real one, and one that says the same in every run."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

from desk.cqrs.moments import Moments

REAL = Moments(lambda: datetime.now(UTC), uuid4)


def counted(begin: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)) -> Moments:
    """Each moment is a second after the one before, each id the next number."""
    seconds, numbers = count(), count(1)
    return Moments(lambda: begin + timedelta(seconds=next(seconds)), lambda: UUID(int=next(numbers)))
