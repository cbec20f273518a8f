"""How late the read model is: measured all the time, and made late on purpose."""

import time
from pathlib import Path

from tests.projection.library import Library, project, running, wait_until


def test_what_came_last_has_an_age_and_nothing_is_behind(tmp_path: Path, library: Library) -> None:
    library.some_history(1)
    lag = project(tmp_path / "model", library).projector.lag()
    assert (lag.events, lag.milliseconds) == (0, 0.0)
    assert 0 < lag.last_milliseconds < 10_000


def test_an_event_waits_as_long_as_somebody_wants_it_to(tmp_path: Path, library: Library) -> None:
    library.some_history(1)
    project(tmp_path / "model", library)
    with running(tmp_path / "model", library) as projector:
        projector.until_live()
        projector.projector.lateness.slow_down(0.3)
        begin = time.monotonic()
        position = library.book_created("late")
        wait_until(lambda: projector.projector.lag().events == 1)
        projector.until_at(position)
        assert time.monotonic() - begin >= 0.3
        assert projector.projector.lag().last_milliseconds >= 300


def test_who_wants_it_no_longer_late_need_not_wait(tmp_path: Path, library: Library) -> None:
    project(tmp_path / "model", library)
    with running(tmp_path / "model", library) as projector:
        projector.until_live()
        projector.projector.lateness.slow_down(3600)
        positions = [library.book_created(number) for number in range(3)]
        wait_until(lambda: projector.projector.lag().events == 3)
        projector.projector.lateness.slow_down(0)
        projector.until_at(positions[-1])


def test_a_late_read_model_stops_at_once(tmp_path: Path, library: Library) -> None:
    project(tmp_path / "model", library)
    with running(tmp_path / "model", library) as projector:
        projector.until_live()
        projector.projector.lateness.slow_down(3600)
        library.book_created("never waited for")
        wait_until(lambda: projector.projector.lag().events == 1)
