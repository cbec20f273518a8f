"""Hop 5: what is wrong with a connection string, without a word of it in the sentence: a password may be in it."""

import re
import ssl
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from esdbclient.connection_spec import VALID_CONNECTION_QUERY_STRING_FIELDS, ConnectionSpec

_SCHEMES: Final = ("esdb", "esdb+discover")
_HOST: Final = re.compile(r"(\[[0-9a-f:.%]+\]|[\w.-]+)(:\d{1,5})?", re.IGNORECASE)
_WITHOUT_TLS: Final = re.compile(r"(^|&)tls=false(&|$)", re.IGNORECASE)

_UNREADABLE: Final = (
    "The connection string cannot be read. It has to look like esdb://HOST:2113?tls=false or"
    " esdb+discover://USER:PASSWORD@HOST:2113, with @ : / ? # % in a name or password as %40 %3A %2F %3F %23 %25."
)
_NOBODY: Final = (
    "The connection string names no user and password, which a store with TLS wants: esdb://USER:PASSWORD@HOST:2113."
    " Without TLS it is esdb://HOST:2113?tls=false."
)
_OPTIONS: Final = (
    "The connection string has an option that is not known, or a value that an option cannot have. There are: "
    + ", ".join(VALID_CONNECTION_QUERY_STRING_FIELDS)
    + "."
)


class WrongConnectionString(ValueError):
    """The text is a sentence that says what is wrong."""


def check(uri: str) -> None:
    """Read a connection string. Raises WrongConnectionString.

    Stricter than the client, which takes what stands behind a stray ``/`` or ``@`` of a password for the host, and
    then says it aloud.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise WrongConnectionString(_UNREADABLE) from None
    user, _, hosts = parts.netloc.rpartition("@")
    is_readable = parts.scheme in _SCHEMES and all(_HOST.fullmatch(host.strip()) for host in hosts.split(","))
    if not is_readable or parts.path.strip("/") or parts.fragment or "@" in user or user.count(":") > 1:
        raise WrongConnectionString(_UNREADABLE)
    if not (parts.username and parts.password) and not _WITHOUT_TLS.search(parts.query):
        raise WrongConnectionString(_NOBODY)
    try:
        ConnectionSpec(uri)
    except ValueError:
        raise WrongConnectionString(_OPTIONS) from None


def check_files(uri: str) -> None:
    """Look at the files that a connection string names, before a server is blamed. Raises WrongConnectionString."""
    options = ConnectionSpec(uri).options
    for option in ("TlsCaFile", "UserCertFile", "UserKeyFile"):
        path = getattr(options, option)
        try:
            if path is not None and not Path(path).read_bytes():
                raise WrongConnectionString(f"{path}, the {option} of the connection string, is empty.")
            if path is not None and option == "TlsCaFile":
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
        except ssl.SSLError:
            raise WrongConnectionString(
                f"{path}, the {option} of the connection string, has no certificates."
            ) from None
        except OSError as error:
            said = error.strerror or error
            raise WrongConnectionString(
                f"{path}, the {option} of the connection string, cannot be read: {said}."
            ) from None


def hosts_of(uri: str) -> str:
    """The hosts and ports of a connection string, which say which store it is; no user, password or option."""
    return uri.partition("://")[2].partition("?")[0].rpartition("@")[2].partition("/")[0]


def without_secrets(uri: str) -> str:
    """A connection string as it may be shown."""
    return f"{uri.partition('://')[0]}://{hosts_of(uri)}"
