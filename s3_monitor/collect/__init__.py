"""One shard → one part: what is asked, in which order, and what the answers and failures amount to."""
