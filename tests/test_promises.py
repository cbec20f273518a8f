"""What README promises is so: its commands, its keys, its folders; every command has a handler, a form and a test."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desk.__main__ import main
from desk.application.command_events import PUBLIC

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)


def sources(*folders: str) -> str:
    return "\n".join(path.read_text() for folder in folders for path in (ROOT / folder).rglob("*.py"))


def test_ci_runs_the_test_command_of_readme_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    command = next(line for block in BLOCKS for line in block.splitlines() if "pytest" in line)
    assert lines[-1] == command
    assert lines[:-1] == ["#!/usr/bin/env bash", "set -eu", 'cd "$(dirname "$0")/.."']


@pytest.mark.parametrize("word", sorted(set(re.findall(r"`desk ([a-z]+)", README))))
def test_every_sub_command_in_readme_exists(word: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([word, "--help"])
    assert ended.value.code == 0


def test_the_help_of_the_node_names_its_other_commands_and_that_of_show_says_what_each_choice_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for word, told in (("node", ("check", "scavenge", "backup FILE")), ("show", ("pauses folded away", "by field"))):
        with pytest.raises(SystemExit):
            main([word, "--help"])
        text = " ".join(capsys.readouterr().out.split())
        assert [words for words in told if words not in text] == []


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"`(desk/[a-z_/.]+|resources/[a-z_/.]*|tests/[a-z_/.]*)`", README)))
)
def test_every_place_that_readme_names_exists(name: str) -> None:
    assert (ROOT / name).exists()


@pytest.mark.parametrize("picture", sorted(set(re.findall(r"\((resources/pictures/[^)]+)\)", README))))
def test_every_picture_of_readme_exists(picture: str) -> None:
    assert (ROOT / picture).stat().st_size > 10_000


def test_readme_shows_four_pictures() -> None:
    assert len(set(re.findall(r"\((resources/pictures/[^)]+)\)", README))) >= 4


def test_readme_names_the_nine_hops_in_their_order() -> None:
    assert re.findall(r"^\| (\d) \|", README, flags=re.MULTILINE) == list("123456789")


def test_a_text_search_finds_every_hop() -> None:
    lines = [path.read_text().partition("\n")[0] for path in (ROOT / "desk").rglob("*.py")]
    missing = [hop for hop in range(1, 10) if not any(_covers(line, hop) for line in lines)]
    assert missing == [], "no module says that it belongs to these hops"


def _covers(line: str, hop: int) -> bool:
    for first, last in re.findall(r"[Hh]ops? (\d)(?:(?: to | and |, )(\d))?", line):
        if int(first) <= hop <= int(last or first):
            return True
    return False


def test_every_public_command_has_a_form_and_a_test() -> None:
    for folder in ("desk/gui/books", "tests"):
        text = sources(folder)
        assert [kind.__name__ for kind in PUBLIC if f"{kind.__name__}(" not in text] == [], folder


def test_no_key_is_taken_twice_within_one_scope(qapp: QApplication) -> None:
    from desk.gui.desk_places import desk_companions, desk_places
    from tests.gui.workspaces import action_specs

    taken: dict[str, list[str]] = defaultdict(list)
    local = {spec.area for spec in action_specs() if spec.local}
    for spec in action_specs():
        for area in (spec.area,) if spec.local else ("", *local):
            for key in spec.keys:
                taken[f"{area} {key}".lower()].append(spec.name)
    for place in desk_places():
        taken[f" {place.key}".lower()].append(f"go.{place.name}")
    for companion in desk_companions():
        taken[f" {companion.key}".lower()].append(f"go.{companion.name}")
        taken[f" shift+{companion.key}".lower()].append(f"show.{companion.name}")
    assert {key: names for key, names in taken.items() if len(names) > 1} == {}


def test_every_icon_is_used_and_every_used_icon_exists() -> None:
    there = {path.stem for path in (ROOT / "resources" / "icons").glob("*.svg")}
    text = sources("desk/gui")
    sheet = (ROOT / "resources" / "desk.qss").read_text()
    used = {
        name for name in there if f'"{name}"' in text or f'"icons/{name}.svg"' in text or f"icons:{name}.svg" in sheet
    }
    assert set(re.findall(r'icon="([a-z-]+)"', text)) <= there
    assert there - used - {"desk", "light-amber", "light-green", "light-red"} <= set(_spelled_out(text, there - used))


def _spelled_out(text: str, names: set[str]) -> list[str]:
    """Icons whose names are put together from a family and a state."""
    families = set(re.findall(r'f"([a-z]+)-\{', text))
    return [name for name in names if name.partition("-")[0] in families]
