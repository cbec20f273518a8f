"""A TCP proxy on the loopback that loses what it is told to lose."""

import contextlib
import socket
import sys
import threading
import time
from collections.abc import Callable


class Proxy:
    """Passes bytes on between clients and ``target``, a port of this machine."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.was_cut = threading.Event()
        self._connections = 0
        self._deaf_up_to = 0
        self._refusing = False
        self._left: int | None = None
        self._pause = 0.0
        self._start(self._accept)

    @property
    def uri(self) -> str:
        return f"esdb://127.0.0.1:{self.port}?tls=false"

    def swallow_answers(self) -> None:
        """From now on nothing of what the server says arrives, on connections that there are and to come."""
        self._deaf_up_to = sys.maxsize

    def hear_newcomers(self) -> None:
        """What the server says on connections to come arrives again; the present ones stay deaf."""
        self._deaf_up_to = self._connections

    def cut_after(self, size: int) -> None:
        """Cut all connections once clients have sent so many more bytes, and let nobody in from then on."""
        with self._lock:
            self._left = size

    def slow_down(self) -> None:
        """From now on what the server says takes a second for some 400 KB."""
        self._pause = 0.01

    def cut_for_good(self) -> None:
        """Cut all connections, and let nobody in from now on."""
        self._refusing = True
        self._close_sockets()

    def cut(self) -> None:
        """Cut all connections; new ones are passed on whole."""
        self._close_sockets()
        self._deaf_up_to, self._refusing = 0, False

    def close(self) -> None:
        self._refusing = True
        # Wakes the thread that accepts; closing alone does not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._close_sockets()
        for thread in self._threads:
            thread.join()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name="proxy")
        self._threads.append(thread)
        thread.start()

    def _close_sockets(self) -> None:
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._refusing:
                    client.close()
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", self._target))
                except ConnectionRefusedError:
                    client.close()
                    continue
                self._connections += 1
                with self._lock:
                    self._sockets |= {client, server}
                self._start(self._up, client, server)
                self._start(self._down, server, client, self._connections)

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if not self._pass(data, server):
                    self._close_sockets()
                    self.was_cut.set()
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _pass(self, data: bytes, server: socket.socket) -> bool:
        with self._lock:
            allowed = len(data) if self._left is None else min(len(data), self._left)
            if self._left is not None:
                self._left -= allowed
                if self._left == 0:
                    self._left, self._refusing = None, True
        server.sendall(data[:allowed])
        return not self._refusing

    def _down(self, server: socket.socket, client: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(4096 if self._pause else 65536):
                time.sleep(self._pause)
                if number > self._deaf_up_to:
                    client.sendall(data)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
