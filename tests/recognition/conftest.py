"""Fixtures of the color analyzer."""

from tests.color_reader import reader, reader_named, studio  # noqa: F401
