"""Journey 2: a real file comes into the catalogue, by the dialog and without a window; twice creates nothing twice."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from desk.application.scanning import UNPROJECTED
from desk.gui.importing.dialog import ImportDialog
from tests.forked import Forked, run_forked
from tests.journeys.conftest import Windows
from tests.journeys.window import RealWindow
from tests.rounds import few_or_all

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "data" / "books-300.csv"
ROWS = few_or_all(30, 120)
"""How many of its rows are imported where nothing happens in the middle; the 115th is a book once more."""


@pytest.fixture
def desk(shared: Windows) -> RealWindow:
    """One window for all: each test imports rows of its own."""
    return shared.again()


def rows_of_sample(folder: Path, first: int, rows: int) -> Path:
    """So many rows of the sample from this one on, as a file."""
    heading, *lines = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    path = folder / SAMPLE.name
    path.write_text("".join((heading, *lines[first : first + rows])), encoding="utf-8")
    return path


def distinct_isbns(path: Path) -> int:
    """How many books a file has: ISBNs are compared without regard to the check digit's case."""
    with path.open(encoding="utf-8", newline="") as lines:
        return len({row["ISBN"].upper() for row in csv.DictReader(lines)})


def import_in_window(desk: RealWindow, path: Path) -> ImportDialog:
    desk.importing.import_file(path)
    dialog = desk.importing.dialog
    assert dialog is not None
    desk.until(dialog.go.isEnabled)
    dialog.begin()
    return dialog


def finish(desk: RealWindow, dialog: ImportDialog) -> str:
    desk.qtbot.waitUntil(lambda: dialog.pages.currentWidget() is dialog.report_page, timeout=600_000)
    summary = dialog.report_page.summary.text()
    dialog.reject()
    return summary


def press(desk: RealWindow, text: str) -> None:
    """Press this button of the question that the window asks."""
    box = desk.importing.question
    assert box is not None
    (button,) = [button for button in box.buttons() if button.text().replace("&", "") == text]
    desk.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def headless(data: Path, path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_forked("desk", "import", str(path), "--data", str(data), *arguments, timeout=600)


def last_written(desk: RealWindow) -> int:
    """The position of the last event that is not the node's own link to one."""
    (last,) = desk.store.read_all(backwards=True, limit=1, only=UNPROJECTED)
    return last.position


def test_a_file_is_imported_by_the_dialog_and_a_second_time_creates_nothing(desk: RealWindow, tmp_path: Path) -> None:
    sample, before = rows_of_sample(tmp_path, 0, ROWS), desk.count()
    books = distinct_isbns(sample)
    first = finish(desk, import_in_window(desk, sample))
    assert f"{books} created" in first
    desk.until(lambda: desk.count() == before + books)
    head = last_written(desk)
    second = finish(desk, import_in_window(desk, sample))
    assert f"0 created, {books} already there" in second
    assert last_written(desk) == head


def test_cancelling_and_starting_again_goes_on(desk: RealWindow, tmp_path: Path) -> None:
    sample, before = rows_of_sample(tmp_path, 120, 150), desk.count()
    dialog = import_in_window(desk, sample)
    desk.until(lambda: desk.count() > before)
    dialog.cancel()
    finish(desk, dialog)
    finish(desk, import_in_window(desk, sample))
    desk.until(lambda: desk.count() == before + distinct_isbns(sample))


def test_without_a_window_and_twice(tmp_path: Path) -> None:
    sample = rows_of_sample(tmp_path, 0, ROWS)
    books = distinct_isbns(sample)
    first = headless(tmp_path, sample)
    assert first.returncode == 0, first.stderr
    assert f"{books} created" in first.stdout
    second = headless(tmp_path, sample)
    assert f"0 created, {books} already there" in second.stdout


def test_a_pipe_is_read_to_its_end_and_imported(tmp_path: Path) -> None:
    """As a shell does it with ``desk import <(head FILE)``, ``… | desk import -`` and ``desk import /dev/stdin``."""
    head = "".join(SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)[:4])
    reading, writing = os.pipe()
    os.write(writing, head.encode())
    os.close(writing)
    command = [sys.executable, "-m", "desk", "import", f"/dev/fd/{reading}", "--data", str(tmp_path)]
    first = subprocess.run(command, pass_fds=(reading,), capture_output=True, text=True, timeout=600, check=True)
    os.close(reading)
    assert "3 created, 0 already there, 0 refused" in first.stdout
    for name in ("-", "/dev/stdin"):
        done = run_forked("desk", "import", name, "--data", str(tmp_path), given=head, timeout=600)
        assert done.returncode == 0, (name, done.stderr)
        assert "0 created, 3 already there, 0 refused" in done.stdout


def test_a_pipe_without_anything_and_a_path_that_is_no_file_are_said_in_a_sentence(tmp_path: Path) -> None:
    for path, sentence in [(Path("/dev/null"), "The input is empty."), (tmp_path, f"{tmp_path.name} is not a file.")]:
        done = headless(tmp_path, path, "--dry-run")
        assert done.returncode == 1
        assert sentence in done.stderr
        assert done.stderr.count("\n") == 1


def test_beside_a_window_the_books_appear_in_its_table(desk: RealWindow, tmp_path: Path) -> None:
    sample, before = rows_of_sample(tmp_path, 270, 30), desk.count()
    with Forked("desk", ["import", str(sample), "--data", str(desk.data_dir)]) as process:
        desk.until(lambda: process.poll() is not None)
        said = process.communicate()
    assert process.returncode == 0, said
    desk.until(lambda: desk.count() == before + distinct_isbns(sample))


def test_a_file_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    done = headless(tmp_path, tmp_path / "nothing.csv")
    assert done.returncode == 1
    assert "nothing.csv" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("ending", few_or_all([signal.SIGKILL], [signal.SIGKILL, signal.SIGTERM]))
def test_the_window_killed_in_an_import_has_lost_nothing_and_offers_to_go_on(
    open_window: Windows, tmp_path: Path, ending: signal.Signals
) -> None:
    """The window's process is killed, or asked by the system to end, while its own dialog imports."""
    sample, data = rows_of_sample(tmp_path, 0, 200), tmp_path / "data"
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from desk.runtime.options import Options\nfrom desk.runtime.runtime import open_session\n"
        "from desk.gui.importing.part import ImportPart\n"
        "from tests.moments import REAL\n"
        "from desk.gui.frame.run import run_window\n"
        "data, file = Path(sys.argv[1]), Path(sys.argv[2])\n"
        "def connect(window):\n"
        "    part = ImportPart(window)\n"
        "    def begin(_session):\n"
        "        part.import_file(file)\n"
        "        part.dialog.go.setEnabled(False)\n"
        "        from PySide6.QtCore import QTimer\n"
        "        timer = QTimer(window)\n"
        "        def go():\n"
        "            if part.dialog.go.isEnabled():\n"
        "                timer.stop(); part.dialog.begin()\n"
        "        timer.timeout.connect(go); timer.start(20)\n"
        "        count = QTimer(window)\n"
        "        count.timeout.connect(lambda: print(window.part.view.model.rowCount(), flush=True))\n"
        "        count.start(20)\n"
        "    window.opened.connect(begin)\n"
        "run_window(lambda: open_session(Options(data)), data, 'default', ['desk'], moments=REAL, extend=connect)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(data), str(sample)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    shown = 0
    for line in process.stdout:
        shown = int(line)
        if shown > 20:
            break
    process.send_signal(ending)
    process.stdout.close()
    process.wait(60)
    desk = open_window.without_waiting(data)
    desk.until_live()
    desk.until(lambda: desk.importing.question)
    desk.until(lambda: desk.count() >= shown)
    press(desk, "Go on with it")
    dialog = desk.importing.dialog
    assert dialog is not None
    finish(desk, dialog)
    desk.until(lambda: desk.count() == distinct_isbns(sample))
    created = [e.stream for e in desk.store.read_all() if e.type == "BookCreated"]
    assert len(created) == len(set(created)) == distinct_isbns(sample)


@pytest.mark.skipif("DESK_TEST_BOOKS" not in os.environ, reason="DESK_TEST_BOOKS names no file")
def test_a_whole_file_of_real_books(open_window: Windows) -> None:
    desk, path = open_window(), Path(os.environ["DESK_TEST_BOOKS"])
    books = distinct_isbns(path)
    summary = finish(desk, import_in_window(desk, path))
    assert f"{books:,} created" in summary
    desk.until(lambda: desk.count() == books)
