"""Small widgets and words that every place and companion uses."""
