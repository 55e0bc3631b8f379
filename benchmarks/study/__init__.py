"""Study of each step from a face to a name: `python -m benchmarks.study DIR`. See docs/internals/accuracy.md."""
