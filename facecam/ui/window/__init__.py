"""Main window: actions, pages, sources, messages and status."""
