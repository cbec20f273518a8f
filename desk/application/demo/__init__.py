"""The demo catalogue: well-known books, and a year of lending told through the bus like any other."""
