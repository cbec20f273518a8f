"""What is true about books: values, commands, events and the two deciders. Standard library only, no clock, no I/O."""
