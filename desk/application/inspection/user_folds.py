"""Folds of the user's own as History folds them: a stream at a time in the child process, then step by step."""

import json
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import CancelledError
from typing import Any, Final
from uuid import UUID

from desk.application.book_fields import Changes, Fields, compare_fields
from desk.application.folds import ChosenFold, FoldFile, FoldRefused, FoldsPort, FoldStanding
from desk.application.inspection.fold import CannotFold, Fold, FoldOf
from desk.application.inspection.merged_payloads import MergedPayloads, flattened
from desk.application.stream_names import category_of
from desk.cqrs.store import Recorded

STREAMS_KEPT: Final = 8
VALUE: Final = "(state)"
"""The one field of a state that is no object."""


class UserFold:
    """The fold of one stream by a file that the user chose. A state is JSON text; ``initial`` is none yet."""

    initial = ""

    def __init__(self, folds: FoldsPort, category: str, file: FoldFile) -> None:
        self._folds, self._category, self.file = folds, category, file
        self.note = f"Folded by {file.path} ({file.sha256[:12]})."
        self._states: dict[UUID, str] = {}
        self._problem = ""

    def prepare(self, events: Sequence[Recorded]) -> None:
        """Fold the stream from its beginning, before its events are taken one by one; waits."""
        try:
            folded = self._folds.fold(self._category, events).result()
        except (FoldRefused, CancelledError) as refused:
            self._problem = str(refused)
            return
        self._states = {event.id: state for event, state in zip(events, folded.states, strict=False)}
        self._problem = folded.problem

    def evolve(self, state: str, event: Recorded) -> str:
        """The state after the event, as it was folded. Raises CannotFold."""
        after = self._states.get(event.id)
        if after is None:
            raise CannotFold(f"The state cannot be shown from revision {event.revision} on: {self._problem}")
        return after

    def fields(self, state: str) -> Fields:
        """Values by path, as ``customer.city``; a state that is no object is one value."""
        document: Any = json.loads(state) if state else {}
        return dict(flattened(document)) if isinstance(document, dict) else {VALUE: document}

    def changes(self, before: str, after: str) -> Changes:
        """The values that differ."""
        return compare_fields(self.fields(before), self.fields(after))


def with_user_folds(folds: FoldsPort, others: FoldOf) -> FoldOf:
    """The fold that the user chose for a stream's category, unless the domain knows the stream; else the others."""
    kept: OrderedDict[str, UserFold] = OrderedDict()
    remarks: dict[str, MergedPayloads] = {}

    def fold_of(stream: str) -> Fold[Any] | None:
        other = others(stream)
        if not isinstance(other, MergedPayloads):
            return other
        category = category_of(stream)
        chosen = next((one for one in folds.chosen() if category and one.category == category), None)
        if chosen is None:
            return other
        if chosen.standing is not FoldStanding.USED:
            return remarks.setdefault(f"{chosen.category} {chosen.standing.value}", _unused(chosen))
        try:
            file = folds.look_at(chosen.file.path)
        except FoldRefused:  # it has gone this moment
            return other
        found = kept.get(stream)
        if found is None or found.file != file:
            found = kept[stream] = UserFold(folds, chosen.category, file)
        kept.move_to_end(stream)
        while len(kept) > STREAMS_KEPT:
            kept.popitem(last=False)
        return found

    return fold_of


def _unused(chosen: ChosenFold) -> MergedPayloads:
    merge = MergedPayloads()
    why = (
        "has changed since Desk last ran it. Choose it again if it is to be run"
        if chosen.standing is FoldStanding.CHANGED
        else "is not there any more"
    )
    merge.note = f"{chosen.file.path} {why}. {merge.note}"
    return merge
