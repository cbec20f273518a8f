"""One event looked at closely: what it changed, who had set that before, what came of it, and the state as of it."""
