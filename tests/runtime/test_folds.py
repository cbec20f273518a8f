"""Folds of the user's own in a session: chosen, used, reloaded when saved, asked for again after a restart."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from desk.application.folds import FoldRefused, FoldsPort, FoldStanding
from desk.application.history import Inspection
from desk.application.queries import GetInspection
from desk.application.session import Session
from desk.cqrs.store import NO_STREAM, NewEvent, Recorded
from desk.runtime.options import Options
from desk.runtime.runtime import open_runtime, open_session
from tests.waiting import until

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
            folds.fold("order", EVENTS).result(60)
        folds.choose("order", folds.look_at(file))
        result = folds.fold("order", EVENTS).result(60)
        assert (result.states, result.problem) == (("2", "4", "6"), "")
        assert result.sha256 == sha256(COUNTS.encode()).hexdigest()
        folds.forget("order")
        assert folds.chosen() == ()


def test_a_file_that_is_saved_is_taken_as_it_is_saved(tmp_path: Path, file: Path) -> None:
    with opened(tmp_path / "data") as folds:
        folds.choose("order", folds.look_at(file))
        folds.fold("order", EVENTS).result(60)
        file.write_text(COUNTS.replace("state +", "state + 1 +"))
        assert folds.fold("order", EVENTS).result(60).states == ("3", "6", "9")
        file.write_text(COUNTS.replace("state +", "nothing +"))
        failed = folds.fold("order", EVENTS).result(60)
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
            folds.fold("order", EVENTS).result(60)
        assert not file.with_name("ran").exists()
        folds.choose("order", folds.look_at(file))
        assert folds.fold("order", EVENTS).result(60).states == ("2", "4", "6")
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
            folds.fold("order", EVENTS).result(60)


def test_closing_does_not_wait_for_a_fold_that_hangs(tmp_path: Path, file: Path) -> None:
    """Nor does what that has started stay."""
    began = file.with_name("began")
    started = "import pathlib, subprocess\nstarted = subprocess.Popen(['sleep', '300'])\n"
    file.write_text(f"{started}pathlib.Path({str(began)!r}).write_text(str(started.pid))\nstarted.wait()\n{COUNTS}")
    with opened(tmp_path / "data") as folds:
        folds.choose("order", folds.look_at(file))
        future = folds.fold("order", EVENTS)
        until(lambda: began.exists() and began.read_text() != "")
    assert future.cancelled() or future.result(60).problem
    until(lambda: not Path(f"/proc/{began.read_text()}").exists())


TOTALS = """
def initial():
    return {"total": 0, "city": None}

def evolve(state, event):
    if event.type == "Moved":
        return {**state, "city": event.data["city"]}
    return {**state, "total": state["total"] + event.data["n"]}
"""


def look(session: Session, revision: int) -> Inspection:
    return session.queries.ask(GetInspection("order-1", revision)).result(60)


def state_of(inspection: Inspection) -> dict[str, object]:
    return {field.key: field.value for field in inspection.state}


def test_history_shows_change_and_state_by_the_users_own_fold(tmp_path: Path, file: Path) -> None:
    with closing(open_runtime(Options(tmp_path / "data"))) as runtime:
        assert runtime.ready(30)
        session, folds = runtime.session, runtime.session.folds
        assert folds is not None
        given = (("Added", b'{"n": 2}'), ("Moved", b'{"city": "Oslo"}'), ("Added", b'{"n": 3}'))
        runtime.store.append(
            "order-1", NO_STREAM, tuple(NewEvent(uuid4(), type_, data, b"") for type_, data in given), timeout=20
        )
        assert state_of(look(session, 2)) == {"n": 3, "city": "Oslo"}, "a merge, where nothing was chosen"
        file.write_text(TOTALS)
        folds.choose("order", folds.look_at(file))
        seen = look(session, 2)
        assert state_of(seen) == {"total": 5, "city": "Oslo"}
        assert [(one.key, one.before, one.after) for one in seen.changes] == [("total", 2, 5)]
        assert "Folded by" in seen.note
        assert sha256(TOTALS.encode()).hexdigest()[:12] in seen.note
        runtime.store.append("order-1", 2, (NewEvent(uuid4(), "Added", b'{"n": 10}', b""),), timeout=20)
        assert state_of(look(session, 3)) == {"total": 15, "city": "Oslo"}
        file.write_text(TOTALS.replace("+ event.data", "+ 100 * event.data"))
        assert state_of(look(session, 3)) == {"total": 1500, "city": "Oslo"}, "reloaded, as it was saved"
        file.write_text(TOTALS.replace('event.data["city"]', "nothing"))
        assert state_of(look(session, 0)) == {"total": 2, "city": None}
        failed = look(session, 2)
        assert failed.state == ()
        assert "revision 1" in failed.note
        assert "Line 7: NameError" in failed.note
        folds.forget("order")
        assert state_of(look(session, 3)) == {"n": 10, "city": "Oslo"}


def test_history_says_that_a_changed_file_is_to_be_chosen_again(tmp_path: Path, file: Path) -> None:
    with closing(open_runtime(Options(tmp_path / "data"))) as runtime:
        assert runtime.ready(30)
        folds = runtime.session.folds
        assert folds is not None
        runtime.store.append("order-1", NO_STREAM, (NewEvent(uuid4(), "Added", b'{"n": 2}', b""),), timeout=20)
        folds.choose("order", folds.look_at(file))
    file.write_text("raise SystemExit\n")
    with closing(open_runtime(Options(tmp_path / "data"))) as runtime:
        assert runtime.ready(30)
        seen = look(runtime.session, 0)
        assert state_of(seen) == {"n": 2}
        assert "has changed since Desk last ran it" in seen.note
