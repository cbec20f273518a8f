"""One process writes the read model."""

import subprocess
import sys
from pathlib import Path

import desk
from desk.projection.lock import try_lock

ROOT = Path(desk.__file__).parents[1]
HOLD = """
import sys
from pathlib import Path
from desk.projection.lock import try_lock
lock = try_lock(Path(sys.argv[1]))
print("held" if lock else "refused", flush=True)
sys.stdin.readline()
"""


def test_the_lock_is_refused_while_it_is_held_and_free_afterwards(tmp_path: Path) -> None:
    first = try_lock(tmp_path / "read-model.lock")
    assert first is not None
    assert try_lock(tmp_path / "read-model.lock") is None
    first.release()
    first.release()
    again = try_lock(tmp_path / "read-model.lock")
    assert again is not None
    with again:
        assert try_lock(tmp_path / "read-model.lock") is None


def test_another_process_is_refused_and_a_killed_one_leaves_the_lock_free(tmp_path: Path) -> None:
    path = tmp_path / "read-model.lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert try_lock(path) is None
        other.kill()
        other.wait(60)
    lock = try_lock(path)
    assert lock is not None
    lock.release()
