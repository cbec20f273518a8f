"""Acts by hand on a stream: what will be done is shown first; what cannot be taken back wants the name typed."""

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from desk.application.acts import (
    APPENDED_BY,
    Act,
    ActRefused,
    ActsPort,
    AppendByHand,
    DeleteStream,
    Expected,
    ExpectedState,
    SetStreamMetadata,
    TombstoneStream,
)
from desk.cqrs.errors import Conflict, StoreError
from desk.gui.frame.theme import mono_font
from desk.gui.frame.workspace import Workspace
from desk.gui.widgets.boxes import column
from desk.gui.widgets.scrolled import Scrolled, give_room
from desk.gui.widgets.visible_text import visible

_LINES: Final = 7


class ActDialog(QDialog):
    """One act: its fields, what it will be or why it cannot be done yet, and a button that does it.

    It stays open, with what was typed, until the store has said that it was done.
    """

    def __init__(self, title: str, verb: str, workspace: Workspace, acts: ActsPort, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._workspace, self._acts = workspace, acts
        self.said = QLabel(wordWrap=True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.go = self.buttons.addButton(verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.do)
        self.buttons.rejected.connect(self.reject)
        self.form = QFormLayout()
        column((Scrolled(self.form), 1), self.said, self.buttons, on=self, margins=None)
        give_room(self, 560)
        self.finished.connect(self.deleteLater)

    def act(self) -> Act:
        """What was typed. Raises ActRefused."""
        raise NotImplementedError

    def preview(self, act: Act) -> str:
        """What it will be."""
        return str(act)

    def lay_out(self, rows: Iterable[tuple[str, QWidget]]) -> None:
        """The fields, then what they make, then the buttons."""
        for label, field in rows:
            self.form.addRow(label, field)
            for name in ("textChanged", "currentTextChanged"):
                if hasattr(field, name):
                    getattr(field, name).connect(self.look)
        self.look()

    @Slot()
    def look(self) -> None:
        """Say what will be done, or why nothing can be."""
        try:
            said, ready = self.preview(self.act()), True
        except ActRefused as refused:
            said, ready = str(refused), False
        refusal = self._acts.refusal()
        self.said.setText(refusal or said)
        self.go.setEnabled(ready and not refusal)

    @Slot()
    def do(self) -> None:
        """Do it, once."""
        try:
            act = self.act()
        except ActRefused as refused:
            self.said.setText(str(refused))
            return
        self.go.setEnabled(False)
        self.said.setText(self.tr("Asking the store…"))
        self._workspace.bridge.call(self._acts.do(act), lambda _: self._done(act), self._not_done, self)

    def _done(self, act: Act) -> None:
        self._workspace.say(self.tr("Done: {act}.").format(act=act))
        self.accept()

    def _not_done(self, error: Exception) -> None:
        if not isinstance(error, StoreError | Conflict):
            raise error
        words = str(error)
        if isinstance(error, Conflict) and error.actual is not None:
            words = self.tr("The last revision of {stream} is {n} by now.").format(stream=error.stream, n=error.actual)
        self.go.setEnabled(True)
        self.said.setText(words)


class AppendDialog(ActDialog):
    """An event as somebody types it; what stands in its metadata beside that is shown."""

    def __init__(self, stream: str, workspace: Workspace, acts: ActsPort, parent: QWidget) -> None:
        super().__init__(self.tr("Append an event"), self.tr("&Append"), workspace, acts, parent)
        self.stream, self.type = QLineEdit(stream), QLineEdit()
        self.data, self.metadata = _editor("{\n}"), _editor("")
        self.expected = QComboBox(editable=True)
        for words, state in (
            (self.tr("any revision"), ExpectedState.ANY),
            (self.tr("a new stream"), ExpectedState.NO_STREAM),
            (self.tr("one that is there"), ExpectedState.EXISTS),
        ):
            self.expected.addItem(words, state)
        self.lay_out(
            (
                (self.tr("&Stream"), self.stream),
                (self.tr("&Type"), self.type),
                (self.tr("&Data (JSON)"), self.data),
                (self.tr("&Metadata (JSON)"), self.metadata),
                (self.tr("&Expected"), self.expected),
            )
        )

    def act(self) -> AppendByHand:
        """The event."""
        data, metadata = self.data.toPlainText(), self.metadata.toPlainText().strip()
        return AppendByHand(self.stream.text().strip(), self.type.text().strip(), data, metadata, self._expected())

    def _expected(self) -> Expected:
        """What was chosen, or the revision that was typed. Raises ActRefused."""
        typed = self.expected.currentText().strip()
        found = self.expected.findText(typed)
        if found >= 0:
            state: ExpectedState = self.expected.itemData(found)
            return state
        if typed.isascii() and typed.isdigit():
            return int(typed)
        raise ActRefused(self.tr("What is expected is one of the list, or a revision, as 41."))

    def preview(self, act: Act) -> str:
        """Its size, and who will stand in its metadata."""
        assert isinstance(act, AppendByHand)
        size = len(act.stored_data())
        by = json.dumps({APPENDED_BY: dict(self._acts.appended_by())}, ensure_ascii=False)
        words = self.tr("{type} will be appended to {stream}: {n} bytes. Its metadata will also have {by}")
        return words.format(type=visible(act.type), stream=visible(act.stream), n=f"{size:,}", by=by)


class MetadataDialog(ActDialog):
    """What a stream keeps, and who may read it."""

    def __init__(self, stream: str, workspace: Workspace, acts: ActsPort, parent: QWidget) -> None:
        title = self.tr("Metadata of {stream}").format(stream=visible(stream))
        super().__init__(title, self.tr("&Set"), workspace, acts, parent)
        self._stream = stream
        self.metadata = _editor('{\n  "$maxCount": 1000\n}')
        self.lay_out(((self.tr("&Metadata (JSON)"), self.metadata),))

    def act(self) -> SetStreamMetadata:
        """The metadata, in place of what was there."""
        return SetStreamMetadata(self._stream, self.metadata.toPlainText())

    def preview(self, act: Act) -> str:
        """That it replaces what there was."""
        return self.tr("It replaces all metadata that the stream has. Events that it hides are gone with a scavenge.")


class RemovalDialog(ActDialog):
    """Deleting or tombstoning a stream: its name has to be typed."""

    def __init__(
        self,
        kind: type[DeleteStream | TombstoneStream],
        stream: str,
        workspace: Workspace,
        acts: ActsPort,
        parent: QWidget,
    ) -> None:
        title, verb = self.tr("Delete a stream"), self.tr("&Delete")
        words = self.tr("All events of {stream} are hidden, and gone with a scavenge. It may be written to again.")
        if kind is TombstoneStream:
            title, verb = self.tr("Tombstone a stream"), self.tr("&Tombstone")
            words = self.tr("{stream} is removed for good: nobody can ever write to that name again.")
        super().__init__(title, verb, workspace, acts, parent)
        self._stream, self._kind = stream, kind
        self.form.addRow(QLabel(words.format(stream=visible(stream)), wordWrap=True))
        self.typed = QLineEdit()
        self.lay_out(((self.tr("Its &name, to confirm"), self.typed),))

    def act(self) -> Act:
        """The removal, once the name was typed."""
        return self._kind(self._stream, self.typed.text())


class StreamActs(QObject):
    """What can be done to a stream by hand, for its menu."""

    def __init__(self, workspace: Workspace, acts: ActsPort, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace, self._acts, self._parent = workspace, acts, parent
        self.dialog: ActDialog | None = None

    def offers(self, name: str) -> Iterable[tuple[str, Callable[[], object]]]:
        """Each with what it opens; the dialog says why it may not be done where that is so."""
        if name.startswith("$") or name.endswith("-*"):
            return
        yield self.tr("Append an &event…"), partial(self.open, AppendDialog, name)
        yield self.tr("Set its &metadata…"), partial(self.open, MetadataDialog, name)
        yield self.tr("&Delete it…"), partial(self.open, partial(RemovalDialog, DeleteStream), name)
        yield self.tr("&Tombstone it…"), partial(self.open, partial(RemovalDialog, TombstoneStream), name)

    def open(self, dialog: Callable[[str, Workspace, ActsPort, QWidget], ActDialog], name: str) -> None:
        """Open a dialog on a stream."""
        self.dialog = dialog(name, self._workspace, self._acts, self._parent)
        self.dialog.open()


def _editor(text: str) -> QPlainTextEdit:
    editor = QPlainTextEdit(text)
    editor.setFont(mono_font())
    editor.setTabChangesFocus(True)
    editor.setFixedHeight(editor.fontMetrics().lineSpacing() * _LINES)
    return editor
