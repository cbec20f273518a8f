"""The history of one stream: a painted timeline, the table of its events, and an inspector, on one selection."""
