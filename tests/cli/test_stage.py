"""``desk stage`` as a process of its own: lists, rehearses, refuses, opens; and leaves nothing."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from PySide6.QtGui import QColor

from desk.__main__ import main
from desk.runtime.data_directory import THROW_AWAY
from tests.forked import run_forked
from tests.programs.played import SCENARIOS
from tests.rounds import few_or_all

ROOT = Path(__file__).parents[2]
SECONDS = 240.0

HEAD = """title = "A try"
clock = 2026-03-02T09:00:00Z
seed = 9

[[cue]]
say = "One book comes into the catalogue for all to see."
wait = "read model"
do = [
    { command = "CreateBook", book = "emma", isbn = "9780141439587", title = "Emma", authors = ["Jane Austen"] },
    { show = "catalogue", book = "emma" }, { key = "Ctrl+2" },
]
"""


def desk(data: Path, *arguments: str, program: tuple[str, ...] = ("-m", "desk"), **environment: str) -> tuple[int, str]:
    """Run it; the status, and all that it said."""
    done = subprocess.run(
        [sys.executable, *program, "--data", str(data), "stage", *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stdout + done.stderr


def processes_over(directory: Path) -> list[str]:
    """The processes that have something within this directory open, or in their command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        if entry.name == str(os.getpid()):
            continue
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
            names = [str(link.readlink()) for link in (entry / "fd").iterdir()]
            found += [f"{words}: {name}" for name in (words, *names) if str(directory) in name]
    return found


def nothing_is_left(data: Path) -> bool:
    return not (data / THROW_AWAY).exists() and processes_over(data) == []


IN_WINDOW: Final = {"talk", "two-librarians", "who-changed-the-title"}
"""Those that other tests play through: the first two in journeys/test_stage."""


def test_all_that_come_with_desk_go_as_they_say(tmp_path: Path) -> None:
    names = {path.stem for path in SCENARIOS.glob("*.toml")} - few_or_all(IN_WINDOW, set())
    status, said = desk(tmp_path, "--check", *few_or_all(sorted(names), []))
    assert status == 0, said
    assert {line.partition(".toml: all ")[0] for line in said.splitlines()} == names, said
    assert said.count("cues went as it says.") == len(names)
    assert nothing_is_left(tmp_path)


@pytest.mark.parametrize("went_well", [True, False])
def test_all_that_come_with_desk_are_rehearsed_where_none_is_named(
    *, went_well: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = list[str]()

    def rehearse(scenarios: list[tuple[str, object]], *_: object) -> bool:
        played.extend(name for name, _ in scenarios)
        return went_well

    monkeypatch.setattr("desk.gui.stage.checking.rehearse_in_window", rehearse)
    assert main(["--data", str(tmp_path), "stage", "--check"]) == (0 if went_well else 1)
    assert played == sorted(path.name for path in SCENARIOS.glob("*.toml"))
    assert len(played) == 6


def test_a_cue_that_fails_is_named_and_the_others_files_are_still_rehearsed(tmp_path: Path) -> None:
    wrong = {
        'do = [{ show = "nowhere" }]': "the window has no place “nowhere”. It has: catalogue, streams",
        "expect = [{ books = 2 }]": "books is 1, and 2 is expected",
        'do = [{ command = "LendCopy", book = "emma", copy_no = 1, patron = "R-1" }]': "ended with CopyNotFound",
    }
    wrong = dict(few_or_all(list(wrong.items())[:1], list(wrong.items())))
    files = [tmp_path / f"wrong-{number}.toml" for number in range(len(wrong))]
    for file, cue in zip(files, wrong, strict=True):
        file.write_text(f'{HEAD}\n[[cue]]\nsay = "This cannot be."\n{cue}\n')
    status, said = desk(tmp_path / "data", "--check", *map(str, files), "who-changed-the-title")
    assert status == 1
    lines = said.splitlines()
    for file, why in zip(files, wrong.values(), strict=True):
        begin = f"{file.name}: Cue 2 (line 13), “This cannot be.”: "
        assert [why in line for line in lines if line.startswith(begin)] == [True], said
    assert lines[-1] == "who-changed-the-title.toml: all 6 cues went as it says."
    assert nothing_is_left(tmp_path / "data")


def test_a_catalogue_that_cannot_be_opened_is_said_for_each_file(tmp_path: Path) -> None:
    file, data = tmp_path / "right.toml", tmp_path / "data"
    file.write_text(HEAD)
    data.write_text("no directory")
    status, said = desk(data, "--check", str(file), str(file))
    why = f"right.toml: its catalogue cannot be opened. {data} is a file, and a directory is needed. Name another with"
    assert (status, said) == (1, f"{why} --data.\n" * 2)


def test_what_is_no_scenario_is_said_before_anything_is_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("title = = 1\n")
    for arguments in (("--check", str(wrong)), (str(wrong),)):
        done = run_forked("desk", "--data", str(tmp_path), "stage", *arguments, timeout=SECONDS)
        said = "desk: wrong.toml, line 1, column 9: Unexpected character: '='.\n"
        assert (done.returncode, done.stdout, done.stderr) == (1, "", said)
    assert main(["--data", str(tmp_path), "stage", "--check", "kill-the-nod"]) == 1
    assert capsys.readouterr() == (
        "",
        "desk: There is no scenario kill-the-nod, and no such file. Did you mean kill-the-node?"
        " `desk stage --list` names them all.\n",
    )


def test_that_no_scenario_is_played_in_a_store_elsewhere_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), "stage", "talk", "--store", "esdb://admin:Gartenzwerg-71@there:2113"]) == 2
    words = "scenarios are played in a throw-away catalogue of their own: leave --store out."
    assert capsys.readouterr() == ("", f"desk stage: {words}\n")


def test_the_list_has_the_six_with_their_titles(tmp_path: Path) -> None:
    status, said = desk(tmp_path, "--list")
    assert status == 0
    assert {line.split()[0] for line in said.splitlines()} == {path.stem for path in SCENARIOS.glob("*.toml")}
    assert "Two librarians, one copy: 5 cues." in said


def test_without_a_display_or_qts_libraries_it_says_what_to_do(tmp_path: Path) -> None:
    status, said = desk(tmp_path, "talk", DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert status == 2
    assert "no display" in said
    lacking = "import sys; from desk.cli import display; display._loads = lambda name: 'EGL' not in name\n"
    program = ("-c", f"{lacking}from desk.__main__ import main\nsys.exit(main())")
    status, said = desk(tmp_path, "--check", program=program)
    assert status == 2
    assert "`apt install libegl1`" in said
    assert not (tmp_path / THROW_AWAY).exists()


PAINTING = """
import sys
from PySide6.QtCore import QEvent, QObject
from desk.__main__ import main
from desk.gui.frame import run

class Watch(QObject):
    def eventFilter(self, window, event):
        if event.type() is QEvent.Type.Paint:
            window.removeEventFilter(self)
            print("first painted on", window.palette().window().color().name(), flush=True)
        return False

class Window(run.MainWindow):
    def show(self):
        self.watch = Watch()
        self.installEventFilter(self.watch)
        super().show()

run.MainWindow = Window
sys.exit(main())
"""


@pytest.mark.parametrize("after", few_or_all([3.0], [0.0, 1.0, 3.0, 6.0]))
def test_a_stage_has_the_users_ground_at_once_and_leaves_nothing_whenever_it_is_ended(
    after: float, tmp_path: Path
) -> None:
    (tmp_path / "settings.ini").write_text("[window]\ntheme=dark\n")
    process = subprocess.Popen(
        [sys.executable, "-c", PAINTING, "--data", str(tmp_path), "stage", "two-librarians"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    try:
        limit = time.monotonic() + 60
        while not (tmp_path / THROW_AWAY).exists():
            assert time.monotonic() < limit
            time.sleep(0.02)
        time.sleep(after)  # the moment is the test, not something to wait for
        assert processes_over(tmp_path)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, said
    assert nothing_is_left(tmp_path), said
    painted = QColor(said.partition("first painted on ")[2].split("\n")[0])
    assert (painted.isValid() and painted.lightness() < 60) or after < 1, said
