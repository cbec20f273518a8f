"""Imports point inwards, third-party packages stay in their layers, modules stay small."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "desk"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = {
    "domain": set(),
    "cqrs": set(),
    "application": {"domain", "cqrs"},
    "store": {"application", "domain", "cqrs"},
    "projection": {"application", "domain", "cqrs"},
    "gui": {"application", "domain", "cqrs"},
    "node": {"scripting"},
    "scripting": set(),
    "cli": {"application", "domain", "cqrs", "runtime"},
    "runtime": {"application", "domain", "cqrs", "store", "projection", "scripting", "tracing"},
    "tracing": {"cqrs"},
    "__main__": {"application", "runtime", "cli", "gui", "node"},
    "__init__": set(),
    "records": set(),
}
"""What each layer may import besides itself; ``node`` is a program of its own that ``__main__`` only starts."""

KNOWS_MORE = {"desk/cli/stage.py": {"gui"}}
"""The one sub-command that opens a window."""

THIRD_PARTY = {
    "store": {"esdbclient", "grpc"},
    "projection": {"sqlite_utils", "filelock"},
    "node": {"grpc", "google", "esdbclient", "regex", "cryptography", "filelock"},
    "gui": {"PySide6", "shiboken6"},
    "cli": {"rich", "charset_normalizer"},
    "runtime": {"tomlkit"},
    "tracing": {"opentelemetry"},
    "__main__": {"platformdirs"},
}
LARGEST, MEDIAN = 400, 120


def name_of(module: Path) -> str:
    return str(module.relative_to(ROOT))


def layer_of(module: Path) -> str:
    first = module.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


@cache
def imported(module: Path) -> set[str]:
    """The dotted names that a module imports, at its top or within a function."""
    names: set[str] = set()
    for node in statements(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(module)} imports relatively"
            names.update(
                f"{node.module}.{alias.name}" if node.module == "desk" else str(node.module) for alias in node.names
            )
    return names


def statements(block: ast.AST) -> Iterator[ast.AST]:
    """All that stand in a block, those within others too."""
    for parts in ("body", "orelse", "finalbody", "handlers", "cases"):
        for statement in getattr(block, parts, ()):
            yield statement
            yield from statements(statement)


def is_allowed(module: Path, name: str) -> bool:
    """Whether the layer of a module may know what it imports."""
    layer = layer_of(module)
    top, _, rest = name.partition(".")
    if top == "desk":
        known = LAYERS[layer] | {layer, "__version__", "records", ""} | KNOWS_MORE.get(name_of(module), set())
        return rest.partition(".")[0] in known
    return top in sys.stdlib_module_names or top in THIRD_PARTY.get(layer, set())


def test_a_module_imports_only_what_its_layer_may() -> None:
    found = [
        f"{name_of(module)} imports {name}"
        for module in MODULES
        for name in imported(module)
        if not is_allowed(module, name)
    ]
    assert found == []


def test_a_dataclass_is_made_by_records_which_is_quicker() -> None:
    made = re.compile(r"^from dataclasses import .*\bdataclass\b|\bdataclasses\.dataclass\b", re.MULTILINE)
    found = [name_of(module) for module in MODULES if layer_of(module) != "records" and made.search(module.read_text())]
    assert found == []


HANDED_ON = ("application", "cqrs", "projection", "gui")
"""Layers that take moments and ids from the one source that they are handed; see ``desk/cqrs/moments.py``."""
OTHER_SOURCES = {"uuid1", "uuid4", "now", "utcnow", "today", "time", "time_ns"}
OWNERS = {"datetime", "date", "time", "uuid", "QDate", "QDateTime"}
MAY_NAME_ONE = re.compile(
    rf"\b(?:{'|'.join(OWNERS)})\s*\.\s*(?:{'|'.join(OTHER_SOURCES)})\b|\.\s*currentDate|\bfrom\s+(?:uuid|time)\s+import\b"
)


def sources_in(module: Path) -> list[str]:
    """Where a module asks the computer for the time, or makes an id, by itself."""
    text = module.read_text()
    if not MAY_NAME_ONE.search(text):
        return []
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in OTHER_SOURCES:
            if node.value.id in OWNERS:
                found.append(f"{node.value.id}.{node.attr} in line {node.lineno}")
        elif isinstance(node, ast.Attribute) and node.attr.startswith("currentDate"):
            found.append(f"{node.attr} in line {node.lineno}")
        elif isinstance(node, ast.ImportFrom) and node.module in ("uuid", "time"):
            names = OTHER_SOURCES & {alias.name for alias in node.names}
            found += [f"{node.module}.{name} in line {node.lineno}" for name in sorted(names)]
    return found


def test_moments_and_ids_come_from_the_one_source() -> None:
    others = {name_of(m): found for m in MODULES if layer_of(m) in HANDED_ON and (found := sources_in(m))}
    assert others == {}, "these do not take them from what they are handed"


def test_another_source_of_moments_or_ids_is_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "import time\nfrom datetime import date, datetime\nfrom uuid import uuid4, uuid5\n"
        "clock = time.time\nnow = datetime.now()\nday = date.today()\nfine = time.monotonic()\n"
    )
    assert [found.split(" in ")[0] for found in sources_in(module)] == [
        "uuid.uuid4",
        "time.time",
        "datetime.now",
        "date.today",
    ]


def test_the_window_uses_neither_a_database_nor_a_network_by_itself() -> None:
    outside = {"sqlite3", "socket", "urllib", "http"}
    users = [
        name_of(module)
        for module in MODULES
        if layer_of(module) == "gui" and {name.partition(".")[0] for name in imported(module)} & outside
    ]
    assert users == []


def test_nobody_imports_the_node() -> None:
    users = [
        name_of(module)
        for module in MODULES
        if layer_of(module) not in ("node", "__main__") and any(n.startswith("desk.node") for n in imported(module))
    ]
    assert users == []


def test_domain_application_and_adapters_work_where_qt_cannot_be_imported() -> None:
    names = [
        ".".join(m.relative_to(ROOT).with_suffix("").parts)
        for m in MODULES
        if layer_of(m) in ("domain", "cqrs", "application", "store", "projection", "runtime")
    ]
    program = f"import sys, importlib\nsys.modules['PySide6'] = None\nfor n in {names!r}: importlib.import_module(n)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=60)


def test_the_windows_modules_load_without_the_store_and_the_database() -> None:
    """The window is shown first; gRPC and the rest are loaded behind it."""
    program = (
        "import sys, desk.gui.frame.window, desk.gui.frame.run\n"
        "late = {'grpc', 'esdbclient', 'sqlite_utils', 'google.protobuf'} & set(sys.modules)\n"
        "sys.exit(f'loaded too early: {late}' if late else 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=60)


def test_a_module_is_small_and_says_what_it_is_for() -> None:
    large = [name_of(module) for module in MODULES if len(module.read_text().splitlines()) > LARGEST]
    assert large == [], "these are more than one thing"
    silent = [name_of(module) for module in MODULES if not re.match(r'"""\s*\S', module.read_text())]
    assert silent == [], "these do not say what they are for"


def test_half_of_the_modules_are_really_small() -> None:
    assert median(len(module.read_text().splitlines()) for module in MODULES) <= MEDIAN


def test_every_append_of_the_domain_names_an_exact_revision() -> None:
    """Expectations such as "any" have no place outside the node and acts by hand on other people's streams."""
    for module in MODULES:
        if layer_of(module) != "node" and name_of(module) != "desk/store/admin.py":
            text = module.read_text()
            assert "StreamState.ANY" not in text, name_of(module)
            assert "StreamState.EXISTS" not in text, name_of(module)


def test_the_domain_asks_no_clock_and_no_chance() -> None:
    """The moment comes with the command's envelope, ids come from the caller: a decision can always be repeated."""
    asking = re.compile(r"\b(now|today|time|monotonic|uuid4)\(|\bimport random\b")
    for module in MODULES:
        if layer_of(module) == "domain":
            assert not asking.search(module.read_text()), name_of(module)


SHARED_BY_PANELS = {"frame", "tables", "widgets"}
PANELS = sorted({path.parent.name for path in (PACKAGE / "gui").glob("*/*.py")} - SHARED_BY_PANELS)
"""The folders of places, companions and dialogs, each of which knows the workspace and no other of them."""


@pytest.mark.parametrize("folder", PANELS)
def test_a_panel_knows_no_other_panel(folder: str) -> None:
    met = {
        (folder, name.split(".")[2])
        for module in (PACKAGE / "gui" / folder).rglob("*.py")
        for name in imported(module)
        if name.startswith("desk.gui.") and name.split(".")[2] in PANELS and name.split(".")[2] != folder
    }
    assert met == set()


def test_who_opens_the_windows_folder_sees_at_most_a_dozen_names() -> None:
    names = {path.name for path in (PACKAGE / "gui").iterdir()} - {"__init__.py", "__pycache__"}
    assert len(names) <= 12, sorted(names)
