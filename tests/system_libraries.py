"""Brings the system libraries that Qt needs for a window without a screen, where a Debian system lacks them.

Run before the tests on a bare machine; does nothing where all is there, and only says what to do where it may not.
"""

import os
import shutil
import subprocess
import sys

from desk.cli.display import PACKAGES, missing


def main() -> int:
    """Install what is missing; returns 0 when the tests can run."""
    sentence = missing(offscreen=True)
    if not sentence:
        return 0
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *sorted(set(PACKAGES.values()))]
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        sys.stderr.write(f"{sentence}\n")
        return 1
    subprocess.run(["apt-get", "update", "-qq"], check=False)
    subprocess.run(install, check=False)
    sentence = missing(offscreen=True)
    sys.stderr.write(f"{sentence}\n" if sentence else "")
    return 1 if sentence else 0


if __name__ == "__main__":
    sys.exit(main())
