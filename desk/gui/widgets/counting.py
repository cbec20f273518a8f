"""Numbers in sentences: one of something is said otherwise than several."""


def counted(number: int, one: str, more: str) -> str:
    """``one`` for exactly one, else ``more`` with its ``{n}`` filled in."""
    return one if number == 1 else more.format(n=f"{number:,}")
