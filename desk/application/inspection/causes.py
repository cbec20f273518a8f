"""Why an event happened and what followed: a tree of commands and events across streams, from what both say of causes.

An event's ``$causationId`` is the id of an event where there is such an event, and else that of a command; a command of
a process manager has a trigger. Beside these, what is told of one hold or one loan follows each other: nobody caused a
copy to be set aside for a hold by placing it, and yet the one is why of the other.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import field, replace
from enum import Enum
from typing import Final
from uuid import UUID

from desk.application.catalogue import TracedEvent
from desk.application.command_events import TABLE
from desk.application.event_json import object_in
from desk.application.inspection.folded_stream import FoldedReader
from desk.cqrs.errors import StreamNotFound
from desk.cqrs.messages import Query
from desk.cqrs.metadata import Metadata, parse_metadata
from desk.cqrs.store import Recorded
from desk.records import dataclass

MOST: Final = 200
"""Nodes that are told one by one; of more, those of one type below one node are counted."""

FEW: Final = 500
"""Events of a stream up to which all are asked for their causes; of more, those that are reached."""

_SUBJECTS: Final = (("hold", "holdId"), ("loan", "loanId"))


class CauseKind(Enum):
    """What a node stands for. MISSING: something that is named as a cause and found nowhere."""

    COMMAND = "command"
    EVENT = "event"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class CauseNode:
    """One step. ``relation`` is "hold" or "loan" where it follows from what it is told of, empty where it was caused.

    ``told_above`` is a node that stands in the tree already, with all below it, and ``in_circle`` one that is among its
    own causes. ``count`` is how many nodes like this it stands for. ``at`` is in seconds since 1970, UTC.
    """

    id: UUID
    kind: CauseKind
    type: str = ""
    stream: str = ""
    revision: int | None = None
    at: float | None = None
    user: str = ""
    relation: str = ""
    is_here: bool = False
    told_above: bool = False
    in_circle: bool = False
    count: int = 1
    followers: tuple["CauseNode", ...] = ()


@dataclass(frozen=True, slots=True)
class Causes:
    """The tree, its first causes on top, the oldest first."""

    roots: tuple[CauseNode, ...]


@dataclass(frozen=True, slots=True)
class GetCauses(Query[Causes]):
    """Why an event happened and what followed; of all events after ``since`` up to it, where that is given."""

    stream: str
    revision: int
    since: int | None = None


@dataclass(slots=True)
class CauseGraph:
    """Steps and what leads from one to another."""

    nodes: dict[UUID, CauseNode] = field(default_factory=dict)
    causes: dict[UUID, dict[UUID, str]] = field(default_factory=dict)
    effects: dict[UUID, dict[UUID, str]] = field(default_factory=dict)

    def add(self, node: CauseNode) -> None:
        """A step; what is known of it already, or better, stays."""
        known = self.nodes.get(node.id)
        if known is None or known.kind is CauseKind.MISSING or not known.type:
            self.nodes[node.id] = node

    def link(self, cause: UUID, effect: UUID, relation: str = "") -> None:
        """One led to another."""
        if cause not in self.nodes:
            self.add(CauseNode(cause, CauseKind.MISSING))
        self.effects.setdefault(cause, {}).setdefault(effect, relation)
        self.causes.setdefault(effect, {}).setdefault(cause, relation)

    def reach(self, start: Iterable[UUID], links: dict[UUID, dict[UUID, str]]) -> set[UUID]:
        """All that is reached over these links."""
        found, waiting = set[UUID](), list(start)
        while waiting:
            step = waiting.pop()
            if step not in found:
                found.add(step)
                waiting += links.get(step, ())
        return found

    def tree(self, here: Sequence[UUID]) -> tuple[CauseNode, ...]:
        """Causes above, effects below, and what else the same commands led to."""
        shown = self.reach(here, self.causes) | self.reach(here, self.effects)
        commands = [step for step in shown if self.nodes[step].kind is CauseKind.COMMAND]
        shown |= {effect for command in commands for effect in self.effects.get(command, ())}
        roots = [step for step in shown if not self.causes.get(step, {}).keys() & shown]
        begun = self.reach(roots, self.effects)
        roots += [step for step in here if step not in begun]  # all of its causes are a circle
        telling = _CauseTree(self, shown, set(here))
        return tuple(telling.node(step, "", ()) for step in sorted(roots, key=self.order))

    def order(self, step: UUID) -> tuple[float, int]:
        """By time, and a command before what it led to; what is missing comes first."""
        node = self.nodes[step]
        moments = [node.at, *(self.nodes[effect].at for effect in self.effects.get(step, ()))]
        return min((moment for moment in moments if moment is not None), default=0.0), node.revision or 0


class _CauseTree:
    """Writes a part of a graph as a tree, each step with all that follows from it once."""

    def __init__(self, graph: CauseGraph, shown: set[UUID], here: set[UUID]) -> None:
        self._graph, self._shown, self._here = graph, shown, here
        self._told: set[UUID] = set()

    def node(self, step: UUID, relation: str, path: tuple[UUID, ...]) -> CauseNode:
        known = self._graph.nodes[step]
        again = step in self._told
        self._told.add(step)
        below = () if again else self._below(step, (*path, step))
        circle = step in path
        return replace(
            known,
            relation=relation,
            is_here=step in self._here,
            told_above=again and not circle,
            in_circle=circle,
            followers=below,
        )

    def _below(self, step: UUID, path: tuple[UUID, ...]) -> tuple[CauseNode, ...]:
        links = self._graph.effects.get(step, {})
        below = sorted((effect for effect in links if effect in self._shown), key=self._graph.order)
        if len(self._told) + len(below) <= MOST:
            return tuple(self.node(effect, links[effect], path) for effect in below)
        counted: dict[str, list[UUID]] = {}
        for effect in below:
            counted.setdefault(self._graph.nodes[effect].type, []).append(effect)
        return tuple(
            replace(self._graph.nodes[effects[0]], relation=links[effects[0]], revision=None, count=len(effects))
            for effects in counted.values()
        )


class CausesQueryHandler:
    """Answers GetCauses. ``trace`` gives what the read model has of one correlation."""

    def __init__(self, reader: FoldedReader, trace: Callable[[UUID], Sequence[TracedEvent]]) -> None:
        self._reader, self._trace = reader, trace

    def __call__(self, query: GetCauses) -> Causes:
        """Raises StreamNotFound, StoreError."""
        events = self._reader.whole(query.stream) or self._reader.around(query.stream, query.since, query.revision)
        since = query.revision - 1 if query.since is None else query.since
        looked_at = [event for event in events if since < event.revision <= query.revision]
        if not looked_at:
            raise StreamNotFound(f"{query.stream} has no event of revision {query.revision}.")
        graph = CauseGraph()
        _tell_subjects(graph, events)
        for correlation in dict.fromkeys(parse_metadata(event.metadata).correlation_id for event in looked_at):
            _tell_traced(graph, self._trace(correlation) if correlation is not None else ())
        here = [event.id for event in looked_at]
        places = {event.id: number for number, event in enumerate(events)}
        told = set[UUID]()
        waiting = set(places if len(places) <= FEW else here)
        while waiting:
            for step in waiting:
                _tell_command(graph, events, places[step], places)
            told |= waiting
            near = graph.reach(here, graph.causes) | graph.reach(here, graph.effects)
            waiting = near & places.keys() - told
        return Causes(graph.tree(here))


def _tell_command(graph: CauseGraph, events: Sequence[Recorded], number: int, ids: Container[UUID]) -> None:
    """The event, its cause as it names it, and the neighbours that the same command led to."""
    event = events[number]
    meta = parse_metadata(event.metadata)
    graph.add(_event(event, meta))
    cause = meta.causation_id
    if cause is None:
        return
    if cause not in ids and meta.command_id == cause:
        graph.add(CauseNode(cause, CauseKind.COMMAND, meta.command_type or "", event.stream, user=meta.user or ""))
        for step in (-1, 1):
            place = number + step
            while 0 <= place < len(events) and (other := parse_metadata(events[place].metadata)).causation_id == cause:
                graph.add(_event(events[place], other))
                graph.link(cause, events[place].id)
                place += step
        if meta.trigger is not None:
            graph.link(meta.trigger, cause)
    graph.link(cause, event.id)


def _event(event: Recorded, meta: Metadata) -> CauseNode:
    moment = meta.issued_at or event.created
    at = moment.timestamp() if moment is not None else None
    return CauseNode(event.id, CauseKind.EVENT, event.type, event.stream, event.revision, at, meta.user or "")


def _tell_subjects(graph: CauseGraph, events: Sequence[Recorded]) -> None:
    """What is told of one hold, or one loan, in the order of the stream."""
    last: dict[tuple[str, str], Recorded] = {}
    for event in events:
        for relation, name in _SUBJECTS:
            if f'"{name}"'.encode() not in event.data:
                continue
            key = relation, str(object_in(event.data).get(name))
            if key in last:
                for each in (last[key], event):
                    graph.add(_event(each, parse_metadata(each.metadata)))
                graph.link(last[key].id, event.id, relation)
            last[key] = event


def _tell_traced(graph: CauseGraph, events: Iterable[TracedEvent]) -> None:
    """What the read model has of a correlation: each event, the command that it came from, and what triggered that."""
    commands: dict[UUID, list[TracedEvent]] = {}
    for event in events:
        at = event.at.timestamp()
        graph.add(CauseNode(event.event_id, CauseKind.EVENT, event.type, event.stream, event.revision, at, event.user))
        if event.command_id is not None:
            commands.setdefault(event.command_id, []).append(event)
        elif event.trigger is not None:
            graph.link(event.trigger, event.event_id)
    for command_id, found in commands.items():
        if command_id not in graph.nodes:
            name = _command_of(event.type for event in found)
            graph.add(CauseNode(command_id, CauseKind.COMMAND, name, found[0].stream, user=found[0].user))
        for event in found:
            graph.link(command_id, event.event_id)
            if event.trigger is not None:
                graph.link(event.trigger, command_id)


def _command_of(types: Iterable[str]) -> str:
    """The one command that can have led to events of these types; empty where that is not certain."""
    wanted = set(types)
    names = [entry.command.__name__ for entry in TABLE if wanted <= {kind.__name__ for kind in entry.events}]
    return names[0] if len(names) == 1 else ""
