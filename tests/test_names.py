"""The names in ``desk/``: none of those that were given up for plain ones, and no class name for two things."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "desk"

GIVEN_UP = {
    *("UndoDesk", "PermissionsDesk", "WiringDesk", "InspectionDesk", "NewsDesk", "News", "Errands", "Bench"),
    *("Passed", "Family", "taps", "look_no_more", "Earlier", "Keeper", "doubted", "merge", "ReaderOfThread", "wired"),
    *("routes", "Showing", "Wishes", "Look", "states", "Way", "listening", "spoken", "spelled", "deed", "way_back"),
    *("Courier", "Parcel", "hurry", "settle", "Lateness", "Rhythm", "dirty", "Chosen", "PanelTies", "PanelContext"),
    *("Sending", "Ending", "Ground", "Load", "Share", "Together", "Fact", "Source", "Record"),
}

STAYS = {
    "application/catalogue.py states": "the states that a book can have; the old name was a module's, of snapshots",
    "application/processes.py states": "of process managers, as above",
    "application/session.py states": "of process managers, as above",
    "projection/catalogue.py states": "of books, as above",
    "runtime/ports.py states": "of process managers, as above",
    "node/projected/states.py states": "the field's word for what a projection has folded so far",
    "node/projected/states.py": "as above",
    "node/listening.py": "the sockets that a server listens on; the old name was a module's that passed events on",
    "application/queries.py Source": "where a history's events are read from: the field's word, now of one class only",
}
"""Names that are the plain word here, each with its reason."""


MAY_GIVE_ONE = re.compile(rf"\b(?:{'|'.join(GIVEN_UP)})\b(?:\s*[:(,=)/]|$)")
CLASS = re.compile(r"^[ \t]*class[ \t]+(\w+)[ \t]*[:(]", re.MULTILINE)


def named(text: str) -> Iterator[str]:
    """The names of the classes, functions and parameters in a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg


def given_up(path: Path, shown: str) -> list[str]:
    text = path.read_text()
    given = GIVEN_UP.intersection(named(text)) if MAY_GIVE_ONE.search(text) else ()
    return [*([shown] if path.stem in GIVEN_UP else []), *(f"{shown} {name}" for name in given)]


MODULES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}


def test_no_name_is_one_that_was_given_up() -> None:
    found = {name for shown, path in MODULES.items() for name in given_up(path, shown)}
    assert found == set(STAYS)


@pytest.mark.parametrize("text", ["class News: ...", "def settle(): ...", "def put(spoken): ...", "lambda dirty: 1"])
def test_a_name_that_was_given_up_is_found(text: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(text)
    assert given_up(module, "module.py")


def test_no_two_classes_have_one_name() -> None:
    classes: dict[str, list[str]] = defaultdict(list)
    for shown, path in MODULES.items():
        for name in CLASS.findall(path.read_text()):
            classes[name].append(shown)
    assert {name: places for name, places in classes.items() if len(places) > 1} == {}
