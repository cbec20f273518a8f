"""A row that wraps is as high as what stands in it needs now."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desk.gui.widgets.wrapping import WrappingRow


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
