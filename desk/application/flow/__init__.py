"""The way of one command as a picture tells it: stations, hops, and a replay at the viewer's pace. No Qt."""
