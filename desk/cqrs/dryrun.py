"""Hop 2: what a command would do, without doing it: the answer to "what if?" and to "why not?"."""

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Protocol

from desk.records import dataclass


class Change(Protocol):
    """One field of an aggregate, before and after; None where there was, or would be, nothing."""

    @property
    def name(self) -> str: ...

    @property
    def before(self) -> str | None: ...

    @property
    def after(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command is refused: a stable code, the values of the case, and the sentence to show."""

    code: str
    sentence: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would come of a command now. Nothing was appended.

    ``events`` are those that would be stored: none where it is refused, or already as the command wants it.
    ``changes`` are the fields that would differ, as the inspection of a stored event shows them.
    """

    events: tuple[object, ...] = ()
    changes: tuple[Change, ...] = ()
    refusal: Refusal | None = None

    @property
    def allowed(self) -> bool:
        """Whether the command would be accepted, be it with nothing to record."""
        return self.refusal is None
