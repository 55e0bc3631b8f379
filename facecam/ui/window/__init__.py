"""Main window: actions, pages, sources, messages and the session controller."""
