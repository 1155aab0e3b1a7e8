"""`make bench`: how fast the monitor is, measured on a simulated account; see docs/benchmarks.md."""
