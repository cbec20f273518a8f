"""Pages of the log: each is of the moment at which it is read, whatever became of the ones before."""

from contextlib import closing
from pathlib import Path

import pytest

from desk.node.log import Log
from desk.node.pages import LogPages
from tests.node.care.logs import events, written


def test_a_filter_that_fails_leaves_no_view_of_the_past_behind(tmp_path: Path) -> None:
    def fail(_stream: str, _type: str) -> bool:
        raise ValueError("It takes too long.")

    with closing(Log(tmp_path / "node.sqlite")) as log, closing(LogPages(log.path)) as pages:
        written(log, events("s", 3))
        with pytest.raises(ValueError, match="too long") as kept:
            pages.log_events(0, 10, fail)
        written(log, events("s", 1))
        assert pages.end_of("s").last == 3
        assert kept.tb is not None  # with it its frames live on, and what they hold
