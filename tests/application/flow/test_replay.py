"""A replay shows one command at a time, hop by hop, at the viewer's pace, and waits for what has not happened."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.application.flow.replay import BETWEEN, HOP, PATIENCE, REST, FlowReplay, ReplayPhase
from desk.application.flow.rounds import QueryAnswer, Round
from desk.application.flow.telling import tell
from desk.application.scenarios.scenario import Speed
from desk.cqrs.stories import Story
from tests.application.desk_in_memory import a_book, open_desk
from tests.rounds import few_or_all


@pytest.fixture(scope="module")
def story() -> Story:
    desk = open_desk()
    try:
        desk.send(a_book())
        return desk.buses.stories.stories()[-1]
    finally:
        desk.close()


def made(story: Story, number: int, *, done: bool = True) -> Round:
    """A round as if it were the one of a later command."""
    at = story.started_at + timedelta(seconds=number)
    after = story.acknowledged
    story = replace(story, number=number, started_at=at, projected=after + 5.0 if done else None)
    return tell(story, answer=QueryAnswer(None, 4.0))


def run(replay: FlowReplay, milliseconds: float, step: float = 16.0) -> None:
    while milliseconds > 0:
        replay.advance(min(step, milliseconds))
        milliseconds -= step


def test_a_hop_takes_about_a_second_and_then_it_rests(story: Story) -> None:
    replay = FlowReplay()
    replay.offer([made(story, 1)])
    assert (replay.phase, replay.at, replay.share) == (ReplayPhase.TRAVELLING, 0, 0.0)
    run(replay, HOP / 2)
    assert 0.4 < replay.share < 0.6
    run(replay, HOP / 2 + 20)
    assert (replay.phase, replay.at) == (ReplayPhase.RESTING, 1)
    run(replay, REST + 20)
    assert (replay.phase, replay.at) == (ReplayPhase.TRAVELLING, 1)
    run(replay, 6 * (HOP + REST))
    assert (replay.phase, replay.at) == (ReplayPhase.DONE, 6)
    run(replay, BETWEEN + 20)
    assert not replay.moves
    replay.offer([made(story, 2)])
    assert (replay.phase, replay.at, replay.waiting) == (ReplayPhase.TRAVELLING, 0, 0), "whoever is idle begins at once"


def test_who_catches_up_has_seen_all_and_shows_the_next_command_at_once(story: Story) -> None:
    replay = FlowReplay()
    replay.offer([made(story, number) for number in (1, 2, 3)])
    run(replay, HOP)
    replay.catch_up()
    assert replay.round is not None
    assert (replay.round.story.number, replay.at, replay.waiting) == (3, 6, 0)
    replay.offer([made(story, 4)])
    assert (replay.round.story.number, replay.at) == (4, 0)


def test_marks_that_do_not_travel_take_the_same_time(story: Story) -> None:
    replay = FlowReplay()
    replay.travels = False
    replay.offer([made(story, 1)])
    run(replay, 20)
    assert (replay.phase, replay.at) == (ReplayPhase.RESTING, 1)
    run(replay, HOP + REST - 60)
    assert replay.at == 1
    run(replay, 100)
    assert replay.at == 2


def test_step_by_step_nothing_goes_on_by_itself_and_back_is_as_near_as_on(story: Story) -> None:
    replay = FlowReplay(Speed.STEP)
    replay.offer([made(story, 1)])
    run(replay, HOP + 50)
    assert (replay.at, replay.moves) == (1, False)
    run(replay, 60_000, 1000)
    assert replay.at == 1
    replay.forward()
    assert replay.phase is ReplayPhase.TRAVELLING
    replay.forward()
    assert (replay.phase, replay.at) == (ReplayPhase.RESTING, 2), "once more does not wait for the travel"
    replay.back()
    assert (replay.at, replay.moves) == (1, False)
    replay.again()
    assert (replay.at, replay.phase) == (0, ReplayPhase.TRAVELLING)


def test_going_back_stops_a_slow_replay_until_somebody_goes_on(story: Story) -> None:
    replay = FlowReplay()
    replay.offer([made(story, 1)])
    run(replay, 2 * (HOP + REST))
    replay.back()
    at = replay.at
    run(replay, 10_000, 100)
    assert replay.at == at
    replay.forward()
    run(replay, HOP + REST + 50)
    assert replay.at == at + 1


def test_further_commands_wait_and_are_counted(story: Story) -> None:
    replay = FlowReplay()
    replay.offer([made(story, 1), made(story, 2), made(story, 3)])
    assert (replay.waiting, replay.round and replay.round.story.number) == (2, 1)
    run(replay, 6 * (HOP + REST) + BETWEEN + 200)
    assert (replay.waiting, replay.round and replay.round.story.number) == (1, 2)


def test_who_has_seen_enough_is_told_the_next_command_at_once(story: Story) -> None:
    replay = FlowReplay()
    replay.offer([made(story, 1), made(story, 2), made(story, 3)])
    run(replay, HOP + REST)
    replay.back()
    replay.catch_up()
    assert (replay.waiting, replay.round and replay.round.story.number) == (0, 3)
    assert (replay.phase, replay.at, replay.moves) == (ReplayPhase.DONE, 6, False)
    replay.offer([made(story, 4)])
    run(replay, 32)
    assert (replay.round and replay.round.story.number, replay.phase) == (4, ReplayPhase.TRAVELLING)


def test_what_has_not_happened_is_waited_for_at_its_hop(story: Story) -> None:
    replay = FlowReplay()
    replay.offer([made(story, 1, done=False)])
    run(replay, 30_000, 100)
    assert (replay.phase, replay.at, replay.share, replay.moves) == (ReplayPhase.WAITING, 4, 0.5, False)
    replay.renew([made(story, 1)])
    assert (replay.phase, replay.at) == (ReplayPhase.TRAVELLING, 4)
    run(replay, 4 * (HOP + REST))
    assert (replay.phase, replay.at) == (ReplayPhase.DONE, 6)


def test_a_round_that_waits_gives_way_to_those_behind_it(story: Story) -> None:
    replay = FlowReplay()
    replay.offer([made(story, 1, done=False), made(story, 2)])
    run(replay, 5 * (HOP + REST) + PATIENCE + 200)
    assert replay.round is not None
    assert replay.round.story.number == 2


def test_live_shows_all_that_has_happened_at_once_and_only_the_newest(story: Story) -> None:
    replay = FlowReplay(Speed.LIVE)
    replay.offer([made(story, 1), made(story, 2, done=False)])
    assert replay.round is not None
    assert (replay.round.story.number, replay.at, replay.phase) == (2, 4, ReplayPhase.WAITING)
    replay.renew([made(story, 2)])
    assert (replay.at, replay.phase, replay.waiting) == (6, ReplayPhase.DONE, 0)


def test_live_too_the_same_command_is_shown_again_to_its_end(story: Story) -> None:
    replay = FlowReplay(Speed.LIVE)
    replay.offer([made(story, 1)])
    replay.again()
    assert replay.at == 0
    run(replay, 60_000)
    assert (replay.at, replay.phase) == (len(made(story, 1).hops), ReplayPhase.DONE)
    replay.back()
    assert not replay.moves


def test_news_of_a_command_that_was_shown_do_not_show_it_again(story: Story) -> None:
    replay = FlowReplay()
    replay.offer([made(story, 1), made(story, 2)])
    run(replay, 7 * (HOP + REST) + BETWEEN)
    replay.renew([made(story, 1)])
    assert replay.waiting == 0
    assert replay.round is not None
    assert replay.round.story.number == 2


@settings(max_examples=few_or_all(50, 200))
@given(st.data())
def test_whatever_is_pressed_what_is_shown_has_happened(story: Story, data: st.DataObject) -> None:
    replay, offered = FlowReplay(), 0
    for _ in range(data.draw(st.integers(1, 40))):
        act = data.draw(st.sampled_from(["offer", "renew", "time", "forward", "back", "again", "pace", "jump"]))
        if act == "offer":
            offered += 1
            replay.offer([made(story, offered, done=data.draw(st.booleans()))])
        elif act == "renew" and replay.round is not None:
            replay.renew([made(story, replay.round.story.number)])
        elif act == "time":
            replay.advance(data.draw(st.floats(0, 5000)))
        elif act == "pace":
            replay.set_pace(data.draw(st.sampled_from(Speed)))
        elif act == "jump":
            replay.travels = not replay.travels
        elif act in ("forward", "back", "again"):
            getattr(replay, act)()
        if replay.round is None:
            assert replay.phase is ReplayPhase.EMPTY
            continue
        assert 0 <= replay.at <= replay.round.happened, "nothing is shown that has not happened"
        assert (replay.hop is None) == (replay.phase not in (ReplayPhase.TRAVELLING, ReplayPhase.WAITING))
        assert 0.0 <= replay.share <= 1.0
        if replay.phase is ReplayPhase.TRAVELLING:
            assert not replay.round.hops[replay.at].pending
