"""What the picture has to show, apart from where: of each station, of the hops that are done, and of the gap."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from desk.application.care import ReadModelState
from desk.application.flow.replay import FlowReplay, ReplayPhase
from desk.application.flow.rounds import Cargo, Hop, Round, Station
from desk.application.flow.values import readers_of, time_words
from desk.gui.flow.plan import ROW
from desk.gui.widgets.masking import is_masked, masked_words, reader
from desk.records import dataclass

ABOUT: Final = {
    Station.FORM: ("asks", "edit"),
    Station.BUS: ("checks first", "plugin"),
    Station.AGGREGATE: ("decides by its rules", "wiring"),
    Station.STORE: ("remembers all events", "streams"),
    Station.READ_MODEL: ("answers questions", "columns"),
    Station.PROCESS_MANAGER: ("reacts to events", "renew"),
}
"""What each station does, and its icon."""
NO_TROUBLES: Final[Mapping[Station, str]] = MappingProxyType({})
Mask = Callable[[str], str]
"""Hides on a stage what must not be seen there; applied to every text that is shown."""


@dataclass(frozen=True, slots=True)
class StationLook:
    """A station: dark (``cargo`` None), lit by what reached it, or (``present``) where the mark is now.

    ``plugins`` are those of the bus: True for each that let it pass. ``trouble`` says what is wrong with it just now.
    """

    station: Station
    name: str
    lines: tuple[str, ...]
    cargo: Cargo | None = None
    present: bool = False
    plugins: tuple[bool, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class HopTrace:
    """A hop that is done, as it stays in the picture; of several on one way the numbers of all of them."""

    hop: Hop
    numbers: tuple[int, ...]
    time: str

    @property
    def label(self) -> str:
        told = ", ".join(map(str, self.numbers))
        return f"{told} · {self.time}" if self.time else told


def mask_of(told: Round | None) -> Mask:
    """Hides readers' numbers, ids and paths in what a round tells, where this is a stage."""
    if not is_masked() or told is None:
        return masked_words
    hidden = {number: reader(number) for number in sorted(readers_of(told.story), key=len, reverse=True)}

    def mask(text: str) -> str:
        for number, shown in hidden.items():
            text = text.replace(number, shown)
        return masked_words(text)  # also readers whom the round does not know

    return mask


def station_looks(
    replay: FlowReplay, mask: Mask, troubles: Mapping[Station, str] = NO_TROUBLES
) -> dict[Station, StationLook]:
    """The stations of the present round; the process manager only where it is the sender."""
    told = replay.round
    if told is None:
        return {
            station: StationLook(station, station.value, (ABOUT[station][0],), trouble=troubles.get(station, ""))
            for station in ROW
        }
    lit = _lit(replay)
    stations = [*ROW]
    if told.sender is Station.PROCESS_MANAGER:
        stations.append(told.sender)
    looks = {}
    for station in stations:
        name = told.sender_name if station is told.sender else station.value
        cargo = lit.get(station)
        lines = tuple(map(mask, told.lines.get(station, ()))) if cargo is not None else (ABOUT[station][0],)
        plugins = tuple(outcome == "ok" for _, outcome in told.plugins) if station is Station.BUS and cargo else ()
        present, trouble = _present(replay) is station, troubles.get(station, "")
        looks[station] = StationLook(station, name, lines, cargo, present, plugins, trouble)
    return looks


def _lit(replay: FlowReplay) -> dict[Station, Cargo]:
    told = replay.round
    assert told is not None
    lit: dict[Station, Cargo] = {}
    if told.sender is Station.FORM:
        lit[Station.FORM] = Cargo.COMMAND
    for hop in told.hops[: replay.at]:
        if hop.arrives and (hop.cargo is not Cargo.ANSWER or hop.target not in lit):
            lit[hop.target] = hop.cargo
        if hop.cargo in (Cargo.REFUSAL, Cargo.VIEW, Cargo.COMMAND):
            lit[hop.origin] = hop.cargo
    return lit


def _present(replay: FlowReplay) -> Station | None:
    if replay.phase in (ReplayPhase.TRAVELLING, ReplayPhase.WAITING):
        return None
    last = replay.last
    if last is None:
        return replay.round.sender if replay.round is not None else None
    return last.target if last.arrives else None


def traces(replay: FlowReplay) -> tuple[HopTrace, ...]:
    """The hops that are done, one for each way between two stations, in the order of their first."""
    told = replay.round
    found: dict[tuple[Station, Station], HopTrace] = {}
    for number, hop in enumerate(told.hops[: replay.at] if told is not None else (), 1):
        way = (hop.origin, hop.target)
        before = found[way].numbers if way in found else ()
        time = time_words(hop.milliseconds) if hop.milliseconds is not None else ""
        found[way] = HopTrace(hop, (*before, number), time)
    return tuple(found.values())


def gap_words(state: ReadModelState | None) -> tuple[str, str]:
    """How many events are between store and read model, and what that is called."""
    if state is None or state.behind is None:
        return "?", "not known"
    more = "+" if state.more else ""
    if state.paused:
        return f"{state.waiting:,}{more}", "stopped"
    behind = time_words(state.behind) if state.waiting else "up to date"
    return f"{state.waiting:,}{more}", behind
