"""The commands: a verb a file. Only this package knows all the others; it hands the edges to the core."""
