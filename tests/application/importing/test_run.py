"""An import over the port: nothing twice, nothing lost, and an honest report."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from uuid import UUID, uuid4

import pytest

from desk.application.importing.bulk_sender import IN_FLIGHT
from desk.application.importing.plan import open_rows
from desk.application.importing.progress import ImportReport, Pace, Progress
from desk.application.importing.refused import RefusedRows
from desk.application.importing.run import ImportRun
from desk.application.importing.trial import check_only
from desk.application.session import Connection, Light
from desk.cqrs.errors import AccessDenied, TooLarge
from desk.cqrs.identity import NAMESPACE
from desk.cqrs.messages import Outcome
from desk.domain.commands import AddCopy, Command, CreateBook, DeleteBook
from desk.domain.state import Life
from desk.domain.streams import import_id
from tests.application.importing.catalogue_in_memory import CatalogueInMemory
from tests.application.importing.files import HEADER, SAMPLE, many_books, plan_of, written

EMMA = "9780451523068"


def do_import(
    catalogue: CatalogueInMemory,
    path: Path,
    *,
    copies: int = 0,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
    started: Callable[[ImportRun], object] = lambda _run: None,
) -> ImportReport:
    plan = plan_of(path)
    with closing(RefusedRows(plan.header)) as refused, open_rows(plan) as opened:
        run = ImportRun(catalogue, opened, refused, copies=copies, on_progress=on_progress)
        started(run)
        return run.run()


def emma(directory: Path) -> Path:
    return written(directory, HEADER + "0451523067,Emma,Jane Austen,1994\n")


def test_every_row_of_the_sample_is_listed_or_refused(catalogue: CatalogueInMemory) -> None:
    report = do_import(catalogue, SAMPLE)
    assert (report.created, report.already_there, report.refused) == (299, 0, 1)
    assert not report.cancelled
    assert not report.problem
    assert not report.file_changed
    assert catalogue.lives() == [Life.LISTED] * 299
    assert "already in this file" in report.first_refused[0].text
    assert report.summary().startswith("299 created, 0 already there, 1 refused: 300 rows in ")
    assert catalogue.most_in_flight <= IN_FLIGHT


def test_importing_twice_creates_nothing_twice(catalogue: CatalogueInMemory) -> None:
    do_import(catalogue, SAMPLE)
    sent = len(catalogue.sent)
    report = do_import(catalogue, SAMPLE)
    assert (report.created, report.already_there, report.refused) == (0, 299, 1)
    assert len(catalogue.sent) == sent
    assert len(catalogue.books) == 299


def test_the_ids_follow_from_the_isbn(catalogue: CatalogueInMemory, tmp_path: Path) -> None:
    do_import(catalogue, emma(tmp_path))
    ((command, command_id),) = catalogue.sent
    assert isinstance(command, CreateBook)
    assert command_id == command.book_id == import_id(NAMESPACE, EMMA, 0)


def test_a_read_model_that_knows_nothing_yet_makes_nothing_twice(
    catalogue: CatalogueInMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do_import(catalogue, emma(tmp_path))
    monkeypatch.setattr(catalogue, "isbn_history", lambda _isbns: {})
    report = do_import(catalogue, emma(tmp_path))
    assert (report.created, report.already_there) == (0, 1)
    assert len(catalogue.books) == 1


def test_a_deleted_book_can_be_imported_again(catalogue: CatalogueInMemory, tmp_path: Path) -> None:
    do_import(catalogue, emma(tmp_path))
    book_id = import_id(NAMESPACE, EMMA, 0)
    catalogue.send(DeleteBook(book_id=book_id, reason="worn out"), uuid4()).result()
    report = do_import(catalogue, emma(tmp_path))
    assert report.created == 1
    assert catalogue.books[import_id(NAMESPACE, EMMA, 1)].state.life is Life.LISTED


def test_a_deletion_that_the_read_model_did_not_know_yet_is_noticed(
    catalogue: CatalogueInMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do_import(catalogue, emma(tmp_path))
    catalogue.send(DeleteBook(book_id=import_id(NAMESPACE, EMMA, 0), reason="worn out"), uuid4()).result()
    real, asked = catalogue.isbn_history, list[int]()

    def behind(wanted: tuple[str, ...]) -> object:
        asked.append(1)
        return {} if len(asked) == 1 else real(wanted)

    monkeypatch.setattr(catalogue, "isbn_history", behind)
    assert do_import(catalogue, emma(tmp_path)).created == 1
    assert catalogue.books[import_id(NAMESPACE, EMMA, 1)].state.life is Life.LISTED


def test_a_book_that_somebody_made_by_hand_is_already_there(catalogue: CatalogueInMemory, tmp_path: Path) -> None:
    by_hand = CreateBook(book_id=uuid4(), isbn=EMMA, title="Emma", authors=("Jane Austen",))
    catalogue.send(by_hand, uuid4()).result()
    report = do_import(catalogue, emma(tmp_path), copies=2)
    assert (report.created, report.already_there) == (0, 1)
    assert len(catalogue.sent) == 1


def test_a_book_that_loses_the_race_for_its_isbn_is_refused(
    catalogue: CatalogueInMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand = CreateBook(book_id=uuid4(), isbn=EMMA, title="Emma", authors=("Jane Austen",))
    catalogue.send(by_hand, uuid4()).result()
    monkeypatch.setattr(catalogue, "isbn_history", lambda _isbns: {})
    report = do_import(catalogue, emma(tmp_path))
    assert (report.created, report.refused) == (0, 1)
    assert "belongs to another book" in report.first_refused[0].text


def test_no_copies_are_added_unless_asked_for(catalogue: CatalogueInMemory, tmp_path: Path) -> None:
    do_import(catalogue, emma(tmp_path))
    (shelved,) = catalogue.books.values()
    assert shelved.state.copies == ()


def test_copies_are_added_once_however_often_the_file_is_imported(catalogue: CatalogueInMemory, tmp_path: Path) -> None:
    path = many_books(tmp_path, 30)
    assert do_import(catalogue, path, copies=2).created == 30
    assert do_import(catalogue, path, copies=2).already_there == 30
    assert do_import(catalogue, path, copies=3).already_there == 30
    assert {len(shelved.state.copies) for shelved in catalogue.books.values()} == {3}


def test_a_cancelled_import_goes_on_when_it_is_started_again(catalogue: CatalogueInMemory, tmp_path: Path) -> None:
    path = many_books(tmp_path, 600)

    def cancel_soon(run: ImportRun) -> None:
        real = catalogue.send

        def send(command: Command, command_id: UUID, issued_at: datetime | None = None) -> "Future[Outcome]":
            if len(catalogue.sent) == 200:
                run.cancel()
            return real(command, command_id, issued_at)

        catalogue.send = send  # type: ignore[method-assign]

    first = do_import(catalogue, path, started=cancel_soon)
    assert first.cancelled
    assert 200 <= first.created == len(catalogue.books) < 600
    second = do_import(catalogue, path)
    assert (second.created, second.already_there) == (600 - first.created, first.created)
    assert len(catalogue.books) == 600


def test_what_is_left_of_a_killed_import_is_waited_for(catalogue: CatalogueInMemory, tmp_path: Path) -> None:
    """The book was created, and the process died before its ISBN was checked."""
    catalogue.registering = False
    book_id = import_id(NAMESPACE, EMMA, 0)
    created = CreateBook(book_id=book_id, isbn=EMMA, title="Emma", authors=("Jane Austen",))
    catalogue.send(created, book_id).result()
    with ThreadPoolExecutor(1) as thread:
        result = thread.submit(do_import, catalogue, emma(tmp_path), copies=1)
        catalogue.registering = True
        catalogue._register(created, datetime.now().astimezone())
        assert result.result(60).already_there == 1
    assert len(catalogue.books[book_id].state.copies) == 1


def test_an_outage_pauses_the_import_and_refuses_nothing(catalogue: CatalogueInMemory, tmp_path: Path) -> None:
    catalogue.away = True
    troubles: list[str] = []
    told = threading.Event()

    def watch(progress: Progress) -> None:
        troubles.append(progress.waiting_for)
        if progress.waiting_for:
            told.set()

    with ThreadPoolExecutor(1) as thread:
        result = thread.submit(do_import, catalogue, many_books(tmp_path, 100), on_progress=watch)
        assert told.wait(60)
        catalogue.come_back()
        report = result.result(60)
    assert (report.created, report.refused) == (100, 0)
    assert "The store is away." in troubles
    assert troubles[-1] == ""


def test_an_outage_is_said_while_the_commands_under_way_still_wait_for_their_answers(
    catalogue: CatalogueInMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, answers, sent = SimpleQueue[str](), threading.Event(), threading.Event()
    execute = catalogue._execute

    def late(command: Command, command_id: UUID, now: datetime) -> Outcome:
        sent.set()
        assert answers.wait(60)
        return execute(command, command_id, now)

    monkeypatch.setattr(catalogue, "_execute", late)
    with ThreadPoolExecutor(1) as thread:
        progress = lambda now: said.put(now.waiting_for)  # noqa: E731
        result = thread.submit(do_import, catalogue, many_books(tmp_path, 10), on_progress=progress)
        assert sent.wait(60)
        catalogue.tell(Connection(Light.AMBER, "No event store answers.", 0.2))
        while said.get(timeout=60) != "No event store answers.":
            pass
        catalogue.tell(Connection(Light.GREEN, "Connected."))
        while said.get(timeout=60):
            pass
        answers.set()
        assert result.result(60).created == 10


def test_lost_answers_are_settled_by_sending_again_with_the_same_ids(
    catalogue: CatalogueInMemory, tmp_path: Path
) -> None:
    catalogue.lost_answers = 20
    report = do_import(catalogue, many_books(tmp_path, 40))
    assert (report.created, report.already_there, report.refused) == (40, 0, 0)
    assert len(catalogue.books) == 40
    assert len({command_id for _, command_id in catalogue.sent}) == 40


def test_an_import_waits_for_a_catalogue_that_is_still_being_opened(
    catalogue: CatalogueInMemory, tmp_path: Path
) -> None:
    catalogue.not_open_for = 2
    assert do_import(catalogue, emma(tmp_path)).created == 1


@pytest.mark.parametrize(("error", "refused", "problem"), [(TooLarge, 1, ""), (AccessDenied, 0, "Not for you.")])
def test_the_store_may_refuse_one_command_or_all(
    catalogue: CatalogueInMemory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    refused: int,
    problem: str,
) -> None:
    def send(_command: Command, _command_id: UUID, _issued_at: datetime | None = None) -> "Future[Outcome]":
        future: Future[Outcome] = Future()
        future.set_exception(error("Not for you."))
        return future

    monkeypatch.setattr(catalogue, "send", send)
    report = do_import(catalogue, emma(tmp_path))
    assert (report.refused, report.problem) == (refused, problem)


def test_a_bug_is_not_taken_for_a_refusal(
    catalogue: CatalogueInMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(_command: Command, _command_id: UUID, _issued_at: datetime | None = None) -> "Future[Outcome]":
        future: Future[Outcome] = Future()
        future.set_exception(ZeroDivisionError())
        return future

    monkeypatch.setattr(catalogue, "send", send)
    with pytest.raises(ZeroDivisionError):
        do_import(catalogue, emma(tmp_path))


def test_a_copy_that_is_refused_is_reported_with_its_row(
    catalogue: CatalogueInMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = catalogue.send

    def send(command: Command, command_id: UUID, issued_at: datetime | None = None) -> "Future[Outcome]":
        if isinstance(command, AddCopy):
            real(DeleteBook(book_id=command.book_id, reason="by somebody else"), uuid4())
        return real(command, command_id, issued_at)

    monkeypatch.setattr(catalogue, "send", send)
    report = do_import(catalogue, emma(tmp_path), copies=1)
    assert (report.created, report.refused) == (0, 1)
    assert "this one is deleted" in report.first_refused[0].text


def test_a_file_that_breaks_off_keeps_what_was_imported(catalogue: CatalogueInMemory, tmp_path: Path) -> None:
    path = many_books(tmp_path, 300)
    with path.open("a") as file:
        file.write("x" * 1_100_000)
    report = do_import(catalogue, path)
    assert "more than a million characters" in report.problem
    assert report.created == len(catalogue.books) > 0


def test_progress_is_told_at_most_five_times_a_second_and_ends_with_everything(
    catalogue: CatalogueInMemory, tmp_path: Path
) -> None:
    told: list[Progress] = []
    report = do_import(catalogue, many_books(tmp_path, 400), on_progress=told.append)
    assert len(told) <= report.seconds * 5 + 2
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    assert (told[-1].done, told[-1].total, told[-1].seconds_left) == (400, 400, 0)


def test_a_pace_counts_the_last_ten_seconds() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert pace.is_time()
    assert not pace.is_time()
    for second in range(1, 31):
        now[0] = float(second)
        rate = pace.rate(second * 10 if second <= 15 else 150 + (second - 15) * 40)
    assert rate == pytest.approx(40)
    assert pace.is_time()
    assert pace.elapsed == 30


def test_a_trial_stores_nothing(tmp_path: Path) -> None:
    plan = plan_of(written(tmp_path, HEADER + "0451523067,Emma,Jane Austen,1994\n1,Wrong,Who,\n"))
    with closing(RefusedRows(plan.header)) as refused, open_rows(plan) as opened:
        report = check_only(opened, refused)
    assert (report.created, report.refused) == (1, 1)


def test_the_number_of_books_that_wait_is_bounded(catalogue: CatalogueInMemory, tmp_path: Path) -> None:
    catalogue.registering = False
    path = many_books(tmp_path, 3000)
    with ThreadPoolExecutor(1) as thread:
        runs: list[ImportRun] = []
        result = thread.submit(do_import, catalogue, path, started=runs.append)
        while len(catalogue.books) < 1000 or catalogue.in_flight:
            threading.Event().wait(0.01)
        runs[0].cancel()
        assert result.result(60).cancelled
    assert 1000 <= len(catalogue.books) < 1300


def test_an_import_says_that_the_check_of_isbns_stands_still(catalogue: CatalogueInMemory, tmp_path: Path) -> None:
    """Its books are created and would wait for ever: whoever looks must learn why, and may mend it."""
    catalogue.registering, catalogue.halted = False, "BookRegistration has halted."
    told = threading.Event()

    def watch(progress: Progress) -> None:
        if progress.waiting_for == catalogue.halted:
            told.set()

    with ThreadPoolExecutor(1) as thread:
        result = thread.submit(do_import, catalogue, emma(tmp_path), on_progress=watch)
        assert told.wait(60)
        until_sent(catalogue)
        catalogue.halted = ""
        ((created, _id),) = catalogue.sent
        assert isinstance(created, CreateBook)
        catalogue._register(created, datetime.now().astimezone())
        catalogue._announce(created.book_id)
        assert result.result(60).created == 1


def until_sent(catalogue: CatalogueInMemory) -> None:
    limit = time.monotonic() + 60
    while not catalogue.books:
        assert time.monotonic() < limit
        time.sleep(0.002)
