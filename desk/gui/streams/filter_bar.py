"""Filters of a view as chips: types, text, a value at a path, a time, or only what changed a path."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from PySide6.QtCore import QCoreApplication, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from desk.application.event_question import (
    EventQuestion,
    JsonPath,
    PathCondition,
    UnreadableQuestion,
    expression,
    name_pattern,
)
from desk.application.filtering import StreamFilter
from desk.application.queries import Source
from desk.application.typed_moment import NotUnderstood, parse_moment
from desk.gui.frame.workspace import announce
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.controls import giving_way, quiet, text_button
from desk.gui.widgets.placeholder import set_placeholder
from desk.gui.widgets.visible_text import visible
from desk.gui.widgets.wrapping import WrappingRow
from desk.records import dataclass

TYPE, TEXT, PATH, SINCE, UNTIL, CHANGED = "type", "text", "path", "since", "until", "changed"
STREAM, TYPE_HAS, STREAM_HAS = "stream", "type expression", "stream expression"
_LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class FilterChip:
    """One condition as it was typed; what it means is read when all of them are put together."""

    kind: str
    text: str


class FilterBar(QWidget):
    """A line of chips, and a field for one more. Of types, and of streams, one has to be as a chip says; else all.

    Signals:
        changed: other conditions hold now.
        stopped: no more is to be looked at.
        further: more is to be looked at.
    """

    changed = Signal()
    stopped = Signal()
    further = Signal()

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now
        self._source = Source()
        self.chips: tuple[FilterChip, ...] = ()
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("What is filtered by"))
        for name, words, _ in _kinds():
            self.kind.addItem(words, name)
        self.field = QLineEdit()
        self.field.setAccessibleName(self.tr("What to filter by"))
        set_placeholder(self.field, "")
        self._types = QStringListModel(self)
        self._completer = QCompleter(self._types, self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.add = QPushButton(self.tr("Add"))
        self.said = quiet(giving_way(QLabel(wordWrap=True)))
        self.stop = QPushButton(self.tr("Stop"))
        self.more = QPushButton(self.tr("Look further"))
        for button in (self.stop, self.more):
            button.hide()
        self._row = WrappingRow(spacing=4)
        self.typing = QWidget()
        row(self.kind, (self.field, 1), self.add, on=self.typing, spacing=4)
        saying = row((self.said, 1), self.more, self.stop)
        column(self.typing, self._row, saying, on=self, margins=(10, 0, 8, 4), spacing=2)
        self.kind.currentIndexChanged.connect(self._prompt)
        self.field.returnPressed.connect(self._add_typed)
        self.add.clicked.connect(self._add_typed)
        self.stop.clicked.connect(self.stopped)
        self.more.clicked.connect(self.further)
        self.setFocusProxy(self.field)
        self._prompt()

    def filter(self) -> StreamFilter:
        """What the chips mean together. Raises UnreadableQuestion, NotUnderstood."""
        return read_chips(self.chips, self._source, self._now())

    def offer(self, source: Source, types: Sequence[str]) -> None:
        """The source that is filtered, and types that occur in it."""
        if self._types.stringList() != list(types):
            self._types.setStringList(list(types))
        self._source = source
        self._prompt()

    def put(self, *chips: FilterChip) -> None:
        """One more each, as if somebody had typed it; what cannot be read is said, and added it is not."""
        before = self.chips
        self.chips = tuple(dict.fromkeys((*before, *chips)))
        try:
            self.filter()
        except (UnreadableQuestion, NotUnderstood) as wrong:
            self.chips = before
            self.say(str(wrong))
            return
        if chips:
            self.kind.setCurrentIndex(self.kind.findData(chips[-1].kind))
        self.field.clear()
        self._show_chips()
        self.changed.emit()

    def take_away(self, chip: FilterChip) -> None:
        """One less."""
        self.chips = tuple(one for one in self.chips if one != chip)
        self._show_chips()
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes back what is being typed; with nothing typed it is not for this line."""
        if event.key() == Qt.Key.Key_Escape and self.field.text():
            self.field.clear()
        else:
            super().keyPressEvent(event)

    def clear(self) -> None:
        """None any more; nobody is told."""
        self.chips = ()
        self._show_chips()
        self.say("")

    def say(self, text: str, *, looking: bool = False, more: bool = False) -> None:
        """How far it looked, or what is wrong."""
        self.said.setText(text)
        self.said.setToolTip(text)
        self.stop.setVisible(looking)
        self.more.setVisible(more and not looking)
        if text and not looking:
            announce(self.said, text)

    def _prompt(self) -> None:
        kind, types = str(self.kind.currentData()), map(visible, self._types.stringList()[:2])
        example = next(example for name, _, example in _kinds() if name == kind)
        if kind == TEXT and (self._source.stream or self._source.category):
            example = (
                self.tr("words in this stream only, R-100*")
                if self._source.stream
                else self.tr("words in these streams only, R-100*")
            )
        self.field.setPlaceholderText((kind == TYPE and ", ".join(types)) or example)
        self.field.setCompleter(self._completer if kind == TYPE else None)  # type: ignore[arg-type]  # None: no completer

    def _add_typed(self) -> None:
        text = self.field.text().strip()
        if text:
            self.put(FilterChip(str(self.kind.currentData()), text))

    def _show_chips(self) -> None:
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        words = {name: words for name, words, _ in _kinds()}
        for chip in self.chips:
            shown = visible(chip.text)
            text = f"{words[chip.kind]}: {shown[:_LONGEST]}{'…' if len(shown) > _LONGEST else ''}  ✕"
            button = text_button(text, self.tr("Take this filter away"))
            button.setProperty("outlined", True)
            button.clicked.connect(lambda _checked=False, chip=chip: self.take_away(chip))
            self._row.addWidget(button)


def chips_of(saved: object) -> tuple[FilterChip, ...]:
    """What was remembered as pairs of kind and text; what makes no sense is passed over."""
    kinds = {kind for kind, _, _ in _kinds()}
    pairs = [pair for pair in saved if isinstance(pair, list) and len(pair) == 2] if isinstance(saved, list) else []
    return tuple(FilterChip(str(kind), str(text)) for kind, text in pairs if kind in kinds)


def read_chips(chips: Sequence[FilterChip], source: Source, now: datetime) -> StreamFilter:
    """What they mean together. Raises UnreadableQuestion, NotUnderstood."""
    of = {kind: [chip.text for chip in chips if chip.kind == kind] for kind, _, _ in _kinds()}
    for kind, better in ((TYPE, _tr("Type matches")), (STREAM, _tr("Stream matches"))):
        if any(text.startswith("^") for text in of[kind]):
            raise UnreadableQuestion(_tr("That is a regular expression: choose {kind} for it.").format(kind=better))
    question = EventQuestion(
        text=" ".join(of[TEXT]),
        types=tuple(name for text in of[TYPE] for name in map(str.strip, text.split(",")) if name),
        type_patterns=tuple(map(expression, of[TYPE_HAS])),
        streams=(*map(name_pattern, of[STREAM]), *map(expression, of[STREAM_HAS])),
        paths=tuple(map(PathCondition.parse, of[PATH])),
    )
    if of[SINCE]:
        question = replace(question, since=max(parse_moment(text, now) for text in of[SINCE]))
    if of[UNTIL]:
        question = replace(question, until=min(parse_moment(text, now) for text in of[UNTIL]))
    if not of[CHANGED]:
        return StreamFilter(question)
    if source.stream is None:
        raise UnreadableQuestion(_tr("What an event changed can be told within one stream only: open one first."))
    if len(of[CHANGED]) > 1:
        raise UnreadableQuestion(_tr("Changes are told for one path at a time."))
    return StreamFilter(question, JsonPath.parse(of[CHANGED][0]))


def _kinds() -> tuple[tuple[str, str, str], ...]:
    """Each kind of condition: its name, what it is called, an example."""
    return (
        (TYPE, _tr("Type"), _tr("OrderPlaced, OrderPaid")),
        (TYPE_HAS, _tr("Type matches"), _tr("a regular expression, as ^Order(Paid|Sent)$ or (?i)paid")),
        (STREAM, _tr("Stream"), _tr("order-*, or parts of the name, as order 17")),
        (STREAM_HAS, _tr("Stream matches"), _tr(r"a regular expression, as ^order-\d+7$")),
        (TEXT, _tr("Text"), _tr("words in payload or metadata, R-100*")),
        (PATH, _tr("Value"), _tr('$.total > 100, $.customer.city = "Berlin"')),
        (SINCE, _tr("Since"), _tr("2026-03-04, yesterday, 3 days ago")),
        (UNTIL, _tr("Until"), _tr("2026-03-04 15:30, today")),
        (CHANGED, _tr("Changed"), _tr("$.customer.city: only what changed it")),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("FilterBar", text)
