"""What is in a station: plugins with their switches, states before and after, events as stored, rows, and the code."""

from collections.abc import Collection, Iterable
from dataclasses import fields, is_dataclass
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QWidget,
)

from desk.application.catalogue import BookCard
from desk.application.flow.code_places import places_at
from desk.application.flow.rounds import Round, Station
from desk.application.flow.values import says
from desk.application.queries import GetBookById, GetWiring
from desk.application.session import Session
from desk.application.spelling import describe_state, differences
from desk.application.timeline.words import day_text
from desk.cqrs.errors import StoreError
from desk.cqrs.registering import HandlerPlace
from desk.cqrs.report import WiringReport
from desk.cqrs.store import NewEvent
from desk.domain.details import spell
from desk.domain.streams import book_id_of
from desk.gui.flow.looks import Mask
from desk.gui.frame.theme import Theme, mono_font
from desk.gui.widgets.background import GuiBridge, saying
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.controls import quiet
from desk.gui.widgets.json_tree import JsonTree


class StationDetails(QScrollArea):
    """One station of one round, opened.

    Signals:
        closed: enough was seen.
    """

    closed = Signal()

    def __init__(self, session: Session, bridge: GuiBridge, theme: Theme) -> None:
        super().__init__()
        self._session, self._bridge, self._theme = session, bridge, theme
        self.mask_text: Mask = str
        self.station: Station | None = None
        self._told: Round | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Station"))

    def sizeHint(self) -> QSize:
        """As much as there is: whatever is in it, it scrolls."""
        return self.minimumSizeHint()

    def show_station(self, station: Station, told: Round | None) -> None:
        """What was there in this round; without a round what is always there."""
        self.station, self._told = station, told
        page = QWidget()
        self._column = column(on=page, margins=(4, 0, 8, 4))
        self._head(told.sender_name if told is not None and station is told.sender else station.value)
        if told is not None and station not in told.reached(len(told.hops)):
            self._say(self.tr("The command did not come here."))
        elif told is None and station is not Station.BUS:
            self._say(self.tr("Nothing has come here yet."))
        else:
            self._content(station, told)
        if told is not None:
            self._ask_for_places(station, told)
        self._column.addStretch(1)
        self.setWidget(page)

    def _content(self, station: Station, told: Round | None) -> None:
        if station is Station.BUS:
            self._bus(told)
        elif told is None:
            return
        elif station in (Station.FORM, Station.PROCESS_MANAGER):
            self._pairs(_fields_of(told.story.envelope.message))
        elif station is Station.AGGREGATE:
            self._aggregate(told)
        elif station is Station.STORE:
            self._events(told)
        else:
            self._rows(told)

    # The parts

    def _head(self, name: str) -> None:
        title = QLabel(name)
        title.setProperty("heading", "page")
        close = QPushButton(self.tr("Close"))
        close.setToolTip(self.tr("Back to the way in words (Esc)"))
        close.clicked.connect(self.closed)
        self._column.addLayout(row((title, 1), close))
        self.setFocusProxy(close)

    def _say(self, text: str, *, is_heading: bool = False) -> QLabel:
        label = QLabel(self.mask_text(text), wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        if is_heading:
            label.setProperty("strong", True)
        self._column.addWidget(label)
        return label

    def _bus(self, told: Round | None) -> None:
        self._say(self.tr("The plugins, outermost first. A switch works at once."))
        met = dict(told.plugins) if told is not None else {}
        for switch in self._session.diagnostics.plugins():
            outcome = met.get(switch.name, "")
            words = {"": "", "ok": self.tr(": passed")}.get(outcome, f": {outcome}")
            box = QCheckBox(f"{switch.name}{words}")
            box.setChecked(switch.enabled)
            box.toggled.connect(partial(setattr, switch, "enabled"))
            self._column.addWidget(box)

    def _aggregate(self, told: Round) -> None:
        if not told.story.attempts:
            return
        last = told.story.attempts[-1]
        if last.version is None:
            self._say(told.story.ending.sentence)
            return
        before = describe_state(last.before) if last.version >= 0 else {}
        after = describe_state(last.after)
        changed = {change.name for change in differences(before, after)}
        self._say(self.tr("Before and after it decided"), is_heading=True)
        self._pairs(
            ((name, _before_and_after(before.get(name, ""), after.get(name, ""))) for name in {**after, **before}),
            changed,
        )
        if not changed:
            self._say(told.story.ending.sentence)

    def _events(self, told: Round) -> None:
        events = told.story.attempts[-1].appended if told.story.attempts else ()
        if not events:
            self._say(self.tr("Nothing was stored: {why}").format(why=told.story.ending.sentence))
            return
        choice = QComboBox()
        choice.setAccessibleName(self.tr("Event"))
        choice.addItems([event.type for event in events])
        choice.setVisible(len(events) > 1)
        self._column.addWidget(choice)
        self._say(self.tr("{stream}").format(stream=told.story.stream))
        data, metadata = (JsonTree(self._theme, self._bridge) for _ in range(2))
        for words, view, name in (
            (self.tr("Data, as stored"), data, self.tr("Data")),
            (self.tr("Metadata"), metadata, self.tr("Metadata")),
        ):
            self._say(words, is_heading=True)
            view.tree.setAccessibleName(name)
            view.setMinimumHeight(view.fontMetrics().height() * 12)
            self._column.addWidget(view)
        show = partial(self._show_event, events, data, metadata)
        choice.currentIndexChanged.connect(show)
        show(0)

    def _show_event(self, events: tuple[NewEvent, ...], data: JsonTree, metadata: JsonTree, number: int) -> None:
        data.show_bytes(events[number].data)
        metadata.show_bytes(events[number].metadata)

    def _rows(self, told: Round) -> None:
        book_id = book_id_of(told.story.stream)
        if book_id is None:
            self._say(self.tr("Claims of ISBNs have no rows that the window shows."))
            return
        self._say(self.tr("The rows of this book, as a query reads them now"), is_heading=True)
        place = QWidget()
        self._column.addWidget(place)
        answer = self._session.queries.ask(GetBookById(book_id))

        def fill(rows: list[tuple[str, str]]) -> None:
            place.setLayout(self._grid(rows, ()))

        failed = saying(lambda why: fill([("", why)]), StoreError)
        self._bridge.call(answer, lambda card: fill(_rows_of(card)), failed, place)

    def _pairs(self, rows: Iterable[tuple[str, str]], bold: Collection[str] = ()) -> None:
        self._column.addLayout(self._grid(rows, bold))

    def _grid(self, rows: Iterable[tuple[str, str]], bold: Collection[str]) -> QGridLayout:
        """Names and values, each of which may take several lines."""
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        for line, (name, value) in enumerate(rows):
            label = quiet(QLabel(self.mask_text(name)))
            text = QLabel(self.mask_text(value), wordWrap=True, textFormat=Qt.TextFormat.PlainText)
            text.setAccessibleName(f"{label.text()}: {text.text()}")
            text.setProperty("strong", name in bold)
            grid.addWidget(label, line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(text, line, 1)
        return grid

    # The code

    def _ask_for_places(self, station: Station, told: Round) -> None:
        self._say(self.tr("What ran"), is_heading=True)
        label = self._say("")
        label.setFont(mono_font())
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        show = partial(self._show_places, label, station, told)
        failed = saying(label.setText, StoreError)  # a stage that is left shows all anew, while it is being closed
        self._bridge.call(self._session.queries.ask(GetWiring()), show, failed, label)

    def _show_places(self, label: QLabel, station: Station, told: Round, wiring: WiringReport) -> None:
        places = places_at(station, told.story, self._session.diagnostics.plugins(), wiring)
        label.setText("\n".join(map(_place_words, places)) or self.tr("not known"))


def _place_words(place: HandlerPlace) -> str:
    line = f":{place.line}" if place.line else ""
    return f"{place.module}{line}\n    {place.name}"


def _fields_of(message: object) -> list[tuple[str, str]]:
    if not is_dataclass(message):
        return []
    told = ((field.name.replace("_", " "), getattr(message, field.name)) for field in fields(message))
    return [(name, spell(value)) for name, value in told if says(value)]


def _before_and_after(before: str, after: str) -> str:
    return after if before == after else f"{before or '–'}  →  {after or '–'}"


def _rows_of(card: BookCard | None) -> list[tuple[str, str]]:
    if card is None:
        return [("book", "no row yet")]
    book = card.row
    rows = [
        ("book", book.title),
        ("revision", f"{book.revision:,}"),
        ("state", book.state),
        ("copies", f"{book.copies_available} of {book.copies_total} available"),
    ]
    for copy in card.copies:
        loan = f", to {copy.loan.patron}, due {day_text(copy.loan.due_on)}" if copy.loan is not None else ""
        rows.append((f"copy {copy.copy_no}", copy.state + loan))
    rows += ((f"hold of {hold.patron}", hold.state) for hold in card.holds)
    return rows
