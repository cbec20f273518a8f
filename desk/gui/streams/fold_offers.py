"""A fold of one's own for a category: the file is chosen, named with its hash, and run only once that is confirmed."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from desk.application.folds import ChosenFold, FoldFile, FoldRefused, FoldsPort, FoldStanding
from desk.application.stream_names import category_of
from desk.cqrs.errors import StoreError
from desk.gui.frame.workspace import Workspace
from desk.gui.widgets.background import saying, start
from desk.gui.widgets.files import ask_for_file
from desk.gui.widgets.question import Question
from desk.gui.widgets.visible_text import visible

A = TypeVar("A")


class FoldOffers(QObject):
    """What the menu of a stream or category offers about folding it."""

    def __init__(self, workspace: Workspace, folds: FoldsPort, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace, self._folds, self._parent = workspace, folds, parent
        self._chosen: dict[str, ChosenFold] = {}
        self.files: QFileDialog | None = None
        self.question: Question | None = None
        self.read()

    def read(self) -> None:
        """Ask which folds are chosen: their files are read, so not on this thread."""
        self._call(start(self._folds.chosen, "folds"), self._take)

    def offers(self, name: str) -> Iterable[tuple[str, Callable[[], object]]]:
        """Choosing a file, one that changed once more, and using none."""
        category = category_of(name)
        if not category or name.startswith("$"):
            return
        yield self.tr("Fo&ld {category} with a file…").format(category=visible(category)), partial(self.ask, category)
        chosen = self._chosen.get(category)
        if chosen is None:
            return
        file = f"{chosen.file.path.name} ({chosen.file.sha256[:12]})"
        if chosen.standing is FoldStanding.CHANGED:
            words = self.tr("Run {file} again, as it is now…")
            yield words.format(file=chosen.file.path.name), partial(self.look_at, category, chosen.file.path)
        yield self.tr("Do not fold it with {file}").format(file=file), partial(self.forget, category)

    def ask(self, category: str) -> None:
        """Have a file chosen."""
        title, kinds = self.tr("A fold: initial() and evolve(state, event)"), self.tr("Python (*.py)")
        self.files = ask_for_file(self._parent, title, kinds, partial(self.look_at, category))

    def look_at(self, category: str, path: Path) -> None:
        """Say what it is and may do, before it is run for the first time."""
        self._call(start(partial(self._folds.look_at, path), "folds"), partial(self._confirm, category))

    def forget(self, category: str) -> None:
        """Use none from now on."""
        self._call(start(partial(self._folds.forget, category), "folds"), lambda _: self.read())

    def _confirm(self, category: str, file: FoldFile) -> None:
        self.question = Question(
            self._parent,
            self.tr("Run {file} for the streams of {category}?").format(file=file.path, category=visible(category)),
            self.tr(
                "It is a program, and may do on this computer what you may do. Its SHA-256 is {hash}. What you save"
                " into it while Desk runs is run too; after a restart a changed file is asked for again."
            ).format(hash=file.sha256),
            stay=self.tr("Leave it"),
            go_on=self.tr("Run it"),
            then=partial(self._choose, category, file),
        )

    def _choose(self, category: str, file: FoldFile) -> None:
        def chosen(_nothing: object) -> None:
            words = self.tr("Streams of {category} are folded by {file} from now on.")
            self._workspace.say(words.format(category=visible(category), file=file.path.name))
            self.read()

        self._call(start(partial(self._folds.choose, category, file), "folds"), chosen)

    def _take(self, chosen: tuple[ChosenFold, ...]) -> None:
        self._chosen = {one.category: one for one in chosen}

    def _call(self, future: "Future[A]", done: Callable[[A], None]) -> None:
        self._workspace.bridge.call(future, done, saying(self._workspace.say, FoldRefused, StoreError), self)
