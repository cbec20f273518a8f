"""One line of a form: a label, an input, and beside it what is wrong with it or good to know."""

from collections.abc import Callable
from enum import Enum
from html import escape
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QWidget

from desk.application.isolation import isolated
from desk.domain.errors import FieldCode, InvalidField
from desk.gui.frame.theme import Theme
from desk.gui.widgets.boxes import column
from desk.gui.widgets.rich import sentence_of


class Tone(Enum):
    """How a remark beside a field is meant; its value names the colour."""

    HINT = "muted"
    NOTICE = "notice"
    PROBLEM = "problem"


_SIGN = {Tone.HINT: "", Tone.NOTICE: "▲ ", Tone.PROBLEM: "✕ "}


class FieldLine(QObject):
    """A line. ``read`` gives the typed text or value, which a command parses again; ``parse`` raises InvalidField.

    Signals:
        edited: the user changed the input.
        link_followed: a link in the remark was followed (the link's target).
    """

    edited = Signal()
    link_followed = Signal(str)

    def __init__(
        self,
        name: str,
        label: str,
        field: QWidget,
        theme: Theme,
        *,
        read: Callable[[], object],
        parse: Callable[[Any], object] | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(field)
        self.name, self.field, self._theme, self._parse, self.read = name, field, theme, parse, read
        self._hint = hint
        self.look: Callable[[], object] = lambda: self.check(strictly=False)
        """What is done at each change of the input; a line may be given a check of its own."""
        self.label = QLabel(label)
        self.label.setBuddy(field)
        field.setAccessibleName(label.replace("&", ""))
        links = Qt.TextInteractionFlag.LinksAccessibleByMouse
        self.remark = QLabel(field, wordWrap=True, textInteractionFlags=links)  # else a window of its own for a moment
        self.remark.linkActivated.connect(self.link_followed)
        self.tone = Tone.HINT
        theme.changed.connect(self._paint)
        self.say(hint)

    @property
    def is_choice(self) -> bool:
        """Whether one of several is to be chosen."""
        return isinstance(self.field, QComboBox) and self.field.count() > 1

    @property
    def is_required(self) -> bool:
        """Whether nothing can be sent as long as it is empty."""
        try:
            if self._parse is not None:
                self._parse("")
        except InvalidField as wrong:
            return wrong.code is FieldCode.MISSING
        return False

    def add_to(self, form: QFormLayout) -> None:
        """Put the line into a form."""
        box = QWidget()
        column(self.field, self.remark, on=box, margins=(0, 0, 0, 6), spacing=3)
        form.addRow(self.label, box)

    def say(self, text: str, tone: Tone = Tone.HINT, *, link: tuple[str, str] | None = None) -> None:
        """Say something beside the field; by a sign too where it is more than a hint. ``link``: target and words."""
        self.tone, self._said, self._link = tone, text, link
        self.remark.setVisible(bool(text))
        self.field.setAccessibleDescription(f"{text} {link[1]}" if link else text)
        self._paint()

    def hint(self, text: str) -> None:
        """Another hint from now on; what is wrong stays said."""
        self._hint = text
        if self.tone is Tone.HINT:
            self.say(text)

    def check(self, *, strictly: bool) -> bool:
        """Whether the input is right. An empty field is only reproached when ``strictly``."""
        if self._parse is None:
            return True
        try:
            self._parse(self.read())
        except InvalidField as wrong:
            if wrong.code is FieldCode.MISSING and not strictly:
                self.say(self._hint)
            else:
                self.say(sentence_of(wrong), Tone.PROBLEM)
            return False
        if self.tone is Tone.PROBLEM:
            self.say(self._hint)
        return True

    @Slot()
    def touched(self) -> None:
        """Connected to the input's own signal."""
        self.look()
        self.edited.emit()

    @Slot()
    def _paint(self) -> None:
        # A label under a style sheet loses a palette of its own when it is shown; colours in the text stay.
        color = self._theme.color(self.tone.value).name()
        words = f'<span style="color:{color}">{_SIGN[self.tone]}{escape(self._said)}</span>'
        if self._link is not None:
            words += f' <a href="{self._link[0]}">{escape(isolated(self._link[1]))}</a>'
        self.remark.setText(words if self._said else "")
