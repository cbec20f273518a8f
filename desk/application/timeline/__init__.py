"""The axis of a history, without a window: where everything on it is, and the same written as SVG and as a page."""
