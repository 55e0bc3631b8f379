"""Explanation of a decision."""
