"""Enrollment page: camera and photos."""
