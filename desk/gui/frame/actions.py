"""Every action of the window: its name, text, icon, keys and place in the menus. A key means one thing in one scope."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from desk.gui.frame.icons import Icons


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Marks a text of a table for the tools that collect texts; Qt's own is typed as giving an object."""
    return text


class Menu(StrEnum):
    """The menus, in their order."""

    CATALOGUE = QT_TRANSLATE_NOOP("menus", "&Catalogue")
    EDIT = QT_TRANSLATE_NOOP("menus", "&Edit")
    BOOK = QT_TRANSLATE_NOOP("menus", "&Book")
    VIEW = QT_TRANSLATE_NOOP("menus", "&View")
    GO = QT_TRANSLATE_NOOP("menus", "&Go")
    HELP = QT_TRANSLATE_NOOP("menus", "&Help")


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action; ``keys`` in Qt's portable notation, the first one shown in menus. ``tip`` is its tooltip."""

    name: str
    menu: Menu
    text: str
    icon: str
    keys: tuple[str, ...]
    tip: str = ""
    checkable: bool = False
    group: str = ""


SPECS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "book.new",
        Menu.CATALOGUE,
        QT_TRANSLATE_NOOP("actions", "&New book…"),
        "book-new",
        ("Ctrl+N",),
        QT_TRANSLATE_NOOP("actions", "Take a new book into the catalogue"),
    ),
    ActionSpec(
        "catalogue.import",
        Menu.CATALOGUE,
        QT_TRANSLATE_NOOP("actions", "&Import CSV…"),
        "import",
        ("Ctrl+I",),
        QT_TRANSLATE_NOOP("actions", "Take books from a CSV file into the catalogue"),
    ),
    ActionSpec(
        "catalogue.demo",
        Menu.CATALOGUE,
        QT_TRANSLATE_NOOP("actions", "Load the &demo catalogue"),
        "demo",
        (),
        QT_TRANSLATE_NOOP("actions", "150 well-known books with a year of lending"),
    ),
    ActionSpec(
        "catalogue.find",
        Menu.CATALOGUE,
        QT_TRANSLATE_NOOP("actions", "&Find"),
        "search",
        ("Ctrl+F",),
        QT_TRANSLATE_NOOP("actions", "Search title, authors, subjects and ISBN as you type"),
    ),
    ActionSpec(
        "window.close",
        Menu.CATALOGUE,
        QT_TRANSLATE_NOOP("actions", "&Quit"),
        "quit",
        ("Ctrl+Q",),
        QT_TRANSLATE_NOOP("actions", "Close Desk"),
    ),
    ActionSpec(
        "edit.undo",
        Menu.EDIT,
        QT_TRANSLATE_NOOP("actions", "&Undo"),
        "undo",
        ("Ctrl+Z",),
        QT_TRANSLATE_NOOP("actions", "Take the last command back by another one"),
    ),
    ActionSpec(
        "edit.redo",
        Menu.EDIT,
        QT_TRANSLATE_NOOP("actions", "&Redo"),
        "redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        QT_TRANSLATE_NOOP("actions", "Do again what was taken back"),
    ),
    ActionSpec(
        "book.correct",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "&Correct details…"),
        "edit",
        ("Ctrl+E", "F2"),
        QT_TRANSLATE_NOOP("actions", "Correct what is known of the book"),
    ),
    ActionSpec(
        "copy.add",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "&Add copy…"),
        "copy-add",
        ("Ctrl+Shift+A",),
        QT_TRANSLATE_NOOP("actions", "Add a copy of the book"),
    ),
    ActionSpec(
        "copy.lend",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "&Lend…"),
        "lend",
        ("Ctrl+L",),
        QT_TRANSLATE_NOOP("actions", "Lend a copy to a reader"),
    ),
    ActionSpec(
        "copy.renew",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "Re&new…"),
        "renew",
        ("Ctrl+R",),
        QT_TRANSLATE_NOOP("actions", "Put off the day on which a copy is due"),
    ),
    ActionSpec(
        "copy.return",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "&Return…"),
        "return",
        ("Ctrl+T",),
        QT_TRANSLATE_NOOP("actions", "Take a copy back"),
    ),
    ActionSpec(
        "copy.lost",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "Report l&ost…"),
        "lost",
        ("Ctrl+Shift+L",),
        QT_TRANSLATE_NOOP("actions", "Say that a copy cannot be found"),
    ),
    ActionSpec(
        "copy.withdraw",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "&Withdraw…"),
        "copy-withdraw",
        ("Ctrl+Shift+W",),
        QT_TRANSLATE_NOOP("actions", "Take a copy out of circulation for good"),
    ),
    ActionSpec(
        "hold.place",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "Place &hold…"),
        "hold-place",
        ("Ctrl+H",),
        QT_TRANSLATE_NOOP("actions", "Queue a reader for the next copy that becomes free"),
    ),
    ActionSpec(
        "hold.cancel",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "Canc&el hold…"),
        "hold-cancel",
        ("Ctrl+Shift+H",),
        QT_TRANSLATE_NOOP("actions", "Take a reader out of the queue, or a copy from the hold shelf"),
    ),
    ActionSpec(
        "book.again",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "Create a&gain with another ISBN…"),
        "book-new",
        ("Ctrl+Shift+N",),
        QT_TRANSLATE_NOOP("actions", "Take a rejected book in anew: all that is known of it, and another ISBN"),
    ),
    ActionSpec(
        "book.delete",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "&Delete…"),
        "delete",
        ("Ctrl+Del",),
        QT_TRANSLATE_NOOP("actions", "Take the book out of the catalogue"),
    ),
    ActionSpec(
        "book.isbn",
        Menu.BOOK,
        QT_TRANSLATE_NOOP("actions", "Copy &ISBN"),
        "clipboard",
        ("Ctrl+Shift+C",),
        QT_TRANSLATE_NOOP("actions", "Put the ISBN on the clipboard"),
    ),
    ActionSpec(
        "view.deleted",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "Show &deleted books"),
        "state-deleted",
        ("Ctrl+D",),
        QT_TRANSLATE_NOOP("actions", "Show also books that were deleted"),
        checkable=True,
    ),
    ActionSpec(
        "view.plugins",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "&Plugins and times…"),
        "plugin",
        ("Ctrl+Shift+P",),
        QT_TRANSLATE_NOOP("actions", "Switch the plugins of the command bus, and see what they measured"),
    ),
    ActionSpec(
        "view.times",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "&Times of actions"),
        "times",
        ("Ctrl+Shift+T",),
        QT_TRANSLATE_NOOP("actions", "What each stage of the latest commands took, from validation to the repaint"),
    ),
    ActionSpec(
        "view.wiring",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "&Wiring"),
        "wiring",
        ("Ctrl+Shift+B",),
        QT_TRANSLATE_NOOP("actions", "What leads to what in this program, and the plugins in their order"),
    ),
    ActionSpec(
        "connection.show",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "Co&nnection…"),
        "connection",
        ("Ctrl+Shift+K",),
        QT_TRANSLATE_NOOP("actions", "How the connection to the store is, and what is noted about the store"),
    ),
    ActionSpec(
        "theme.system",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "Theme of the &system"),
        "theme-system",
        ("Ctrl+Alt+0",),
        checkable=True,
        group="theme",
    ),
    ActionSpec(
        "theme.light",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "&Light theme"),
        "theme-light",
        ("Ctrl+Alt+1",),
        checkable=True,
        group="theme",
    ),
    ActionSpec(
        "theme.dark",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "&Dark theme"),
        "theme-dark",
        ("Ctrl+Alt+2",),
        checkable=True,
        group="theme",
    ),
    ActionSpec("view.larger", Menu.VIEW, QT_TRANSLATE_NOOP("actions", "Lar&ger text"), "zoom-in", ("Ctrl++", "Ctrl+=")),
    ActionSpec("view.smaller", Menu.VIEW, QT_TRANSLATE_NOOP("actions", "S&maller text"), "zoom-out", ("Ctrl+-",)),
    ActionSpec("view.normal", Menu.VIEW, QT_TRANSLATE_NOOP("actions", "Te&xt of normal size"), "zoom-fit", ("Ctrl+0",)),
    ActionSpec(
        "view.full",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "&Full screen"),
        "zoom-fit",
        ("F11",),
        QT_TRANSLATE_NOOP("actions", "Fill the whole screen"),
        checkable=True,
    ),
    ActionSpec(
        "view.reset",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "&Put back as it was"),
        "columns",
        ("Ctrl+Shift+R",),
        QT_TRANSLATE_NOOP("actions", "Arrange this place as it was at first"),
    ),
    ActionSpec("window.palette", Menu.GO, QT_TRANSLATE_NOOP("actions", "Find anyt&hing…"), "search", ("Ctrl+K",)),
    ActionSpec(
        "go.back",
        Menu.GO,
        QT_TRANSLATE_NOOP("actions", "&Back"),
        "back",
        ("Alt+Left",),
        QT_TRANSLATE_NOOP("actions", "To the book, stream or event that was looked at before"),
    ),
    ActionSpec(
        "go.forward",
        Menu.GO,
        QT_TRANSLATE_NOOP("actions", "&Forward"),
        "forward",
        ("Alt+Right",),
        QT_TRANSLATE_NOOP("actions", "To what was looked at before going back"),
    ),
    ActionSpec(
        "go.next",
        Menu.GO,
        QT_TRANSLATE_NOOP("actions", "&Next part of the window"),
        "keyboard",
        ("F6",),
        QT_TRANSLATE_NOOP("actions", "On to the place, or to the next of what stands beside it"),
    ),
    ActionSpec(
        "help.keys",
        Menu.HELP,
        QT_TRANSLATE_NOOP("actions", "&Keys"),
        "keyboard",
        ("F1", "?"),
        QT_TRANSLATE_NOOP("actions", "All keys of the window"),
    ),
    ActionSpec(
        "help.log",
        Menu.HELP,
        QT_TRANSLATE_NOOP("actions", "&Log and problems…"),
        "warning",
        ("Ctrl+Shift+G",),
        QT_TRANSLATE_NOOP("actions", "What failed behind the scenes, and where it is written down"),
    ),
    ActionSpec("help.about", Menu.HELP, QT_TRANSLATE_NOOP("actions", "&About Desk"), "info", ("Shift+F1",)),
)


class Actions(QObject):
    """The actions as Qt has them, by name; made once for a window."""

    def __init__(self, icons: Icons, parent: QObject, specs: tuple[ActionSpec, ...] = SPECS) -> None:
        super().__init__(parent)
        self._icons = icons
        self._specs: dict[str, ActionSpec] = {}
        self._actions: dict[str, QAction] = {}
        for spec in specs:
            self.add(spec)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[ActionSpec]:
        return iter(self._specs.values())

    def add(self, spec: ActionSpec) -> QAction:
        """One more action, as panels bring them. Raises ValueError for a name or a key that is taken."""
        taken = {key for other in self._specs.values() for key in other.keys}
        if spec.name in self._specs or taken & set(spec.keys):
            raise ValueError(f"{spec.name}: its name or one of {spec.keys} is taken")
        action = QAction(translated(spec.text), self)
        action.setObjectName(spec.name)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(spec.checkable)
        self._icons.put(action, spec.icon)
        self._specs[spec.name], self._actions[spec.name] = spec, action
        self.allow(spec.name)
        return action

    def allow(self, name: str, tip: str = "") -> None:
        """The action can be done; its tooltip says what it does: ``tip``, or what is always said of it."""
        spec, action = self._specs[name], self._actions[name]
        action.setEnabled(True)
        self._tell(name, tip or (translated(spec.tip) if spec.tip else plain_text(action)))

    def name(self, name: str, text: str = "") -> None:
        """Another text, as "Undo" has one for each thing to undo; without one the text that it had at first."""
        spec = self._specs[name]
        self._actions[name].setText(
            f"{translated(spec.text)} {text.replace('&', '&&')}" if text else translated(spec.text)
        )

    def refuse(self, name: str, why: str) -> None:
        """The action cannot be done now; its tooltip says why."""
        self._actions[name].setEnabled(False)
        self._tell(name, why)

    def _tell(self, name: str, tip: str) -> None:
        action = self._actions[name]
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{tip} ({keys})" if keys else tip)
        action.setStatusTip(tip)


def translated(text: str) -> str:
    """A text of the table above in the user's language."""
    return QCoreApplication.translate("actions", text)


def title_of(spec: ActionSpec) -> str:
    """What an action is called where it stands for itself, such as in the list of keys."""
    return translated(spec.text).replace("&", "").removesuffix("…")


def plain_text(action: QAction) -> str:
    """An action's text without the mark of its mnemonic and without dots."""
    return action.text().replace("&", "").removesuffix("…")
