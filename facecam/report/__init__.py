"""Report on logs, as a page, Markdown or an image."""
