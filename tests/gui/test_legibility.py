"""Whatever shows a text can be read, in both themes: measured on what is painted, at four times its size.

The ground is the commonest colour of the place that holds the text, the ink the one that differs most from it. Texts
need a contrast of 4.5 to 1; disabled ones, placeholders, marks and icons 3 to 1. What is disabled, and a placeholder,
differs from what is not by its shape too.
"""

from collections.abc import Callable, Iterable, Iterator
from uuid import uuid4

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desk.domain.commands import CreateBook, DeleteBook, LendCopy, ReportCopyLost, WithdrawCopy
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.widgets.axis.shapes import rect_of
from desk.gui.widgets.background import GuiBridge
from tests.gui.fake_session import FakeSession
from tests.gui.painted import FAINT, KINDS, WORDS, Sample, Stage, inner, measured, picture, unlike
from tests.gui.timeline.fake_history import FakeHistory, recorded
from tests.gui.workspaces import action_specs, workspace_of


@pytest.fixture(params=[ThemeMode.LIGHT, ThemeMode.DARK], ids=str)
def mode(request: pytest.FixtureRequest, theme: Theme) -> Iterator[ThemeMode]:
    theme.set_mode(request.param)
    yield request.param
    theme.set_mode(ThemeMode.LIGHT)


def check(samples: Iterable[Sample]) -> None:
    """Fails with every sample that falls short."""
    found = [(sample.name, measured(sample.image), sample.needed) for sample in samples]
    assert found
    poor = [f"{name}: {value:.2f} of {needed}" for name, value, needed in found if value < needed]
    assert not poor, "\n".join(poor)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.__name__))
def test_what_a_widget_says_can_be_read(
    qtbot: QtBot, mode: ThemeMode, theme: Theme, icons: Icons, kind: Callable[[Stage], Iterable[Sample]]
) -> None:
    stage = Stage(qtbot, theme, icons)
    check(kind(stage))


def test_rows_selected_or_not_in_focus_or_out_of_it_can_be_read(
    qtbot: QtBot, mode: ThemeMode, session: FakeSession, window: WorkspaceView
) -> None:
    ids = [session.add(f"{WORDS} {n}", isbn, copies=3) for n, isbn in enumerate(("9780261102217", "9780451524935"))]
    session.change(LendCopy(book_id=ids[0], copy_no=1, loan_id=uuid4(), patron="R-1001"))
    session.change(ReportCopyLost(book_id=ids[0], copy_no=2))
    session.change(WithdrawCopy(book_id=ids[0], copy_no=3, reason="torn"))
    session.execute(CreateBook(book_id=uuid4(), isbn="9780261102217", title="Again", authors=("T",)))
    session.change(DeleteBook(book_id=session.add("Gone", "9780141439518"), reason="torn"))
    window.actions_by_name["view.deleted"].setChecked(True)
    window.part.view.choose(ids[0])
    window.activateWindow()
    copies = window.part.card.copies
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 4 and copies.count() == 3 and copies.isVisible())
    check(_rows(window))


def _rows(window: WorkspaceView) -> Iterator[Sample]:
    table, model, copies = window.part.view.table, window.part.model, window.part.card.copies
    header = table.horizontalHeader()
    yield Sample("header", picture(header.viewport(), QRect(8, 4, 80, header.height() - 9)))
    for focus in (table, window.part.view.search, copies):
        focus.setFocus()
        for row in range(model.rowCount()):
            table.selectRow(row)
            for other in (row, (row + 1) % model.rowCount()):  # each of them selected, and not
                name = f"row {other}, with {row} selected and the focus in {focus.objectName() or 'search'}"
                for column in range(model.columnCount()):
                    cell = table.visualRect(model.index(other, column))
                    is_chip = column == 4
                    part = QRect(cell.left() + 29, cell.top() + 8, 30, 16) if is_chip else cell.adjusted(8, 4, -8, -4)
                    if model.index(other, column).data():
                        yield Sample(f"column {column} of {name}", picture(table.viewport(), part))
    for number in range(copies.count()):
        copies.setCurrentRow(number)
        for other in range(copies.count()):
            rect = copies.visualItemRect(copies.item(other))
            yield Sample(f"copy {other}, {number} chosen", picture(copies.viewport(), rect.adjusted(12, 6, -200, -26)))
    books = window.status.books
    yield Sample("status bar", picture(books, books.rect()))


@pytest.mark.parametrize("events", [9, 90])
def test_the_timeline_can_be_read(
    qtbot: QtBot, mode: ThemeMode, theme: Theme, icons: Icons, bridge: GuiBridge, events: int
) -> None:
    session = FakeHistory()
    session.add("book-1", *(recorded("book-1", revision) for revision in range(events)), known=True)
    panel = HistoryPanel(workspace_of(session.session, bridge, theme))
    qtbot.addWidget(panel)
    theme.dress(panel)
    panel.resize(1100, 560)
    panel.show()
    panel.show_stream("book-1", WORDS)
    qtbot.waitUntil(lambda: bool(session.tails) and panel.revision == events - 1)
    try:
        check(_timeline(panel))
    finally:
        panel.stop()


def _timeline(panel: HistoryPanel) -> Iterator[Sample]:
    canvas = panel.canvas
    canvas.grab()
    for label in canvas.scene.labels:
        yield Sample(f"label {label.text}", picture(canvas, rect_of(label.box).toRect()))
    high, lane = canvas.height(), canvas.scene.lanes[0].y
    for mark in canvas.scene.marks[:-1]:
        outline = rect_of(mark.box).toRect()
        if mark.count > 1:
            yield Sample(f"pill of {mark.count}", picture(canvas, outline.adjusted(4, 2, -4, -6)))
        else:
            yield Sample("mark", picture(canvas, outline), FAINT)
    last = canvas.scene.marks[-1]
    yield Sample("revision at the playhead", picture(canvas, QRect(round(last.x) - 8, 4, 16, 12)))
    yield Sample("axis", picture(canvas, QRect(20, high - 34, canvas.width() - 40, 32)))
    yield Sample("title", picture(panel.header.title))
    yield Sample("state", picture(panel.header.state))
    for button in panel.header.modes.values():
        yield Sample(f"mode {button.text()}", inner(button, 6, 4))
    place = QPoint(round(canvas.scene.marks[0].x), round(lane))
    QApplication.sendEvent(
        canvas,
        QMouseEvent(
            QEvent.Type.MouseMove,
            place,
            canvas.mapToGlobal(place),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        ),
    )
    yield Sample("card at the pointer", picture(canvas, QRect(place.x() + 22, place.y() - 10, 60, 20)))
    table = panel.table
    for row in range(2):
        table.selectRow(row)
        for other in range(2):
            for column in range(4):
                cell = table.visualRect(panel.model.index(other, column)).adjusted(26, 4, -8, -4)
                if panel.model.index(other, column).data():
                    yield Sample(f"event {other}, {row} selected", picture(table.viewport(), cell))


# ── more than colour ──────────────────────────────────────────────────────────────────────────────────────────────


def _buttons(icons: Icons) -> Iterator[QWidget]:
    yield QPushButton(WORDS)
    for outlined in (False, True):
        button = QToolButton()
        button.setProperty("outlined", outlined)
        icons.put(button, "lend")
        yield button
    yield QLineEdit(WORDS)
    box = QComboBox()
    box.addItem(WORDS)
    yield box
    yield QDateEdit()
    yield QCheckBox(WORDS)


@pytest.mark.parametrize("number", range(7))
def test_what_is_disabled_differs_by_more_than_its_colour(
    qtbot: QtBot, mode: ThemeMode, theme: Theme, icons: Icons, number: int
) -> None:
    widget = tuple(_buttons(icons))[number]
    stage = Stage(qtbot, theme, icons)
    stage.show(widget, QLabel(WORDS))
    widget.clearFocus()
    enabled = picture(widget)
    widget.setEnabled(False)
    assert unlike(enabled, picture(widget)) > 0.02


@pytest.mark.parametrize("name", sorted({spec.icon for spec in action_specs()}))
def test_the_icon_of_an_action_that_is_refused_has_another_shape(icons: Icons, name: str) -> None:
    icon = icons.icon(name)
    size = QSize(24, 24)
    normal, disabled = (icon.pixmap(size, m).toImage() for m in (icon.Mode.Normal, icon.Mode.Disabled))
    alphas = [
        [image.pixelColor(x, y).alpha() > 100 for x in range(size.width()) for y in range(size.height())]
        for image in (normal, disabled)
    ]
    both = list(zip(*alphas, strict=True))
    assert sum(a != b for a, b in both) / sum(a or b for a, b in both) > 0.1


def test_a_placeholder_differs_from_typing_by_more_than_its_colour(
    qtbot: QtBot, mode: ThemeMode, window: WorkspaceView
) -> None:
    search = window.part.view.search
    window.part.view.table.setFocus()
    part = search.rect().adjusted(30, 5, -40, -5)
    empty = picture(search, part)
    search.setText(search.placeholderText())
    assert unlike(empty, picture(search, part)) > 0.1


def test_a_change_of_theme_leaves_typing_upright_and_the_placeholder_slanted(theme: Theme, kept: WorkspaceView) -> None:
    search = kept.part.view.search
    search.setText("typed")
    theme.set_mode(ThemeMode.DARK)
    assert not search.font().italic()
    search.clear()
    theme.set_mode(ThemeMode.LIGHT)
    assert search.font().italic()
    search.setText("typed")
    assert not search.font().italic()


def test_a_menu_shows_what_is_switched_on(qtbot: QtBot, mode: ThemeMode, theme: Theme, icons: Icons) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    theme.dress(menu)
    action = menu.addAction(icons.icon("history"), WORDS)
    menu.addAction(icons.icon("history"), WORDS)  # which has the highlight
    action.setCheckable(True)
    menu.popup(QPoint(10, 10))
    menu.setActiveAction(menu.actions()[1])
    row = menu.actionGeometry(action)
    icon = QRect(row.left(), row.top(), 34, row.height())
    off = picture(menu, icon)
    action.setChecked(True)
    assert unlike(off, picture(menu, icon)) > 0.2
    menu.close()
