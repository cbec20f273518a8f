"""The palette over a view: what it lists for what is typed, walking and choosing by keys, and what it remembers."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desk.application.books_by_name import GetBooksByName
from desk.cqrs.errors import StoreUnavailable
from desk.domain.streams import book_stream
from desk.gui.frame.palette.lines import LINE, PaletteLine
from desk.gui.frame.palette.palette import Palette
from desk.gui.frame.palette.recent import KEPT, Kind
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.streams.panel import StreamsPanel
from tests.gui.conftest import Windows
from tests.gui.fake_session import FakeSession
from tests.gui.painted import FAINT, Sample, measured, picture
from tests.gui.workspaces import frame_of


@pytest.fixture
def window(kept: WorkspaceView) -> WorkspaceView:
    """One for all tests but those of what was looked at before; nothing was."""
    kept.finder._recent.keys = kept.settings.recent = ()
    return kept


@pytest.fixture
def session(kept_session: FakeSession) -> FakeSession:
    return kept_session


def opened(qtbot: QtBot, window: WorkspaceView, typed: str = "") -> Palette:
    """The palette, opened by its key from the catalogue's search, where one is often typing."""
    palette = window.finder
    frame_of(window).activateWindow()
    window.part.view.search.setFocus()
    qtbot.waitUntil(window.part.view.search.hasFocus)
    qtbot.keyClick(window.part.view.search, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(palette.line.hasFocus)
    qtbot.keyClicks(palette.line, typed)
    return palette


def shown(palette: Palette) -> list[PaletteLine]:
    model = palette.list.model()
    return [model.index(row, 0).data(LINE) for row in range(model.rowCount())]


def titles(palette: Palette) -> list[str]:
    return [line.title for line in shown(palette)]


def press(qtbot: QtBot, palette: Palette, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(palette.line, key)


def current(palette: Palette) -> str:
    return str(palette.list.currentIndex().data())


def fill(qtbot: QtBot, window: WorkspaceView, session: FakeSession) -> None:
    ids = [*session.shelf] or [
        session.add("Emma", "9780141439587", authors=("Jane Austen",)),
        session.add("Emma and Emil", "9780261102217"),
        session.add("The Hobbit", "9780451524935", authors=("J. R. R. Tolkien",)),
    ]
    session.announce(*ids, arrived=True)
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 3)


def test_every_action_is_there_with_its_key_and_where_it_is_refused_its_reason(
    qtbot: QtBot, window: WorkspaceView
) -> None:
    palette = opened(qtbot, window)
    lines = {line.name: line for line in shown(palette) if line.kind is Kind.ACTION}
    specs = [spec for spec in window.actions_by_name if spec.name != "window.palette"]
    assert set(lines) == {spec.name for spec in specs}
    for spec in specs:
        action, line = window.actions_by_name[spec.name], lines[spec.name]
        assert line.keys == action.shortcut().toString()
        assert bool(line.refusal) is not action.isEnabled()
        assert line.refusal in action.toolTip()
    assert lines["copy.lend"].refusal
    assert {"go.catalogue", "go.streams", "go.operations", "go.history", "go.card"} <= set(lines)
    press(qtbot, palette, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert window.part.view.search.hasFocus()


def test_typing_filters_and_the_best_is_chosen_by_enter(
    qtbot: QtBot, window: WorkspaceView, session: FakeSession
) -> None:
    fill(qtbot, window, session)
    palette = opened(qtbot, window, "oper")
    qtbot.waitUntil(lambda: titles(palette)[0] == "Operations")
    press(qtbot, palette, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not palette.isVisible())
    assert window.places.current == "operations"


def test_enter_on_a_book_reveals_it_whatever_place_is_shown_and_whatever_is_searched_for(
    qtbot: QtBot, window: WorkspaceView, session: FakeSession
) -> None:
    fill(qtbot, window, session)
    window.part.view.search.setText("hobbit")
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 1)
    palette = opened(qtbot, window)
    window.places.show("streams")
    qtbot.keyClicks(palette.line, "emm")
    qtbot.waitUntil(lambda: "Emma" in titles(palette))
    assert titles(palette)[:2] == ["Emma", "Emma and Emil"]
    press(qtbot, palette, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: (card := window.part.chosen.card) is not None and card.row.title == "Emma")
    assert window.places.current == "catalogue"
    qtbot.waitUntil(lambda: window.part.view.table.currentIndex().data() == "Emma")


def test_who_presses_enter_before_the_books_have_come_gets_the_best_of_them(
    qtbot: QtBot, window: WorkspaceView, session: FakeSession
) -> None:
    fill(qtbot, window, session)
    palette = opened(qtbot, window)
    qtbot.waitUntil(lambda: not palette.is_asking)
    session.held = True
    qtbot.keyClicks(palette.line, "hob")
    press(qtbot, palette, Qt.Key.Key_Return)
    assert palette.isVisible()
    session.release()
    qtbot.waitUntil(lambda: window.part.chosen.book_id is not None and not palette.isVisible())
    qtbot.waitUntil(lambda: (card := window.part.chosen.card) is not None and card.row.title == "The Hobbit")


def test_only_the_answer_to_what_is_typed_now_is_taken(
    qtbot: QtBot, window: WorkspaceView, session: FakeSession
) -> None:
    fill(qtbot, window, session)
    palette = opened(qtbot, window)
    session.held = True
    qtbot.keyClicks(palette.line, "hobb")
    palette.line.setText("emma")
    session.release()
    qtbot.waitUntil(lambda: "Emma" in titles(palette))
    qtbot.wait(50)
    assert "The Hobbit" not in titles(palette)


def test_it_opens_again_without_the_books_of_the_last_time(
    qtbot: QtBot, window: WorkspaceView, session: FakeSession
) -> None:
    fill(qtbot, window, session)
    palette = opened(qtbot, window, "hobb")
    qtbot.waitUntil(lambda: "The Hobbit" in titles(palette))
    press(qtbot, palette, Qt.Key.Key_Escape)
    session.held = True
    opened(qtbot, window)
    assert palette.is_asking
    assert "The Hobbit" not in titles(palette)
    session.release()


def test_a_refused_action_can_be_chosen_and_says_its_reason(qtbot: QtBot, window: WorkspaceView) -> None:
    palette = opened(qtbot, window, "lend")
    qtbot.waitUntil(lambda: not palette.is_asking)
    assert current(palette) == "Lend"
    reason = window.actions_by_name["copy.lend"].statusTip()
    with qtbot.waitSignal(window.workspace.said) as said:
        press(qtbot, palette, Qt.Key.Key_Return)
    assert said.args == [reason]
    assert palette.isVisible()
    assert palette.note.text() == palette.note.accessibleName() == reason
    assert "action:copy.lend" not in window.settings.recent


def test_the_list_is_walked_by_keys_round_its_ends_and_stays_where_one_is_when_books_come(
    qtbot: QtBot, window: WorkspaceView, session: FakeSession
) -> None:
    fill(qtbot, window, session)
    palette = opened(qtbot, window, "th")
    qtbot.waitUntil(lambda: not palette.is_asking)
    session.held = True
    palette.line.setText("the")
    first = current(palette)
    press(qtbot, palette, Qt.Key.Key_Down)
    second = current(palette)
    assert second != first
    session.release()
    qtbot.waitUntil(lambda: "The Hobbit" in titles(palette))
    assert current(palette) == second
    palette.line.clear()
    press(qtbot, palette, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == len(titles(palette)) - 1
    press(qtbot, palette, Qt.Key.Key_Tab)
    assert palette.list.currentIndex().row() == 0
    press(qtbot, palette, Qt.Key.Key_PageDown)
    assert palette.list.currentIndex().row() > 5
    assert palette.note.accessibleName() == shown(palette)[palette.list.currentIndex().row()].accessible_text
    assert palette.line.hasFocus()


def test_what_looks_like_a_stream_is_looked_at(qtbot: QtBot, make_window: Windows, settings: Settings) -> None:
    session = FakeSession()
    window = make_window.open(settings, session)
    for name in ("$all", "order-*", "order-17", "$ce-order"):
        window.places.show("catalogue")
        look_at_stream(qtbot, window, name)


def look_at_stream(qtbot: QtBot, window: WorkspaceView, name: str) -> None:
    palette = opened(qtbot, window, name)
    qtbot.waitUntil(lambda: not palette.is_asking)
    assert (current(palette), shown(palette)[0].kind) == (name, Kind.STREAM)
    press(qtbot, palette, Qt.Key.Key_Return)
    assert window.places.current == "streams"
    streams = window.places["streams"]
    assert isinstance(streams, StreamsPanel)
    assert streams.view.bar.field.text() == name
    qtbot.waitUntil(lambda: str(streams.view.reader.state.source) == name)
    place = window.workspace.place
    if name in ("order-17", "$ce-order"):
        assert place is not None
        assert place.stream == name
    else:
        assert place is None


def test_what_does_not_look_like_a_stream_is_none(qtbot: QtBot, window: WorkspaceView) -> None:
    palette = opened(qtbot, window)
    for typed in ("978-0-14", "emma", "-x", "two words-x"):
        palette.line.clear()
        qtbot.keyClicks(palette.line, typed)
        assert not [line for line in shown(palette) if line.kind is Kind.STREAM], typed


def test_recent_things_come_first_and_are_kept_by_their_ids(
    qtbot: QtBot, make_window: Windows, settings: Settings, tmp_path: Path
) -> None:
    session = FakeSession()
    window = make_window.open(settings, session)
    fill(qtbot, window, session)
    book = next(iter(session.shelf))
    window.part.view.choose(book)
    window.workspace.look_at("order-17")
    palette = opened(qtbot, window, "theme")
    press(qtbot, palette, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not palette.isVisible())
    theme = next(line for line in window.settings.recent if line.startswith("action:theme"))
    assert window.settings.recent == (theme, "stream:order-17", f"book:{book}")
    palette = opened(qtbot, window)
    qtbot.waitUntil(lambda: "Emma" in titles(palette))
    assert [line.key for line in shown(palette)[:3]] == [theme, "stream:order-17", f"book:{book}"]
    assert [query.recent for query in session.asked if isinstance(query, GetBooksByName)][-1] == (book,)
    press(qtbot, palette, Qt.Key.Key_Escape)
    window.settings.save()
    assert Settings(tmp_path / "settings.ini").recent == (theme, "stream:order-17", f"book:{book}")
    assert "Emma" not in (tmp_path / "settings.ini").read_text()


def test_walking_through_the_table_pushes_out_no_actions_and_at_most_twenty_are_kept(
    qtbot: QtBot, make_window: Windows, settings: Settings
) -> None:
    session = FakeSession()
    window = make_window.open(settings, session)
    recent = window.finder._recent
    for number in range(30):
        recent.note(f"action:a{number}")
        window.workspace.look_at(f"order-{number}")
        window.workspace.look_at(book_stream(session.add(f"B{number}", "9780141439587")))
    assert len(recent.keys) == sum(KEPT.values()) == 20
    assert sum(key.startswith("action:") for key in recent.keys) == KEPT[Kind.ACTION]


def test_before_the_catalogue_is_open_there_are_actions_and_it_is_said_why_no_books(
    qtbot: QtBot, make_window: Windows, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = FakeSession()
    window = make_window(settings)
    palette = opened(qtbot, window, "keys")
    assert current(palette) == "Keys"
    palette.line.setText("xqzw")
    assert "as soon as the catalogue is open" in palette.note.text()
    press(qtbot, palette, Qt.Key.Key_Return, Qt.Key.Key_Escape)

    def refuse(_query: object) -> object:
        raise StoreUnavailable("The catalogue is still being opened; try again in a moment.")

    session.silent = True
    window.open(session.session)
    monkeypatch.setattr(session, "_answer", refuse)
    palette = opened(qtbot, window, "keys")
    qtbot.waitUntil(lambda: "as soon as the catalogue is open" in palette.note.text())
    assert current(palette) == "Keys"
    press(qtbot, palette, Qt.Key.Key_Escape)


def test_a_click_chooses_one_beside_it_closes_and_the_key_closes_too(qtbot: QtBot, window: WorkspaceView) -> None:
    palette = opened(qtbot, window, "streams")
    qtbot.mouseClick(palette.shade, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert not palette.isVisible()
    assert not palette.shade.isVisible()
    palette = opened(qtbot, window)
    qtbot.keyClick(palette.line, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert not palette.isVisible()
    palette = opened(qtbot, window, "streams")
    row = palette.list.visualRect(palette.list.model().index(0, 0))
    qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=row.center())
    assert window.places.current == "streams"
    palette = opened_in_streams(qtbot, window)
    window.places["streams"].setFocus()
    qtbot.waitUntil(lambda: not palette.isVisible())


def opened_in_streams(qtbot: QtBot, window: WorkspaceView) -> Palette:
    window.actions_by_name["window.palette"].trigger()
    qtbot.waitUntil(window.finder.line.hasFocus)
    return window.finder


@pytest.mark.parametrize("size", [QSize(900, 600), QSize(1600, 1000)])
def test_it_lies_within_the_window_and_all_its_parts_are_seen(qtbot: QtBot, window: WorkspaceView, size: QSize) -> None:
    frame_of(window).resize(size)
    palette = opened(qtbot, window)
    assert palette.shade.geometry() == window.rect()
    assert window.rect().contains(palette.geometry())
    assert palette.list.height() >= 6 * palette.list.sizeHintForRow(0)
    assert palette.rect().contains(palette.note.geometry())
    frame_of(window).resize(QSize(1000, 640))
    qtbot.waitUntil(lambda: window.rect().contains(palette.geometry()) and palette.shade.size() == window.size())


def test_a_key_paints_nothing_of_what_lies_below(qtbot: QtBot, window: WorkspaceView, session: FakeSession) -> None:
    fill(qtbot, window, session)
    palette = opened(qtbot, window, "e")
    qtbot.waitUntil(lambda: not palette.is_asking and not window.places.dock("history").isHidden())
    qtbot.wait(100)
    table, lines = Paints(window.part.view.table.viewport()), Paints(palette.list.viewport())
    qtbot.keyClicks(palette.line, "mm")
    qtbot.waitUntil(lambda: not palette.is_asking and lines.seen)
    qtbot.wait(50)
    assert not table.seen


class Paints(QObject):
    """Whether a widget was painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.seen = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.seen = self.seen or event.type() is QEvent.Type.Paint
        return False


@pytest.mark.parametrize("mode", [ThemeMode.LIGHT, ThemeMode.DARK])
def test_its_lines_can_be_read_in_both_themes(
    qtbot: QtBot, window: WorkspaceView, session: FakeSession, theme: Theme, mode: ThemeMode
) -> None:
    theme.set_mode(mode)
    fill(qtbot, window, session)
    palette = opened(qtbot, window, "le")
    qtbot.waitUntil(lambda: not palette.is_asking)
    assert {bool(line.refusal) for line in shown(palette)} == {True, False}
    found = [(each.name, measured(each.image), each.needed) for each in _samples(palette)]
    assert not [f"{name}: {value:.2f}" for name, value, needed in found if value < needed]


def _samples(palette: Palette) -> list[Sample]:
    samples = [Sample("typed", picture(palette.line, palette.line.rect().adjusted(8, 5, -100, -5)))]
    samples.append(Sample("note", picture(palette.note)))
    count = min(6, palette.list.model().rowCount())
    for chosen in (0, 1):
        palette._go_to(chosen)
        QApplication.processEvents()
        for row in range(count):
            cell = palette.list.visualRect(palette.list.model().index(row, 0)).adjusted(0, 4, 0, -4)
            name = f"{shown(palette)[row].title}, {chosen} chosen"
            icon = QRect(cell.left() + 10, cell.top(), 20, cell.height())
            samples.append(Sample(f"icon of {name}", picture(palette.list.viewport(), icon), FAINT))
            samples.append(
                Sample(name, picture(palette.list.viewport(), QRect(icon.right() + 10, cell.top(), 24, cell.height())))
            )
            samples.append(Sample(f"rest of {name}", picture(palette.list.viewport(), cell.adjusted(150, 0, 0, 0))))
    return samples
