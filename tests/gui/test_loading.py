"""No thread but the window's makes a type of Qt: two that make the same one end the program."""

import subprocess
import sys

LOADED = """
import sys, threading
from desk.gui.desk_places import desk_companions, desk_places
from desk.gui.frame.loading import loading
from desk.gui.frame.window import BEHIND

panels = [spec.panel for spec in (*desk_places(), *desk_companions()) if spec.panel]
load = loading(*BEHIND, *panels)
before = {name: set(vars(module)) for name, module in sys.modules.items() if name.startswith("PySide6.")}
thread = threading.Thread(target=load)
thread.start()
thread.join()
assert all(panel.partition(":")[0] in sys.modules for panel in panels)
for name, module in list(sys.modules.items()):
    if name.startswith("PySide6."):
        print(*(f"{name}.{made}" for made in set(vars(module)) - before.get(name, set())), sep="\\n", end="")
"""


def test_what_is_loaded_on_a_thread_makes_no_type_of_qt() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=120, check=True)
    assert not done.stdout.strip(), f"to be made by desk.gui.frame.loading: {done.stdout.split()}"
