"""facecam beside its peers, in one run on one machine: `python -m benchmarks`, `make bench`. See docs/benchmarks.md."""
