"""The palette: every action, place, book and stream by its name."""
