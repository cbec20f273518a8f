"""Hop 2: what a message cannot check by itself, as it needs the day on which it was sent.

Commands are valid by construction as far as their own fields go; these checks collect all that remains. Queries are
checked for what would make their answers endless or empty by mistake.
"""

from typing import Any, Final

from desk.application.queries import GetBookHistory, GetInspection, GetStreamPage
from desk.cqrs.messages import Envelope
from desk.cqrs.plugins.validation import Check
from desk.domain.commands import CorrectBookDetails, CreateBook
from desk.domain.errors import FieldCode, FieldError, InvalidCommand

LONGEST_PAGE: Final = 10_000
"""Events that one query may ask for."""


class InvalidQuery(Exception):
    """A query that nobody asks on purpose, with all that is wrong with it."""

    code = "InvalidQuery"


def query_checks() -> dict[type, Check]:
    """The check of each type of query that needs one."""
    return {GetStreamPage: _page_is_bounded, GetBookHistory: _history_is_bounded, GetInspection: _revision_exists}


def command_checks() -> dict[type, Check]:
    """The check of each type of command that needs one."""
    return {CreateBook: _year_has_begun, CorrectBookDetails: _year_has_begun}


def _year_has_begun(env: Envelope[Any]) -> None:
    year, latest = env.message.published_year, env.today.year
    if isinstance(year, int) and year > latest:
        wrong = FieldError("published_year", FieldCode.YEAR_IN_FUTURE, {"year": year, "latest": latest})
        raise InvalidCommand((wrong,))


def _page_is_bounded(env: Envelope[Any]) -> None:
    query: GetStreamPage = env.message
    wrong = [] if 1 <= query.limit <= LONGEST_PAGE else [f"limit {query.limit} is not 1 to {LONGEST_PAGE}"]
    if query.before is not None and query.after is not None:
        wrong.append("a page is before a place or after one, not both")
    _refuse(wrong)


def _history_is_bounded(env: Envelope[Any]) -> None:
    query: GetBookHistory = env.message
    wrong = [] if 1 <= query.limit <= LONGEST_PAGE else [f"limit {query.limit} is not 1 to {LONGEST_PAGE}"]
    if query.from_revision < 0:
        wrong.append(f"revision {query.from_revision} is below 0")
    _refuse(wrong)


def _revision_exists(env: Envelope[Any]) -> None:
    query: GetInspection = env.message
    wrong = [f"revision {query.revision} is below 0"] if query.revision < 0 else []
    if query.since is not None and not -1 <= query.since <= query.revision:
        wrong.append(f"revision {query.since} is not before {query.revision}")
    _refuse(wrong)


def _refuse(wrong: list[str]) -> None:
    if wrong:
        raise InvalidQuery("; ".join(wrong))
