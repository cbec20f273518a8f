"""Where the program's own files are: icons, themes, fonts, the style sheet; the same in a wheel and in a checkout."""

from pathlib import Path

import desk


class ResourceMissing(Exception):
    """The program was packed or copied without one of its files."""


def resource(name: str) -> Path:
    """The path of a file or folder of ours, as ``icons/book.svg``. Raises ResourceMissing."""
    return find_resource(name, Path(desk.__file__).parent)


def find_resource(name: str, package: Path) -> Path:
    """Look in the wheel's folder within the package first, then in the checkout's beside it."""
    places = (package / "_resources" / name, package.parent / "resources" / name)
    for place in places:
        if place.exists():
            return place
    raise ResourceMissing(f"{name} is neither in {places[0].parent} nor in {places[1].parent}; install Desk again")
