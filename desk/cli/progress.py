"""Shows how far something is: a bar in a terminal, now and then a plain line everywhere else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol, TextIO

from desk.application.importing.progress import Progress

_SECONDS_BETWEEN_LINES: Final = 5.0


class Display(Protocol):
    """Where progress is shown."""

    def show(self, progress: Progress) -> None:
        """How far an import is."""

    def tell(self, share: float | None, words: str) -> None:
        """How far anything is; ``share`` from 0 to 1."""


@contextmanager
def display(stream: TextIO) -> Iterator[Display]:
    """A display that suits the stream; cleared away at the end."""
    if not stream.isatty():
        yield _Lines(stream)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task("reading…", total=None)

        class _Bar:
            def show(self, progress: Progress) -> None:
                bar.update(task, completed=progress.done, total=progress.total or None, description=_words(progress))

            def tell(self, share: float | None, words: str) -> None:
                bar.update(task, completed=share or 0, total=None if share is None else 1, description=words)

        yield _Bar()


class _Lines:
    """Plain lines; none for what is over before the first would be due."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._told = time.monotonic()

    def show(self, progress: Progress) -> None:
        self._say(_words(progress))

    def tell(self, share: float | None, words: str) -> None:
        self._say(words if share is None else f"{share:.0%}, {words}")

    def _say(self, words: str) -> None:
        now = time.monotonic()
        if now - self._told >= _SECONDS_BETWEEN_LINES:
            self._told = now
            print(words, file=self._stream, flush=True)


def _words(progress: Progress) -> str:
    if progress.waiting_for:
        return f"{progress.done:,} of about {progress.total:,}. Waiting: {progress.waiting_for}"
    left = "" if progress.seconds_left is None else f", {_duration(progress.seconds_left)} left"
    refused = f", {progress.refused:,} refused" if progress.refused else ""
    return f"{progress.done:,} of about {progress.total:,}, {progress.rate:,.0f} a second{left}{refused}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
