"""The state of the connection as people are told it."""

from desk.application.session import Connection, Light
from desk.store.connection import ConnectionState, Phase


def spoken(state: ConnectionState, store_name: str) -> Connection:
    match state.phase:
        case Phase.LIVE:
            return Connection(Light.GREEN, f"Connected to {store_name}")
        case Phase.REFUSED:
            return Connection(Light.RED, state.reason)
        case Phase.RETRYING:
            return Connection(Light.AMBER, state.reason, state.retry_in)
        case Phase.RESTARTING_NODE:
            return Connection(Light.AMBER, f"{state.reason} It is being started again.")
        case Phase.CONNECTING:
            return Connection(Light.AMBER, f"Connecting to {store_name}…")
