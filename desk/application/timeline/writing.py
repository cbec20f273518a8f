"""Writes a picture or a page to a file: whole or not at all, and over nothing that is there unless that is meant."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


class CannotWrite(Exception):
    """The file was not written; the text is a sentence that says why and what to do."""


def check_place(path: Path, *, overwrite: bool) -> None:
    """Whether a file can come to be there, as far as that is known before. Raises CannotWrite."""
    if path.is_dir():
        raise CannotWrite(f"{path} is a folder; name a file in it.")
    if path.exists() and not overwrite:
        raise CannotWrite(f"{path} is there already; name another file, or allow it with --overwrite.")
    if not path.parent.is_dir():
        raise CannotWrite(f"The folder {path.parent} is not there; make it first, or name another.")


def write_whole(path: Path, parts: Iterable[str | bytes], *, overwrite: bool = False) -> None:
    """Write the parts in order; text is UTF-8. Raises CannotWrite, and then leaves nothing behind."""
    check_place(path, overwrite=overwrite)
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file:
            for part in parts:
                file.write(part.encode("utf-8", "backslashreplace") if isinstance(part, str) else part)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise CannotWrite(f"{path} cannot be written: {error.strerror or error}.") from error
