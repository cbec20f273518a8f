"""The stage: a scenario played in the window, large and plain enough for the last row. Read ``part`` first."""
