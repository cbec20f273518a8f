"""Each place remembers what was looked at beside it, for each store also from one start to the next."""

from desk.application.session import Session
from desk.domain.streams import book_stream
from desk.gui.frame.panel import CATALOGUE
from desk.gui.frame.workspace import StreamPlace, Workspace


class LookedAt:
    """The stream and revision of each place; ``shown`` is the place that is shown."""

    def __init__(self, workspace: Workspace, shown: str) -> None:
        self._workspace, self.shown = workspace, shown
        self._places: dict[str, StreamPlace] = {}

    def restore(self) -> None:
        """The session is open: look where it was looked when the last one of this store ended."""
        kept = self._workspace.settings.looked_at.get(self._store, {})
        self._places = {place: StreamPlace(*looked) for place, looked in kept.items()}
        self._look()

    def save(self) -> None:
        """For the next start."""
        self._note()
        kept = {place: (looked.stream, looked.revision, looked.title) for place, looked in self._places.items()}
        settings = self._workspace.settings
        settings.looked_at = settings.looked_at | {self._store: kept}

    def go(self, name: str) -> None:
        """Another place is shown."""
        self._note()
        self.shown = name
        self._look()

    @property
    def _store(self) -> str:
        return store_key(self._workspace.ports)

    def _note(self) -> None:
        if self._workspace.place is not None:
            self._places[self.shown] = self._workspace.place

    def _look(self) -> None:
        """The catalogue has the chosen book beside it, if it had one."""
        workspace, then = self._workspace, self._places.get(self.shown)
        book_id = workspace.selection.book_id
        if self.shown == CATALOGUE and book_id is not None and (then is None or then.stream != book_stream(book_id)):
            workspace.look_at_chosen()
        elif then is not None:
            workspace.look_at(then.stream, then.revision, then.title)


def store_key(session: Session) -> str:
    """What a store's things are kept under: its hosts, or that it is the one of this computer."""
    return session.about.hosts or "embedded"
