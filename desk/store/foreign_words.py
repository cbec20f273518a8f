"""Hop 5: what other people's servers and libraries say only in words: the one table in which a text decides anything.

A text that is not here, or comes with another status, decides nothing: the careful answer is given, that the outcome
is not known. Our own node says what Desk has to tell apart by status codes and trailers.
"""

import re
from enum import Enum, auto
from typing import Final

import grpc

from desk.records import dataclass

Code = grpc.StatusCode


class Meaning(Enum):
    """What a text stands for."""

    STREAM_DELETED = auto()
    TOO_LARGE = auto()
    NOBODY_THERE = auto()
    """The question never reached a server."""
    NO_SUCH_HOST = auto()
    """No address is known for the name."""
    HUNG_UP = auto()
    """Somebody was there, and closed the connection before a word of the protocol: one who wants TLS does that."""
    NO_TLS_THERE = auto()
    """Whoever answers speaks no TLS."""
    CERTIFICATE_NOT_TRUSTED = auto()
    """It was signed by nobody who is trusted, or is for another name, or is out of date."""
    NO_STORE_THERE = auto()
    """Whoever answers speaks another protocol."""
    TOO_BUSY = auto()
    """The server did not look at the question."""
    NO_EVENT_BEGINS = auto()
    """At the position that was asked for, no event begins."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A text, the status codes with which it counts (None: said by a library on this side), and what it means."""

    words: re.Pattern[str]
    codes: frozenset[grpc.StatusCode | None]
    meaning: Meaning


def _saying(words: str, meaning: Meaning, *codes: grpc.StatusCode | None) -> Saying:
    return Saying(re.compile(words, re.IGNORECASE), frozenset(codes), meaning)


_SAYINGS: Final = (
    # EventStoreDB and KurrentDB; the client repeats the first without the status.
    _saying(r"is deleted\.?$", Meaning.STREAM_DELETED, Code.FAILED_PRECONDITION, None),
    _saying(r"^Maximum Append Size", Meaning.TOO_LARGE, Code.INVALID_ARGUMENT),
    _saying(r"^Server Is (Not Ready|Too Busy|Busy)$", Meaning.TOO_BUSY, Code.UNAVAILABLE, None),
    # 23.10 has one word for this and for what else may fail in the reading of a place.
    _saying(r"^Unexpected (Filtered)?ReadAllResult: (InvalidPosition|Error)$", Meaning.NO_EVENT_BEGINS, Code.UNKNOWN),
    _saying(r"^Trying to read from an invalid position", Meaning.NO_EVENT_BEGINS, Code.INVALID_ARGUMENT),
    # gRPC, of a connection that was never made: what its last attempt met stands behind what they all have in common.
    _saying(r"name resolution|dns resolution", Meaning.NO_SUCH_HOST, Code.UNAVAILABLE),
    _saying(r"WRONG_VERSION_NUMBER|HTTP_REQUEST", Meaning.NO_TLS_THERE, Code.UNAVAILABLE),
    _saying(r"CERTIFICATE_VERIFY_FAILED|not in peer certificate", Meaning.CERTIFICATE_NOT_TRUSTED, Code.UNAVAILABLE),
    _saying(r"connect an http1\.x server", Meaning.NO_STORE_THERE, Code.UNAVAILABLE),
    _saying(
        r"^(failed to connect|connections to all).*(socket closed|connection reset)", Meaning.HUNG_UP, Code.UNAVAILABLE
    ),
    _saying(
        r"failed to connect|connections to all backends failing|connection refused|empty address list|ssl_error",
        Meaning.NOBODY_THERE,
        Code.UNAVAILABLE,
    ),
    # And of its own channel, and of a message that it did not let through.
    _saying(r"closed channel", Meaning.NOBODY_THERE, None),
    _saying(r"message larger than max", Meaning.TOO_LARGE, Code.RESOURCE_EXHAUSTED),
)

_LAST_REVISION: Final = re.compile(r"last event is (\d+) not ")
_NO_STREAM: Final = re.compile(r"^Stream .* does not exist$", re.DOTALL)


def meaning_of(code: grpc.StatusCode | None, text: str) -> Meaning | None:
    """What this text means with this status; None where it is not known, so that nothing may be concluded."""
    for saying in _SAYINGS:
        if code in saying.codes and saying.words.search(text):
            return saying.meaning
    return None


def last_revision(text: str) -> int | None:
    """Where the stream of a conflict ends, as esdbclient writes it; -1 for a stream that is not there, None unknown."""
    found = _LAST_REVISION.search(text)
    if found:
        return int(found[1])
    return -1 if _NO_STREAM.search(text) else None
