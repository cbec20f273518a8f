"""The folders of lists, tables and pictures can be read from one end to the other: none of them imports in circles."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def imported_by(module: Path) -> set[str]:
    """What it imports of Desk, for types alone too."""
    nodes = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    return {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module is not None}


@pytest.mark.parametrize("folder", ["timeline", "streams", "operations", "tables"])
def test_no_module_leads_back_to_itself(folder: str) -> None:
    modules = {f"desk.gui.{folder}.{path.stem}": path for path in (ROOT / "desk" / "gui" / folder).glob("*.py")}
    assert len(modules) > 3
    graph = {name: imported_by(path) & modules.keys() for name, path in modules.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError
