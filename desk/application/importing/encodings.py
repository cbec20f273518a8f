"""Finds out a file's encoding: byte order mark, UTF-8 if every byte agrees, else a guess that is passed in."""

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from desk.application.importing.errors import ImportFailed
from desk.application.importing.source import require_file

GuessEncoding = Callable[[bytes], str | None]
"""Names the encoding of some lines that are not UTF-8; None where it cannot tell."""

# UTF-32's little-endian mark begins with UTF-16's.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FOREIGN: Final = (
    (b"PK\x03\x04", "a workbook or an archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\x00", "a database"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_HEAD: Final = 4096
_CHUNK: Final = 1 << 20
_SAMPLE: Final = 64 * 1024
_LOOKED_THROUGH: Final = 16 << 20


def find_encoding(path: Path, guess: GuessEncoding) -> str:
    """The name of the codec that reads this file; raises ImportFailed for what is no text.

    UTF-8 is proved by reading the whole file, as the first letter that tells may stand near its end.
    """
    require_file(path)
    try:
        with path.open("rb") as file:
            return _encoding_of(file, path.name, guess)
    except OSError as error:
        raise ImportFailed(f"{path.name} cannot be read: {error.strerror}.") from error


def guess_western(sample: bytes) -> str:
    """Windows' western code page, or Latin-1 where a byte has no meaning there; right for most old files."""
    return "cp1252" if decodes(sample, "cp1252") else "latin-1"


def decodes(sample: bytes, encoding: str) -> bool:
    """Whether there is such an encoding, and these bytes are text in it."""
    try:
        sample.decode(encoding)
    except (LookupError, UnicodeError):
        return False
    return True


def _encoding_of(file: BinaryIO, name: str, guess: GuessEncoding) -> str:
    head = file.read(_HEAD)
    if not head:
        raise ImportFailed(f"{name} is empty.")
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    _refuse_foreign(head, name)
    if b"\x00" in head:
        return _without_mark(head, name)
    file.seek(0)
    sample = _first_that_is_not_utf8(file)
    if sample is None:
        return "utf-8"
    guessed = guess(sample)
    return guessed if guessed is not None and decodes(sample, guessed) else guess_western(sample)


def _refuse_foreign(head: bytes, name: str) -> None:
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise ImportFailed(f"{name} is {what}, not a CSV file. Open it in its own program and save it as CSV.")


def _without_mark(head: bytes, name: str) -> str:
    """Zeros at every other place are UTF-16 without a mark; one here and there is damage; many are no text."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even + odd <= len(head) // 1000 + 1:
        return "utf-8" if decodes(head[:-4], "utf-8") else guess_western(head)
    if odd > len(head) * 0.3 and even < len(head) * 0.02:
        return "utf-16-le"
    if even > len(head) * 0.3 and odd < len(head) * 0.02:
        return "utf-16-be"
    raise ImportFailed(f"{name} is not a text file. Choose a CSV file.")


def _first_that_is_not_utf8(file: BinaryIO) -> bytes | None:
    """Lines with other than ASCII, from the first on that is not UTF-8; None where all is."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    while chunk := file.read(_CHUNK):
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            # The error counts from the bytes that the decoder had kept of the chunk before.
            file.seek(max(0, file.tell() - len(chunk) + error.start - 3))
            return _telling_lines(file)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        file.seek(max(0, file.tell() - len(error.object)))
        return _telling_lines(file)
    return None


def _telling_lines(file: BinaryIO) -> bytes:
    sample, looked_through = bytearray(), 0
    while looked_through < _LOOKED_THROUGH and len(sample) < _SAMPLE and (line := file.readline(_SAMPLE)):
        looked_through += len(line)
        if not line.isascii():
            sample += line
    return bytes(sample)
