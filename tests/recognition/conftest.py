"""Fixtures shared by the tests of galleries: a reader of colored patches."""

from tests.color_reader import reader, reader_named, studio  # noqa: F401
