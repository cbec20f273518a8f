"""The whole story of a correlation as a tree of causes across streams; one tab of the Streams place."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QTreeWidget, QTreeWidgetItem, QWidget

from desk.application.story import GetStory, StoryEvents, StoryNode, story_tree
from desk.application.timeline.words import moment_text
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.store import Recorded
from desk.gui.frame.workspace import Workspace, announce
from desk.gui.streams.tree_layout import lay_out_tree
from desk.gui.widgets.counting import counted
from desk.gui.widgets.visible_text import visible

_EVENT = Qt.ItemDataRole.UserRole


class StoryTab(QWidget):
    """Reads while it is wanted, further back as long as somebody asks for it.

    Signals:
        event_wanted: (Recorded) this event should be seen in its stream.
    """

    event_wanted = Signal(object)  # Recorded

    def __init__(self, workspace: Workspace, correlation: str, cause: str = "") -> None:
        super().__init__()
        self._workspace, self._correlation, self._cause = workspace, correlation, cause
        self._before: int | None = None
        self._looked = 0
        self._stopped = False
        self.events: list[Recorded] = []
        self.name = self.tr("Story {id}…").format(id=correlation[:8])
        self.said = QLabel()
        self.more = QPushButton(self.tr("Look further"))
        self.more.clicked.connect(self._ask)
        self.more.hide()
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels([self.tr("Event"), self.tr("Stream"), self.tr("Stored"), self.tr("By")])
        self.tree.setUniformRowHeights(True)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tree.setAccessibleName(self.tr("Events of the story, below what caused them"))
        self.tree.itemActivated.connect(self._open)
        self.tree.itemDoubleClicked.connect(self._open)
        lay_out_tree(self, self.said, self.more, self.tree, (300, 220, 160, 80))
        self._ask()

    def stop(self) -> None:
        """Read no more."""
        self._stopped = True

    def _ask(self) -> None:
        session = self._workspace.session
        if session is None or self._stopped:
            return
        self.more.hide()
        self._say(self.tr("Reading…"))
        future = session.queries.ask(GetStory(self._correlation, self._before))
        self._workspace.bridge.call(future, self._take, self._fail, self)

    def _take(self, story: StoryEvents) -> None:
        if self._stopped:
            return
        self._before = story.before
        self._looked += story.looked_at
        self.events += story.events
        self._show()
        self._say(self._sentence(story))
        self.more.setVisible(story.before is not None)

    def _fail(self, error: Exception) -> None:
        self._say(str(error))
        self.more.show()

    def _sentence(self, story: StoryEvents) -> str:
        streams = len({event.stream for event in self.events})
        parts = [
            counted(len(self.events), self.tr("1 event"), self.tr("{n} events")),
            counted(streams, self.tr("in 1 stream"), self.tr("in {n} streams")),
        ]
        if story.listed:
            parts.append(self.tr("by the server's own stream $bc-…"))
        elif story.by_index:
            parts.append(self.tr("found in the index"))
        else:
            words = self.tr("{n} events looked at, from the newest backwards")
            parts.append(words.format(n=f"{self._looked:,}"))
        return " · ".join(parts)

    def _say(self, text: str) -> None:
        self.said.setText(text)
        announce(self.said, text)

    def _show(self) -> None:
        self.tree.clear()
        root = self.tree.invisibleRootItem()
        todo = [(root, node) for node in reversed(story_tree(self.events))]
        while todo:
            above, node = todo.pop()
            item = self._item(node)
            above.addChild(item)
            # What alone follows stands below its cause and no further in: a chain may have hundreds of links.
            inner = above if len(node.followers) == 1 else item
            todo += [(inner, follower) for follower in reversed(node.followers)]
        self.tree.expandAll()
        self._select()

    def _item(self, node: StoryNode) -> QTreeWidgetItem:
        event = node.event
        if event is None:
            words = self.tr("{id}…: no event of this story (a command, say)").format(id=str(node.cause)[:8])
            item = QTreeWidgetItem([words])
            item.setForeground(0, self._workspace.theme.color("muted"))
            return item
        when = moment_text(event.created.timestamp()) if event.created else ""
        user = parse_metadata(event.metadata).user or ""
        item = QTreeWidgetItem([visible(event.type), f"{event.revision}@{visible(event.stream)}", when, visible(user)])
        item.setData(0, _EVENT, event)
        item.setToolTip(1, visible(event.stream))
        return item

    def _select(self) -> None:
        for item in self.tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive):
            event = item.data(0, _EVENT)
            if isinstance(event, Recorded) and str(event.id) == self._cause:
                self.tree.setCurrentItem(item)
                self.tree.scrollToItem(item)

    def _open(self, item: QTreeWidgetItem, *_: object) -> None:
        event = item.data(0, _EVENT)
        if isinstance(event, Recorded):
            self.event_wanted.emit(event)


def story_tab(workspace: Workspace, goal: str) -> StoryTab:
    """The tab for what a link within the window says: a correlation, and perhaps the id of a cause behind a ``#``."""
    correlation, _, cause = goal.partition("#")
    return StoryTab(workspace, correlation, cause)
