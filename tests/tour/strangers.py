"""What others do to the data while the tour goes on: a client of the node with a bug, and somebody with a SQLite tool.

Each is a program of its own, as in life: the window knows nothing of them but what they leave behind.
"""

import json
import subprocess
import sys
from pathlib import Path

BUGGY_CLIENT = """
import sys
from esdbclient import EventStoreDBClient, NewEvent

client = EventStoreDBClient(f"esdb://localhost:{sys.argv[1]}?tls=false")
event = NewEvent(type=sys.argv[3], data=sys.argv[4].encode())
client.append_to_stream(sys.argv[2], current_version=client.get_current_version(sys.argv[2]), events=[event])
client.close()
"""

CARELESS_HAND = """
import sys
from sqlite_utils import Database

books = Database(sys.argv[1])["books"]
for row in list(books.rows_where("title = ?", [sys.argv[2]])):
    books.update(row["id"], {"title": sys.argv[3]})
"""

LONGEST = 30.0
"""Seconds that one of them may take."""


def append_wrongly(folder: Path, stream: str, event_type: str, data: str) -> None:
    """A client that does not know Desk's events stores one. Raises CalledProcessError."""
    port = json.loads((folder / "node.port").read_text(encoding="utf-8"))["port"]
    _run(BUGGY_CLIENT, str(port), stream, event_type, data)


def spoil_a_title(read_model: Path, title: str, wrong: str) -> None:
    """Somebody edits the read model's file. Raises CalledProcessError."""
    _run(CARELESS_HAND, str(read_model), title, wrong)


def _run(program: str, *arguments: str) -> None:
    command = [sys.executable, "-c", program, *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=LONGEST)
