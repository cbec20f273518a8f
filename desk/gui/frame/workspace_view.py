"""All that one workspace shows: its menus and tools, the rail with its places, companions, and the status bar."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QToolButton, QWidget

from desk.application.session import Session
from desk.gui.books.action_specs import BOOK_ACTIONS, CATALOGUE_ACTIONS, UNDO_ACTIONS
from desk.gui.books.invitation import Message
from desk.gui.books.saving import Saving
from desk.gui.desk_places import desk_companions, desk_places
from desk.gui.frame.action_specs import VIEW_ACTIONS
from desk.gui.frame.actions import Menu
from desk.gui.frame.bars import Menus, about_box, gap_above, tool_bar
from desk.gui.frame.icons import Icons
from desk.gui.frame.looked_at import LookedAt
from desk.gui.frame.panel import CARD, CATALOGUE, OPERATIONS, STREAMS, CompanionSpec, Paged, PlaceSpec, Urged
from desk.gui.frame.places import Places
from desk.gui.frame.repaints import Repaints
from desk.gui.frame.settings import Settings
from desk.gui.frame.status import Status
from desk.gui.frame.text_size import NORMAL, STEPS, next_step
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.workspace import Workspace
from desk.gui.widgets.background import GuiBridge, start
from desk.gui.widgets.known import describe_unknown
from desk.gui.widgets.masking import is_masked

ALWAYS_THERE = QSize(640, 400)
"""Pixels that a window always has: nothing that comes and goes in it, and no size of text, makes it larger."""

if TYPE_CHECKING:  # built, and loaded, behind the first picture
    from desk.gui.books.dialog import CommandDialog
    from desk.gui.books.part import CataloguePart
    from desk.gui.frame.palette.palette import Palette
    from desk.gui.frame.past import Past


class WorkspaceView(QMainWindow):
    """Shown before its session is open; closes the session in the background.

    Signals:
        opened: the session is open (Session).
        import_wanted, demo_wanted: the user wants to import a file, or to load the demo catalogue.
        retry_wanted: opening failed, and the user wants to try again.
        stopping: the window is about to close without anybody who could be asked.
        closed: the session is closed, and nothing is left of it.
    """

    opened = Signal(object)  # Session
    import_wanted: Signal = Signal()
    demo_wanted: Signal = Signal()
    retry_wanted = Signal()
    stopping = Signal()
    closed = Signal()

    def __init__(
        self, bridge: GuiBridge, theme: Theme, icons: Icons, settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.bridge, self.theme, self.icons, self.settings = bridge, theme, icons, settings
        self.workspace: Workspace = Workspace(bridge, theme, icons, settings, self)
        actions = self.actions_by_name = self.workspace.actions
        Menus(self, actions)
        # Before anything is built: whoever is built shows some of them.
        actions.add(BOOK_ACTIONS, lambda: self.part.book_actions)
        actions.add(UNDO_ACTIONS, lambda: self.part.undo_actions)
        actions.add(CATALOGUE_ACTIONS, lambda: self.part)
        actions.add(VIEW_ACTIONS, lambda: self)
        for name in [spec.name for spec in actions if spec.menu is Menu.BOOK or spec in UNDO_ACTIONS]:
            actions.refuse(name, self.tr("The catalogue is not open yet."))
        self.saving = Saving()
        self.places: Places = Places(self, self.workspace, desk_places(), desk_companions())
        self.status: Status = Status(self.statusBar(), bridge, self.saving, theme, icons, self.actions_by_name)
        self.installEventFilter(self.status)
        self._opening, self._chose_place, self.is_closing = True, False, False  # closing in the background
        self.gives_room = True  # a catalogue that has books gets its companions beside it
        self._tools, self._gap = tool_bar(self, self.actions_by_name), gap_above(self.places.rail)
        self._waiting = Message(theme, icons, "renew")
        self._waiting.say(self.tr("Opening the catalogue…"), "")
        self._waiting.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.places.stack.addWidget(self._waiting)
        self._connect()
        self.setWindowTitle(self.tr("Catalogue"))
        self.places.begin()
        self._looked_at = LookedAt(self.workspace, self.places.current)
        self.actions_by_name[f"theme.{self.theme.mode}"].setChecked(True)
        self._allow_sizes()
        self._allow_steps()
        self._show_tools()

    @property
    def part(self) -> "CataloguePart":
        return self._contents[0]

    @property
    def past(self) -> "Past":
        return self._contents[1]

    @property
    def finder(self) -> "Palette":
        return self._contents[2]

    @property
    def session(self) -> Session | None:
        """The open session."""
        return self.workspace.session

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().boundedTo(ALWAYS_THERE)

    # ── opening ───────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, session: Session) -> None:
        """Show this session from now on."""
        self._opening = False
        if self.is_closing:
            self._close_session(session)
            return
        # Before anything is asked: what changes between an answer and the first news would never be shown.
        session.listen(self.bridge.tell)
        self.workspace.open(session)
        self._name_window()
        self._fill()
        self.part.open(session)
        self._looked_at.restore()
        self.status.open(session)
        Repaints(self.part.view.table.viewport(), self.bridge, session.diagnostics.repainted)
        self.places.open()
        self.opened.emit(session)

    def go_to(self, address: str) -> None:
        """To a stream by its name, or to an event by a link; once the session is open."""
        if self.session is None:
            self.opened.connect(lambda _session: self.go_to(address), Qt.ConnectionType.SingleShotConnection)
            return
        self._chose_place = True
        self.places.show(STREAMS)
        self.workspace.source_wanted.emit(address)

    def could_not_open(self, error: Exception) -> None:
        """Say what to do about it, in the place where the table would be."""
        self._fill()
        self._opening = False
        self.part.view.say_opening(self.tr("The catalogue could not be opened"), str(error), can_retry=True)
        self.status.say_whether_open(opening=False)
        self.actions_by_name.write_nothing(self.tr("The catalogue is not open."))
        if self.is_closing:
            self.closed.emit()

    @Slot()
    def _name_window(self) -> None:
        if self.session is not None:
            title = self.places.places[self.places.current].title
            self.setWindowTitle(self.tr("{place} on {store}").format(place=title, store=self.session.about.name))

    @Slot()
    def _retry(self) -> None:
        self._opening = True
        self.part.view.say_opening(self.tr("Opening the catalogue…"), "")
        self.status.say_whether_open(opening=True)
        self.actions_by_name.write_nothing("")
        self.retry_wanted.emit()

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _contents(self) -> "tuple[CataloguePart, Past, Palette]":
        """What the first picture can do without: built after it, or by whoever wants something of it before."""
        from desk.gui.books.part import CataloguePart
        from desk.gui.frame.palette.palette import Palette
        from desk.gui.frame.past import Past

        part, past = CataloguePart(self.workspace, self.saving, self), Past(self.workspace, self)
        part.model.index_wanted.connect(past.build)
        past.ready.connect(part.model.ask_again)
        past.ribbon.visibilityChanged.connect(self._show_tools)
        part.view.opening.pressed.connect(self._retry)
        part.restore(self.settings)
        self.actions_by_name["view.motion"].setChecked(self.workspace.moves_little)
        QTimer.singleShot(0, self, self._fill)
        return part, past, Palette(self.workspace, self)

    def furnish(self) -> None:
        """Build what the first picture did without; it comes into its place at the next turn of the event loop."""
        _ = self._contents

    @Slot()
    def _fill(self) -> None:
        """Put the catalogue into its place."""
        if CATALOGUE not in self.places.widgets:
            self.places.put(CATALOGUE, self.part.view)
            self.places.put(CARD, self.part.card)
            if self.part.view.isVisible() and self.window().focusWidget() in (None, self._waiting):
                self.part.view.search.setFocus()

    def take_keys(self) -> None:
        """What is typed from now on is for this workspace, although it may not be open yet."""
        self._waiting.setFocus()

    def _connect(self) -> None:
        act, workspace = self.actions_by_name, self.workspace
        act[f"go.{CATALOGUE}"].triggered.connect(lambda: self.part.view.walk())
        self.theme.changed.connect(self._allow_sizes)
        workspace.said.connect(self.status.say)
        workspace.said_no_more.connect(self.status.take_back)
        workspace.moment_changed.connect(self.status.show_as_of)
        workspace.motion_changed.connect(act["view.motion"].setChecked)
        workspace.trail_changed.connect(self._allow_steps)
        workspace.attention_changed.connect(lambda wanting: self.status.show_attention(sum(wanting.values())))
        self.status.attention_wanted.connect(self._show_most_pressing)
        self.places.changed.connect(self._place_changed)
        self.places.changed.connect(self._show_tools)
        self.theme.changed.connect(self._show_tools)
        self.status.counted.connect(self._counted)
        self.bridge.record_changed.connect(self._name_window)

    # ── what actions do ───────────────────────────────────────────────────────────────────────────────────────

    def show_plugins(self) -> None:
        """The plugins with their switches and figures."""
        from desk.gui.frame.plugins import PluginPanel

        if self.session is not None:
            PluginPanel(self.session, self).show()

    def show_keys(self) -> None:
        """All keys."""
        from desk.gui.frame.keys import KeyList

        panels: list[PlaceSpec | CompanionSpec] = [*self.places.places.values(), *self.places.companions.values()]
        KeyList(self.actions_by_name, panels, self).show()

    def show_about(self) -> None:
        """Name, version, licence."""
        about_box(self).open()

    def choose_theme(self, mode: ThemeMode) -> None:
        """Use a theme from now on."""
        self.theme.set_mode(mode)
        self.settings.theme = mode

    def size_text(self, direction: int) -> None:
        """Larger (1), smaller (-1) or normal (0) text."""
        size = next_step(self.theme.text_size, direction) if direction else NORMAL
        self.theme.set_text_size(size)
        self.settings.text_size = size
        self.workspace.say(self.tr("Text at {size} %").format(size=size))

    @Slot()
    def _allow_sizes(self) -> None:
        size, act = self.theme.text_size, self.actions_by_name
        for name, end in (("view.larger", STEPS[-1]), ("view.smaller", STEPS[0])):
            words = self.tr("Text is at {size} %, and no further step is offered.")
            act.judge(name, words.format(size=size) if size == end else "")

    def put_back(self) -> None:
        """This place as it was at first."""
        self.places.put_back()
        self.workspace.as_at_first.emit()

    @Slot()
    def _allow_steps(self) -> None:
        nothing, workspace = self.tr("Nothing was looked at in that direction."), self.workspace
        self.actions_by_name.judge("go.back", "" if workspace.can_go_back else nothing)
        self.actions_by_name.judge("go.forward", "" if workspace.can_go_forward else nothing)

    @Slot(str)
    def _place_changed(self, name: str) -> None:
        self._name_window()
        if name != self._looked_at.shown:
            self._chose_place = True
            self._looked_at.go(name)

    @Slot()
    def _show_tools(self) -> None:
        """They are the catalogue's; in the past, where none of them can be used, the ribbon stands in their place."""
        in_past = CATALOGUE in self.places.widgets and not self.past.ribbon.isHidden()
        wanted = self.places.current == CATALOGUE and not in_past and not is_masked()
        self._tools.want(wanted=wanted)
        self._gap.setFixedHeight(0 if wanted or in_past else self._tools.sizeHint().height())
        if (more := self._tools.findChild(QToolButton, "qt_toolbar_ext_button")) is not None:
            more.setIcon(self.icons.icon("chevron"))  # Qt's own is dark in a dark window too

    @Slot()
    def _show_most_pressing(self) -> None:
        panel = self.places[OPERATIONS]
        if isinstance(panel, Urged):
            self.show_operations(panel.most_pressing)

    def show_operations(self, page: str) -> None:
        """One of the pages of Operations."""
        if self.session is None:
            return
        panel = self.places[OPERATIONS]
        if isinstance(panel, Paged):
            panel.show_page(page)
            self.places.go(OPERATIONS)

    @Slot()
    def _counted(self) -> None:
        known, session = self.status.known, self.session
        if known.counts is None or session is None:
            return
        unknown = ("", "") if known.complete else describe_unknown(session)
        self.part.view.set_known(*unknown, is_empty=known.is_empty)
        if self.gives_room and (known.is_empty or known.counts.shown + known.counts.deleted):
            self.places.leave_room(CATALOGUE, alone=known.is_empty)
        if known.complete and not self._chose_place:
            if known.is_empty:
                self.places.show(CATALOGUE if session.about.embedded else STREAMS)
            self._chose_place = True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc, which nobody within has taken, ends the innermost thing; what is typed before there is a search box
        is typed into it; of keys for what cannot be done now it is said why.
        """
        is_search = self._waiting.hasFocus() and self.places.current == CATALOGUE
        if is_search and event.text() and event.text().isprintable():
            self._fill()
            QApplication.sendEvent(self.part.view.search, event)
        elif event.key() != Qt.Key.Key_Escape or not self.workspace.escape():
            self.workspace.say(self.actions_by_name.why_not(QKeySequence(event.keyCombination())))
            super().keyPressEvent(event)

    # ── closing ───────────────────────────────────────────────────────────────────────────────────────────────

    @Slot()
    def stop(self) -> None:
        """What is typed and what is running is given up: the system wants the end, and nobody may be there."""
        self.stopping.emit()
        self.discard_forms()

    def may_close(self, go_on: Callable[[], object]) -> bool:
        """Whether nothing that was typed would be lost; else it is asked, and ``go_on`` called where it may be."""
        filled = [form for form in self._forms if form.isVisible() and form.would_lose]
        if not filled:
            return True

        def discard() -> None:
            self.discard_forms()
            go_on()

        filled[0].ask_to_discard(discard)
        return False

    def discard_forms(self) -> None:
        """Close all forms, whatever is typed in them."""
        for form in self._forms:
            form.discard()

    @property
    def _forms(self) -> "list[CommandDialog]":
        return self.part.forms if CATALOGUE in self.places.widgets else []

    def close_session(self) -> None:
        """Close what was opened, in the background; ``closed`` says when that is done."""
        if self.is_closing:
            return
        self.is_closing = True
        self.discard_forms()
        self.setEnabled(False)
        # While the session is still being opened, its arrival goes on from here.
        if self.session is not None or not self._opening:
            self._close_session(self.session)

    def _close_session(self, session: Session | None) -> None:
        self.places.shut()
        if self.session is not None:
            self._looked_at.save()
        if CATALOGUE in self.places.widgets:
            self.part.remember(self.settings)
            self.part.close()
        self.settings.save()
        self.workspace.close()
        self.status.close()
        if session is None:
            self.closed.emit()
        else:

            def close() -> None:
                if self.places.loading is not None:
                    self.places.loading.exception()  # its thread is to be gone too
                session.close()

            done = start(close, "closing")
            self.bridge.call(done, lambda _: self.closed.emit(), self._session_not_closed, self)

    def _session_not_closed(self, error: Exception) -> None:
        self.closed.emit()
        raise error
