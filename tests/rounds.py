"""How much is done of what takes long: a few in the ordinary run, all where ``DESK_TEST_LONG`` is set."""

import os
from typing import Final, TypeVar

T = TypeVar("T")

LONG: Final = bool(os.environ.get("DESK_TEST_LONG"))


def few_or_all(few: T, all_of_them: T) -> T:
    """The first of a number, a list of cases or whatever else says how much, or in a long run the second."""
    return all_of_them if LONG else few
