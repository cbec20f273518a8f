"""Folds of the user's own: a Python file with ``initial()`` and ``evolve(state, event)``, chosen for a category.

Only a file that the user chose is ever run, by its content: one that has changed since Desk last ran it is asked for
again after a restart; one that is saved while Desk runs is taken as it is saved.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from enum import Enum
from pathlib import Path
from typing import Protocol

from desk.cqrs.store import Recorded
from desk.records import dataclass


class FoldRefused(Exception):
    """It cannot be done; the text is a sentence for people."""


class FoldStanding(Enum):
    """How a chosen fold is: it is used, its file was CHANGED while Desk did not run, or is MISSING."""

    USED = "used"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class FoldFile:
    """A file as somebody looked at it: ``sha256`` (hexadecimal) is of its content."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class ChosenFold:
    """The fold of a category; ``file`` as it was last run, or chosen."""

    category: str
    file: FoldFile
    standing: FoldStanding


@dataclass(frozen=True, slots=True)
class FoldedStates:
    """The states after each event, as JSON, by the file of that hash; fewer than events where it was given up.

    ``problem`` is then a sentence, ``line`` of the user's file and ``revision`` of the event, where they are known.
    """

    sha256: str
    states: tuple[str, ...]
    problem: str = ""
    line: int | None = None
    revision: int | None = None


class FoldsPort(Protocol):
    """Choosing folds, and folding with them. Safe to use from any thread."""

    def chosen(self) -> tuple[ChosenFold, ...]:
        """All of this store; reads their files."""

    def look_at(self, path: Path) -> FoldFile:
        """The file as it is now, to be shown before it is chosen; it is not run. Raises FoldRefused."""

    def choose(self, category: str, file: FoldFile) -> None:
        """Use this file for a category. Raises FoldRefused where it is not any more what was looked at."""

    def forget(self, category: str) -> None:
        """Use none."""

    def fold(self, category: str, events: Sequence[Recorded]) -> "Future[FoldedStates]":
        """Fold a stream from its beginning, with the file as it is saved by now. Fails with FoldRefused where no fold
        is chosen for the category, or its file has to be chosen again."""
