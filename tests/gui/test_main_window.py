"""The window is there before its session, survives its failing, remembers itself, and leaves nothing behind."""

import gc
import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QScrollBar, QTreeWidgetItem, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desk.application.catalogue import Announcement, SortKey
from desk.cqrs.errors import StoreUnavailable
from desk.gui.books.dialog import CommandDialog
from desk.gui.books.invitation import WAYS_ON
from desk.gui.frame.keys import KeyList
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.widgets.question import Question
from tests.gui.fake_session import FakeSession
from tests.gui.workspaces import frame_of

Makes = Callable[[Settings], WorkspaceView]


def test_the_window_is_shown_before_its_session_and_says_so(make_window: Makes, settings: Settings) -> None:
    window = make_window(settings)
    assert not any(window.actions_by_name[name].isEnabled() for name in ("copy.lend", "edit.undo", "edit.redo"))
    assert window.part.view.stack.currentWidget() is window.part.view.opening
    assert "Opening" in window.part.view.opening.headline.text()


def test_what_is_typed_before_there_is_a_search_box_is_typed_into_it(
    make_window: Makes, settings: Settings, qtbot: QtBot
) -> None:
    window = make_window(settings)
    qtbot.waitUntil(frame_of(window).isActiveWindow)
    for letter in "hob":
        qtbot.keyClick(frame_of(window).focusWidget(), letter)
    assert window.part.view.search.text() == "hob"
    assert window.part.view.search.isVisible()


def test_the_catalogue_is_there_before_the_panels_are_built(
    make_window: Makes, settings: Settings, session: FakeSession, qtbot: QtBot
) -> None:
    window = make_window(settings)
    built = window.places.widgets
    window.open(session.session)
    assert set(built) == {"catalogue", "card"}
    qtbot.waitUntil(lambda: {"history", "operations"} <= set(built))


def test_what_changes_while_the_window_asks_for_the_first_time_is_shown_too(
    make_window: Makes, settings: Settings, session: FakeSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = session._answer

    def answer_and_change(query: object) -> object:
        answered = answer(query)
        if not session.shelf:
            session.announce(session.add("The Hobbit", "9780261102217"), arrived=True)
        return answered

    monkeypatch.setattr(session, "_answer", answer_and_change)
    window = make_window(settings)
    window.open(session.session)
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 1)


def test_a_session_that_cannot_be_opened_says_why_and_can_be_tried_again(
    make_window: Makes, settings: Settings, session: FakeSession, qtbot: QtBot
) -> None:
    window = make_window(settings)
    window.could_not_open(StoreUnavailable("The data directory is a file. Choose another one."))
    message, status, actions = window.part.view.opening, window.status, window.actions_by_name
    assert "The data directory is a file." in message.sentence.text()
    assert (status.books.text(), status.light.text()) == ("Not open", "The catalogue is not open.")
    for name in ("book.new", "catalogue.import", "catalogue.demo"):
        assert not actions[name].isEnabled()
        assert actions[name].statusTip() == "The catalogue is not open."
    with qtbot.waitSignal(window.retry_wanted):
        qtbot.mouseClick(message.button, Qt.MouseButton.LeftButton)
    assert message.button.isHidden()
    assert (status.books.text(), status.light.text()) == ("Opening…", "Opening the catalogue…")
    window.open(session.session)
    qtbot.waitUntil(lambda: status.known.counts is not None)
    assert actions["book.new"].isEnabled()


def test_a_read_model_that_is_being_built_shows_how_far_it_is(make_window: Makes, settings: Settings) -> None:
    window = make_window(settings)
    window.furnish()
    window.bridge.announced.emit(Announcement(1, live=False, progress=0.25))
    assert window.part.view.opening.sentence.text() == "25 % are done."


def test_an_empty_catalogue_invites_in_three_ways_until_the_first_book_is_there(
    session: FakeSession, window: WorkspaceView, qtbot: QtBot
) -> None:
    view = window.part.view
    qtbot.waitUntil(lambda: view.stack.currentWidget() is view.invitation)
    buttons = {name: view.invitation.findChild(QAbstractButton, f"invite.{name}") for name in WAYS_ON}
    frame_of(window).activateWindow()
    qtbot.waitUntil(lambda: frame_of(window).isActiveWindow())
    button = buttons["catalogue.import"]
    assert button is not None
    button.setFocus()
    with qtbot.waitSignal(window.import_wanted):
        qtbot.keyClick(button, Qt.Key.Key_Return)
    with qtbot.waitSignal(window.demo_wanted):
        qtbot.mouseClick(buttons["catalogue.demo"], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(window.part.book_actions.opened) as opened:
        qtbot.mouseClick(buttons["book.new"], Qt.MouseButton.LeftButton)
    assert opened.args is not None
    opened.args[0].reject()
    session.announce(session.add("The Hobbit", "9780261102217"), arrived=True)
    qtbot.waitUntil(lambda: view.stack.currentWidget() is view.table)


def test_layout_order_choice_and_theme_are_remembered(
    make_window: Makes, settings: Settings, session: FakeSession, qtbot: QtBot
) -> None:
    book = session.add("The Hobbit", "9780261102217")
    session.add("1984", "9780451524935")
    first = make_window(settings)
    first.open(session.session)
    qtbot.waitUntil(lambda: first.part.model.rowCount() == 2)
    frame_of(first).resize(790, 640)
    first.places.dock("card").hide()
    first.part.view.table.horizontalHeader().setSectionHidden(COLUMN_OF_YEAR, True)
    first.part.view._sort_by(COLUMN_OF_YEAR)
    first.part.view.choose(book)
    first.actions_by_name["theme.dark"].trigger()
    first.resizeDocks([first.places.dock("history")], [300], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: first.places.dock("history").width() == 300)
    qtbot.mouseRelease(first, Qt.MouseButton.LeftButton)  # as whoever has dragged the edge
    first.actions_by_name["go.streams"].trigger()
    frame_of(first).close()
    qtbot.waitUntil(lambda: not frame_of(first).isVisible())
    second = make_window(settings)
    second.open(session.session)
    qtbot.waitUntil(lambda: second.part.chosen.card is not None)
    assert frame_of(second).height() == 640
    assert second.places["streams"].isVisible()
    assert second.actions_by_name["go.streams"].isChecked()
    second.actions_by_name["go.catalogue"].trigger()
    qtbot.waitUntil(lambda: second.places.dock("history").width() == 300)
    assert second.places.dock("card").isHidden()
    assert second.part.view.table.horizontalHeader().isSectionHidden(COLUMN_OF_YEAR)
    assert second.part.model.question.sort is SortKey.YEAR
    assert second.part.chosen.book_id == book
    assert settings.theme is ThemeMode.DARK
    second.actions_by_name["view.reset"].trigger()
    assert not second.places.dock("card").isHidden()


def test_an_empty_catalogue_of_this_computer_invites_whatever_place_was_shown_last(
    make_window: Makes, settings: Settings, session: FakeSession, qtbot: QtBot
) -> None:
    settings.place = "streams"
    window = make_window(settings)
    window.open(session.session)
    qtbot.waitUntil(window.part.view.invitation.isVisible)


COLUMN_OF_YEAR = list(SortKey).index(SortKey.YEAR)


def test_closing_ends_the_session_on_another_thread_and_says_so_when_it_lasts(
    window: WorkspaceView, session: FakeSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, may_end = [], threading.Event()

    def close() -> None:
        may_end.wait(60)
        ended.append(threading.current_thread())

    monkeypatch.setattr(session, "close", close)
    frame_of(window).close()
    assert window.isVisible()
    qtbot.waitUntil(lambda: "Closing" in window.status.said.text())
    with qtbot.waitSignal(frame_of(window).gone):
        may_end.set()
    assert ended != [threading.main_thread()]
    assert not frame_of(window).isVisible()


def test_closing_while_the_session_is_being_opened_closes_it_when_it_comes(
    make_window: Makes, settings: Settings, session: FakeSession, qtbot: QtBot
) -> None:
    window = make_window(settings)
    frame_of(window).close()
    assert window.isVisible()
    with qtbot.waitSignal(frame_of(window).gone):
        window.open(session.session)
    assert session.closed


def test_a_window_whose_last_workspace_is_closed_closes(
    window: WorkspaceView, session: FakeSession, qtbot: QtBot
) -> None:
    frame = frame_of(window)
    frame.close_workspace(window)
    qtbot.waitUntil(lambda: not frame.views)
    with qtbot.waitSignal(frame.gone):
        frame.close()
    assert session.closed
    assert not frame.isVisible()


def test_a_closed_window_leaves_no_timer_running(
    make_window: Makes, settings: Settings, session: FakeSession, qtbot: QtBot
) -> None:
    def running() -> set[int]:
        gc.collect()
        return {
            id(thing) for thing in gc.get_objects() if isinstance(thing, QTimer) and isValid(thing) and thing.isActive()
        }

    before = running()
    window = make_window(settings)
    window.open(session.session)
    session.announce(session.add("The Hobbit", "9780261102217"), arrived=True)
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 1)
    with qtbot.waitSignal(frame_of(window).gone):
        frame_of(window).close()
    qtbot.waitUntil(lambda: running() <= before)


def a_book(session: FakeSession) -> UUID:
    """The one that all tests of the shared window have in it."""
    book = next(iter(session.shelf), None) or session.add("The Hobbit", "9780261102217", copies=1)
    session.announce(book, arrived=True)
    return book


def test_all_keys_are_listed_by_f1_and_the_question_mark(kept: WorkspaceView) -> None:
    kept.actions_by_name["help.keys"].trigger()
    listed = kept.findChild(KeyList)
    assert listed is not None
    texts = {item.text(1) for item in _items(listed)}
    assert {"Ctrl+N", "Ctrl+F", "F1, ?", "Esc"} <= texts
    listed.close()


def _items(listed: KeyList) -> list[QTreeWidgetItem]:
    groups = [listed.tree.topLevelItem(number) for number in range(listed.tree.topLevelItemCount())]
    found = [group.child(number) for group in groups if group for number in range(group.childCount())]
    return [item for item in found if item]


def test_every_widget_that_takes_the_focus_has_a_name_for_screen_readers(
    kept_session: FakeSession, kept: WorkspaceView, qtbot: QtBot
) -> None:
    book = a_book(kept_session)
    qtbot.waitUntil(lambda: kept.part.model.rowCount() == 1)
    kept.part.view.choose(book)
    qtbot.waitUntil(lambda: kept.part.card.currentIndex() == 1)
    nameless = [widget for widget in kept.findChildren(QWidget) if _needs_a_name(widget) and not _name_of(widget)]
    assert nameless == []


def _needs_a_name(widget: QWidget) -> bool:
    focusable = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.isVisible()
    return focusable and not isinstance(widget, QScrollBar)


def _name_of(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""
    return widget.accessibleName() or text or widget.toolTip()


def test_the_picture_of_the_window_has_the_themes_colours_and_the_screens_sharpness(
    kept_session: FakeSession, kept: WorkspaceView, theme: Theme, qapp: QApplication, qtbot: QtBot
) -> None:
    a_book(kept_session)
    qtbot.waitUntil(lambda: kept.part.model.rowCount() == 1)
    for mode in (ThemeMode.DARK, ThemeMode.LIGHT):
        theme.set_mode(mode)
        image = kept.part.view.table.viewport().grab().toImage()
        low = image.pixelColor(image.width() // 2, image.height() - 5)
        assert low == qapp.palette().color(QPalette.ColorRole.Base)
        colours = {image.pixelColor(x, 16).name() for x in range(0, image.width(), 2)}
        assert len(colours) > 8, "a row is drawn with text and a chip"


def test_the_title_says_the_place_and_the_store_and_qt_adds_the_program_once(kept: WorkspaceView) -> None:
    assert kept.windowTitle() == "Catalogue on this computer"
    assert QApplication.applicationDisplayName() == "Desk"


def filled_form(window: WorkspaceView, qtbot: QtBot) -> CommandDialog:
    """The form for a new book, in which something was typed."""
    with qtbot.waitSignal(window.part.book_actions.opened) as opened:
        window.actions_by_name["book.new"].trigger()
    assert opened.args is not None
    form = opened.args[0]
    assert isinstance(form, CommandDialog)
    qtbot.keyClicks(form.line("title").field, "The Hobbit")
    return form


def test_closing_the_window_asks_before_what_is_typed_in_a_form_is_lost(window: WorkspaceView, qtbot: QtBot) -> None:
    form, frame = filled_form(window, qtbot), frame_of(window)
    for _ in range(2):
        frame.close()
        assert len(form.findChildren(Question)) == 1
    question = form.findChild(Question)
    assert question is not None
    with qtbot.waitSignal(question.destroyed):
        qtbot.keyClick(question, Qt.Key.Key_Escape)
    assert form.isVisible()
    assert frame.isVisible()
    assert form.line("title").read() == "The Hobbit"
    frame.close()
    question = form.findChild(Question)
    assert question is not None
    with qtbot.waitSignal(form.finished):
        qtbot.mouseClick(question.go_on, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not frame.isVisible())


def test_a_form_without_input_does_not_keep_the_window(window: WorkspaceView, qtbot: QtBot) -> None:
    field = filled_form(window, qtbot).line("title").field
    assert isinstance(field, QLineEdit)
    field.clear()
    frame_of(window).close()
    qtbot.waitUntil(lambda: not frame_of(window).isVisible())


def test_a_signal_that_ends_the_program_is_not_asked_back(window: WorkspaceView, qtbot: QtBot) -> None:
    filled_form(window, qtbot)
    with qtbot.waitSignal(frame_of(window).gone):
        frame_of(window).stop()
