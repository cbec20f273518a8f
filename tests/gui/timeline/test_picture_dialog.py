"""Pictures and pages by menu: what is chosen is what is copied and saved, and what cannot be written is said."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk.application.command_events import ChangeKind
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.timeline.picture_dialog import PictureDialog
from tests.gui.timeline.fake_history import FakeHistory, recorded
from tests.rounds import few_or_all

STREAM = "order-1"
COUNT = few_or_all(400, 1200)
"""Of events: a crowd, where all are in sight."""


@pytest.fixture
def panel(qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]) -> HistoryPanel:
    session.add(STREAM, *(recorded(STREAM, n, ("BookCreated", "CopyLent")[n % 2]) for n in range(COUNT)))
    panel = make_panel()
    panel.show_stream(STREAM, "An <order> & more")
    qtbot.waitUntil(lambda: bool(session.tails))
    return panel


@pytest.fixture
def dialog(panel: HistoryPanel) -> PictureDialog:
    panel.make_picture()
    (dialog,) = panel.findChildren(PictureDialog)
    assert dialog.isVisible()
    return dialog


def said(panel: HistoryPanel, qtbot: QtBot, act: Callable[[], None]) -> str:
    with qtbot.waitSignal(panel.workspace.said) as spoken:
        act()
    assert spoken.args is not None
    return str(spoken.args[0])


def test_the_copied_picture_is_as_wide_as_was_asked_for_and_there_as_svg_too(
    qtbot: QtBot, panel: HistoryPanel, dialog: PictureDialog
) -> None:
    dialog.width_box.setValue(700)
    assert said(panel, qtbot, dialog.acts["copy"].click) == "The picture is copied."
    copied = QApplication.clipboard().mimeData()
    assert QImage(copied.imageData()).width() == 1400
    svg = bytes(copied.data("image/svg+xml").data()).decode()
    assert ElementTree.fromstring(svg).get("width") == "700"
    assert "An &lt;order&gt; &amp; more" in svg


def test_light_and_dark_pictures_are_saved_whatever_the_window_looks_like(
    qtbot: QtBot, panel: HistoryPanel, dialog: PictureDialog, tmp_path: Path
) -> None:
    grounds = []
    for look in (0, 1):
        dialog.look.setCurrentIndex(look)
        file = tmp_path / f"{look}.png"
        assert said(panel, qtbot, lambda file=file: dialog.save_png(file)).endswith(f"{file}.")  # type: ignore[misc]
        grounds.append(QImage(str(file)).pixelColor(2, 2).name())
    assert grounds == ["#ffffff", "#14171c"]


def test_the_part_in_sight_has_only_what_is_in_sight(
    qtbot: QtBot, panel: HistoryPanel, dialog: PictureDialog, tmp_path: Path
) -> None:
    whole = dialog.svg()
    panel.canvas.zoom(40.0, 300.0)
    panel.canvas.grab()
    dialog.part.setCurrentIndex(1)
    file = tmp_path / "part.svg"
    said(panel, qtbot, lambda: dialog.save_svg(file))
    part = file.read_text()
    assert part != whole
    assert "<path fill=" not in part, "marks, not a crowd"
    shown = sum(mark.count for mark in panel.canvas.scene.marks)
    titles = [element.text for element in ElementTree.fromstring(part).iter("{http://www.w3.org/2000/svg}title")][1:]
    drawn = sum(int(text.split()[0]) if text and text[0].isdigit() else 1 for text in titles)
    assert drawn == pytest.approx(shown, rel=0.3)


def test_the_page_has_every_event_also_those_left_out_of_the_axis(
    qtbot: QtBot, panel: HistoryPanel, dialog: PictureDialog, tmp_path: Path
) -> None:
    panel.filter.toggle(ChangeKind.LENT)
    file = tmp_path / "page.html"
    said(panel, qtbot, lambda: dialog.save_page(file))
    assert file.read_text().count("<article ") == COUNT


def test_a_file_that_cannot_be_written_is_said(
    qtbot: QtBot, panel: HistoryPanel, dialog: PictureDialog, tmp_path: Path
) -> None:
    for save in (dialog.save_svg, dialog.save_png, dialog.save_page):
        words = said(panel, qtbot, lambda save=save: save(tmp_path / "nowhere" / "x"))  # type: ignore[misc]
        assert words.startswith("The folder ")
        assert words.endswith("make it first, or name another.")


def test_where_there_is_no_history_it_is_said(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    panel = make_panel()
    assert said(panel, qtbot, panel.make_picture) == "There is no history to be made a picture of."
    assert not panel.findChildren(PictureDialog)
