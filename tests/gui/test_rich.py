"""Texts of the user's within our sentences: right-to-left letters turn nothing but themselves."""

import unicodedata
from dataclasses import replace
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument, QTextLayout
from PySide6.QtWidgets import QApplication

from desk.application.done import describe_command, done_of
from desk.application.isolation import isolated
from desk.domain.book import INITIAL
from desk.domain.commands import DeleteBook
from desk.domain.errors import RefusalCode, RuleBroken
from desk.gui.widgets.rich import sentence_of, strong, tooltip

HEBREW = "מלחמה ושלום"
ARABIC = "ألف ليلة وليلة (1)"


def x_of(text: str, place: int) -> float:
    """Where the character of a line is drawn, in pixels from the left."""
    layout = QTextLayout(text)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    x = line.cursorToX(place)
    assert isinstance(x, tuple)
    return float(x[0])


@pytest.mark.parametrize("title", [HEBREW, ARABIC, "\u202eturned", f"{HEBREW}\u2069"])
def test_the_sentence_around_a_title_keeps_its_order(qapp: QApplication, title: str) -> None:
    sentence = f"{isolated(title)}: saved."
    assert x_of(sentence, sentence.index(": saved")) < x_of(sentence, len(sentence) - 1)
    assert x_of(sentence, sentence.index(": saved")) > x_of(sentence, 3)


def test_right_to_left_titles_do_not_turn_the_sentence_beneath_them(qapp: QApplication) -> None:
    document = QTextDocument()
    document.setHtml(f"{strong(HEBREW)}<br>Nobody waits yet: the next copy that comes back is set aside.")
    assert document.firstBlock().textDirection() is Qt.LayoutDirection.LeftToRight


def test_other_texts_are_left_as_they_are() -> None:
    for text in ("Emma", "L'Étranger", "Война и мир", "源氏物語", "", "1984!"):
        assert isolated(text) == text


def test_a_refusal_keeps_what_it_names_to_itself() -> None:
    refused = RuleBroken(RefusalCode.BOOK_ALREADY_EXISTS, title=HEBREW)
    assert isolated(HEBREW) in sentence_of(refused)
    assert sentence_of(RuleBroken(RefusalCode.COPY_NOT_FOUND, copy_no=3)).startswith("This book has no copy 3.")


def test_what_undo_offers_keeps_the_title_to_itself() -> None:
    done = done_of(DeleteBook(book_id=uuid4(), reason="torn"), (), replace(INITIAL, title=HEBREW))
    assert describe_command(done) == f"Delete “{isolated(HEBREW)}”"


def test_a_tooltip_keeps_signs_and_line_breaks() -> None:
    document = QTextDocument()
    document.setHtml(tooltip("<b> & more\nsecond line"))
    assert document.toPlainText().splitlines() == ["<b> & more", "second line"]
    assert tooltip("") == ""


def test_every_letter_that_turns_its_neighbours_is_found_and_no_other() -> None:
    for letter in map(chr, range(0x20, 0x900)):
        turns = unicodedata.bidirectional(letter) in ("R", "AL", "AN")
        assert (isolated(f"a{letter}") != f"a{letter}") == turns, hex(ord(letter))
