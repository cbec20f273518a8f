"""What other threads say arrives on the window's thread, or not at all."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from desk.application.catalogue import Announcement
from desk.application.session import Connection, Fault, Light, SessionEvent
from desk.gui.widgets.background import GuiBridge, start


def test_a_result_arrives_on_the_windows_thread(qtbot: QtBot, bridge: GuiBridge) -> None:
    arrived: list[tuple[int, threading.Thread]] = []
    owner = QObject()
    with ThreadPoolExecutor(1) as pool:
        bridge.call(pool.submit(lambda: 42), lambda n: arrived.append((n, threading.current_thread())), None, owner)
    qtbot.waitUntil(lambda: bool(arrived))
    assert arrived == [(42, threading.main_thread())]


def test_an_error_arrives_as_an_error(qtbot: QtBot, bridge: GuiBridge) -> None:
    errors: list[Exception] = []
    future: Future[int] = Future()
    owner = QObject()
    bridge.call(future, lambda _: None, errors.append, owner)
    future.set_exception(ValueError("no"))
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "no"


def test_an_error_that_nobody_takes_is_a_bug(qtbot: QtBot, bridge: GuiBridge) -> None:
    future: Future[int] = Future()
    owner = QObject()
    with qtbot.captureExceptions() as caught:
        bridge.call(future, lambda _: None, None, owner)
        future.set_exception(ValueError("no"))
        qtbot.waitUntil(lambda: bool(caught))
    assert caught[0][0] is ValueError


def test_nothing_is_delivered_to_an_owner_that_is_gone(qtbot: QtBot, bridge: GuiBridge) -> None:
    arrived: list[str] = []
    gone, alive = QObject(), QObject()
    first: Future[str] = Future()
    second: Future[str] = Future()
    bridge.call(first, arrived.append, None, gone)
    bridge.call(second, arrived.append, None, alive)
    delete(gone)
    first.set_result("for the dead")
    second.set_result("for the living")
    qtbot.waitUntil(lambda: bool(arrived))
    assert arrived == ["for the living"]


def test_a_cancelled_future_tells_nobody(qtbot: QtBot, bridge: GuiBridge) -> None:
    told: list[object] = []
    owner = QObject()
    cancelled: Future[int] = Future()
    bridge.call(cancelled, told.append, told.append, owner)
    cancelled.cancel()
    done: Future[int] = Future()
    bridge.call(done, lambda n: told.append(n), None, owner)
    done.set_result(1)
    qtbot.waitUntil(lambda: bool(told))
    assert told == [1]


def test_a_closed_bridge_delivers_nothing_and_harms_nobody(qtbot: QtBot) -> None:
    bridge = GuiBridge()
    arrived: list[object] = []
    bridge.announced.connect(arrived.append)
    bridge.close()
    bridge.tell(Announcement(1))
    qtbot.wait(0)
    assert not arrived


def test_a_sessions_news_become_signals(qtbot: QtBot, bridge: GuiBridge) -> None:
    news: list[object] = []
    for signal in (bridge.announced, bridge.connection_changed, bridge.fault_found):
        signal.connect(news.append)
    said: list[SessionEvent] = [
        Announcement(2**40),
        Connection(Light.GREEN, "live"),
        Fault("a fault", "details", datetime.now(UTC), is_bug=False),
    ]

    def speak() -> None:
        for event in said:
            bridge.tell(event)

    thread = threading.Thread(target=speak)
    thread.start()
    thread.join()
    assert not news
    qtbot.waitUntil(lambda: len(news) == 3)
    assert news == said


def test_news_from_the_windows_own_thread_wait_for_their_turn_too(qtbot: QtBot, bridge: GuiBridge) -> None:
    news: list[object] = []
    bridge.connection_changed.connect(news.append)
    bridge.tell(Connection(Light.RED, "no"))
    assert not news
    qtbot.waitUntil(lambda: bool(news))


def test_long_work_runs_on_a_named_thread_and_its_error_comes_back() -> None:
    assert start(lambda: threading.current_thread().name, "opening").result(60) == "opening"
    failed = start(lambda: 1 // 0, "closing")
    assert isinstance(failed.exception(60), ZeroDivisionError)
