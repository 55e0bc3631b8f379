"""Enrollment: samples from photos and guided capture, and corrections of recognized faces."""
