"""A row that wraps is as high as what stands in it needs now, and a name that wraps is whole."""

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desk.gui.widgets.wrapping import BreakingLabel, WrappingRow
from tests.gui.timeline.hands import press_key


def test_a_row_that_wraps_is_higher_once_a_text_in_it_is_longer_or_one_more_is_shown(qtbot: QtBot) -> None:
    whole, labels = QWidget(), [QLabel("one"), QLabel("two"), QLabel("three")]
    qtbot.addWidget(whole)
    row = WrappingRow(*labels)
    box = QVBoxLayout(whole)
    box.addLayout(row)
    labels[2].hide()
    whole.show()

    def height() -> int:
        QCoreApplication.processEvents()
        return row.heightForWidth(120)

    low = height()
    labels[1].setText("two that are much longer than before")
    higher = height()
    labels[2].show()
    assert low < higher < height()


@pytest.mark.parametrize("name", ["4@book-27eb27f0-7eda-5d89-90b9-3a7f5f6d92a0", "1" * 44])
def test_a_long_name_goes_on_in_the_next_line_and_is_copied_as_it_is(qtbot: QtBot, name: str) -> None:
    label = BreakingLabel()
    qtbot.addWidget(label)
    label.setText(name)
    wide = label.fontMetrics().horizontalAdvance(name)
    assert label.minimumSizeHint().width() < wide
    assert label.heightForWidth(wide * 2 // 3) > label.heightForWidth(2 * wide)
    label.setSelection(0, len(QLabel.text(label)))
    press_key(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == label.text() == name
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setText(f'<a href="stream:{name}">{name}</a>')
    assert label.text() == f'<a href="stream:{name}">{name}</a>'
    assert f"stream:{name}" in QLabel.text(label), "a link leads where it says"
