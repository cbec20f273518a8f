"""``desk import``: arguments, exit statuses, the report, and Ctrl+C."""

import argparse
import io
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from desk.application.importing.progress import Progress
from desk.application.session import ImportingPort
from desk.cli import import_
from desk.cli.charset import guess_encoding
from desk.cli.interrupt import interruptible
from desk.cli.progress import display
from desk.cqrs.errors import AccessDenied
from desk.cqrs.messages import Outcome
from desk.domain.commands import Command
from desk.domain.state import Life
from tests.application.importing.catalogue_in_memory import CatalogueInMemory
from tests.application.importing.files import HEADER, SAMPLE, isbns, many_books, written
from tests.sessions import RunningFake, session_of

ROW = "0451523067,Emma,Jane Austen,1994\n"


@pytest.fixture
def catalogue() -> Iterator[CatalogueInMemory]:
    opened = CatalogueInMemory()
    yield opened
    opened.close()


def desk_import(catalogue: ImportingPort | None, path: Path, *options: str) -> int:
    """Run the sub-command; without a catalogue none may be opened."""
    parser = argparse.ArgumentParser()
    import_.add_arguments(parser)

    def opened() -> RunningFake:
        assert catalogue is not None
        return RunningFake(session_of(importing=catalogue, about=SimpleNamespace(embedded=True)))

    return import_.run(parser.parse_args([str(path), *options]), opened)


def test_a_file_is_imported_and_the_report_has_counts_reasons_and_the_rate(
    catalogue: CatalogueInMemory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk_import(catalogue, SAMPLE) == 0
    out = capsys.readouterr().out
    assert out.startswith("299 created, 0 already there, 1 refused: 300 rows in ")
    assert " a second." in out
    assert "line 116: ISBN: This ISBN is already in this file, line 12." in out
    assert len(catalogue.books) == 299


def test_what_is_stored_otherwise_than_in_the_file_is_said_dry_or_not(
    catalogue: CatalogueInMemory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    years = "".join(f"{isbn},Book,Author,c. 18{n:02}\n" for n, isbn in enumerate(isbns(12)))
    path = written(tmp_path, HEADER + years)
    for options, verb in (["--dry-run"], "would be"), ([], "are"):
        assert desk_import(catalogue, path, *options) == 0
        out = capsys.readouterr().out.splitlines()
        assert out[1] == f"Rows that {verb} stored otherwise than they stand in the file: 12."
        assert out[2] == "  line 2: Year: c. 1800 is stored as 1800."
        assert out[-1] == "  and 2 more."


def test_refused_rows_are_saved_where_one_says(
    catalogue: CatalogueInMemory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = tmp_path / "refused.csv"
    assert desk_import(catalogue, SAMPLE, "--refused", str(refused)) == 0
    assert "Interpreter of Maladies" in refused.read_text("utf-8-sig")
    assert f"The refused rows are in {refused}." in capsys.readouterr().out


def test_refused_rows_that_cannot_be_saved_are_a_failure(
    catalogue: CatalogueInMemory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk_import(catalogue, SAMPLE, "--refused", str(tmp_path / "no" / "place.csv")) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_dry_run_opens_no_catalogue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = tmp_path / "one.csv"
    one.write_text("ISBN,Title,Author\n9780141439518,Emma,Jane Austen\n")
    for file, said in ((SAMPLE, "299 rows can be imported, 1 cannot."), (one, "1 row can be imported, 0 cannot.")):
        assert desk_import(None, file, "--dry-run") == 0
        assert capsys.readouterr().out.startswith(f"{said} Nothing was stored.\n")


def test_copies_columns_delimiter_and_encoding_can_be_chosen(catalogue: CatalogueInMemory, tmp_path: Path) -> None:
    path = written(tmp_path, "Emmä\t0451523067\tJane Austen\t1994\n".encode("cp850"))
    options = ["--no-header", "--encoding", "cp850", "--delimiter", "tab", "--copies", "2"]
    assert desk_import(catalogue, path, *options, "--map", "title=1", "isbn=2", "authors=3", "--map", "year=4") == 0
    (shelved,) = catalogue.books.values()
    assert (shelved.state.title, shelved.state.published_year, len(shelved.state.copies)) == ("Emmä", 1994, 2)


def test_a_column_can_be_left_out(catalogue: CatalogueInMemory, tmp_path: Path) -> None:
    assert desk_import(catalogue, written(tmp_path, HEADER + ROW), "--map", "year=") == 0
    (shelved,) = catalogue.books.values()
    assert shelved.state.published_year is None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--map", "colour=ISBN"], "'colour=ISBN' is none"),
        (["--map", "isbn"], "'isbn' is none"),
        (["--map", "isbn=EAN"], "There is no column 'EAN'. The file has: ISBN, Title, Author, Year."),
        (["--map", "title="], "Say which column it is: --map title=COLUMN"),
        (["--delimiter", "::"], "--delimiter takes one sign"),
        (["--delimiter", ";"], "Say which column it is"),
    ],
)
def test_arguments_that_do_not_fit_the_file_are_wrong_use(
    tmp_path: Path, options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk_import(None, written(tmp_path, HEADER + ROW), *options) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("copies", ["-1", "x", "101"])
def test_a_wrong_number_of_copies_is_wrong_use(tmp_path: Path, copies: str) -> None:
    with pytest.raises(SystemExit) as ended:
        desk_import(None, written(tmp_path, HEADER + ROW), f"--copies={copies}")
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"", "is empty"), (b"PK\x03\x04", "a workbook"), (None, "No such file")]
)
def test_a_file_that_cannot_be_read_is_a_failure_in_one_sentence(
    tmp_path: Path, content: bytes | None, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "books.csv" if content is None else written(tmp_path, content)
    assert desk_import(None, path) == 1
    err = capsys.readouterr().err
    assert sentence in err
    assert err.count("\n") == 1


def test_a_store_that_says_no_to_everything_is_a_failure(
    catalogue: CatalogueInMemory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def send(_command: Command, _command_id: UUID, _issued_at: datetime | None = None) -> "Future[Outcome]":
        future: Future[Outcome] = Future()
        future.set_exception(AccessDenied("The store does not know ada."))
        return future

    monkeypatch.setattr(catalogue, "send", send)
    assert desk_import(catalogue, written(tmp_path, HEADER + ROW)) == 1
    assert "The store does not know ada." in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_import_ends_cleanly_and_the_next_one_goes_on(
    catalogue: CatalogueInMemory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: signal.Signals,
) -> None:
    path, real = many_books(tmp_path, 300), catalogue.send
    before = signal.getsignal(number)

    def send(command: Command, command_id: UUID, issued_at: datetime | None = None) -> "Future[Outcome]":
        if len(catalogue.sent) == 100:
            assert threading.current_thread() is threading.main_thread()
            signal.raise_signal(number)
        return real(command, command_id, issued_at)

    monkeypatch.setattr(catalogue, "send", send)
    monkeypatch.setattr(catalogue, "close", lambda: None)
    assert desk_import(catalogue, path) == 130
    assert "The same command goes on from here." in capsys.readouterr().out
    assert signal.getsignal(number) == before
    assert 100 <= len(catalogue.books) < 300
    monkeypatch.setattr(catalogue, "send", real)
    assert desk_import(catalogue, path) == 0
    assert catalogue.lives() == [Life.LISTED] * 300


def test_a_second_signal_ends_at_once() -> None:
    asked: list[bool] = []

    def twice() -> None:
        for _ in range(2):
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), interruptible(lambda: asked.append(True)):
        twice()
    assert asked == [True]


def test_a_stream_that_is_no_terminal_gets_a_plain_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("desk.cli.progress.time.monotonic", lambda: now[0])
    stream = io.StringIO()
    with display(stream) as shown:
        shown.show(Progress(1, 0, 0, 9000, 100.0, 90.0))
        now[0] = 6.0
        shown.show(Progress(1200, 30, 4, 9000, 100.0, 3671.0))
        shown.show(Progress(1300, 30, 4, 9000, 100.0, 75.0))
        now[0] = 12.0
        shown.show(Progress(1300, 30, 4, 9000, 0.0, None, "The store is away."))
    assert stream.getvalue().splitlines() == [
        "1,234 of about 9,000, 100 a second, 1:01:11 left, 4 refused",
        "1,334 of about 9,000. Waiting: The store is away.",
    ]


def test_a_terminal_gets_a_bar_that_is_cleared_away() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    with display(stream) as shown:
        shown.show(Progress(4500, 0, 0, 9000, 100.0, 45.0))
    assert "4,500 of about 9,000, 100 a second, 0:45 left" in stream.getvalue()


def test_the_help_names_every_field_that_a_column_can_be() -> None:
    parser = argparse.ArgumentParser()
    import_.add_arguments(parser)
    words = " ".join(parser.format_help().split())
    assert "isbn, title, authors, publisher, published_year, language, subjects, other_isbn;" in words


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Mörder in Köln;Jürgen Müller\nL'été à Paris – déjà vu;Hélène Dupré\n", "cp1252"),
        ("Das Parfüm;Süskind\n", "cp1252"),
        ("Podróże z Herodotem;Kapuściński\nŻycie na gorąco;Świątek\n", "cp1250"),
        ("Война и мир;Лев Толстой\nПреступление и наказание;Фёдор Достоевский\n", "cp1251"),
    ],
)
def test_encodings_of_real_lines_are_guessed(text: str, encoding: str) -> None:
    assert guess_encoding(text.encode(encoding)) == encoding
