"""The first announcement at once, further ones gathered; nothing is lost by gathering."""

from desk.application.catalogue import Announcement
from desk.projection.announcing import GATHER, GATHER_PROGRESS, AnnouncementThrottle
from desk.projection.batch import Written


class Spoken:
    """What was announced, under a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.said: list[Announcement] = []
        self.news = AnnouncementThrottle(self.said.append, lambda: self.now)


def test_the_first_is_said_at_once_and_those_within_50_ms_together() -> None:
    spoken = Spoken()
    spoken.news.add(Written(arrived={1: None}, streams={"a"}), 10, live=True)
    assert [one.position for one in spoken.said] == [10]
    assert spoken.news.due_in is None

    spoken.news.add(Written(changed={1}, streams={"a"}), 20, live=True)
    spoken.now += 0.02
    spoken.news.add(Written(arrived={2: None}, moved=True, streams={"b"}), 30, live=True)
    spoken.news.add(Written(changed={2, 3}), 40, live=True)
    assert len(spoken.said) == 1
    assert spoken.news.due_in is not None
    assert abs(spoken.news.due_in - (GATHER - 0.02)) < 1e-9
    spoken.now += 0.04
    assert spoken.news.due_in == 0
    spoken.news.flush()
    last = spoken.said[-1]
    assert (last.position, set(last.changed), last.arrived) == (40, {1, 3}, (2,))
    assert last.reordered
    assert last.streams == {"a", "b"}
    spoken.news.flush()
    assert len(spoken.said) == 2


def test_after_a_quiet_time_the_next_is_said_at_once_again() -> None:
    spoken = Spoken()
    for position in (10, 20):
        spoken.news.add(Written(), position, live=True)
        spoken.now += 1
    assert [one.position for one in spoken.said] == [10, 20]


def test_progress_is_said_less_often_and_being_live_at_once() -> None:
    spoken = Spoken()
    for position in (10, 20, 30):
        spoken.news.add(Written(changed={position}), position, live=False, progress=position / 40)
        spoken.now += GATHER
    assert [(one.position, one.live, one.changed, one.progress) for one in spoken.said] == [(10, False, (), 0.25)]
    assert spoken.news.due_in is not None
    assert abs(spoken.news.due_in - (GATHER_PROGRESS - 3 * GATHER)) < 1e-9
    spoken.news.turned_live(30)
    assert (spoken.said[-1].position, spoken.said[-1].live, spoken.said[-1].reordered) == (30, True, True)
    assert spoken.news.due_in is None


def test_how_long_nothing_is_said_is_known_before_anything_waits() -> None:
    """So long the projector may gather what comes, for one transaction: nobody would hear of it earlier."""
    spoken = Spoken()
    assert spoken.news.silent_for == 0
    spoken.news.add(Written(), 10, live=True)
    assert abs(spoken.news.silent_for - GATHER) < 1e-9
    spoken.now += GATHER
    assert spoken.news.silent_for == 0
