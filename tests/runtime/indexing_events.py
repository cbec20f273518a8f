"""Has the events of a store indexed, in a process of its own: ``python -m tests.runtime.indexing_events DIR URI``.

It says how many events there are each time it hears of it, and ``ready`` at the end.
"""

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from desk.application.event_index import IndexPart, PartState
from desk.runtime.options import Options
from desk.runtime.runtime import open_runtime

SECONDS = 120.0


def build(directory: Path, uri: str, say: Callable[[int], None]) -> None:
    """Have it built or gone on with; ``say`` is told how many events it has."""

    def told(event: object) -> None:
        if isinstance(event, PartState) and event.part is IndexPart.EVENTS:
            say(event.events)

    with closing(open_runtime(Options(directory, uri))) as runtime:
        runtime.session.listen(told)
        assert runtime.session.index is not None
        runtime.session.index.build(IndexPart.EVENTS).result(SECONDS)


def _write(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    build(Path(sys.argv[1]), sys.argv[2], _write)
    _write("ready")
