"""From shards.yaml and the command line's choices to units, and from units to shards. Asks AWS through an Inquiry."""
