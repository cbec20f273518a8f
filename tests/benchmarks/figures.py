"""What all benchmarks have in common: a figure with its peer and its target, percentiles, tables, and the machine.

Nothing passes or fails by a time in seconds: machines differ. A figure stands beside what the same machine does in the
same run with something simpler; where there is nothing simpler, beside what Desk means to reach on two cores.
"""

import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table. ``peer`` is the same work done barely, in the same run; ``target`` is what is to be reached.

    ``share`` is Desk's figure by its peer's, in percent; where more is better, and where less is better, alike.
    ``ratio`` is that of the two where it was measured by itself: round by round, as a machine is not always as quick.
    """

    name: str
    value: float
    unit: str
    peer: float | None = None
    target: str = ""
    how: str = ""
    ratio: float | None = None

    @property
    def share(self) -> float | None:
        if self.ratio is not None:
            return 100 * self.ratio
        return 100 * self.value / self.peer if self.peer else None


@dataclass(frozen=True, slots=True)
class Table:
    """Figures that were measured together. ``peer`` names what stands beside them."""

    title: str
    figures: tuple[Figure, ...]
    peer: str = ""
    how: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread(name: str, values: Sequence[float], unit: str, target: str = "", how: str = "") -> tuple[Figure, Figure]:
    """Half of the times are below the first figure, 99 in 100 below the second; the target is the second's."""
    return (
        Figure(f"{name}, p50", statistics.median(values), unit, how=how),
        Figure(f"{name}, p99", percentile(values, 0.99), unit, target=target),
    )


def machine() -> dict[str, str]:
    """What the figures depend on."""
    return {
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "load": ", ".join(f"{busy:.1f}" for busy in os.getloadavg()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "processor": _processor(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def number(value: float | None) -> str:
    """Three digits that matter."""
    if value is None:
        return ""
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def text_of(table: Table) -> str:
    """For a terminal."""
    lines = [table.title, *([f"  {table.how}"] if table.how else [])]
    wide = max([len(figure.name) for figure in table.figures] + [10])
    lines.append(f"  {'':{wide}} {'Desk':>11} {table.peer:>11} {'share':>7}           target")
    for each in table.figures:
        share = "" if each.share is None else f"{each.share:.0f} %"
        values = f"{number(each.value):>11} {number(each.peer):>11} {share:>7}"
        row = f"  {each.name:{wide}} {values}  {each.unit:8} {each.target}"
        lines.append(row.rstrip() + (f"  [{each.how}]" if each.how else ""))
    return "\n".join(lines)


def markdown_of(tables: Sequence[Table]) -> str:
    """For the README: one table of everything."""
    about = machine()
    head = (
        f"{about['cores']} cores ({about['processor']}), {about['memory']}, Python {about['python']}, {about['system']}"
    )
    lines = [head, "", "| What | Desk | Beside it | Share | To reach |", "|---|---:|---:|---:|---|"]
    for table in tables:
        for each in table.figures:
            peer = f"{number(each.peer)} {each.unit} ({table.peer})" if each.peer is not None else ""
            share = "" if each.share is None else f"{each.share:.0f} %"
            lines.append(
                f"| {table.title}: {each.name} | {number(each.value)} {each.unit} | {peer} | {share} | {each.target} |"
            )
    return "\n".join(lines)


def json_of(tables: Sequence[Table]) -> str:
    """For other programs."""
    found: dict[str, Any] = {"machine": machine(), "tables": [asdict(table) for table in tables]}
    return json.dumps(found, indent=1)


def say(text: str) -> None:
    """Progress, beside the tables."""
    print(text, file=sys.stderr, flush=True)


def memory_mb(pid: int, *, peak: bool = False) -> float:
    """What a process has in memory that it shares with nobody's file, or had at most, in megabytes."""
    wanted = "VmHWM:" if peak else "VmRSS:"
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(wanted):
            return int(line.split()[1]) / 1024
    return 0.0
