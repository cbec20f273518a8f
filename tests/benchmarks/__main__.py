"""All benchmarks, or some: ``python -m tests.benchmarks [--quick] [--json FILE] [--markdown FILE] [NAME …]``.

Tables go to the terminal; the same figures go to a file as JSON or as a table for the README. Nothing here fails
because something was slow.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tests.benchmarks import (
    click_beside_index,
    click_speed,
    event_index_speed,
    flow_speed,
    import_speed,
    index_speed,
    inspection_speed,
    lateness_speed,
    node_speed,
    palette_speed,
    rebuild_speed,
    recording_speed,
    replay_speed,
    start_speed,
    switch_speed,
    table_speed,
    tenmillion_speed,
)
from tests.benchmarks.desk_window import elsewhere
from tests.benchmarks.figures import Figure, Table, json_of, machine, markdown_of, say, text_of


def node(*, quick: bool) -> list[Table]:
    """The node beside a bare gRPC server with one SQLite commit for each append."""
    chosen = ("append", "writers", "batch") if quick else tuple(node_speed.MEASUREMENTS)
    figures = list[Figure]()
    for each in node_speed.run(chosen):
        if "node" in each.values:
            peer, ratio = each.values.get("bare"), each.ratio("node")
            figures.append(Figure(each.name, each.values["node"], each.unit, peer, each.bound, ratio=ratio))
        if "projecting" in each.values:
            name = f"{each.name}, with system projections"
            peer, ratio = each.values.get("bare"), each.ratio("projecting")
            figures.append(Figure(name, each.values["projecting"], each.unit, peer, ratio=ratio))
    how = "Events of 200 bytes over TCP; the bare server commits with synchronous=FULL and does nothing else."
    return [Table("Node", tuple(figures), "bare server", how)]


def timeline(*, quick: bool) -> list[Table]:
    """The painted timeline."""
    found = elsewhere("tests.benchmarks.timeline_speed")["figures"]
    figures = [Figure(name, typical, "ms", target=f"at most {limit:g} ms") for name, typical, _worst, limit in found]
    return [Table("Timeline of 100,000 events", tuple(figures[:2] if quick else figures), how="Medians.")]


BENCHMARKS: Final[dict[str, Callable[[bool], Sequence[Table]]]] = {
    "node": lambda quick: node(quick=quick),
    "replay": lambda quick: [replay_speed.run(quick=quick)],
    "rebuild": lambda quick: [rebuild_speed.run(quick=quick)],
    "inspection": lambda quick: [inspection_speed.run(quick=quick)],
    "index": lambda quick: index_speed.tables(quick=quick),
    "switch": lambda quick: [switch_speed.run(quick=quick)],
    "import": lambda quick: [import_speed.run(500 if quick else 2000, 1 if quick else 5)],
    "click": lambda quick: [click_speed.run(quick=quick)],
    "building": lambda quick: click_beside_index.run(quick=quick),
    "recording": lambda quick: [recording_speed.run(quick=quick)],
    "start": lambda quick: [start_speed.run(quick=quick)],
    "table": lambda quick: table_speed.run(quick=quick),
    "palette": lambda quick: palette_speed.run(quick=quick),
    "events": lambda quick: event_index_speed.run(quick=quick),
    "timeline": lambda quick: timeline(quick=quick),
    "flow": lambda quick: flow_speed.run(quick=quick),
    "lateness": lambda quick: [lateness_speed.run(quick=quick)],
    "tenmillion": lambda _quick: tenmillion_speed.run(),
}
ON_REQUEST: Final = ("tenmillion",)
"""What takes so long, or so much of the disk, that it has to be named."""


def main() -> None:
    """Measure what was asked for, and print it."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"some of: {', '.join(BENCHMARKS)}; by default all but {', '.join(ON_REQUEST)}",
    )
    parser.add_argument("--quick", action="store_true", help="less of everything: a minute instead of ten")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--markdown", type=Path, help="write a table for the README to this file")
    given = parser.parse_args()
    if unknown := set(given.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark called {', '.join(sorted(unknown))}")
    print(", ".join(f"{name}: {value}" for name, value in machine().items()))
    tables: list[Table] = []
    for name, measure in BENCHMARKS.items():
        if name in (given.names or set(BENCHMARKS) - set(ON_REQUEST)):
            say(f"{name} …")
            measured = measure(given.quick)
            tables += measured
            print("\n" + "\n\n".join(map(text_of, measured)), flush=True)
    if given.json:
        given.json.write_text(json_of(tables), encoding="utf-8")
    if given.markdown:
        given.markdown.write_text(markdown_of(tables) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
