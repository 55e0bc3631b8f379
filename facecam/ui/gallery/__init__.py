"""Gallery page."""
