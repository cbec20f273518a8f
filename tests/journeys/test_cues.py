"""Each cue of each scenario in the window: nothing is seen that belongs on no stage; pictures where they are wanted.

``DESK_STAGE_PICTURES=DIR`` draws each cue at 1920x1080 on both grounds, once all that it tells has been shown;
``DESK_STAGE_SIZE=1366x768`` at another size. In the ordinary run only the talk is looked at, by the test that plays it
to its end (test_stage).
"""

import os
import re
import socket
from contextlib import closing
from pathlib import Path
from typing import ClassVar, Final

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk.gui.flow.panel import FlowPanel
from desk.gui.frame.panel import FLOW
from tests.gui.texts import seen_texts
from tests.journeys.staged_window import StagedWindow
from tests.programs.played import SCENARIOS
from tests.rounds import LONG

PICTURES: Final = os.environ.get("DESK_STAGE_PICTURES")
_READER: Final = re.compile(r"\bR-\d")
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-")


class WantedWindow(StagedWindow):
    """Of another size where one is wanted."""

    _width, _, _height = os.environ.get("DESK_STAGE_SIZE", "").partition("x")
    size: ClassVar = QSize(int(_width), int(_height)) if _height else StagedWindow.size


def show_all_of_it(window: StagedWindow) -> None:
    """What Flow tells of this cue is told to its end, without its pauses."""
    view = window.performance.view
    assert view is not None
    flow = view.places.widgets.get(FLOW)
    if isinstance(flow, FlowPanel) and flow.isVisible():
        for _ in range(2000):
            if not flow.replay.moves:
                break
            flow.replay.advance(5000)
        flow.show_now()
    window.qtbot.wait(400 if PICTURES else 20)  # what is shown arrives, and fades


def draw(window: StagedWindow, folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for _ in range(2):
        ground = "dark" if window.theme.is_dark else "light"
        assert window.frame.grab().save(str(folder / f"{name}-{ground}.png"))
        window.part.mode.change_ground()
        window.qtbot.wait(200)


def leaks(window: StagedWindow) -> list[str]:
    """Texts that name a reader, an id, a machine, or a folder of it, once all that the cue tells has been shown."""
    show_all_of_it(window)
    view = window.performance.view
    assert view is not None
    assert view.session is not None
    texts = [text for text, _, _ in seen_texts(window.frame)] + [window.frame.windowTitle()]
    secrets = [str(window.data_dir), str(view.session.about.directory), socket.gethostname()]
    return [
        text for text in texts if _READER.search(text) or _ID.search(text) or any(secret in text for secret in secrets)
    ]


@pytest.mark.skipif(not (LONG or PICTURES), reason="neither a long run nor pictures are wanted")
@pytest.mark.parametrize("name", sorted(path.stem for path in SCENARIOS.glob("*.toml")))
def test_no_cue_shows_a_reader_an_id_a_machine_or_a_folder(
    name: str, qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    with closing(WantedWindow(qtbot, qapp, tmp_path)) as window:
        window.until_live()
        failures, leaked = list[str](), list[tuple[int, str]]()
        window.play(SCENARIOS / f"{name}.toml")
        window.performance.failed.connect(failures.append)
        for number in range(-1, len(window.performance.scenario.cues)):
            if number >= 0:
                window.press(Qt.Key.Key_PageDown)
            assert (window.performance.number, failures) == (number, [])
            leaked += [(number, text) for text in leaks(window)]
            if PICTURES:
                draw(window, Path(PICTURES), f"{name}-{number + 1:02}")
        assert leaked == []
