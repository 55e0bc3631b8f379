"""Session: sources, recognition and log running in worker threads. No Qt."""
