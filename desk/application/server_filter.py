"""What a server can choose by itself of what somebody asks for: by types or by names of streams, never both."""

import re
from collections.abc import Iterable
from typing import Final

from desk.application.event_question import EventQuestion
from desk.application.scanning import UNPROJECTED
from desk.cqrs.store import Filter
from desk.records import dataclass

_PYTHON_ALONE: Final = re.compile(r"\(\?P|\\Z|[*+?}]\+")
"""What servers read otherwise, or not at all: named groups, the very end, and repetitions that give nothing back."""


@dataclass(frozen=True, slots=True)
class ServerFilter:
    """A filter of the server's own; without ``is_all`` what it lets through has to be looked at one by one."""

    filter: Filter
    is_all: bool


def server_filter(question: EventQuestion) -> ServerFilter | None:
    """The best filter for a question over several streams; None where the server can choose nothing of it."""
    chosen = _of_types(question) or _of_names(question)
    if chosen is None:
        return None
    if chosen.by_type:
        bare = EventQuestion(types=question.types, type_patterns=question.type_patterns)
    else:
        bare = EventQuestion(streams=question.streams, category=question.category)
    return ServerFilter(chosen, question == bare)


def _of_types(question: EventQuestion) -> Filter | None:
    if not question.type_patterns:
        return Filter.of_types(question.types) if question.types else None
    if not _is_common(question.type_patterns):
        return None
    exact = (f"^{re.escape(name)}$" for name in question.types)
    return Filter(_joined((*exact, *question.type_patterns)), by_type=True)


def _of_names(question: EventQuestion) -> Filter | None:
    category = f"{re.escape(question.category)}-" if question.category else ""
    if not question.streams:
        return Filter(f"^{category}") if category else None
    if not _is_common(question.streams):
        return None
    begins = f"^(?={category})" if category else UNPROJECTED.pattern
    return Filter(f"{begins}(?s:.*?{_joined(question.streams)})")


def _joined(patterns: Iterable[str]) -> str:
    return f"(?:{'|'.join(f'(?:{pattern})' for pattern in patterns)})"


def _is_common(patterns: tuple[str, ...]) -> bool:
    return not any(map(_PYTHON_ALONE.search, patterns))
