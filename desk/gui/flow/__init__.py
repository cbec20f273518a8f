"""The place Flow: the way of a command through the stations, as it really was, at the viewer's pace."""
