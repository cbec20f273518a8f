"""Folds of the user's own in a session: chosen, used, reloaded when saved, asked for again after a restart."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from desk.application.folds import FoldRefused, FoldsPort, FoldStanding
from desk.cqrs.store import Recorded
from desk.runtime.options import Options
from desk.runtime.runtime import open_session

COUNTS = "def initial():\n    return 0\n\ndef evolve(state, event):\n    return state + event.data['n']\n"
EVENTS = tuple(
    Recorded(uuid4(), "order-1", n, n, "Added", b'{"n": 2}', b"", datetime(2026, 3, 2, tzinfo=UTC)) for n in range(3)
)


@contextmanager
def opened(directory: Path) -> Iterator[FoldsPort]:
    session = open_session(Options(directory))
    try:
        assert session.folds is not None
        yield session.folds
    finally:
        session.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fold.py"
    path.write_text(COUNTS)
    return path


def test_a_chosen_file_folds_its_category_and_is_named_with_its_hash(tmp_path: Path, file: Path) -> None:
    with opened(tmp_path / "data") as folds:
        with pytest.raises(FoldRefused, match="No fold is chosen for order"):
            folds.fold("order", EVENTS).result(20)
        folds.choose("order", folds.look_at(file))
        result = folds.fold("order", EVENTS).result(20)
        assert (result.states, result.problem) == (("2", "4", "6"), "")
        assert result.sha256 == sha256(COUNTS.encode()).hexdigest()
        folds.forget("order")
        assert folds.chosen() == ()


def test_a_file_that_is_saved_is_taken_as_it_is_saved(tmp_path: Path, file: Path) -> None:
    with opened(tmp_path / "data") as folds:
        folds.choose("order", folds.look_at(file))
        folds.fold("order", EVENTS).result(20)
        file.write_text(COUNTS.replace("state +", "state + 1 +"))
        assert folds.fold("order", EVENTS).result(20).states == ("3", "6", "9")
        file.write_text(COUNTS.replace("state +", "nothing +"))
        failed = folds.fold("order", EVENTS).result(20)
        assert (failed.line, failed.revision) == (5, 0)
    with opened(tmp_path / "data") as folds:
        (fold,) = folds.chosen()
        assert fold.standing is FoldStanding.USED  # it is as it was last run


def test_a_file_that_changed_while_desk_did_not_run_is_asked_for_again(tmp_path: Path, file: Path) -> None:
    with opened(tmp_path / "data") as folds:
        folds.choose("order", folds.look_at(file))
    file.write_text("import pathlib\npathlib.Path(__file__).with_name('ran').touch()\n" + COUNTS)
    with opened(tmp_path / "data") as folds:
        (fold,) = folds.chosen()
        assert fold.standing is FoldStanding.CHANGED
        with pytest.raises(FoldRefused, match="has changed since Desk last ran it"):
            folds.fold("order", EVENTS).result(20)
        assert not file.with_name("ran").exists()
        folds.choose("order", folds.look_at(file))
        assert folds.fold("order", EVENTS).result(20).states == ("2", "4", "6")
        assert file.with_name("ran").exists()


def test_what_was_looked_at_is_what_is_chosen(tmp_path: Path, file: Path) -> None:
    with opened(tmp_path / "data") as folds:
        looked = folds.look_at(file)
        file.write_text("# other\n" + COUNTS)
        with pytest.raises(FoldRefused, match="has changed since it was looked at"):
            folds.choose("order", looked)
        with pytest.raises(FoldRefused, match="cannot be read: No such file"):
            folds.look_at(tmp_path / "none.py")


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path, file: Path) -> None:
    with opened(tmp_path / "data") as folds:
        folds.choose("order", folds.look_at(file))
        file.unlink()
        (fold,) = folds.chosen()
        assert fold.standing is FoldStanding.MISSING
        with pytest.raises(FoldRefused, match="cannot be read"):
            folds.fold("order", EVENTS).result(20)


def test_closing_does_not_wait_for_a_fold_that_hangs(tmp_path: Path, file: Path) -> None:
    file.write_text("import time\ntime.sleep(60)\n" + COUNTS)
    with opened(tmp_path / "data") as folds:
        folds.choose("order", folds.look_at(file))
        future = folds.fold("order", EVENTS)
    assert future.cancelled() or future.result(5).problem
