"""A session from its source to its sinks. No Qt."""
