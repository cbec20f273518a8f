"""The painted axis that History and Streams share: events as marks in time, on lanes, under a playhead."""
