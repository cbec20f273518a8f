"""Books out of CSV files: reading, finding the format, mapping columns, checking rows, sending commands."""
