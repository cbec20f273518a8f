"""Hop 1: ties the import dialog and the demo to the window: one of each at a time.

Offers to go on with an import that stopped half-way, and asks before the demo comes among books.
"""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMessageBox

from desk.application.resources import resource
from desk.application.session import Session
from desk.cqrs.errors import StoreUnavailable
from desk.gui.widgets.background import start
from desk.gui.widgets.question import Question

if TYPE_CHECKING:  # the dialogs, and all that reads files, are loaded when they are wanted first
    from desk.application.demo.load import DemoReport
    from desk.application.importing.encodings import GuessEncoding
    from desk.application.importing.plan import ImportPlan
    from desk.application.importing.progress import ImportReport
    from desk.application.importing.unfinished import UnfinishedImport
    from desk.gui.frame.workspace_view import WorkspaceView
    from desk.gui.importing.demo_dialog import DemoDialog
    from desk.gui.importing.dialog import ImportDialog


class ImportPart(QObject):
    """Belongs to the window. Does nothing before the session is open.

    Signals:
        said: something for the status bar (str).
    """

    said = Signal(str)

    def __init__(self, window: "WorkspaceView", guess: "GuessEncoding | None" = None) -> None:
        super().__init__(window)
        self._window, self._guess = window, guess
        self._session: Session | None = None
        self._unfinished: UnfinishedImport | None = None
        self.dialog: ImportDialog | None = None
        self.demo: DemoDialog | None = None
        self.question: Question | None = None
        window.opened.connect(self._open)
        window.stopping.connect(self._abandon)
        window.import_wanted.connect(self.import_file)
        window.demo_wanted.connect(self.ask_for_demo)
        self.said.connect(window.status.say)

    @Slot()
    def import_file(self, path: Path | None = None) -> None:
        """Show the dialog, in which a file is chosen, or this one looked into."""
        dialog = self._shown()
        if dialog is not None and path is not None and not dialog.leaving.is_running:
            dialog.choose(path)

    def go_on(self, plan: "ImportPlan") -> None:
        """Import by this plan at once."""
        dialog = self._shown()
        if dialog is not None:
            dialog.go_on(plan)

    def _shown(self) -> "ImportDialog | None":
        if self._session is None or self._unfinished is None:
            self._say_not_open()
            return None
        if self.dialog is None:
            from desk.application.importing.encodings import guess_western
            from desk.gui.importing.dialog import ImportContext, ImportDialog

            window = self._window
            context = ImportContext(
                self._session.importing,
                self._unfinished,
                window.bridge,
                window.theme,
                window.icons,
                self._session.moments,
                self._guess or guess_western,
            )
            self.dialog = ImportDialog(context, window)
            self.dialog.imported.connect(self._say_import)
            self.dialog.finished.connect(self._forget_dialog)
        self.dialog.open()
        return self.dialog

    @Slot()
    def ask_for_demo(self) -> None:
        """Load the demo; ask first, unless the catalogue is known to be empty."""
        session = self._session
        if session is None:
            self._say_not_open()
            return
        if self.demo is not None:
            self.demo.open()
            return
        future = start(lambda: _books_in(session), "counting")
        self._window.bridge.call(future, self._ask_for_demo_among, None, self._window)

    def _ask_for_demo_among(self, books: int | None) -> None:
        if books == 0:
            self.load_demo()
            return
        there = self.tr("It is not known yet which books the catalogue has.")
        if books is not None:
            there = self.tr("The catalogue has {count} books.").format(count=f"{books:,}")
        more = self.tr("The demo adds some 150 more, and a year of lending. They can be deleted one by one only.")
        asked, load, cancel = self.tr("Load the demo among your books?"), self.tr("&Load the demo"), self.tr("Cancel")
        self._ask(asked, f"{there} {more}", load, cancel, self.load_demo)

    @Slot()
    def load_demo(self) -> None:
        """Load the demo catalogue, and show how far that is."""
        if self._session is None:
            return
        if self.demo is None:
            from desk.gui.importing.demo_dialog import DemoDialog

            self.demo = DemoDialog(
                self._session.importing,
                self._window.bridge,
                resource("demo/books.csv"),
                self._window,
                self._session.moments,
            )
            self.demo.loaded.connect(self._say_demo)
            self.demo.finished.connect(self._forget_demo)
        self.demo.open()

    @Slot(object)
    def _open(self, session: object) -> None:
        assert isinstance(session, Session)
        from desk.application.importing.unfinished import UnfinishedImport

        unfinished = UnfinishedImport(session.about.directory, session.about.name)
        self._session, self._unfinished = session, unfinished
        self._window.bridge.call(start(unfinished.find, "unfinished-import"), self._offer, None, self._window)

    def _offer(self, plan: "ImportPlan | None") -> None:
        """An import stopped half-way when Desk ended last: it can go on."""
        if plan is None or self._unfinished is None or self.dialog is not None:
            return
        text = self.tr("The import of {name} stopped half-way.").format(name=plan.path.name)
        more = self.tr("What it has stored is there. It goes on from there, and stores nothing twice.\n\n{path}")
        words = self.tr("&Go on with it"), self.tr("&Not now")
        question = self._ask(text, more.format(path=plan.path), *words, partial(self.go_on, plan))
        question.setDefaultButton(question.go_on)
        forget = question.addButton(self.tr("&Forget it"), QMessageBox.ButtonRole.DestructiveRole)
        forget.clicked.connect(partial(start, self._unfinished.forget, "unfinished-import"))

    def _ask(self, text: str, more: str, yes: str, no: str, then: Callable[[], None]) -> Question:
        self.question = Question(self._window, text, more, stay=no, go_on=yes, then=then)
        self.question.finished.connect(self._forget_question)
        return self.question

    def _say_not_open(self) -> None:
        self.said.emit(self.tr("The catalogue is not open yet. Try again when it is."))

    @Slot()
    def _abandon(self) -> None:
        """The program ends, and nobody can be asked."""
        for running in (self.dialog, self.demo):
            if running is not None:
                running.leaving.abandon()

    @Slot(object)
    def _say_import(self, report: "ImportReport") -> None:
        self.said.emit(report.summary())

    @Slot(object)
    def _say_demo(self, report: "DemoReport") -> None:
        if not report.cancelled and not report.problem:
            self.said.emit(
                self.tr("The demo catalogue is loaded: {count} changes of a year.").format(count=f"{report.done:,}")
            )
            self._window.part.view.show_chosen()

    @Slot()
    def _forget_dialog(self) -> None:
        self.dialog = None

    @Slot()
    def _forget_demo(self) -> None:
        self.demo = None

    @Slot()
    def _forget_question(self) -> None:
        self.question = None


def _books_in(session: Session) -> int | None:
    """How many books the catalogue has, deleted ones included; None where that is not known yet."""
    try:
        reader = session.queries.reader()
        if reader is None:
            return None
        with closing(reader):
            counts = reader.counts()
    except StoreUnavailable:
        return None
    return counts.shown + counts.deleted
