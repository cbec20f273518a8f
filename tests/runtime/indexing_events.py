"""Has the events of a store indexed, in a process of its own: ``python -m tests.runtime.indexing_events DIR URI``.

It says how many events there are each time it hears of it, and ``ready`` at the end.
"""

import sys
from contextlib import closing
from pathlib import Path

from desk.application.event_index import IndexPart, PartState
from desk.runtime.options import Options
from desk.runtime.runtime import open_runtime

SECONDS = 120.0


def say(event: object) -> None:
    """Say how far it is."""
    if isinstance(event, PartState) and event.part is IndexPart.EVENTS:
        sys.stdout.write(f"{event.events}\n")
        sys.stdout.flush()


def main(directory: Path, uri: str) -> None:
    """Have it built."""
    with closing(open_runtime(Options(directory, uri))) as runtime:
        runtime.session.listen(say)
        assert runtime.session.index is not None
        runtime.session.index.build(IndexPart.EVENTS).result(SECONDS)
        sys.stdout.write("ready\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
