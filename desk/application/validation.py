"""Hop 2: what a message cannot check by itself, as it needs the day on which it was sent.

Commands are valid by construction as far as their own fields go; these checks collect all that remains.
"""

from typing import Any

from desk.cqrs.messages import Envelope
from desk.cqrs.plugins.validation import Check
from desk.domain.commands import CorrectBookDetails, CreateBook
from desk.domain.errors import FieldCode, FieldError, InvalidCommand


def command_checks() -> dict[type, Check]:
    """The check of each type of command that needs one."""
    return {CreateBook: _year_has_begun, CorrectBookDetails: _year_has_begun}


def _year_has_begun(env: Envelope[Any]) -> None:
    year, latest = env.message.published_year, env.today.year
    if isinstance(year, int) and year > latest:
        wrong = FieldError("published_year", FieldCode.YEAR_IN_FUTURE, {"year": year, "latest": latest})
        raise InvalidCommand((wrong,))
