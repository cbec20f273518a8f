"""The whole story of a correlation as a tree of causes across streams; one tab of the Streams place."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QTreeWidgetItem

from desk.application.event_search import ChosenBy, FoundEvents
from desk.application.story import GetStory, StoryNode, story_tree
from desk.application.timeline.words import moment_text
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.store import Recorded
from desk.gui.frame.workspace import Workspace
from desk.gui.streams.tree_tab import EVENT, TreeTab
from desk.gui.widgets.counting import counted
from desk.gui.widgets.visible_text import visible


class StoryTab(TreeTab):
    """Reads while it is wanted, further back as long as somebody asks for it.

    ``goal`` is what a link within the window says: a correlation, and perhaps the id of a cause behind a ``#``.
    """

    def __init__(self, workspace: Workspace, goal: str) -> None:
        self._correlation, _, self._cause = goal.partition("#")
        self._before: int | None = None
        self._looked = 0
        self.events: list[Recorded] = []
        self.more = QPushButton()
        super().__init__(workspace, self.more, (0, 1))
        self.name = self.tr("Story {id}…").format(id=self._correlation[:8])
        self.more.setText(self.tr("Look further"))
        self.more.clicked.connect(self._read)
        self.tree.setHeaderLabels([self.tr("Event"), self.tr("Stream"), self.tr("Stored"), self.tr("By")])
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tree.setAccessibleName(self.tr("Events of the story, below what caused them"))
        self._read()

    def _read(self) -> None:
        self.more.hide()
        self.say(self.tr("Reading…"))
        self.ask(GetStory(self._correlation, self._before), self._take, self._fail)

    def _take(self, story: FoundEvents) -> None:
        self._before = story.before
        self._looked += story.looked_at
        self.events += story.events
        self._show()
        self.say(self._sentence(story))
        self.more.setVisible(story.before is not None)

    def _fail(self, error: Exception) -> None:
        self.say(str(error))
        self.more.show()

    def _sentence(self, story: FoundEvents) -> str:
        streams = len({event.stream for event in self.events})
        by = self.tr("{n} events looked at, from the newest backwards").format(n=f"{self._looked:,}")
        if story.by is ChosenBy.SERVER:
            by = self.tr("by the server's own stream $bc-…")
        elif story.by is ChosenBy.INDEX:
            by = self.tr("found in the index")
        events = counted(len(self.events), self.tr("1 event"), self.tr("{n} events"))
        return " · ".join((events, counted(streams, self.tr("in 1 stream"), self.tr("in {n} streams")), by))

    def _show(self) -> None:
        self.tree.clear()
        root = self.tree.invisibleRootItem()
        todo = [(root, node) for node in reversed(story_tree(self.events))]
        while todo:
            above, node = todo.pop()
            item = self._item(node)
            above.addChild(item)
            if node.event is not None and str(node.event.id) == self._cause:
                self.tree.setCurrentItem(item)
            # What alone follows stands below its cause and no further in: a chain may have hundreds of links.
            inner = above if len(node.followers) == 1 else item
            todo += [(inner, follower) for follower in reversed(node.followers)]
        self.tree.expandAll()
        self.tree.scrollTo(self.tree.currentIndex())
        self.room.fit()

    def _item(self, node: StoryNode) -> QTreeWidgetItem:
        event = node.event
        if event is None:
            words = self.tr("{id}…: no event of this story (a command, say)").format(id=str(node.cause)[:8])
            item = QTreeWidgetItem([words])
            item.setForeground(0, self.workspace.theme.color("muted"))
            return item
        when = moment_text(event.created.timestamp()) if event.created else ""
        user = parse_metadata(event.metadata).user or ""
        item = QTreeWidgetItem([visible(event.type), f"{event.revision}@{visible(event.stream)}", when, visible(user)])
        item.setData(0, EVENT, event)
        item.setToolTip(1, visible(event.stream))
        return item
