"""Facial expressions: seven classes."""
