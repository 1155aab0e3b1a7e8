"""The commands, one per file. They pass AWS clients, files and the clock to the other packages."""
