"""What an empty line of input says: slanted, so that nobody takes it for something that was typed."""

from functools import partial

from PySide6.QtWidgets import QLineEdit

VACANT = "vacant"
"""The property by which the style sheet knows a line that shows its placeholder."""


def set_placeholder(edit: QLineEdit, text: str) -> None:
    """Say it while the line is empty."""
    edit.setPlaceholderText(text)
    edit.textChanged.connect(partial(_slant, edit))
    _slant(edit, edit.text())


def _slant(edit: QLineEdit, typed: str) -> None:
    if edit.property(VACANT) != (not typed):
        edit.setProperty(VACANT, not typed)
        edit.style().unpolish(edit)
        edit.style().polish(edit)
