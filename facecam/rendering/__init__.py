"""Annotations as data, and drawing them into images."""
