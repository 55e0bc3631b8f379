"""Threshold studio."""
