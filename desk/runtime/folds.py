"""Folds of the user's own, over the child process of :mod:`desk.scripting` and the local file."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import field
from hashlib import sha256
from pathlib import Path
from typing import Final

from desk.application.folds import ChosenFold, FoldedStates, FoldFile, FoldRefused, FoldStanding
from desk.cqrs.metadata import instant_text
from desk.cqrs.store import Recorded
from desk.projection.local import LocalFile
from desk.records import dataclass
from desk.scripting.fold_process import FoldedEvent, FoldProcess

LARGEST_FILE: Final = 1024 * 1024
"""Bytes of a file that may be chosen."""


@dataclass
class Folds:
    """Satisfies :class:`~desk.application.folds.FoldsPort`. One fold runs at a time."""

    local: LocalFile
    _process: FoldProcess = field(default_factory=FoldProcess, init=False)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "folds"), init=False)
    _running: set[str] = field(default_factory=set, init=False)
    """Categories whose file was found, since the start, as it was chosen: it may be saved anew from then on."""

    def chosen(self) -> tuple[ChosenFold, ...]:
        return tuple(
            ChosenFold(category, FoldFile(Path(path), known), self._standing(category, Path(path), known))
            for category, path, known in self.local.folds()
        )

    def look_at(self, path: Path) -> FoldFile:
        return FoldFile(path, _hash_of(_read(path)))

    def choose(self, category: str, file: FoldFile) -> None:
        if self.look_at(file.path) != file:
            raise FoldRefused(f"{file.path} has changed since it was looked at. Choose it again.")
        self.local.keep_fold(category, str(file.path), file.sha256)
        self._running.add(category)

    def forget(self, category: str) -> None:
        self.local.forget_fold(category)
        self._running.discard(category)

    def fold(self, category: str, events: Sequence[Recorded]) -> "Future[FoldedStates]":
        return self._pool.submit(self._fold, category, tuple(events))

    def close(self) -> None:
        """Kill what runs."""
        self._process.close()
        self._pool.shutdown(cancel_futures=True)

    def _fold(self, category: str, events: tuple[Recorded, ...]) -> FoldedStates:
        kept = next((fold for fold in self.chosen() if fold.category == category), None)
        if kept is None:
            raise FoldRefused(f"No fold is chosen for {category}.")
        path = kept.file.path
        source = _read(path)
        found = _hash_of(source)
        if kept.standing is FoldStanding.CHANGED:
            raise FoldRefused(f"{path} has changed since Desk last ran it. Choose it again if it is to be run.")
        if found != kept.file.sha256:
            self.local.keep_fold(category, str(path), found)
        self._running.add(category)
        result = self._process.fold(source.decode("utf-8", "replace"), path, [_given(event) for event in events])
        failure = result.failure
        if failure is None:
            return FoldedStates(found, result.states)
        return FoldedStates(found, result.states, failure.sentence, failure.line, failure.revision)

    def _standing(self, category: str, path: Path, known: str) -> FoldStanding:
        try:
            found = _hash_of(_read(path))
        except FoldRefused:
            return FoldStanding.MISSING
        return FoldStanding.USED if found == known or category in self._running else FoldStanding.CHANGED


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise FoldRefused(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(content) > LARGEST_FILE:
        raise FoldRefused(f"{path} has more than 1 MiB, which is no fold.")
    return content


def _hash_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def _given(event: Recorded) -> FoldedEvent:
    created = instant_text(event.created) if event.created else None
    return FoldedEvent(
        event.type, event.data, event.metadata, event.stream, event.revision, event.position, str(event.id), created
    )
