"""Plain typed records, and the formats of the files that pass between the programs. Imports nothing of ours."""
