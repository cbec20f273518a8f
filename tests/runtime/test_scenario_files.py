"""Scenario files: what is read out of them, and what is said of those that are wrong."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.application.scenarios.ground import WrongScenario
from desk.application.scenarios.scenario import Fail, FailureKind, ForeignAppend, Send, Show, Wait, scenario_id
from desk.domain.commands import CorrectBookDetails, LendCopy
from desk.runtime.scenario_files import cue_lines, parse_scenario, read_scenario
from tests.programs.played import SCENARIOS

TOP = 'title = "T"\nclock = 2026-03-02T10:00:00+01:00\nseed = 7\n'
CUE = TOP + '\n[[cue]]\nsay = "One"\n'


def test_a_file_becomes_cues_with_ids_that_follow_from_its_seed() -> None:
    text = (
        CUE
        + """notes = '''
[[cue]]
'''
wait = ["store", "read model", 2, "key"]
do = [
    { show = "history", book = "emma", page = "state" },
    { command = "LendCopy", book = "emma", copy_no = 1, patron = "r-1", due_on = 2026-04-01, ends = "CopyIsLost" },
    { command = "CorrectBookDetails", book = "emma", title = "E" },
    { command = "CorrectBookDetails", book = "emma", title = "E", seen_revision = 4 },
    { fail = "poison event", book = "emma" },
    { append = "loans-{emma}", type = "X", data = { a = [1, 2] } },
]
[[cue]]
say = "Two"
"""
    )
    scenario = parse_scenario(text, "t.toml")
    book = scenario_id(7, "book", "emma")
    assert scenario.clock == datetime(2026, 3, 2, 9, tzinfo=UTC)
    first, second = scenario.cues
    assert (first.waits, first.seconds) == ((Wait.STORE, Wait.READ_MODEL, Wait.KEY), 2.0)
    assert (first.line, second.line, second.waits) == (5, 19, (Wait.KEY,))
    show, lend, newest, seen, fail, append = first.steps
    assert show == Show("history", book, "state")
    assert isinstance(lend, Send)
    assert isinstance(lend.command, LendCopy)
    assert (lend.command.book_id, lend.command.patron, lend.ends) == (book, "R-1", "CopyIsLost")
    assert isinstance(newest, Send)
    assert newest.sees_newest
    assert isinstance(seen, Send)
    assert isinstance(seen.command, CorrectBookDetails)
    assert (seen.sees_newest, seen.command.seen_revision) == (False, 4)
    assert fail == Fail(FailureKind.POISON, book)
    assert append == ForeignAppend(f"loans-{book}", "X", b'{"a": [1, 2]}')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = \n", "t.toml, line 1, column "),
        ('title = "T"\nseed = = 2\n', "t.toml, line 2, column 8"),
        ('title = "T"', "“seed” is missing"),
        (TOP, "it has no cue"),
        (TOP + "colour = 1", "“colour” is not known here"),
        (TOP.replace("+01:00", "") + "[[cue]]", "“clock” lacks its offset"),
        (TOP + '[[cue]]\nsay = "x"\n[[cue]]\n', "cue 2 (line 6): “say” is missing"),
        (CUE + 'do = [{ command = "LendBook" }]', "cue 1 (line 5): “command” is 'LendBook'"),
        (CUE + 'do = [{ command = "ListBook", book = "x" }]', "which is no command"),
        (CUE + 'do = [{ command = "LendCopy", book = "x", number = 1 }]', "“number” is no field of LendCopy"),
        (CUE + 'do = [{ command = "AddCopy", book = "x", ends = "Nonsense" }]', "“ends” is 'Nonsense'"),
        (CUE + 'do = [{ command = "CreateBook", book = "x", isbn = "1", title = "T", authors = ["A"] }]', "“isbn”"),
        (CUE + 'do = [{ command = "LendCopy", book = "x", copy_no = "one", patron = "R-1" }]', "LendCopy: 'one'"),
        (CUE + "do = [{ jump = 1 }]", "“do” has a step with none of"),
        (CUE + 'do = [{ fail = "explode" }]', "“fail” is 'explode'. It is one of: kill the node"),
        (CUE + 'do = [{ fail = "kill the node", book = "x" }]', "“book” is not known here"),
        (CUE + 'do = [{ fail = "poison event" }]', "“book” is missing"),
        (CUE + 'do = [{ speed = "warp" }]', "“speed” is 'warp'"),
        (CUE + "do = 3", "“do” must be a list of tables"),
        (CUE + 'wait = "long"', "“wait” is 'long'"),
        (CUE + "wait = -1", "“wait” must be seconds"),
        (CUE + 'expect = [{ book = "x", copies = "two" }]', "“copies” must be a whole number"),
        (CUE + 'expect = [{ book = "x", missing = 1 }]', "“missing” must be true or false"),
        (CUE + "expect = [{}]", "“expect” has an empty table"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(WrongScenario) as wrong:
        parse_scenario(text, "t.toml")
    assert said in str(wrong.value)
    assert str(wrong.value).startswith("t.toml")


def test_a_file_that_is_not_there_or_no_text_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(WrongScenario, match="No such file"):
        read_scenario(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(WrongScenario, match="no text in UTF-8"):
        read_scenario(tmp_path / "bytes.toml")


def test_headers_within_texts_are_no_cues() -> None:
    assert list(cue_lines('[[cue]]\na = """\n[[cue]]\n"""\n [[ cue ]] # x\n')) == [1, 5]


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_scenarios_of_desk_can_be_read_aloud(path: Path) -> None:
    scenario = read_scenario(path)
    for cue in scenario.cues:
        assert 8 <= len(cue.say.split()) <= 12, cue.say
        assert cue.say[-1] in ".?!", cue.say
        assert cue.notes, f"{cue.say}: what else is said"
        assert cue.press, f"{cue.say}: what to press"
