"""What a scenario does in the window: shows places and books, presses keys; asked for on the player's thread."""

import threading
from collections.abc import Callable
from concurrent.futures import Future

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desk.application.scenarios.ground import CannotBeShown, wait_until
from desk.application.scenarios.scenario import Show, Speed
from desk.domain.streams import book_stream
from desk.gui.frame.panel import FLOW, STREAMS, Paged
from desk.gui.frame.workspace_view import WorkspaceView

PATIENCE = 20.0
"""Seconds within which the window does what it is asked."""

BESIDE, BELOW = 0.55, 0.75
"""Of the window's width or height, what a companion gets on a stage, where the place needs no more than the rest."""

_BETWEEN = 12
"""Pixels between place and companion, and a few more."""


class StageHands:
    """Satisfies :class:`~desk.application.scenarios.ground.StageWindow` for a workspace. ``stop`` ends the waiting."""

    def __init__(self, view: WorkspaceView) -> None:
        self._view = view
        self.stop = threading.Event()

    def show(self, step: Show) -> None:
        self._in_window(lambda: self.show_at_once(step))

    def press(self, keys: str) -> None:
        self._in_window(lambda: self._press(keys))

    def set_speed(self, speed: Speed) -> None:
        self._in_window(lambda: self._set_speed(speed))

    def _in_window(self, do: Callable[[], None]) -> None:
        done: Future[None] = Future()

        def deliver() -> None:
            try:
                do()
                done.set_result(None)
            except CannotBeShown as error:
                done.set_exception(error)

        self._view.bridge.post(deliver, self._view)
        if not wait_until(done.done, PATIENCE, self.stop):
            raise CannotBeShown("the window does not answer")
        done.result()

    def show_at_once(self, step: Show) -> None:
        """On the window's own thread. Raises CannotBeShown."""
        places, place = self._view.places, step.place
        if step.book_id is not None:
            self._view.part.view.choose(step.book_id)
        if place in places.places:
            places.show(place)
            self.stand_alone(None)
            self._view.setFocus()  # in no field: the next key is the speaker's
        elif place in places.companions:
            places.go_beside(place)
            self.stand_alone(place)
            places[place].setFocus()  # whose keys go from event to event
        else:
            known = ", ".join((*places.places, *places.companions))
            raise CannotBeShown(f"the window has no place “{place}”. It has: {known}")
        self._turn_to(step)

    def _turn_to(self, step: Show) -> None:
        """A page of the place, or in Streams a stream."""
        panel = self._view.places[step.place]
        if step.place == STREAMS:
            stream = step.page or (book_stream(step.book_id) if step.book_id is not None else "")
            if stream:
                self._view.workspace.source_wanted.emit(stream)
        elif step.page and not (isinstance(panel, Paged) and panel.show_page(step.page)):
            raise CannotBeShown(f"“{step.place}” has no page “{step.page}”")

    def _set_speed(self, speed: Speed) -> None:
        self._view.workspace.speed_wanted.emit(speed)
        if speed is Speed.STEP and FLOW in self._view.places.places:
            self._view.places.go(FLOW)  # its keys are the speaker's now: Space goes on by a hop

    def stand_alone(self, name: str | None) -> None:
        """No companion stands beside the place, or this one does, with room enough for large texts."""
        places = self._view.places
        for companion in places.companions:
            if companion != name:
                places.dock(companion).hide()
        if name is None:
            return
        dock, area = places.dock(name), places.companions[name].area
        dock.setFloating(False)
        self._view.addDockWidget(area, dock)  # in a small window it stands elsewhere
        if area in (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea):
            self._view.resizeDocks([dock], [round(self._view.width() * BESIDE)], Qt.Orientation.Horizontal)
        else:
            least = places[places.current].minimumSizeHint().height() + self._view.statusBar().height() + _BETWEEN
            height = min(round(self._view.height() * BELOW), self._view.height() - least)
            self._view.resizeDocks([dock], [height], Qt.Orientation.Vertical)
        dock.show()

    def _press(self, keys: str) -> None:
        target = QApplication.focusWidget() or self._view
        sequence = QKeySequence(keys)
        if sequence.toString():
            QTest.keySequence(target, sequence)
        else:
            QTest.keyClicks(target, keys)
