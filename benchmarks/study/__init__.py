"""What each step from a face to a name brings: `python -m benchmarks.study DIR`. See docs/accuracy.md."""
