"""Planning: from shards.yaml and the command line to units, and from units to shards."""
