"""Starts the node by hand: ``python -m desk.node --data DIR``."""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType


def node(argv: Sequence[str]) -> int:
    """Loads the node and runs it, as its ``main`` says; returns the exit status."""
    gc.disable()  # nothing that is loaded now is garbage; the node collects from then on
    with _without_clients():
        from desk.node.main import main
    return main(argv)


@contextmanager
def _without_clients() -> Iterator[None]:
    """Only esdbclient's messages are found meanwhile: loading its clients too is a quarter of the node's start."""
    name, found = "esdbclient", find_spec("esdbclient")
    if name in sys.modules or found is None:
        yield
        return
    sys.modules[name] = messages = ModuleType(name)
    messages.__path__ = found.submodule_search_locations or []
    try:
        yield
    finally:
        del sys.modules[name]  # whoever asks for a client afterwards gets it


if __name__ == "__main__":
    raise SystemExit(node(sys.argv[1:]))
