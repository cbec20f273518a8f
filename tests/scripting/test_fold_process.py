"""Folds in their child process: what they get, what they may take, and what is said where they fail."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.scripting import fold_process
from desk.scripting.fold_process import FoldedEvent, FoldProcess, FoldResult
from tests.node.processes import wait_until

PATH = Path("/a/fold.py")


def given(count: int, data: bytes = b'{"total": 2}') -> list[FoldedEvent]:
    return [
        FoldedEvent("Added", data, b"{}", "order-1", number, number, f"id-{number}", "2026-03-02T12:00:00+00:00")
        for number in range(count)
    ]


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[FoldProcess]:
    """With time for what ends by itself, however busy the machine is."""
    for limit in ("_START_SECONDS", "EVENT_SECONDS", "STREAM_SECONDS"):
        monkeypatch.setattr(fold_process, limit, 60.0)
    one = FoldProcess()
    yield one
    one.close()


def fold(process: FoldProcess, evolve: str, count: int = 1, data: bytes = b'{"total": 2}') -> FoldResult:
    body = "\n".join(f"    {line}" for line in evolve.splitlines())
    source = f"def initial():\n    return {{'n': 0}}\ndef evolve(state, event):\n{body}\n"
    return process.fold(source, PATH, given(count, data))


def test_the_state_comes_after_each_event(process: FoldProcess) -> None:
    result = fold(process, "return {'n': state['n'] + event.data['total'], 'at': event.created.year}", 3)
    assert [json.loads(state) for state in result.states] == [{"n": n, "at": 2026} for n in (2, 4, 6)]
    assert result.failure is None


def test_a_child_is_used_again_and_begins_anew_each_time(process: FoldProcess) -> None:
    count = "global seen\nseen = globals().get('seen', 0) + 1\nreturn seen"
    assert fold(process, count, 2).states == ("1", "2")
    pid = process.pid
    assert fold(process, count, 1).states == ("1",)
    assert process.pid == pid


def test_bytes_that_are_no_document_stay_bytes_and_states_may_hold_them(process: FoldProcess) -> None:
    assert fold(process, "return {'raw': event.data, 'all': {3, 1}}", 1, b"\xff\x00").states == (
        '{"raw": "ff00", "all": [1, 3]}',
    )


@pytest.mark.parametrize(
    ("evolve", "sentence", "line", "revision"),
    [
        ("x = 1\nreturn state['nothing']", "Line 5: KeyError: 'nothing'", 5, 0),
        ("return deep()", "Line 4: NameError: name 'deep' is not defined", 4, 0),
        ("return 1 +", "Line 4: SyntaxError: invalid syntax", 4, None),
        ("raise SystemExit(3)", "Line 4: SystemExit: 3", 4, 0),
    ],
)
def test_an_error_is_told_with_its_line(
    process: FoldProcess, evolve: str, sentence: str, line: int, revision: int | None
) -> None:
    failure = fold(process, evolve).failure
    assert failure is not None
    assert (failure.sentence, failure.line, failure.revision) == (sentence, line, revision)
    assert fold(process, "return 1").states == ("1",)


def test_what_came_before_an_error_is_kept(process: FoldProcess) -> None:
    result = fold(process, "if event.revision == 2:\n    raise ValueError('two')\nreturn event.revision", 4)
    assert result.states == ("0", "1")
    assert result.failure is not None
    assert (result.failure.line, result.failure.revision) == (5, 2)


def test_a_file_without_the_functions_is_told_so(process: FoldProcess) -> None:
    failure = process.fold("initial = dict\n", PATH, given(1)).failure
    assert failure is not None
    assert failure.sentence == "TypeError: the file has no function evolve"


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("waits", ["while True: pass", "import time; time.sleep(60)"])
def test_an_event_that_takes_too_long_is_stopped_and_another_child_started(
    process: FoldProcess, monkeypatch: pytest.MonkeyPatch, waits: str
) -> None:
    assert fold(process, "return 0").states == ("0",)
    pid = process.pid
    monkeypatch.setattr(fold_process, "EVENT_SECONDS", 1.0)
    result = fold(process, f"if event.revision == 1:\n    {waits}\nreturn 1", 3)
    assert result.states == ("1",)
    assert result.failure is not None
    assert result.failure.sentence == "Event 1 (Added) took longer than 250 ms, and the fold was stopped."
    assert pid is not None
    assert gone(pid)
    assert fold(process, "return 0").states == ("0",)


def test_a_stream_that_takes_too_long_is_stopped(process: FoldProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_process, "STREAM_SECONDS", 1.0)
    result = fold(process, "import time; time.sleep(0.4 * event.revision); return 1", 50)
    assert result.failure is not None
    assert "The stream took longer than 5 s, and the fold was stopped at event" in result.failure.sentence
    assert 0 < len(result.states) < 3


def test_a_fold_that_takes_too_much_memory_is_stopped(process: FoldProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what the system says of the process, whatever it believes itself."""
    monkeypatch.setattr(fold_process, "LARGEST", 100 * 1024 * 1024)
    monkeypatch.setattr(fold_process, "EVENT_SECONDS", 20.0)
    monkeypatch.setattr(fold_process, "STREAM_SECONDS", 20.0)
    result = fold(process, "import time\nstate['all'] = b'x' * 150_000_000\ntime.sleep(19)\nreturn 1")
    assert result.failure is not None
    assert "more than 512 MiB of memory" in result.failure.sentence


def test_states_that_are_too_large_are_not_taken(process: FoldProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_process, "LARGEST_ANSWER", 1000)
    result = fold(process, "return 'x' * 300", 10)
    assert (len(result.states), result.failure is not None) == (3, True)
    one = fold(process, "return 'x' * 3000", 1)
    assert one.failure is not None
    assert "larger than 64 MiB" in one.failure.sentence


def test_a_process_that_ends_itself_is_told_and_started_again(process: FoldProcess) -> None:
    failure = fold(process, "import os; os._exit(7)").failure
    assert failure is not None
    assert failure.sentence.startswith("The process of the fold has ended.")
    assert fold(process, "return 1").states == ("1",)


def test_what_a_fold_prints_or_reads_does_not_come_between_the_answers(process: FoldProcess) -> None:
    noisy = "import sys; print('{\"state\": 9}'); sys.stdout.flush(); return sys.stdin.read()"
    assert fold(process, noisy).states == ('""',)


def test_what_a_fold_starts_ends_with_it(process: FoldProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_process, "EVENT_SECONDS", 2.0)
    noted = tmp_path / "pid"
    starts = (
        "import subprocess, pathlib\nchild = subprocess.Popen(['sleep', '60'])\n"
        f"pathlib.Path({str(noted)!r}).write_text(str(child.pid))\nchild.wait()"
    )
    assert fold(process, starts).failure is not None
    pid = int(noted.read_text())
    wait_until(lambda: gone(pid) or " Z " in Path(f"/proc/{pid}/stat").read_text())


def test_a_fold_sees_no_secret_of_ours(process: FoldProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_NODE_ADMIN_PASSWORD", "secret")
    assert fold(process, "import os; return [name for name in os.environ if 'DESK' in name]").states == ("[]",)


def test_a_closed_process_folds_no_more(process: FoldProcess) -> None:
    process.close()
    failure = fold(process, "return 1").failure
    assert failure is not None
    assert failure.sentence == "Desk is being closed."
