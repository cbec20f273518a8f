"""What fills a page of Operations: for tests and the tour, which deal with it as a user does."""

from typing import TypeVar

from desk.gui.operations.list_page import ListPage
from desk.gui.operations.panel import OperationsPanel

C = TypeVar("C")


def content_of(panel: OperationsPanel, name: str, kind: type[C]) -> C:
    """What fills a page that is a list; any other page is its own content."""
    page = panel.page(name)
    found = page.content if isinstance(page, ListPage) else page
    assert isinstance(found, kind)
    return found
