"""Starts the node by hand: ``python -m desk.node --data DIR``."""

import sys

from desk.node.main import main

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
