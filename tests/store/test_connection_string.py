"""What is wrong with a connection string is said, and nothing of it: a password may stand anywhere in it."""

from pathlib import Path

import pytest

from desk.cqrs.errors import Misconfigured
from desk.store.connection_string import WrongConnectionString, check, check_files, hosts_of, without_secrets
from desk.store.eventstoredb import EventStoreDB


@pytest.mark.parametrize(
    "uri",
    [
        "esdb://localhost:2113?tls=false",
        "esdb://localhost?Tls=False",
        "esdb://[::1]:2113?tls=false",
        "esdb://a:2113,b:2113,c.example:2113?tls=false&NodePreference=follower",
        "esdb://admin:s%40cret%2F@host:2113?tlsCaFile=/home/me@work/ca.crt",
        "esdb+discover://admin:secret@cluster.example",
        "esdb://admin:secret@host/?tls=true",
    ],
)
def test_what_can_be_read_is_taken(uri: str) -> None:
    check(uri)
    assert "cret" not in without_secrets(uri)


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("", "has to look like"),
        ("localhost:2113", "has to look like"),
        ("http://admin:secret@localhost:2113", "has to look like"),
        ("esdb://", "has to look like"),
        ("esdb://admin:secret@", "has to look like"),
        ("esdb://[::1?tls=false", "has to look like"),
        # What the client takes for a host, and would ask the network for.
        ("esdb://admin:secret@more@host:2113?tls=false", "with @ : / ? # % in a name or password as %40"),
        ("esdb://admin:12/secret@host:2113?tls=false", "with @ : / ? # %"),
        ("esdb://admin:secret/x@host:2113?tls=false", "with @ : / ? # %"),
        ("esdb://admin:secret#x@host:2113?tls=false", "with @ : / ? # %"),
        ("esdb://admin:sec:ret@host:2113?tls=false", "with @ : / ? # %"),
        ("esdb://admin:12?secret@host:2113?tls=false", "names no user and password"),
        ("esdb://host:2113", "Without TLS it is esdb://HOST:2113?tls=false"),
        ("esdb://admin@host:2113", "names no user and password"),
        ("esdb://admin:secret@host:2113?secret=secret", "an option that is not known"),
        ("esdb://admin:secret@host:2113?tls=secret", "a value that an option cannot have"),
        ("esdb://admin:secret@host:2113?GossipTimeout=secret", "a value that an option cannot have"),
    ],
)
def test_what_cannot_be_read_is_said_and_not_repeated(uri: str, said: str) -> None:
    with pytest.raises(WrongConnectionString) as wrong:
        check(uri)
    assert said in str(wrong.value)
    assert "secret" not in str(wrong.value)
    assert "sec:ret" not in str(wrong.value)


def test_a_file_that_a_connection_string_names_is_looked_at_before_a_server_is_blamed(tmp_path: Path) -> None:
    for name, content in (("empty", b""), ("text", b"no certificate")):
        (tmp_path / name).write_bytes(content)
    uri = "esdb://admin:secret@localhost:9?tlsCaFile="
    for path, said in (
        ("/nope/ca.crt", "/nope/ca.crt, the TlsCaFile of the connection string, cannot be read: No such file"),
        (str(tmp_path), "cannot be read: Is a directory"),
        (str(tmp_path / "empty"), "is empty"),
        (str(tmp_path / "text"), "has no certificates"),
    ):
        with pytest.raises(WrongConnectionString, match=said):
            check_files(uri + path)
    store = EventStoreDB(f"{uri}/nope/ca.crt")
    with pytest.raises(Misconfigured, match=r"/nope/ca\.crt, the TlsCaFile"):
        store.head()
    store.close()


def test_the_hosts_say_which_store_it_is() -> None:
    uri = "esdb+discover://admin:secret@a:1,b?tls=false"
    assert (hosts_of(uri), without_secrets(uri)) == ("a:1,b", "esdb+discover://a:1,b")
