"""Clients in another language do with the node what they do with EventStoreDB.

They are installed by ``npm install --no-package-lock --prefix tests/node/second_client``; without them nothing is
tested here.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.node.processes import start_node

CLIENTS = Path(__file__).parent / "second_client"


@pytest.mark.parametrize("package", ["@eventstore/db-client", "@kurrent/kurrentdb-client"])
def test_a_client_in_another_language_appends_reads_subscribes_shares_and_is_refused(
    package: str, tmp_path: Path
) -> None:
    program = shutil.which("node")
    if program is None or not (CLIENTS / "node_modules" / package).is_dir():
        pytest.skip("needs Node.js and the packages of tests/node/second_client")
    node = start_node(tmp_path)
    try:
        walked = subprocess.run(
            [program, str(CLIENTS / "walk.mjs"), package, f"esdb://localhost:{node.port}?tls=false"],
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    finally:
        node.stop()
    assert walked.returncode == 0, walked.stderr
    assert json.loads(walked.stdout) == {
        "nextExpectedRevision": "2",
        "refusedBy": "wrong-expected-version",
        "forwards": [0, 1, 2],
        "backwards": [2, 1],
        "missing": "stream-not-found",
        "filtered": [2],
        "live": [3],
        "shared": [0, 1, 2, 3],
        "group": "walkers of walk-1",
        "exceeded": ["maximum-append-size-exceeded"] * 2,
    }
