"""``desk node check``: nothing is wrong with a whole log, and what is wrong with another is named."""

from contextlib import closing
from pathlib import Path

import pytest

from desk.node.care.check import problems
from desk.node.log import Log
from desk.node.pages import LogPages
from desk.node.records import ANY, Append, LogError, LogUnavailable
from desk.node.schema import failures_of
from tests.node.care.logs import events, harm, link, whole_log, written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return whole_log(tmp_path / "node.sqlite")


def found(path: Path) -> list[str]:
    return [str(problem) for problem in problems(path, lambda _what, _share: None)]


def test_a_whole_log_has_no_problem_while_it_is_written_and_after_a_scavenge(path: Path) -> None:
    assert found(path) == []
    with closing(Log(path)) as log:
        while (discarded := log.discard(("many", "gone", "ended", "$$ended"))).streams < 4:
            assert discarded.events
        written(log, events("book-1", 1))
        assert found(path) == []


def test_progress_is_told_to_the_end(path: Path) -> None:
    shown: list[tuple[str, float | None]] = []
    assert list(problems(path, lambda what, share: shown.append((what, share)))) == []
    assert ("events", 1.0) in shown
    assert [what for what, _ in shown] == sorted(
        (what for what, _ in shown), key=["pages", "events", "streams", "links", "values"].index
    )


@pytest.mark.parametrize(
    ("statement", "where", "what"),
    [
        (
            "UPDATE events SET response = zeroblob(length(response)) WHERE position = 5",
            "event 5 (3@book-1)",
            "checksum",
        ),
        ("UPDATE events SET checksum = NULL, response = x'ff' WHERE position = 5", "event 5 (3@book-1)", "be read"),
        ("UPDATE events SET type = 'Other' WHERE position = 5", "event 5 (3@book-1)", "another event"),
        ("UPDATE events SET created = 0 WHERE position = 5", "event 5 (3@book-1)", "another event"),
        ("UPDATE events SET stream = 99 WHERE position = 5", "event 5 (3@None)", "no stream"),
        ("DELETE FROM events WHERE position = 5", "stream 'book-1'", "revision 3 is missing"),
        ("DELETE FROM events WHERE position < 5", "stream 'book-1'", "before revision 3 are missing"),
        ("DELETE FROM events WHERE position BETWEEN 22 AND 24", "stream 'book-2'", "no events"),
        ("DELETE FROM head", "table head", "0 rows"),
        ("UPDATE facts SET value = 'text'", "the value 'position' of 'system'", "bytes"),
    ],
)
def test_what_is_wrong_is_named(path: Path, statement: str, where: str, what: str) -> None:
    harm(path, statement)
    assert [problem for problem in found(path) if problem.startswith(where) and what in problem], found(path)


def test_a_link_of_the_node_that_points_to_nothing_is_named(path: Path) -> None:
    harm(path, "DELETE FROM streams WHERE name = 'book-2'")
    (problem,) = [problem for problem in found(path) if "link" in problem]
    assert "1@$ce-book" in problem
    assert "'2@book-2'" in problem


def test_a_link_that_cannot_be_read_is_named_once(path: Path) -> None:
    harm(path, "UPDATE events SET response = x'ff', checksum = NULL WHERE type = '$>' AND revision = 1")
    (problem,) = found(path)
    assert "1@$ce-book" in problem


def test_links_that_the_original_misnames_too_are_no_problem(path: Path) -> None:
    with closing(Log(path)) as log:
        written(log, Append("$et-$deleted", ANY, (link("99@book-1"),)), Append("$et-$metadata", ANY, (link("9@x"),)))
    assert found(path) == []


def test_a_missing_log_is_said(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="--data"):
        found(tmp_path / "node.sqlite")


def test_damaged_pages_are_named(path: Path) -> None:
    content = bytearray(path.read_bytes())
    at = content.index(b"x" * 300)
    content[at - 4000 : at + 4000] = b"\xa5" * 8000
    path.write_bytes(content)
    try:
        text = "\n".join(found(path))
    except LogError as error:
        text = str(error)
    assert "SQLite says" in text or "damaged" in text


def test_the_node_does_not_serve_an_event_that_is_not_what_was_written(path: Path) -> None:
    harm(path, "UPDATE events SET response = zeroblob(length(response)) WHERE position = 5")
    with closing(LogPages(path)) as pages:
        assert len(pages.stream_events("book-2", 0, 10).events) == 3
        with (
            pytest.raises(LogUnavailable, match=r"node.sqlite is damaged.*position 5.*desk node check"),
            failures_of(path),
        ):
            pages.stream_events("book-1", 0, 10)


def test_metadata_that_are_not_what_was_written_hide_nothing(path: Path) -> None:
    harm(
        path,
        "UPDATE events SET response = zeroblob(length(response))"
        " WHERE stream = (SELECT id FROM streams WHERE name = '$$many')",
    )
    with closing(Log(path)) as log:
        (outcome,) = log.commit([events("many", 1)]).outcomes
    assert isinstance(outcome, LogUnavailable)
