"""Plays scenarios that come with Desk and prints what they stored: ``python -m tests.programs.played DIR NAME…``."""

import json
import sys
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

from desk.application.scenarios.ground import NoWindow
from desk.application.scenarios.player import Player
from desk.runtime.scenario_files import read_scenario
from desk.runtime.stage import open_stage
from tests.sessions import foreign_client

SCENARIOS = Path(__file__).parents[2] / "resources" / "scenarios"
OF_THIS_MACHINE = ("host", "appVersion")


def stored_by(path: Path, directory: Path) -> dict[str, list[Any]]:
    """Type, id, data and metadata of all events, stream by stream, after the last cue."""
    scenario, streams = read_scenario(path), defaultdict[str, list[Any]](list)
    catalogue = open_stage(directory, scenario)
    with closing(catalogue.session) as session:
        Player(scenario, catalogue, NoWindow()).play_all()
        with foreign_client(session) as store:
            for event in store.read_all():
                if not event.stream.startswith("$"):
                    metadata = json.loads(event.metadata)
                    for key in OF_THIS_MACHINE:
                        metadata.pop(key, None)
                    streams[event.stream].append([event.type, str(event.id), json.loads(event.data), metadata])
    return streams


if __name__ == "__main__":
    for name in sys.argv[2:]:
        stored = stored_by(SCENARIOS / f"{name}.toml", Path(sys.argv[1]))
        print(json.dumps([name, stored], sort_keys=True), flush=True)  # noqa: T201
