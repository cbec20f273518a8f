"""Actions: one :class:`ActionSpec` each, with the function it runs, from which menus, keys, palette, context menus and
the list of keys are made.

Whoever does something brings a table of specs in its own folder, and gives it to :meth:`Actions.add` with itself as
what they act on: the books' are in ``books/action_specs.py``, the
frame's in ``frame/action_specs.py``.
A place or companion names its table in its spec in ``desk_places.py`` (``actions=…``): the frame adds it, shows the
panel before the function runs, and refuses its actions until the panel is built. ``workspace.actions`` has them by
name, to allow or refuse one with a reason, or to trigger it. A new text, icon, key or menu entry is written nowhere
else.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from desk.gui.frame.icons import Icons
from desk.records import dataclass

T = TypeVar("T")


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Marks a text of a table for the tools that collect texts; Qt's own is typed as giving an object."""
    return text


class Menu(StrEnum):
    """The menus, in their order; one without actions is not shown."""

    CATALOGUE = QT_TRANSLATE_NOOP("menus", "&Catalogue")
    EDIT = QT_TRANSLATE_NOOP("menus", "&Edit")
    BOOK = QT_TRANSLATE_NOOP("menus", "&Book")
    HISTORY = QT_TRANSLATE_NOOP("menus", "H&istory")
    VIEW = QT_TRANSLATE_NOOP("menus", "&View")
    GO = QT_TRANSLATE_NOOP("menus", "&Go")
    HELP = QT_TRANSLATE_NOOP("menus", "&Help")


@dataclass(frozen=True, slots=True)
class ActionSpec(Generic[T]):
    """One action on a T: ``run`` is called when it is triggered, ``toggle`` when it is switched on or off.

    ``keys`` are in Qt's portable notation, the first one shown in menus. ``tip`` is its tooltip. Of a ``group`` one is
    on. A line stands before it in its menu where it ``begins`` a part. What ``writes`` may change the catalogue. The
    keys of a ``local`` one count only within the panel that brings it.
    """

    name: str
    menu: Menu
    text: str
    icon: str
    keys: tuple[str, ...]
    tip: str = ""
    run: Callable[[T], object] | None = None
    toggle: Callable[[T, bool], object] | None = None
    group: str = ""
    begins: bool = False
    writes: bool = False
    local: bool = False

    @property
    def area(self) -> str:
        """What it is about, or the panel that brings it: what its name begins with."""
        return self.name.partition(".")[0]


class Actions(QObject):
    """The actions of one workspace as Qt has them, by name.

    Signals:
        added: one more (ActionSpec).
    """

    added = Signal(object)  # ActionSpec

    def __init__(self, icons: Icons, parent: QObject) -> None:
        super().__init__(parent)
        self._icons = icons
        self._specs: dict[str, ActionSpec[Any]] = {}
        self._actions: dict[str, QAction] = {}
        self._states: dict[str, tuple[bool, str]] = {}
        self._nothing_is_written = ""

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[ActionSpec[Any]]:
        return iter(self._specs.values())

    def of(self, area: str) -> list[QAction]:
        """Those whose names begin so."""
        return [self._actions[spec.name] for spec in self if spec.area == area]

    def add(self, specs: Iterable[ActionSpec[T]], target: Callable[[], T]) -> None:
        """Add a table; ``target`` has what they act on, asked for when one runs.

        Raises ValueError for a name that is taken, or a key that means something else in the same place.
        """
        for spec in specs:
            self._add(spec, target)

    def _add(self, spec: ActionSpec[T], target: Callable[[], T]) -> None:
        taken = {key for other in self if _meet(spec, other) for key in other.keys}
        if spec.name in self._specs or taken & set(spec.keys):
            raise ValueError(f"{spec.name}: its name or one of {spec.keys} is taken")
        action = QAction(translated(spec.text), self)
        action.setObjectName(spec.name)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        context = Qt.ShortcutContext
        action.setShortcutContext(context.WidgetWithChildrenShortcut if spec.local else context.WindowShortcut)
        action.setCheckable(bool(spec.toggle or spec.group))
        run, toggle = spec.run, spec.toggle
        if run is not None:
            action.triggered.connect(lambda: run(target()))
        if toggle is not None:
            action.toggled.connect(lambda on: toggle(target(), on))
        self._icons.put(action, spec.icon)
        self._specs[spec.name], self._actions[spec.name] = spec, action
        self.allow(spec.name)
        self.added.emit(spec)

    def allow(self, name: str, tip: str = "") -> None:
        """The action can be done; its tooltip says what it does: ``tip``, or what is always said of it."""
        spec, action = self._specs[name], self._actions[name]
        self._set(name, tip or (translated(spec.tip) if spec.tip else plain_text(action)), can=True)

    def name(self, name: str, text: str = "") -> None:
        """Another text, as "Undo" has one for each thing to undo; without one the text that it had at first."""
        spec = self._specs[name]
        self._actions[name].setText(
            f"{translated(spec.text)} {text.replace('&', '&&')}" if text else translated(spec.text)
        )

    def refuse(self, name: str, why: str) -> None:
        """The action cannot be done now; its tooltip says why."""
        self._set(name, why, can=False)

    def why_not(self, keys: QKeySequence) -> str:
        """Why what these keys mean in the whole window cannot be done now; empty where it can, or they mean nothing."""
        meant = (self._actions[spec.name] for spec in self if not spec.local)
        return next((one.statusTip() for one in meant if not one.isEnabled() and keys in one.shortcuts()), "")

    def judge(self, name: str, why_not: str) -> None:
        """Refuse the action for a reason; without one it can be done."""
        if why_not:
            self.refuse(name, why_not)
        else:
            self.allow(name)

    def write_nothing(self, why: str) -> None:
        """Refuse whatever may change the catalogue, whoever else allows it; until this is called without a reason."""
        self._nothing_is_written = why
        for spec in self:
            can, tip = self._states[spec.name]
            self._set(spec.name, tip, can=can)

    def _set(self, name: str, tip: str, *, can: bool) -> None:
        self._states[name] = can, tip
        if self._nothing_is_written and self._specs[name].writes:
            can, tip = False, self._nothing_is_written
        action = self._actions[name]
        action.setEnabled(can)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{tip} ({keys})" if keys else tip)
        action.setStatusTip(tip)


def _meet(one: ActionSpec[Any], other: ActionSpec[Any]) -> bool:
    """Whether the keys of both count in one place."""
    return not (one.local and other.local) or one.area == other.area


def translated(text: str) -> str:
    """A text of the table above in the user's language."""
    return QCoreApplication.translate("actions", text)


def title_of(spec: ActionSpec[Any]) -> str:
    """What an action is called where it stands for itself, such as in the list of keys."""
    return translated(spec.text).replace("&", "").removesuffix("…")


def plain_text(action: QAction) -> str:
    """An action's text without the mark of its mnemonic and without dots."""
    return action.text().replace("&", "").removesuffix("…")
