"""A state is told by a shape and a word, in every theme, and drawn once for each kind."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from desk.gui.books.chips import Chips, look_of
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme, ThemeMode

STATES = ("pending", "listed", "rejected", "deleted", "saving", "available", "onLoan", "lost", "withdrawn", "overdue")


def drawn(chips: Chips, state: str, text: str = "state", width: int = 120) -> QImage:
    """A cell with the chip."""
    cell = QPixmap(width, 32)
    cell.fill("white")
    painter = QPainter(cell)
    chips.draw(painter, cell.rect().adjusted(0, 0, 0, 0), state, text)
    painter.end()
    return cell.toImage()


def test_states_of_a_book_differ_in_shape_and_not_only_in_colour() -> None:
    of_books = STATES[:5]
    assert len({look_of(state)[0] for state in of_books}) == len(of_books)


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_chip_of_its_own_in_both_themes(theme: Theme, icons: Icons, state: str) -> None:
    chips = Chips(theme, icons)
    light = drawn(chips, state)
    assert light != drawn(chips, "unheard of")
    theme.set_mode(ThemeMode.DARK)
    try:
        assert drawn(chips, state) != light
    finally:
        theme.set_mode(ThemeMode.LIGHT)
    assert drawn(chips, state) == light


def test_a_chip_never_leaves_its_cell(theme: Theme, icons: Icons, qapp: QApplication) -> None:
    picture = QPixmap(300, 32)
    picture.fill("white")
    painter = QPainter(picture)
    Chips(theme, icons).draw(painter, QRect(0, 0, 60, 32), "listed", "a state with a very long name")
    painter.end()
    image = picture.toImage()
    assert {image.pixelColor(x, y).name() for x in range(60, 300) for y in range(32)} == {"#ffffff"}
