"""The catalogue part of the window: the table, the card, the forms."""
