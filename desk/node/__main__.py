"""Starts the node by hand: ``python -m desk.node --data DIR``."""

import gc
import sys

if __name__ == "__main__":
    gc.disable()  # nothing that is loaded now is garbage; the node collects from then on
    from desk.node.main import main

    raise SystemExit(main(sys.argv[1:]))
