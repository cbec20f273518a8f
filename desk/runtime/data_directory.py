"""Opened first: the directory of the data, its locks, the folder of the store, the local file, the store's record."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from configparser import ConfigParser, Error
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from desk.application.session import ConnectionRecord
from desk.application.session_events import SessionEvents
from desk.projection.local import LocalFile, LocalFileTrouble, open_local
from desk.projection.lock import try_lock
from desk.runtime.options import CannotOpen, Options, folder_of, former_folder_of
from desk.store.connection_string import hosts_of

THROW_AWAY: Final = "throw-away"
"""The folder that has the throw-away catalogues of all sessions over one directory."""

LOCK_SECONDS: Final = 5.0
"""How long one opening of a directory waits for another to be done with the throw-away catalogues."""

_RECORD: Final = "connection.ini"
LOCAL: Final = "local.sqlite"
EVENT_INDEX: Final = "event-index.sqlite"
_OUR_FILES: Final = (
    *("node.sqlite*", "read-model.*sqlite*", "event-index.*sqlite*", "local.sqlite*"),
    *(
        "node.lock",
        "read-model.lock",
        "window.lock",
        "throw-away.lock",
        "node.port",
        "settings.ini",
        "connection.ini",
        "desk.log*",
    ),
)
"""With what SQLite keeps beside a file, what was damaged and put aside, and the logs before the last."""
_OUR_FOLDERS: Final = ("store-*/", f"{THROW_AWAY}/", f"{THROW_AWAY}/*/")


class DataDirectory:
    """Where one session keeps what is this machine's own.

    ``directory`` is the node's, the window's and the log's; ``folder`` is the store's own: the same for the embedded
    node, one below it for a store elsewhere. ``owns_read_model`` tells whether this session keeps the read model, or
    another program does. Raises :class:`~desk.runtime.options.CannotOpen`, with nothing left open.
    """

    def __init__(self, options: Options, events: SessionEvents) -> None:
        if options.existing:
            require_catalogue(options)
        top, self.throw_away = usable_directory(options.data_dir), options.throw_away
        self._top = top
        with ExitStack() as opened:
            with _sole_sweeper(top):
                sweep_throw_away(top)
                self.directory = _throw_away(top, opened) if options.throw_away else top
                self.folder = self.directory if options.store is None else _folder(self.directory, options.store)
                self.owns_read_model = self._take_lock(opened)
            self.local = self._open_local(events)
            opened.callback(self.local.close)
            self.record = _read_record(self.folder / _RECORD, options)
            self.keep_private()
            self._closing = opened.pop_all()

    @property
    def read_model(self) -> Path:
        return self.folder / "read-model.sqlite"

    @property
    def event_index(self) -> Path:
        return self.folder / EVENT_INDEX

    def change_record(self, record: ConnectionRecord) -> None:
        """Keep another record of the store. Raises OSError."""
        _write_record(self.folder / _RECORD, record)
        self.record = record

    def keep_private(self) -> None:
        """Take the files from other users' reach, those of older versions too."""
        keep_private(self._top)

    def close(self) -> None:
        """Close the file, release the lock, and remove a throw-away catalogue. The node has ended by now."""
        with suppress(OSError):
            self.keep_private()
        self._closing.close()

    def _open_local(self, events: SessionEvents) -> LocalFile:
        try:
            local = open_local(self.folder / LOCAL)
        except LocalFileTrouble as trouble:
            raise CannotOpen(str(trouble)) from None
        if local.found:
            events.fault("The local file was damaged", local.found)
        local.on_trouble = lambda sentence: events.fault("The local file met a problem", sentence)
        return local

    def _take_lock(self, opened: ExitStack) -> bool:
        try:
            lock = try_lock(self.folder / "read-model.lock")
        except OSError as error:
            raise CannotOpen(_not_writable(self.folder, error)) from None
        if lock is not None:
            opened.callback(lock.release)
        return lock is not None


def usable_directory(path: Path) -> Path:
    """The directory, made for its owner alone if need be. Raises CannotOpen where it cannot be written to."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        raise CannotOpen(f"{path} is a file, and a directory is needed. Name another with --data.") from None
    except OSError as error:
        raise CannotOpen(_not_writable(path, error)) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise CannotOpen(f"{path} cannot be written to. Make it writable, or name another with --data.")
    return path


def require_catalogue(options: Options) -> None:
    """Make sure that there is one: the embedded node's log, or the folder of the store elsewhere."""
    directory, store = options.data_dir, options.store
    if store is None:
        if not (directory / "node.sqlite").exists():
            raise CannotOpen(
                f"There is no catalogue in {directory}. Name its directory with --data;"
                " opening a window there, or `desk import`, makes a new one."
            )
    elif not any((directory / folder).is_dir() for folder in (folder_of(store), former_folder_of(store))):
        raise CannotOpen(
            f"Nothing of the store at {hosts_of(store)} is in {directory}. Name the right directory with --data;"
            " opening a window on the store, or `desk import`, makes what is missing."
        )


def keep_private(directory: Path) -> None:
    """Give our files, and a directory that is ours, to their owner alone; nothing else in it is touched."""
    with suppress(OSError, RuntimeError):  # nobody's home is known
        if _is_ours(directory):
            directory.chmod(0o700)
    for file in _found(directory, _OUR_FILES):
        with suppress(OSError):  # it went away meanwhile, or belongs to somebody else
            if not file.is_symlink():
                file.chmod(0o600)
    for folder in _found(directory, _OUR_FOLDERS):
        keep_private(folder)


def _found(directory: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    """What is there of these; nothing of a folder that goes meanwhile, as a throw-away catalogue that is closed."""
    for pattern in patterns:
        with suppress(OSError):
            yield from directory.glob(pattern)


@contextmanager
def _sole_sweeper(top: Path) -> Iterator[None]:
    """Nobody sweeps between the making of a throw-away catalogue and the taking of its lock."""
    try:
        lock = try_lock(top / "throw-away.lock", wait=LOCK_SECONDS)
    except OSError as error:
        raise CannotOpen(_not_writable(top, error)) from None
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


def _sweep_in_turn(top: Path) -> None:
    with suppress(CannotOpen), _sole_sweeper(top):
        sweep_throw_away(top)


def sweep_throw_away(top: Path) -> None:
    """Remove the throw-away catalogues whose sessions have ended without doing so."""
    for left in _found(top / THROW_AWAY, ("*/",)):
        with suppress(OSError):
            lock = try_lock(left / "read-model.lock")
            if lock is not None:
                lock.release()
                shutil.rmtree(left, ignore_errors=True)
    with suppress(OSError):
        (top / THROW_AWAY).rmdir()


def _throw_away(top: Path, opened: ExitStack) -> Path:
    try:
        (top / THROW_AWAY).mkdir(mode=0o700, exist_ok=True)
        path = Path(tempfile.mkdtemp(dir=top / THROW_AWAY))
    except OSError as error:
        raise CannotOpen(_not_writable(top, error)) from None
    opened.callback(_sweep_in_turn, top)
    opened.callback(shutil.rmtree, path, ignore_errors=True)
    return path


def _folder(directory: Path, store: str) -> Path:
    """The folder of a store elsewhere; that of an older version is taken over under its new name."""
    folder, former = directory / folder_of(store), directory / former_folder_of(store)
    if former.is_dir() and not folder.exists():
        with suppress(OSError):
            former.rename(folder)
    return usable_directory(folder)


def _is_ours(directory: Path) -> bool:
    """A directory that somebody shares, or lives in, was named by mistake and stays as it is."""
    status = directory.stat()
    foreign = hasattr(os, "getuid") and status.st_uid != os.getuid()
    is_root = directory == directory.parent
    return not foreign and not status.st_mode & stat.S_ISVTX and not is_root and not directory.samefile(Path.home())


def _not_writable(path: Path, error: OSError) -> str:
    return f"{path} cannot be used: {error.strerror or error}. Make it writable, or name another with --data."


def _read_record(path: Path, options: Options) -> ConnectionRecord:
    """What was noted; where nothing was, or it cannot be read, a store elsewhere may not be written to by hand."""
    parser = ConfigParser(interpolation=None)
    with suppress(OSError, Error, UnicodeError):
        parser.read(path, encoding="utf-8")
    if not parser.has_section("connection"):
        return ConnectionRecord("", may_write=options.store is None)
    section = parser["connection"]
    return ConnectionRecord(
        section.get("name", ""),
        section.get("colour", ""),
        production=section.get("production", "yes") != "no",
        may_write=section.get("may_write", "no") == "yes",
    )


def _write_record(path: Path, record: ConnectionRecord) -> None:
    parser = ConfigParser(interpolation=None)
    parser["connection"] = {
        "name": " ".join(record.name.split()),
        "colour": record.colour,
        "production": "yes" if record.production else "no",
        "may_write": "yes" if record.may_write else "no",
    }
    fresh = path.with_suffix(".new")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            parser.write(file)
        fresh.chmod(0o600)
        fresh.replace(path)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        raise
