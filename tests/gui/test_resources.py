"""The program's own files are found in a wheel and in a checkout."""

from pathlib import Path

import pytest

from desk.application.resources import ResourceMissing, find_resource, resource


def test_a_file_of_the_wheel_wins_over_one_of_the_checkout(tmp_path: Path) -> None:
    for folder in (tmp_path / "desk" / "_resources", tmp_path / "resources"):
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text(str(folder))
    assert find_resource("a.txt", tmp_path / "desk").read_text() == str(tmp_path / "desk" / "_resources")


def test_a_checkout_has_its_files_beside_the_package(tmp_path: Path) -> None:
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "a.txt").write_text("checkout")
    assert find_resource("a.txt", tmp_path / "desk").read_text() == "checkout"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResourceMissing, match=r"a\.txt"):
        find_resource("a.txt", tmp_path / "desk")


def test_fonts_come_with_their_licence_and_stay_small() -> None:
    fonts = list(resource("fonts").iterdir())
    assert "SIL OPEN FONT LICENSE" in resource("fonts/OFL.txt").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in fonts) < 1_500_000
