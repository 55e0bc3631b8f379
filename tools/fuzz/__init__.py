"""Fuzz test of everything that reads files: `python -m tools.fuzz --help`."""
