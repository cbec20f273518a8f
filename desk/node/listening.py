"""Where the node listens: one address, or for loopback both of them, IPv4 and IPv6, on the same port.

Clients that are told ``localhost`` try ``::1`` first, where the machine has it.
"""

import contextlib
import socket
from collections.abc import Callable, Sequence
from typing import Final

import grpc
import grpc.aio

LOOPBACK: Final = ("127.0.0.1", "::1")

Credentials = Callable[[], grpc.ServerCredentials]
"""What a server proves itself with, made anew for each address: one that renews itself serves no two."""

_ATTEMPTS: Final = 20
"""To find a port that is free on all addresses."""


class PortTaken(Exception):
    """The address cannot be listened on."""

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"Cannot listen on {wanted}: the port is in use or not allowed."
            " Name another with --port; 0 takes any free one."
        )


def address(host: str, port: int) -> str:
    """Host and port as clients write them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def listen(server: grpc.aio.Server, host: str, port: int, credentials: Credentials | None) -> int:
    """Lets a server listen, and returns its port; 0 takes any free one. Raises PortTaken."""
    hosts = _hosts(host)
    if port == 0 and len(hosts) > 1:
        port = _free_port(hosts)
    for each in hosts:
        wanted = address(each, port)
        try:
            if credentials is None:
                port = server.add_insecure_port(wanted)
            else:
                port = server.add_secure_port(wanted, credentials())
        except RuntimeError as error:
            raise PortTaken(wanted) from error
    return port


def _hosts(host: str) -> Sequence[str]:
    """The address itself, and the other of loopback where the machine has it."""
    if host not in LOOPBACK:
        return (host,)
    return (host, *(other for other in LOOPBACK if other != host and _bound(other, 0) is not None))


def _free_port(hosts: Sequence[str]) -> int:
    """A port that is free on all of these. It is given back, as only the server itself can hold it for its calls."""
    first, *others = hosts
    for _ in range(_ATTEMPTS):
        port = _bound(first, 0)
        if port is not None and all(_bound(other, port) is not None for other in others):
            return port
    raise PortTaken(address(first, 0))


def _bound(host: str, port: int) -> int | None:
    """The port that could be had on an address; None where it cannot be had, or there is no such address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.bind((host, port))
        return int(tried.getsockname()[1])
    return None
