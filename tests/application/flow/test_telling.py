"""A round shows what really was: the sender's end, the attempts and the stored events, and nothing behind a refusal."""

from concurrent.futures import Future
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.application.flow.code_places import places_at
from desk.application.flow.rounds import Cargo, QueryAnswer, Round, Station
from desk.application.flow.telling import book_title, is_resent, round_number, tell, trigger_of
from desk.application.flow.values import pace_words, time_words, value_of, values_of
from desk.application.queries import GetWiring
from desk.cqrs.endings import End
from desk.cqrs.errors import Conflict, OutcomeUnknown
from desk.cqrs.messages import Outcome
from desk.cqrs.stories import Later, Story
from desk.domain.commands import AddCopy, CorrectBookDetails, LendCopy, ListBook, ReturnCopy
from desk.domain.streams import book_stream
from desk.projection.group import CATALOGUE
from tests.application.desk_in_memory import DeskInMemory, a_book, open_desk
from tests.application.test_plugins import registering
from tests.application.test_stories import COMMANDS, FAULTS, Shelf, cause_fault
from tests.ends import end_of
from tests.waiting import until

FORM, BUS, AGGREGATE = Station.FORM, Station.BUS, Station.AGGREGATE
STORE, READ_MODEL = Station.STORE, Station.READ_MODEL


def way(told: Round) -> list[tuple[Station, Station]]:
    return [(hop.origin, hop.target) for hop in told.hops]


def newest(desk: DeskInMemory) -> Story:
    return desk.buses.stories.stories()[-1]


@given(
    listed=st.booleans(),
    steps=st.lists(st.tuples(st.sampled_from(COMMANDS), st.sampled_from(FAULTS)), min_size=1, max_size=10),
)
def test_what_is_shown_of_a_command_is_what_its_sender_was_told_and_what_the_store_holds(
    listed: bool, steps: list[tuple[str, str]]
) -> None:
    desk = open_desk()
    try:
        with mock.patch("desk.cqrs.plugins.retry.LONGEST_PAUSE", 0.005):
            book_id = uuid4()
            shelf = Shelf(desk, book_id, (a_book(book_id), uuid4()))
            if listed:
                desk.send(shelf.last[0], command_id=shelf.last[1])
                desk.as_process_manager(ListBook(book_id=book_id))
            for kind, fault in steps:
                _send_and_compare(shelf, kind, fault)
    finally:
        desk.close()


def _send_and_compare(shelf: Shelf, kind: str, fault: str) -> None:
    desk, before = shelf.desk, len(shelf.stored())
    command, command_id = shelf.last = shelf.command(kind)
    cause_fault(desk, fault)
    future = desk.begin(command, command_id=command_id)
    future.exception(60)
    told = tell(newest(desk))
    desk.store.come_back()
    desk.store._planned.clear()
    desk.store._answers_to_lose = 0
    _compare(told, future, len(shelf.stored()) - before)


def _compare(told: Round, future: "Future[Outcome]", stored: int) -> None:
    error = future.exception(0)
    assert told.end is end_of(error)
    assert [hop.end for hop in told.hops if hop.end] == [told.end], "the sender is told once"
    to_store = [hop for hop in told.hops if (hop.origin, hop.target) == (AGGREGATE, STORE)]
    acknowledged = [hop for hop in told.hops if (hop.origin, hop.cargo) == (STORE, Cargo.ANSWER)]
    if error is None:
        outcome = future.result(0)
        assert told.attempts == outcome.attempts
        is_stored = outcome.receipt is not None and not outcome.repeated
        assert bool(acknowledged) is is_stored is (stored > 0)
        assert (len(told.story.outcome.events) if told.story.outcome and is_stored else 0) == stored
        assert ((STORE, READ_MODEL) in way(told)) is is_stored
        assert told.reached(len(told.hops)) >= ({STORE, READ_MODEL} if is_stored else set())
    else:
        assert told.attempts == len(told.story.attempts)
        assert (STORE, READ_MODEL) not in way(told)
        assert READ_MODEL not in told.reached(len(told.hops)), "nothing behind lights up"
        if isinstance(error, OutcomeUnknown):
            assert not acknowledged[0].arrives
        else:
            assert stored == 0
            assert told.hops[-1].cargo is Cargo.REFUSAL
    if not to_store:
        assert STORE not in told.reached(len(told.hops))
    _hangs_together(told)


def _hangs_together(told: Round) -> None:
    """Each hop begins where one before has been, and real times never go back."""
    met = {told.sender}
    for hop in told.hops:
        assert hop.origin in met, f"{hop} comes from nowhere"
        assert hop.sentence
        assert hop.milliseconds is None or hop.milliseconds >= 0
        met.add(hop.target)
    begins = [hop.begin for hop in told.hops if hop.begin is not None]
    assert all(earlier <= later + 1e-6 for earlier, later in pairwise(begins))


def test_a_command_that_is_stored_goes_through_all_five_stations_and_back(desk: DeskInMemory) -> None:
    desk.send(a_book(isbn="9780306406157"))
    told = tell(newest(desk))
    forth = [(FORM, BUS), (BUS, AGGREGATE), (AGGREGATE, STORE)]
    assert way(told) == [*forth, (STORE, FORM), (STORE, READ_MODEL), (READ_MODEL, FORM)]
    assert [hop.value for hop in told.hops[:3]] == ["9780306406157"] * 3
    assert told.happened == 4, "the read model has not been told of it"
    assert told.hops[2].milliseconds is not None
    assert told.hops[2].milliseconds > 0


def test_what_the_read_model_takes_and_a_query_answers_is_told_once_it_happened(desk: DeskInMemory) -> None:
    answer = QueryAnswer(None, 1.5)
    outcome = desk.send(a_book())
    assert outcome.receipt is not None
    desk.buses.stories.reached(Later.PROJECT, outcome.receipt.position)
    story = newest(desk)
    assert tell(story).happened == 5
    told = tell(story, answer=answer)
    assert told.happened == 6
    assert told.hops[4].milliseconds == pytest.approx((story.projected or 0) - story.acknowledged)
    assert told.hops[5].milliseconds == 1.5, "the query's own time, whenever it was asked"
    parked = tell(story, answer=answer, parked={story.stream: 0})
    assert parked.happened == 4, "the read model came past it without taking it in"
    assert "parked" in parked.hops[4].sentence
    assert tell(story, answer=answer, parked={story.stream: 1}).happened == 6, "only what came after it is parked"
    healed = tell(story, answer=answer, healed=True)
    assert healed.happened == 6
    assert healed.hops[4].milliseconds is None, "when that was is not known"
    assert "was parked" in healed.hops[4].sentence


def test_a_plugin_that_refuses_turns_the_command_back_at_the_bus(desk: DeskInMemory) -> None:
    desk.begin(ListBook(book_id=uuid4())).exception(60)
    told = tell(newest(desk))
    assert way(told) == [(FORM, BUS), (BUS, FORM)]
    assert told.turned_back_by == "Origin check"
    assert told.reached(2) == {FORM, BUS}
    assert [outcome for _, outcome in told.plugins] == ["ok", "ok", "NotForUsers"]
    assert "process managers only" in told.hops[-1].sentence


def test_an_aggregate_that_refuses_says_its_sentence_and_nothing_is_stored(desk: DeskInMemory) -> None:
    book_id = uuid4()
    desk.send(a_book(book_id))
    desk.as_process_manager(ListBook(book_id=book_id))
    desk.begin(ReturnCopy(book_id=book_id, copy_no=2)).exception(60)
    told = tell(newest(desk))
    assert way(told) == [(FORM, BUS), (BUS, AGGREGATE), (AGGREGATE, FORM)]
    assert told.hops[-1].sentence == newest(desk).ending.sentence
    assert told.lines[AGGREGATE] == ("revision 1", "refused")
    assert {outcome for _, outcome in told.plugins} == {"ok"}, "every plugin has let it pass"


def test_what_the_outbox_sends_again_is_its_round_and_names_the_book(desk: DeskInMemory) -> None:
    book, command_id = a_book(), uuid4()
    desk.store.lose_next_answer()
    desk.begin(book, command_id=command_id).exception(60)
    lost = tell(newest(desk))
    assert lost.lines[STORE] == ("outcome unknown",)
    assert not lost.hops[-1].arrives
    desk.send(book, command_id=command_id)
    stories = desk.buses.stories.stories()
    assert [is_resent(story, stories) for story in stories] == [False, True]
    again = tell(stories[-1], resent=True, book=book_title(stories[-1], stories))
    assert (again.sender_name, again.book) == ("Outbox", "Emma")
    assert "stored before" in again.hops[-1].sentence
    assert "“Emma”" in again.hops[-1].sentence
    assert stories[-1].stream not in again.hops[-1].sentence


def test_where_the_store_is_away_nothing_is_said_to_be_refused(desk: DeskInMemory) -> None:
    desk.store.go_away()
    desk.begin(a_book()).exception(60)
    told = tell(newest(desk))
    assert told.end is End.STORE_AWAY
    assert "refused" not in [line for lines in told.lines.values() for line in lines]


def test_a_conflict_goes_round_again(desk: DeskInMemory) -> None:
    desk.store.fail_next(Conflict("book", 1))
    desk.send(a_book())
    told = tell(newest(desk))
    once = [(BUS, AGGREGATE), (AGGREGATE, STORE)]
    assert way(told)[:6] == [(FORM, BUS), *once, (STORE, BUS), *once]
    assert told.attempts == 2
    assert told.hops[3].cargo is Cargo.REFUSAL
    assert told.hops[3].end is None


def test_what_a_process_manager_did_next_is_a_second_round_and_a_third(desk: DeskInMemory) -> None:
    book = a_book()
    with registering(desk):
        desk.send(book)
        until(lambda: len(desk.types(book_stream(book.book_id))) == 2)
        until(lambda: len(desk.buses.stories.stories()) == 3)
    stories = desk.buses.stories.stories()
    rounds = [tell(story, round_number(story, stories), trigger=trigger_of(story, stories)) for story in stories]
    assert sorted(one.number for one in rounds) == [1, 2, 3]
    claimed = next(one for one in rounds if one.title == "Claim ISBN")
    assert claimed.number == 2
    assert (claimed.sender, claimed.sender_name) == (Station.PROCESS_MANAGER, "BookRegistration")
    assert "hears of BookCreated" in claimed.hops[0].sentence
    assert claimed.hops[0].value == book.isbn
    assert way(claimed)[:2] == [(STORE, Station.PROCESS_MANAGER), (Station.PROCESS_MANAGER, BUS)]
    assert (STORE, Station.PROCESS_MANAGER) in way(claimed)[2:], "its answer goes to who sent it"


def test_the_code_that_ran_is_found_by_looking_at_it(desk: DeskInMemory) -> None:
    for projection in CATALOGUE.projections:
        desk.buses.wiring.add_projection(projection.name, projection.handlers)
    desk.send(a_book())
    wiring = desk.buses.wiring(GetWiring())
    for station in list(Station)[:5]:
        for place in places_at(station, newest(desk), desk.buses.commands.steps(), wiring):
            lines = _source_of(place.module)
            name = place.name.rpartition(".")[2]
            around = "\n".join(lines[place.line - 1 : place.line + 2])
            assert name in around or "__call__" in around, f"{place} is not there"
            assert place.module.startswith("desk.")
    bus = places_at(BUS, newest(desk), desk.buses.commands.steps(), wiring)
    assert len(bus) == len(desk.buses.commands.steps())
    assert any("projection.books" in one.module for one in places_at(READ_MODEL, newest(desk), (), wiring))


def _source_of(module: str) -> list[str]:
    loaded: Any = __import__(module, fromlist=["x"])
    return Path(loaded.__file__).read_text(encoding="utf-8").splitlines()


def test_what_rides_on_a_mark_is_what_one_recognises_it_by() -> None:
    book_id = uuid4()
    assert value_of(a_book(isbn="9780261103573")) == "9780261103573"
    assert value_of(LendCopy(book_id=book_id, copy_no=2, loan_id=uuid4(), patron="R-17")) == "copy 2 → R-17"
    assert value_of(CorrectBookDetails(book_id=book_id, seen_revision=0, title="Emma")) == "Emma"
    assert value_of(AddCopy(book_id=book_id)) == "add copy"
    assert values_of((a_book(isbn="9780261103573"), AddCopy(book_id=book_id))) == "9780261103573 +1"


def test_a_pace_is_said_as_a_factor_of_what_was() -> None:
    assert pace_words(1000, 20) == "× 50 slower"
    assert pace_words(1000, 0.37) == "× 2,700 slower"
    assert pace_words(1000, 400) == "× 2.5 slower"
    assert pace_words(1000, 3000) == "× 3.0 faster"
    assert pace_words(1000, 100.3) == "× 10 slower"
    assert pace_words(1000, 0) == ""
    assert [time_words(one) for one in (0.01, 0.31, 42.4, 1234.0)] == ["< 0.1 ms", "0.3 ms", "42 ms", "1.2 s"]


def test_a_later_version_of_a_story_is_the_same_round(desk: DeskInMemory) -> None:
    desk.send(a_book())
    story = newest(desk)
    later = replace(story, projected=story.acknowledged + 4)
    assert way(tell(later)) == way(tell(story))
    assert tell(later).hops[4].milliseconds == pytest.approx(4)
