"""Pictures of whatever shows a text, painted at four times its size, and what can be measured on them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache

from PySide6.QtCore import QPoint, QRect, QStringListModel, Qt
from PySide6.QtGui import QColor, QImage, QRegion
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QDockWidget,
    QLabel,
    QLineEdit,
    QListView,
    QMainWindow,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QScrollBar,
    QSlider,
    QSpinBox,
    QStyle,
    QStyleOptionButton,
    QTabBar,
    QTableView,
    QToolButton,
    QToolTip,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desk.application.session import Connection, ConnectionRecord, Light
from desk.gui.books.card import StateChip
from desk.gui.books.chips import look_of
from desk.gui.books.fields import Tone
from desk.gui.books.inputs import day_line, text_line
from desk.gui.connection.light import ConnectionLight
from desk.gui.connection.mark import COLOURS, RecordMark
from desk.gui.connection.watch import ConnectionWatch
from desk.gui.frame.icons import Icons
from desk.gui.frame.room import CompanionTitle
from desk.gui.frame.theme import Theme
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.banner import Banner
from desk.gui.widgets.json_tree import JsonTree
from desk.gui.widgets.json_tree_model import KIND, NAME, VALUE
from tests.gui.test_theme import contrast

SCALE = 4
TEXT, FAINT = 4.5, 3.0
WORDS = "Handgloves 0123"


@dataclass(frozen=True, slots=True)
class Sample:
    """A place that shows one text or mark, as it is painted."""

    name: str
    image: QImage
    needed: float = TEXT


@dataclass(frozen=True, slots=True)
class Stage:
    """Where samples are built."""

    qtbot: QtBot
    theme: Theme
    icons: Icons
    kept: list[QWidget] = field(default_factory=list)

    def show(self, *widgets: QWidget) -> QWidget:
        """A shown window with these widgets below each other."""
        host = QDialog()
        self.kept.append(host)
        self.qtbot.addWidget(host)
        self.theme.dress(host)
        column = QVBoxLayout(host)
        for widget in widgets:
            column.addWidget(widget)
        host.resize(460, host.sizeHint().height())
        host.show()
        host.activateWindow()
        self.qtbot.waitUntil(host.isActiveWindow)
        return host


def picture(widget: QWidget, part: QRect | None = None) -> QImage:
    """What a part of a widget looks like in its window, at four times its size."""
    part, window = part or widget.rect(), widget.window()
    image = QImage(part.size() * SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SCALE)
    window.render(image, QPoint(), QRegion(part.translated(widget.mapTo(window, QPoint()))))
    return image


def inner(widget: QWidget, x: int = 10, y: int = 5) -> QImage:
    """A widget without its border."""
    return picture(widget, widget.rect().adjusted(x, y, -x, -y))


def measured(image: QImage) -> float:
    """The contrast between the ground and what differs most from it."""
    return _measured(bytes(image.constBits()), image.bytesPerLine())


@lru_cache(maxsize=200)
def _measured(painted: bytes, line: int) -> float:
    """Of a picture's pixels; rows and columns are often alike, and counting pixels takes the longest of all."""
    counts = _counted(painted, line)
    ground = counts.most_common(1)[0][0]
    return max(_contrast(ground, color) for color in counts)


def _counted(painted: bytes, line: int) -> Counter[int]:
    """How often each colour occurs; what is alike among the lines is looked at once."""
    counts = Counter[int]()
    for pixels, times in Counter(painted[start : start + line] for start in range(0, len(painted), line)).items():
        for color, number in Counter(memoryview(pixels).cast("I")).items():
            counts[color] += number * times
    return counts


@cache
def _contrast(one: int, other: int) -> float:
    return contrast(QColor.fromRgb(one).name(), QColor.fromRgb(other).name())


def unlike(one: QImage, other: QImage) -> float:
    """How much of what is painted in either of two pictures is not in both; colours do not count."""
    lines = list(zip(_bare(one), _bare(other), strict=True))
    either = one.width() * one.height() - sum((a & b).bit_count() for a, b in lines)
    return sum((a ^ b).bit_count() for a, b in lines) / max(1, either)


def _bare(image: QImage) -> list[int]:
    """For each line a bit for each pixel where there is nothing but the ground."""
    ground = _counted(bytes(image.constBits()), image.bytesPerLine()).most_common(1)[0][0]
    mask = image.createMaskFromColor(ground, Qt.MaskMode.MaskInColor)
    bits, line, within = bytes(mask.constBits()), mask.bytesPerLine(), (1 << image.width()) - 1
    starts = range(0, len(bits), line)
    return [int.from_bytes(bits[start : start + line], "little") & within for start in starts]


# ── what shows texts ──────────────────────────────────────────────────────────────────────────────────────────────


def tooltips(stage: Stage) -> Iterator[Sample]:
    host = stage.show(QLabel(WORDS))
    for text in (WORDS, f"<p>{WORDS}</p>"):
        QToolTip.showText(host.mapToGlobal(QPoint(5, 5)), text, host)
        tip = next(w for w in QApplication.topLevelWidgets() if w.metaObject().className() == "QTipLabel")
        yield Sample(f"tooltip {text}", inner(tip, 4, 4))
    QToolTip.hideText()
    stage.qtbot.waitUntil(lambda: not QToolTip.isVisible())


def buttons(stage: Stage) -> Iterator[Sample]:
    plain, default, flat, disabled = (QPushButton(WORDS) for _ in range(4))
    down = QPushButton(WORDS)
    default.setDefault(True)
    flat.setFlat(True)
    disabled.setEnabled(False)
    stage.show(plain, default, flat, disabled, down)
    down.setDown(True)
    for name, button in (("plain", plain), ("default", default), ("flat", flat), ("pressed", down)):
        button.setFocus()
        yield Sample(f"{name} button in focus", inner(button))
        button.clearFocus()
        yield Sample(f"{name} button", inner(button))
    yield Sample("disabled button", inner(disabled), FAINT)


def tool_buttons(stage: Stage) -> Iterator[Sample]:
    made = []
    for outlined in (False, True):
        for state in ("enabled", "checked", "disabled"):
            button = QToolButton()
            button.setText(WORDS)
            button.setProperty("outlined", outlined)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            stage.icons.put(button, "lend")
            button.setCheckable(True)
            button.setChecked(state == "checked")
            button.setEnabled(state != "disabled")
            made.append((f"{state} tool button, outlined: {outlined}", state, button))
    stage.show(*(button for _, _, button in made))
    for name, state, button in made:
        middle = 10 + button.iconSize().width()
        needed = FAINT if state == "disabled" else TEXT
        yield Sample(name, picture(button, button.rect().adjusted(middle, 4, -8, -4)), needed)
        icon = QRect(5, 4, button.iconSize().width() + 4, button.height() - 8)
        yield Sample(f"icon of {name}", picture(button, icon), FAINT)


def inputs(stage: Stage) -> Iterator[Sample]:
    typed, empty, off, locked = QLineEdit(WORDS), QLineEdit(), QLineEdit(WORDS), QLineEdit(WORDS)
    selected, box, day = QLineEdit(WORDS), QComboBox(), QDateEdit()
    area, hollow = QPlainTextEdit(WORDS), QPlainTextEdit()
    other_box, off_day, number = QComboBox(), QDateEdit(), QSpinBox()
    for with_calendar in (day, off_day):
        with_calendar.setCalendarPopup(True)
    empty.setPlaceholderText(WORDS)
    hollow.setPlaceholderText(WORDS)
    for disabled in (off, other_box, off_day):
        disabled.setEnabled(False)
    locked.setReadOnly(True)
    for choice in (box, other_box):
        choice.addItem(WORDS)
    stage.show(typed, empty, off, locked, selected, box, day, area, hollow, other_box, off_day, number)
    selected.setFocus()
    selected.selectAll()
    yield Sample("selected text in focus", inner(selected, 9, 8))
    typed.setFocus()
    yield Sample("selected text out of focus", inner(selected, 9, 8))
    typed.clearFocus()
    for name, one in (("text", typed), ("locked text", locked), ("area", area), ("choice", box), ("day", day)):
        yield Sample(name, picture(one, one.rect().adjusted(6, 6, -30, -6)))
    for name, one in (("choice", other_box), ("day", off_day), ("text", off)):
        yield Sample(f"disabled {name}", picture(one, one.rect().adjusted(6, 6, -30, -6)), FAINT)
    for name, one in (("line", empty), ("area", hollow)):
        yield Sample(f"placeholder of a {name}", inner(one, 6, 6), FAINT)
    for name, one in (("choice", box), ("day", day)):
        arrow = QRect(one.width() - 24, 4, 20, one.height() - 8)
        yield Sample(f"arrow of a {name}", picture(one, arrow), FAINT)
    for name, y in (("up", 3), ("down", number.height() // 2)):
        arrow = QRect(number.width() - 24, y, 20, number.height() // 2 - 3)
        yield Sample(f"arrow {name} of a number", picture(number, arrow), FAINT)
    box.showPopup()
    yield Sample("opened choice", inner(box.view().viewport(), 4, 3))
    box.hidePopup()


def boxes(stage: Stage) -> Iterator[Sample]:
    made = {name: QCheckBox(WORDS) for name in ("off", "on", "disabled")}
    made["on"].setChecked(True)
    made["disabled"].setEnabled(False)
    stage.show(*made.values())
    for name, box in made.items():
        option = QStyleOptionButton()
        box.initStyleOption(option)
        mark = box.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, box)
        words = box.style().subElementRect(QStyle.SubElement.SE_CheckBoxContents, option, box)
        yield Sample(f"{name} check box", picture(box, words), FAINT if name == "disabled" else TEXT)
        yield Sample(f"mark of a check box that is {name}", picture(box, mark.adjusted(-1, -1, 1, 1)), FAINT)


def marks(stage: Stage) -> Iterator[Sample]:
    progress, slider, bar = QProgressBar(), QSlider(Qt.Orientation.Horizontal), QScrollBar(Qt.Orientation.Horizontal)
    progress.setTextVisible(False)
    progress.setValue(40)
    slider.setValue(50)
    bar.setRange(0, 100)
    stage.show(progress, slider, bar)
    for name, widget in (("progress", progress), ("slider", slider), ("scroll bar", bar)):
        yield Sample(name, picture(widget), FAINT)


def tabs_and_lists(stage: Stage) -> Iterator[Sample]:
    bar, tree, pages = QTabBar(), QTreeWidget(), QListView()
    items = [QTreeWidgetItem([WORDS]) for _ in range(2)]
    tree.addTopLevelItems(items)
    for _ in items:
        bar.addTab(WORDS)
    tree.setHeaderLabels([WORDS])
    pages.setObjectName("operationsPages")
    pages.setModel(QStringListModel([WORDS, WORDS]))
    stage.show(bar, tree, pages)
    for number in range(2):
        yield Sample(f"tab {number}", picture(bar, bar.tabRect(number).adjusted(4, 4, -4, -5)))
    tree.setCurrentItem(items[0])
    pages.setCurrentIndex(pages.model().index(0, 0))
    header = tree.header()
    yield Sample("header of a tree", picture(header.viewport(), QRect(6, 3, 130, header.height() - 8)))
    for focus in (tree, pages, bar):
        focus.setFocus()
        for number in range(2):
            name = f"row {number}, focus in {type(focus).__name__}"
            rect = tree.visualItemRect(items[number]).adjusted(6, 2, 0, -2)
            yield Sample(f"tree {name}", picture(tree.viewport(), rect))
            rect = pages.visualRect(pages.model().index(number, 0)).adjusted(6, 2, -6, -2)
            yield Sample(f"list {name}", picture(pages.viewport(), rect))


def menus(stage: Stage) -> Iterator[Sample]:
    window = QMainWindow()
    stage.kept.append(window)
    stage.qtbot.addWidget(window)
    stage.theme.dress(window)
    menu = window.menuBar().addMenu(WORDS)
    for name in ("one", "two", "off"):
        action = menu.addAction(stage.icons.icon("lend"), WORDS)
        action.setObjectName(name)
        action.setShortcut("Ctrl+7")
    menu.actions()[2].setEnabled(False)
    window.resize(400, 200)
    window.show()
    bar = window.menuBar()
    yield Sample("menu bar", picture(bar, bar.actionGeometry(menu.menuAction()).adjusted(4, 2, -4, -2)))
    menu.popup(window.mapToGlobal(QPoint(10, 40)))
    menu.setActiveAction(menu.actions()[0])
    for action in menu.actions():
        row = menu.actionGeometry(action)
        needed = FAINT if not action.isEnabled() else TEXT
        yield Sample(f"menu entry {action.objectName()}", picture(menu, row.adjusted(30, 4, -60, -4)), needed)
        shortcut = QRect(row.right() - 55, row.top() + 4, 50, row.height() - 8)
        yield Sample(f"key of menu entry {action.objectName()}", picture(menu, shortcut), needed)
        icon = QRect(row.left() + 4, row.top() + 4, 22, row.height() - 8)
        yield Sample(f"icon of menu entry {action.objectName()}", picture(menu, icon), FAINT)
    menu.close()


def connections(stage: Stage) -> Iterator[Sample]:
    bridge = GuiBridge()
    light, mark = ConnectionLight(ConnectionWatch(bridge, bridge), stage.icons), RecordMark(stage.theme)
    stage.show(light, mark)
    for state in Light:
        bridge.connection_changed.emit(Connection(state, WORDS))
        middle = 10 + light.iconSize().width()
        yield Sample(f"connection's {state.name}", picture(light, light.rect().adjusted(middle, 4, -8, -4)))
        icon = QRect(5, 4, light.iconSize().width() + 4, light.height() - 8)
        yield Sample(f"light of {state.name}", picture(light, icon), FAINT)
    for colour in COLOURS:
        mark.show_record(ConnectionRecord(WORDS, colour, production=True))
        QApplication.processEvents()
        yield Sample(f"store's name, {colour}", picture(mark.name, mark.name.rect().adjusted(9, 0, 0, 0)))
        yield Sample(f"stripe of a store, {colour}", picture(mark.name, QRect(-2, 0, 9, mark.name.height())), FAINT)
    yield Sample("a store in production", picture(mark.production, mark.production.rect().adjusted(6, 2, -6, -2)))
    bridge.close()


def labels(stage: Stage) -> Iterator[Sample]:
    plain, link, disabled, muted = (QLabel(WORDS) for _ in range(4))
    link.setText(f'<a href="x">{WORDS}</a>')
    disabled.setEnabled(False)
    muted.setForegroundRole(muted.foregroundRole().PlaceholderText)
    banners = [Banner(stage.theme, stage.icons) for _ in range(4)]
    lines = [text_line(stage.theme, f"line{n}", WORDS, parse=str) for n in range(3)]
    dialog_buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    stage.show(
        plain,
        link,
        disabled,
        muted,
        *banners,
        *(widget for line in lines for widget in (line.field, line.remark)),
        dialog_buttons,
    )
    yield Sample("label in a dialog", picture(plain))
    yield Sample("link", picture(link))
    yield Sample("muted label", picture(muted))
    yield Sample("disabled label", picture(disabled), FAINT)
    cancel = dialog_buttons.button(QDialogButtonBox.StandardButton.Cancel)
    yield Sample("button of a dialog", inner(cancel))
    for line, tone in zip(lines, Tone, strict=True):
        line.say(WORDS, tone, link=("x", "")) if tone is Tone.NOTICE else line.say(WORDS, tone)
        yield Sample(f"remark of tone {tone.name}", picture(line.remark))
    for banner, color in zip(banners, ("muted", "notice", "problem", "light.amber"), strict=True):
        for text in (WORDS, f'<a href="x">{WORDS}</a>'):
            banner.say(text, color=color)
            stage.qtbot.waitUntil(banner.isVisible)
            QApplication.processEvents()
            yield Sample(f"banner {color} {text}", picture(banner, banner.text.geometry()))
        yield Sample(f"sign of banner {color}", picture(banner, banner.sign.geometry()), FAINT)


def chips(stage: Stage) -> Iterator[Sample]:
    states = [*("pending", "listed", "rejected", "deleted", "saving", "available", "onLoan", "onHoldShelf")]
    states += ["ready", "waiting", "lost", "withdrawn", "overdue", "anything"]
    for state in states:
        chip = StateChip(stage.theme, stage.icons)
        chip.show_state(state)
        stage.show(chip)
        wide = chip.fontMetrics().horizontalAdvance(state)
        yield Sample(f"chip {state}", picture(chip, QRect(27, 6, wide // 2, 16)))
        yield Sample(f"shape of chip {look_of(state)[0]}", picture(chip, QRect(8, 6, 15, 16)), FAINT)


def json(stage: Stage) -> Iterator[Sample]:
    bridge = GuiBridge()
    view = JsonTree(stage.theme, bridge)
    stage.show(view)
    for text, column in (
        ('{"abcd": 0}', NAME),
        ('["abcd"]', VALUE),
        ("[1234567]", VALUE),
        ("[true]", VALUE),
        ("[null]", VALUE),
        ("[null]", KIND),
    ):
        view.show_bytes(text.encode())
        QApplication.processEvents()
        cell = view.tree.visualRect(view.model.index(0, column)).adjusted(2, 1, -2, -1)
        yield Sample(f"JSON {text}, column {column}", picture(view.tree.viewport(), cell))
    bridge.close()


def calendars(stage: Stage) -> Iterator[Sample]:
    today = date(2026, 11, 26)
    line = day_line(stage.theme, "day", WORDS, today, earliest=date(2026, 11, 1))
    assert isinstance(line.field, QDateEdit)
    calendar = line.field.calendarWidget()
    stage.show(calendar).resize(460, 340)
    QApplication.processEvents()
    for button in calendar.findChildren(QToolButton):
        if button.isVisible():
            has_text = bool(button.text()) and button.icon().isNull()
            name = f"{button.objectName()} of a calendar"
            yield Sample(name, inner(button, 3, 3), TEXT if has_text else FAINT)
    table = calendar.findChild(QTableView)
    assert table is not None
    for column in range(table.model().columnCount()):
        for row in (0, 2, 4):
            rect = table.visualRect(table.model().index(row, column)).adjusted(4, 4, -4, -4)
            yield Sample(f"day {column} in row {row} of a calendar", picture(table.viewport(), rect))


def docks(stage: Stage) -> Iterator[Sample]:
    window = QMainWindow()
    stage.kept.append(window)
    stage.qtbot.addWidget(window)
    dock = QDockWidget(WORDS)
    dock.setWidget(QLabel(WORDS))
    title = CompanionTitle(dock, stage.icons)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    window.resize(500, 200)
    window.show()
    yield Sample("title of a dock", picture(dock, QRect(8, 6, 100, 16)))
    for button in (title.float, title.hide_companion):
        yield Sample(button.accessibleName(), picture(button), FAINT)


KINDS: tuple[Callable[[Stage], Iterable[Sample]], ...] = (
    tooltips, buttons, tool_buttons, inputs, boxes, marks, tabs_and_lists, menus, labels, connections, chips,
    json, calendars, docks,
)  # fmt: skip
