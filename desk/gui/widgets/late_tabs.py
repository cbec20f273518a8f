"""Tabs that are built one by one: a window that has just opened shows one of them, and need not wait for the others."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtWidgets import QTabWidget, QWidget

from desk.gui.widgets.boxes import column

Page = TypeVar("Page", bound=QWidget)


class LateTabs(QTabWidget, Generic[Page]):
    """Each page is built when it is first shown, or asked for; the first at once."""

    def __init__(self) -> None:
        super().__init__()
        self._makers: list[Callable[[], Page]] = []
        self._built: dict[int, Page] = {}
        self.currentChanged.connect(self.page)

    @property
    def built(self) -> Sequence[tuple[int, Page]]:
        """The pages that are there, and their numbers."""
        return tuple(self._built.items())

    def offer(self, title: str, make: Callable[[], Page]) -> int:
        """One more tab; its number."""
        self._makers.append(make)
        return self.addTab(QWidget(), title)

    def page(self, number: int) -> Page:
        """A page by its number, built if need be."""
        if number not in self._built:
            page = self._built[number] = self._makers[number]()
            column(page, on=self.widget(number), spacing=0)
            page.show()  # at once, where the tab is seen already
        return self._built[number]
