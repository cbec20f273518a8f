"""A program that is killed while its store does not answer.

``python -m tests.programs.killed_while_waiting DIR COMMAND_ID``
"""

import os
import signal
import sys
import time
from pathlib import Path
from uuid import UUID, uuid4

from desk.application.session import Light
from desk.domain.commands import CreateBook
from desk.runtime.options import Options
from desk.runtime.runtime import open_runtime


def main(directory: Path, command_id: UUID) -> None:
    runtime = open_runtime(Options(directory, user="ada"))
    session = runtime.session
    while session.connection.state.light is not Light.GREEN:
        time.sleep(0.01)
    node = session.about.node_pid
    assert node is not None
    os.kill(node, signal.SIGSTOP)
    command = CreateBook(book_id=uuid4(), isbn="9780306406157", title="Emma", authors=("Jane Austen",))
    session.commands.execute(command, command_id=command_id)
    while not runtime.local.waiting():
        time.sleep(0.001)
    os.kill(node, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), UUID(sys.argv[2]))
