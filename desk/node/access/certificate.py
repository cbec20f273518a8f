"""What a node with TLS shows to its clients. Where it comes from: ``certificates``."""

from dataclasses import field
from pathlib import Path

from desk.records import dataclass


class CertificateError(Exception):
    """There is no certificate to show; the text says what to do about it."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the node shows and how it proves it, both PEM. ``ca`` is the file for clients, None for a given one."""

    chain: bytes
    key: bytes = field(repr=False)
    ca: Path | None
