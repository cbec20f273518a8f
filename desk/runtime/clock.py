"""This computer's own moments and ids. It is asked by nobody else."""

from datetime import UTC, datetime
from uuid import uuid4

from desk.cqrs.moments import Moments


def moments_of_this_computer() -> Moments:
    """The source that a running program hands to all its parts."""
    return Moments(lambda: datetime.now(UTC), uuid4)
