"""What the window remembers comes back with its type from a file of its own."""

from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import QByteArray

from desk.application.catalogue import SortKey
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import ThemeMode


def test_a_first_start_remembers_nothing(settings: Settings) -> None:
    assert settings.geometry.isEmpty()
    assert settings.columns.isEmpty()
    assert settings.sort == (SortKey.TITLE, False)
    assert settings.selection is None
    assert settings.theme is ThemeMode.SYSTEM


def test_everything_comes_back_in_the_next_process(tmp_path: Path) -> None:
    path, book = tmp_path / "settings.ini", uuid4()
    first = Settings(path)
    first.geometry, first.columns = QByteArray(b"g\0"), QByteArray(b"c")
    first.set_arrangement("streams", b"p")
    first.sort, first.selection, first.theme = (SortKey.YEAR, True), book, ThemeMode.DARK
    first.set_panel_state("history", QByteArray(b"h"))
    first.save()
    again = Settings(path)
    assert (again.geometry.data(), again.columns.data()) == (b"g\0", b"c")
    assert again.arrangement("streams").data() == b"p"
    assert (again.sort, again.selection, again.theme) == ((SortKey.YEAR, True), book, ThemeMode.DARK)
    assert again.panel_state("history").data() == b"h"


def test_nonsense_in_the_file_counts_as_nothing(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text("[table]\nsort=colour\nbook=17\n[window]\ntheme=pink\npanels=x\nlayout=0\n")
    settings = Settings(path)
    assert (settings.sort, settings.selection, settings.theme) == ((SortKey.TITLE, False), None, ThemeMode.SYSTEM)
    assert settings.arrangement("catalogue").isEmpty()


def test_each_place_has_an_arrangement_of_its_own(settings: Settings) -> None:
    settings.set_arrangement("catalogue", b"c")
    assert settings.arrangement("catalogue") == QByteArray(b"c")
    assert settings.arrangement("streams").isEmpty()


def test_reduced_motion_is_the_system_s_until_somebody_chooses(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    assert settings.reduced_motion is None
    for chosen in (True, False):
        settings.reduced_motion = chosen
        settings.save()
        assert Settings(tmp_path / "settings.ini").reduced_motion is chosen
