"""Benchmarks of facecam and its peers on one machine: `python -m benchmarks`, `make bench`. See docs/internals/benchmarks.md."""
