"""Journey: by Ctrl+K and three letters to a book's card, to any stream, and to the reason why an action is refused."""

import pytest
from PySide6.QtCore import Qt

from desk.gui.frame.palette.palette import Palette
from tests.journeys.books import put_books
from tests.journeys.conftest import Windows
from tests.journeys.window import RealWindow


@pytest.fixture
def desk(shared: Windows) -> RealWindow:
    """One window for all of them: the first needs it without books."""
    return shared.again()


def open_palette(desk: RealWindow) -> Palette:
    """By its key, from wherever the focus is."""
    desk.frame.activateWindow()
    desk.until(lambda: desk.frame.focusWidget() is not None and desk.frame.isActiveWindow())
    focus = desk.frame.focusWidget()
    assert focus is not None
    desk.qtbot.keyClick(focus, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: desk.window.finder.line.hasFocus())
    return desk.window.finder


def test_three_letters_of_a_title_and_enter_lead_to_the_books_card_and_lending_before_says_why_not(
    desk: RealWindow,
) -> None:
    palette = open_palette(desk)
    desk.qtbot.keyClicks(palette.line, "lend")
    desk.qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    reason = desk.window.actions_by_name["copy.lend"].statusTip()
    assert reason
    desk.until(lambda: palette.note.accessibleName() == reason)
    assert palette.isVisible()
    desk.qtbot.keyClick(palette.line, Qt.Key.Key_Escape)
    put_books(desk)
    desk.trigger("go.operations")
    palette = open_palette(desk)
    desk.qtbot.keyClicks(palette.line, "etr")
    desk.qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    chosen = desk.window.part.chosen
    desk.until(lambda: chosen.card is not None and chosen.card.row.title == "L'Étranger")
    assert desk.window.places.current == "catalogue"
    desk.until(desk.window.part.card.isVisible)
    assert not palette.isVisible()


def test_a_book_is_found_by_its_isbn_and_any_stream_by_its_name(desk: RealWindow) -> None:
    ids = put_books(desk)
    palette = open_palette(desk)
    desk.qtbot.keyClicks(palette.line, "0-14-143951-3")
    desk.qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    desk.until(lambda: desk.window.part.chosen.book_id == ids["Pride and Prejudice"])
    palette = open_palette(desk)
    desk.qtbot.keyClicks(palette.line, "isbn-9780141439518")
    desk.qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    history = desk.window.places["history"]
    desk.until(lambda: desk.window.places.current == "streams")
    desk.until(lambda: getattr(history, "stream", "") == "isbn-9780141439518")
    assert not desk.faults
