"""Evaluation on labeled images."""
