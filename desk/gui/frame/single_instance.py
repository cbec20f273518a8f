"""One window for each profile: the second start makes the first one come forward, and ends."""

import json
import time
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QCryptographicHash, QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

ANSWER_WITHIN = 500
"""Milliseconds for the first window to take one message."""

TRY_FOR = 3.0
"""Seconds for a first window that is still starting, or just closing."""


class SingleInstance(QObject):
    """The lock decides, the socket talks. After a kill the lock recovers by itself, and the socket is cleared away.

    Signals:
        called: a second start called, with what it wants by name (dict[str, str]).
    """

    called = Signal(object)  # dict[str, str]

    def __init__(self, data_dir: Path) -> None:
        super().__init__()
        self._lock = QLockFile(str(data_dir / "window.lock"))
        # A window may stay open for weeks: the age of its lock says nothing.
        self._lock.setStaleLockTime(0)
        digest = QCryptographicHash.hash(str(data_dir.resolve()).encode(), QCryptographicHash.Algorithm.Sha256)
        self._name = "desk-" + digest.toHex().toStdString()[:20]
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)

    def acquire(self) -> bool:
        """Whether this is the first one; it listens from now on.

        A lock that cannot be made at all (no permission) counts as had: opening the profile says what is wrong.
        """
        if not self._lock.tryLock(0):
            return self._lock.error() is not QLockFile.LockError.LockFailedError
        QLocalServer.removeServer(self._name)
        self._server.listen(self._name)
        return True

    def acquire_or_call(self, wishes: Mapping[str, str], *, try_for: float = TRY_FOR) -> bool | None:
        """Whether this is the first one, once one that closes is gone; else the first one is told what is wanted.

        None where that does not answer.
        """
        until = time.monotonic() + try_for
        while not self.acquire():
            if self._call(wishes):
                return False
            if time.monotonic() > until:
                return None
            time.sleep(0.05)
        return True

    @Slot()
    def hang_up(self) -> None:
        """Be told nothing more, and be the first one until the end."""
        self._server.close()

    def release(self) -> None:
        """Somebody else may be the first."""
        self.hang_up()
        self._lock.unlock()

    def _call(self, wishes: Mapping[str, str]) -> bool:
        line = QLocalSocket()
        line.connectToServer(self._name)
        if not line.waitForConnected(ANSWER_WITHIN):
            return False
        line.write(json.dumps(dict(wishes)).encode() + b"\n")
        if not line.waitForBytesWritten(ANSWER_WITHIN):
            return False
        # The first one hangs up when it has read everything.
        return line.state() is QLocalSocket.LocalSocketState.UnconnectedState or line.waitForDisconnected(ANSWER_WITHIN)

    @Slot()
    def _accept(self) -> None:
        while (line := self._server.nextPendingConnection()) is not None:
            line.readyRead.connect(self._read)
            line.disconnected.connect(line.deleteLater)
            if line.canReadLine():
                self._take(line)

    @Slot()
    def _read(self) -> None:
        line = self.sender()
        if isinstance(line, QLocalSocket) and line.canReadLine():
            self._take(line)

    def _take(self, line: QLocalSocket) -> None:
        try:
            wishes = {name: str(wish) for name, wish in json.loads(bytes(line.readLine().data())).items()}
        except (ValueError, AttributeError):
            wishes = {}
        line.disconnectFromServer()
        self.called.emit(wishes)
