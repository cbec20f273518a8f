"""A node that is killed between a commit and its answer: ``python -m tests.node.killed_after_commit DIR N``.

The N-th commit of an append is durable, and nobody is ever told. Otherwise it is ``desk node --data DIR --port 0``:
the same ready line and port file, and it holds the directory's lock.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from unittest.mock import patch

from desk.node.log import Committed, Log
from desk.node.main import locked, run
from desk.node.records import Write
from desk.node.server import NodeSettings


def main(directory: Path, number: int) -> None:
    # The first commit of a new log is its system event.
    commits = count(1 if (directory / "node.sqlite").exists() else 0)

    commit = Log.commit

    def killed(log: Log, writes: Sequence[Write]) -> Committed:
        committed = commit(log, writes)
        if next(commits) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return committed

    with locked(directory), patch.object(Log, "commit", killed):
        asyncio.run(run(NodeSettings(directory, port=0), parent_pipe=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
