"""One node a directory."""

from pathlib import Path

import pytest

from desk.node.lock import DirectoryInUse, DirectoryLock


def test_a_directory_is_held_by_one_and_free_after_it(tmp_path: Path) -> None:
    first = DirectoryLock(tmp_path)
    with pytest.raises(DirectoryInUse, match="Another node is running"):
        DirectoryLock(tmp_path)
    first.release()
    DirectoryLock(tmp_path).release()
